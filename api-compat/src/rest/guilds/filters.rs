//! `/guilds/{guild_id}/auto-moderation/rules`: what nobody may say, and what is done where somebody does. Rules by words, patterns and mentions.

use super::needs;
use crate::error::{Answer, ApiError};
use crate::render;
use crate::rest::find::{number, role};
use crate::window::{Body, Caller, Done, Json, Path, Window};
use axum::extract::State;
use nexus_api_model::Number;
use nexus_core::{Command, Reply, Snowflake, Thing, View};
use nexus_crdt::body::governance::{Acts, FilterFields, Trigger};
use nexus_crdt::guild::{Filter, GuildView};
use nexus_crdt::id::{OpId, SpaceId};
use nexus_crdt::pattern::PATTERN_MAX;
use nexus_crdt::permissions::Permissions;
use serde::Deserialize;
use serde_json::Value;

/// `GET /guilds/{guild_id}/auto-moderation/rules`
pub(crate) async fn list(caller: Caller, Path(guild): Path<String>) -> Answer<Json<Vec<Value>>> {
    let (_, guild) = caller.guild(&guild)?;
    needs(guild, &caller.user, Permissions::MANAGE_GUILD)?;
    let view = &caller.view;
    Ok(Json(guild.filters.values().map(|filter| render::filter(view, guild, filter)).collect()))
}

/// `GET ../rules/{rule_id}`
pub(crate) async fn get(caller: Caller, Path((guild, rule)): Path<(String, String)>) -> Answer<Json<Value>> {
    let (_, guild) = caller.guild(&guild)?;
    needs(guild, &caller.user, Permissions::MANAGE_GUILD)?;
    Ok(Json(render::filter(&caller.view, guild, find(&caller, guild, &rule)?)))
}

#[derive(Deserialize)]
pub(crate) struct Rule {
    name: Option<String>,
    event_type: Option<u8>,
    trigger_type: Option<u8>,
    trigger_metadata: Option<Metadata>,
    actions: Option<Vec<Action>>,
    enabled: Option<bool>,
    exempt_roles: Option<Vec<Number>>,
    exempt_channels: Option<Vec<Number>>,
}

#[derive(Default, Deserialize)]
struct Metadata {
    keyword_filter: Option<Vec<String>>,
    allow_list: Option<Vec<String>>,
    regex_patterns: Option<Vec<String>>,
    mention_total_limit: Option<u32>,
    mention_raid_protection_enabled: Option<bool>,
}

#[derive(Deserialize)]
struct Action {
    r#type: u8,
    metadata: Option<ActionWords>,
}

#[derive(Deserialize)]
struct ActionWords {
    custom_message: Option<String>,
    channel_id: Option<Number>,
    duration_seconds: Option<u32>,
}

/// `POST /guilds/{guild_id}/auto-moderation/rules`
pub(crate) async fn create(
    State(window): State<Window>,
    caller: Caller,
    Path(guild): Path<String>,
    Body(body): Body<Rule>,
) -> Answer<Json<Value>> {
    let (space, guild) = caller.guild(&guild)?;
    for (field, there) in [
        ("name", body.name.is_some()),
        ("event_type", body.event_type.is_some()),
        ("trigger_type", body.trigger_type.is_some()),
    ] {
        if !there {
            return Err(required(field));
        }
    }
    let mut fields = body.fields(&caller, guild, None)?;
    // As on Discord: it acts when somebody says so.
    fields.enabled = Some(fields.enabled.unwrap_or(false));
    let command = Command::MakeFilter { guild: space, fields };
    let reply = caller.govern(&window, command).await?;
    let Reply::Created(id) = reply else { return Err(ApiError::unknown(Thing::Filter)) };
    drawn(&window.node.view(), &space, &id).map(Json)
}

