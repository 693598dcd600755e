//! Every answer says how its asker stands with the limits; past them it is a 429 that libraries wait for.

use crate::bearer;
use crate::compat;
use crate::entrance::whence::Whence;
use crate::error::ApiError;
use crate::limit::{Limits, READS, Rate, Standing, WRITES, Wait, Who};
use crate::window::{Window, token_of};
use axum::extract::{MatchedPath, Request, State};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use nexus_core::{Snowflake, View};
use nexus_crdt::body::governance::{Quota, RateClass};
use nexus_crdt::body::identity::AccountClass;
use nexus_crdt::guild::GuildView;
use nexus_crdt::id::{ChannelId, SpaceId, UserId};
use std::net::IpAddr;
use std::sync::{MutexGuard, PoisonError};
use std::time::{SystemTime, UNIX_EPOCH};

/// What is asked, as far as limits go.
struct Asked {
    who: Option<Who>,
    /// Without an account: where from, this machine left out, for a proxy speaks for many.
    from: Option<Who>,
    is_bot: bool,
    /// An importer or load tool, by its role in the guild it writes to: no limit.
    is_bulk: bool,
    /// The route with the thing it is about, as one number; and without it, as libraries are told.
    bucket: u64,
    bucket_name: String,
    rate: Rate,
    /// An application for a person: it is counted by its token, and those that are none by where they come from.
    is_bearer: bool,
    /// Callbacks of interactions have no bucket, as on Discord: hikari complains where one is named.
    is_callback: bool,
}

/// Lets a request through, or has it wait.
pub(crate) async fn pace(State(window): State<Window>, request: Request, next: Next) -> Response {
    let asked = Asked::of(&window, &request);
    let now_ms = window.gateway.now_ms();
    let verdict = asked.verdict(&mut limits(&window), now_ms);
    let response = match verdict {
        Ok(Some(standing)) => {
            let mut response = next.run(request).await;
            // Where the core has said how long to wait, its word stands.
            if response.status() != StatusCode::TOO_MANY_REQUESTS {
                head(response.headers_mut(), &standing, &asked.bucket_name);
            }
            response
        }
        Ok(None) => next.run(request).await,
        Err((wait, standing)) => {
            let mut response = ApiError::limited(wait).into_response();
            if let Some(standing) = standing {
                head(response.headers_mut(), &standing, &asked.bucket_name);
            }
            response
        }
    };
    let refused = [StatusCode::UNAUTHORIZED, StatusCode::FORBIDDEN, StatusCode::TOO_MANY_REQUESTS];
    if refused.contains(&response.status())
        && let Some(who) = asked.counted()
    {
        limits(&window).refused(who, now_ms);
    }
    response
}

fn limits(window: &Window) -> MutexGuard<'_, Limits> {
    // Counters have no state that a panic could leave half-done.
    window.limits.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Headers of the bucket, as every answer has them.
fn head(headers: &mut HeaderMap, standing: &Standing, bucket: &str) {
    let now_ms = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |now| now.as_millis());
    let reset_ms = u64::try_from(now_ms).unwrap_or(0) + standing.reset_ms;
    let mut set = |name: &'static str, value: String| {
        if let Ok(value) = HeaderValue::from_str(&value) {
            headers.insert(name, value);
        }
    };
    set("x-ratelimit-limit", standing.limit.to_string());
    set("x-ratelimit-remaining", standing.remaining.to_string());
    set("x-ratelimit-reset", seconds(reset_ms));
    set("x-ratelimit-reset-after", seconds(standing.reset_ms));
    set("x-ratelimit-bucket", bucket.to_owned());
}

fn seconds(ms: u64) -> String {
    format!("{}.{:03}", ms / 1_000, ms % 1_000)
}