/// `PATCH ../rules/{rule_id}`
pub(crate) async fn edit(
    State(window): State<Window>,
    caller: Caller,
    Path((guild, rule)): Path<(String, String)>,
    Body(body): Body<Rule>,
) -> Answer<Json<Value>> {
    let (space, guild) = caller.guild(&guild)?;
    needs(guild, &caller.user, Permissions::MANAGE_GUILD)?;
    let known = find(&caller, guild, &rule)?;
    let (filter, fields) = (known.id, body.fields(&caller, guild, Some(known))?);
    let command = Command::EditFilter { guild: space, filter, fields };
    caller.govern(&window, command).await?;
    drawn(&window.node.view(), &space, &filter).map(Json)
}

/// `DELETE ../rules/{rule_id}`
pub(crate) async fn delete(
    State(window): State<Window>,
    caller: Caller,
    Path((guild, rule)): Path<(String, String)>,
) -> Answer<Done> {
    let (space, guild) = caller.guild(&guild)?;
    needs(guild, &caller.user, Permissions::MANAGE_GUILD)?;
    let filter = find(&caller, guild, &rule)?.id;
    caller.govern(&window, Command::DeleteFilter { guild: space, filter }).await?;
    Ok(Done)
}

impl Rule {
    fn fields(self, caller: &Caller, guild: &GuildView, now: Option<&Filter>) -> Answer<FilterFields> {
        if self.event_type.is_some_and(|event| event != 1) {
            return Err(not_carried("event_type"));
        }
        let acts = self.actions.as_deref().map(|actions| acts(caller, actions)).transpose()?;
        let (acts, words) = acts.unzip();
        let trigger = match (self.trigger_metadata, now) {
            (None, Some(_)) => None,
            (metadata, _) => {
                let kind = self.trigger_type.or(now.map(|filter| render::trigger_type(&filter.trigger)));
                Some(metadata.unwrap_or_default().trigger(kind.unwrap_or(0), now)?)
            }
        };
        let roles = self.exempt_roles.map(|list| {
            list.into_iter().map(|Number(id)| role(caller, guild, Snowflake(id))).collect::<Answer<Vec<_>>>()
        });
        let channels = self.exempt_channels.map(|list| {
            list.into_iter()
                .map(|Number(id)| caller.channel(&id.to_string()).map(|(channel, _)| channel))
                .collect::<Answer<Vec<_>>>()
        });
        Ok(FilterFields {
            name: self.name,
            trigger,
            enabled: self.enabled,
            exempt_roles: bounded("exempt_roles", roles.transpose()?, 20)?,
            exempt_channels: bounded("exempt_channels", channels.transpose()?, 50)?,
            words,
            acts,
        })
    }
}

impl Metadata {
    /// What is not said of words stays as it is.
    fn trigger(self, kind: u8, now: Option<&Filter>) -> Answer<Trigger> {
        if self.mention_raid_protection_enabled == Some(true) {
            return Err(not_carried("trigger_metadata.mention_raid_protection_enabled"));
        }
        let (had_stopped, had_allowed, had_patterns) = match now.map(|filter| &filter.trigger) {
            Some(Trigger::Words { stopped, allowed, patterns }) => {
                (stopped.clone(), allowed.clone(), patterns.clone())
            }
            _ => (Vec::new(), Vec::new(), None),
        };
        match kind {
            1 => {
                let stopped = self.keyword_filter.unwrap_or(had_stopped);
                let allowed = self.allow_list.unwrap_or(had_allowed);
                let patterns = self.regex_patterns.or(had_patterns).filter(|patterns| !patterns.is_empty());
                let fits = |pattern: &String| (1..=PATTERN_MAX).contains(&pattern.chars().count());
                if patterns.iter().any(|all| all.len() > 10 || !all.iter().all(fits)) {
                    let words = "at most 10 patterns of 1 to 260 characters each";
                    let field = "trigger_metadata.regex_patterns";
                    return Err(ApiError::invalid(field, "BASE_TYPE_BAD_LENGTH", words));
                }
                let short = |word: &String| (1..=60).contains(&word.chars().count());
                if stopped.len() > 1_000 || allowed.len() > 100 || !stopped.iter().chain(&allowed).all(short)
                {
                    let words = "at most 1000 words and 100 that are allowed, of 1 to 60 characters each";
                    return Err(ApiError::invalid("trigger_metadata", "BASE_TYPE_BAD_LENGTH", words));
                }
                Ok(Trigger::Words { stopped, allowed, patterns })
            }
            5 => {
                let most = self.mention_total_limit.filter(|most| (1..=50).contains(most));
                let wrong = || {
                    let words = "int value should be between 1 and 50.";
                    ApiError::invalid("trigger_metadata.mention_total_limit", "NUMBER_TYPE_MAX", words)
                };
                most.map(Trigger::Mentions).ok_or_else(wrong)
            }
            _ => Err(not_carried("trigger_type")),
        }
    }
}

/// What a rule does, and what it says to whom it stops. Of no action it blocks.
fn acts(caller: &Caller, actions: &[Action]) -> Answer<(Acts, String)> {
    let mut acts = Acts { lets_through: !actions.is_empty(), ..Acts::default() };
    let mut words = String::new();
    for action in actions {
        let metadata = action.metadata.as_ref();
        match action.r#type {
            1 => {
                acts.lets_through = false;
                words = metadata.and_then(|metadata| metadata.custom_message.clone()).unwrap_or_default();
            }
            2 => {
                let Some(Number(id)) = metadata.and_then(|metadata| metadata.channel_id) else {
                    return Err(required("actions.metadata.channel_id"));
                };
                acts.alert = Some(caller.channel(&id.to_string())?.0);
            }
            3 => {
                let seconds = metadata.and_then(|metadata| metadata.duration_seconds);
                let Some(seconds) = seconds else {
                    return Err(required("actions.metadata.duration_seconds"));
                };
                if !(1..=TIMEOUT_MAX_S).contains(&seconds) {
                    let words = "int value should be between 1 and 2419200.";
                    let field = "actions.metadata.duration_seconds";
                    return Err(ApiError::invalid(field, "NUMBER_TYPE_MAX", words));
                }
                acts.timeout_s = Some(seconds);
            }
            _ => return Err(not_carried("actions")),
        }
    }
    Ok((acts, words))
}

fn required(field: &str) -> ApiError {
    ApiError::invalid(field, "BASE_TYPE_REQUIRED", "This field is required")
}

/// Four weeks, as on Discord.
const TIMEOUT_MAX_S: u32 = 28 * 86_400;

fn bounded<T: Ord>(field: &str, list: Option<Vec<T>>, max: usize) -> Answer<Option<Vec<T>>> {
    let Some(mut list) = list else { return Ok(None) };
    list.sort_unstable();
    list.dedup();
    if list.len() > max {
        let words = format!("Must be {max} or fewer in length.");
        return Err(ApiError::invalid(field, "BASE_TYPE_MAX_LENGTH", &words));
    }
    Ok(Some(list))
}

fn not_carried(field: &str) -> ApiError {
    ApiError::invalid(
        field,
        "NOT_IMPLEMENTED",
        "Rules by words, patterns and mentions are carried, which block, alert and time out.",
    )
}

fn find<'a>(caller: &Caller, guild: &'a GuildView, text: &str) -> Answer<&'a Filter> {
    let id = caller.view.ids.op(number(text)?);
    id.and_then(|id| guild.filters.get(&id)).ok_or_else(|| ApiError::unknown(Thing::Filter))
}

fn drawn(view: &View, space: &SpaceId, id: &OpId) -> Answer<Value> {
    let guild = view.guilds.get(space).ok_or_else(|| ApiError::unknown(Thing::Guild))?;
    let filter = guild.filters.get(id).ok_or_else(|| ApiError::unknown(Thing::Filter))?;
    Ok(render::filter(view, guild, filter))
}