impl Asked {
    fn of(window: &Window, request: &Request) -> Self {
        let view = window.node.view();
        let template = request.extensions().get::<MatchedPath>().map_or("", MatchedPath::as_str);
        let template = compat::below_api(template);
        let path = compat::below_api(request.uri().path());
        let mut parts = path.split('/').skip(1);
        let mut part = || parts.next().unwrap_or("");
        let (family, major, token) = (part(), part(), part());
        let user = token_of(request.headers())
            .and_then(|token| window.accounts.authenticate(&view, token))
            .map(|spoken| spoken.user);
        let guild = place(&view, family, major);
        let class = user.map(|user| class_of(&view, guild, &user));
        let is_link = template.contains("_token}") && user.is_none();
        let bearer = bearer::access_token(request.headers()).filter(|_| user.is_none());
        let who = match (user, bearer) {
            (Some(user), _) => Some(Who::Account(user)),
            (None, Some(bearer)) => Some(Who::Link(number_of(&["bearer", bearer]))),
            (None, None) => is_link.then(|| Who::Link(number_of(&["link", major, token]))),
        };
        let method = request.method().as_str();
        let writes_message =
            request.method() == Method::POST && template == "/channels/{channel_id}/messages";
        let quota = guild.zip(class).filter(|_| writes_message).and_then(quota_of);
        let names_a_thing = ["channels", "guilds", "webhooks", "interactions"].contains(&family);
        let major = if names_a_thing { major } else { "" };
        Self {
            who,
            from: address(request).filter(|address| !address.is_loopback()).map(Who::Address),
            is_bot: user.is_some_and(|user| view.applications.contains_key(&user)),
            is_bulk: class == Some(RateClass::Bulk),
            bucket: number_of(&[method, template, major]),
            bucket_name: format!("{:016x}", number_of(&[method, template])),
            rate: quota.unwrap_or(if request.method() == Method::GET { READS } else { WRITES }),
            is_bearer: bearer.is_some(),
            is_callback: template.ends_with("/callback"),
        }
    }

    /// Whose refusals they are.
    fn counted(&self) -> Option<Who> {
        if self.is_bearer { self.from } else { self.who.or(self.from) }
    }

    /// How the asker stands with the bucket, where there is one.
    fn verdict(
        &self,
        limits: &mut Limits,
        now_ms: u64,
    ) -> Result<Option<Standing>, (Wait, Option<Standing>)> {
        let everything = |wait| (wait, None);
        if let Some(who) = self.counted() {
            limits.is_heard(who, now_ms).map_err(everything)?;
        }
        let Some(who) = self.who.filter(|_| !self.is_callback && !self.is_bulk) else { return Ok(None) };
        if self.is_bot {
            limits.ask_at_all(who, now_ms).map_err(everything)?;
        }
        limits
            .ask(who, self.bucket, self.rate, now_ms)
            .map(Some)
            .map_err(|(wait, standing)| (wait, Some(standing)))
    }
}

fn address(request: &Request) -> Option<IpAddr> {
    request.extensions().get::<Whence>().map(|whence| whence.address)
}

/// The guild or conversation that a path is about.
fn place<'a>(view: &'a View, family: &str, major: &str) -> Option<&'a GuildView> {
    let op = view.ids.op(Snowflake(major.parse().ok()?))?;
    match family {
        "channels" => view.guild_of(&ChannelId::from(op)),
        "guilds" => view.guilds.get(&SpaceId::from(op)),
        _ => None,
    }
}

fn class_of(view: &View, guild: Option<&GuildView>, user: &UserId) -> RateClass {
    let bot = view.users.get(user).is_some_and(|user| user.class == AccountClass::Bot);
    let own = if bot { RateClass::Bot } else { RateClass::Person };
    guild.map_or(own, |guild| guild.rate_class(user, own))
}

/// What a guild lets its authors write in 10 s: past it the core would refuse, so the bucket says it before.
fn quota_of((guild, class): (&GuildView, RateClass)) -> Option<Rate> {
    let Quota { short, .. } = match class {
        RateClass::Person => guild.facts.person_quota,
        RateClass::Bot => guild.facts.bot_quota,
        RateClass::Bulk => return None,
    };
    Some(Rate { most: short.max(1), window_ms: 10_000 })
}

fn number_of(parts: &[&str]) -> u64 {
    let mut hasher = blake3::Hasher::new();
    for part in parts {
        hasher.update(part.as_bytes()).update(&[0]);
    }
    let [a, b, c, d, e, f, g, h, ..] = *hasher.finalize().as_bytes();
    u64::from_le_bytes([a, b, c, d, e, f, g, h])
}
