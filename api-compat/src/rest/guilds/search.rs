//! `/guilds/{guild_id}/messages/search`, and the same of a conversation: over what this program holds of the channels that the caller reads.
//!
//! There is no index: messages are read, the newest of each channel first, so many a request. A search that is not through is answered
//! 202, as on Discord while it makes its index, and goes on where it was when the same is asked again.

mod looked_for;

use crate::access;
use crate::error::{Answer, ApiError, json_response};
use crate::render;
use crate::window::{Caller, Path, Query, Window};
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use looked_for::LookedFor;
use nexus_core::store::Range;
use nexus_core::{Message, Refusal, Snowflake, View};
use nexus_crdt::body::governance::ChannelKind;
use nexus_crdt::guild::GuildView;
use nexus_crdt::id::{ChannelId, SpaceId, UserId};
use nexus_node::{Page, Reader};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use tokio::sync::Semaphore;

/// Messages that one request reads ..
const LOOK_MAX: usize = 10_000;
/// .. at a time.
const STEP: usize = 100;
/// Found messages that are kept for paging: as far as Discord's `offset` goes, and a page.
const FOUND_MAX: usize = 9_975 + 25;
/// Searches that are kept, one of each account; the one longest unasked makes room.
const KEPT_MAX: usize = 64;
/// .. and how long after they were last asked for.
const KEPT: Duration = Duration::from_mins(1);
/// Requests that read at a time; who comes meanwhile comes back.
const AT_ONCE: usize = 2;
/// When, ms.
const RETRY_MS: u64 = 1_000;

/// Searches that are not through yet, or were lately.
pub(crate) struct Searches {
    kept: Mutex<Vec<Search>>,
    turns: Semaphore,
}

impl Default for Searches {
    fn default() -> Self {
        Self { kept: Mutex::default(), turns: Semaphore::new(AT_ONCE) }
    }
}

/// How far one is.
struct Search {
    user: UserId,
    guild: SpaceId,
    looked_for: LookedFor,
    /// Channels yet to be read, and what of each is.
    left: Vec<(ChannelId, Page)>,
    /// The newest of what was found.
    found: BTreeSet<(Snowflake, ChannelId)>,
    total: usize,
    looked: usize,
    asked: Instant,
}

/// `GET /guilds/{guild_id}/messages/search`
pub(crate) async fn search(
    State(window): State<Window>,
    caller: Caller,
    Path(guild): Path<String>,
    Query(pairs): Query<Vec<(String, String)>>,
) -> Answer<Response> {
    let (_, guild) = caller.guild(&guild)?;
    looked(&window, &caller, guild, &pairs).await
}

/// `GET /channels/{channel_id}/messages/search`: of a conversation, by whoever is in it. A guild's channels are looked through by the guild's.
pub(crate) async fn search_conversation(
    State(window): State<Window>,
    caller: Caller,
    Path(channel): Path<String>,
    Query(pairs): Query<Vec<(String, String)>>,
) -> Answer<Response> {
    let (_, conversation) = caller.channel(&channel)?;
    if access::is_guild(conversation) {
        return Err(ApiError::wrong_channel_type());
    }
    looked(&window, &caller, conversation, &pairs).await
}

async fn looked(
    window: &Window,
    caller: &Caller,
    guild: &GuildView,
    pairs: &[(String, String)],
) -> Answer<Response> {
    let asked = looked_for::read(caller, pairs)?;
    let turn = window.searches.turns.try_acquire();
    let turn = turn.map_err(|_| ApiError::from(Refusal::Later { retry_ms: RETRY_MS }))?;
    let begun = window.searches.take(&caller.user, &guild.facts.id, &asked.looked_for, asked.offset > 0);
    let mut search = match begun {
        Some(search) => search,
        None => Search::begin(caller, guild, asked.looked_for)?,
    };
    let (node, view) = (window.node.clone(), caller.view.clone());
    let going = tokio::task::spawn_blocking(move || {
        let done = node.read().map_err(ApiError::from).and_then(|reader| search.go_on(&view, &reader));
        (search, done)
    });
    let (search, done) = going.await.map_err(|_| ApiError::from(Refusal::Unavailable))?;
    drop(turn);
    done?;
    let answer = if search.left.is_empty() {
        let reader = window.node.read()?;
        json_response(StatusCode::OK, &search.drawn(caller, guild, &reader, asked.offset, asked.limit)?)
    } else {
        json_response(StatusCode::ACCEPTED, &search.not_through())
    };
    window.searches.keep(search);
    Ok(answer)
}

impl Searches {
    // Each change is whole in itself: a panic leaves nothing half-done.
    fn kept(&self) -> MutexGuard<'_, Vec<Search>> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The caller's search, where it is the same; one that is through only for its next pages, else it is begun anew.
    fn take(&self, user: &UserId, guild: &SpaceId, looked_for: &LookedFor, further: bool) -> Option<Search> {
        let mut kept = self.kept();
        kept.retain(|search| search.asked.elapsed() < KEPT);
        let place = kept.iter().position(|search| search.user == *user)?;
        let search = kept.swap_remove(place);
        let same = search.guild == *guild && search.looked_for == *looked_for;
        (same && (further || !search.left.is_empty())).then_some(search)
    }

    fn keep(&self, mut search: Search) {
        search.asked = Instant::now();
        let mut kept = self.kept();
        kept.retain(|other| other.user != search.user);
        if kept.len() >= KEPT_MAX {
            let oldest = (0..kept.len()).min_by_key(|place| kept[*place].asked);
            if let Some(place) = oldest {
                kept.swap_remove(place);
            }
        }
        kept.push(search);
    }
}

impl Search {
    fn begin(caller: &Caller, guild: &GuildView, looked_for: LookedFor) -> Answer<Self> {
        let from = match looked_for.before {
            Some(number) => Page::Before(number),
            None => Page::Latest,
        };
        let reads = |channel: &ChannelId| access::reads_history(guild, &caller.user, channel);
        let chosen = &looked_for.channels;
        if let Some(hidden) =
            chosen.iter().find(|channel| !guild.channels.contains_key(*channel) || !reads(channel))
        {
            let number = caller.view.ids.of(*hidden).0.to_string();
            return Err(ApiError::invalid(
                "channel_id",
                "INVALID_VALUE",
                &format!("no channel that you read: {number}"),
            ));
        }
        let talks = |kind: ChannelKind| {
            !matches!(
                kind,
                ChannelKind::Category | ChannelKind::Event | ChannelKind::Forum | ChannelKind::Media
            )
        };
        let all = guild.channels.values().filter(|channel| talks(channel.kind));
        let wanted = all.filter(|channel| looked_for.nsfw || !is_nsfw(guild, &channel.id));
        let wanted = wanted.map(|channel| channel.id);
        let left = wanted.filter(|channel| (chosen.is_empty() || chosen.contains(channel)) && reads(channel));
        Ok(Self {
            user: caller.user,
            guild: guild.facts.id,
            left: left.map(|channel| (channel, from)).collect(),
            looked_for,
            found: BTreeSet::new(),
            total: 0,
            looked: 0,
            asked: Instant::now(),
        })
    }

    /// Reads on, for one request.
    fn go_on(&mut self, view: &View, reader: &Reader) -> Answer<()> {
        let mut budget = LOOK_MAX;
        while let Some((channel, page)) = self.left.pop() {
            if budget == 0 {
                self.left.push((channel, page));
                break;
            }
            let messages = reader.messages(view, channel, page, STEP)?;
            // A page of nothing costs something, too.
            budget = budget.saturating_sub(messages.len().max(1));
            self.looked += messages.len();
            if let Some(next) = self.next(&messages) {
                self.left.push((channel, Page::Before(next)));
            }
            for message in messages.iter().filter(|message| self.looked_for.fits(view, message)) {
                self.total += 1;
                self.found.insert((message.api_id, channel));
                if self.found.len() > FOUND_MAX {
                    self.found.pop_first();
                }
            }
        }
        Ok(())
    }

    /// Where to read on below a page; none at a channel's end, or below what is looked for.
    fn next(&self, messages: &[Message]) -> Option<Snowflake> {
        let last = messages.last().filter(|_| messages.len() == STEP)?.api_id;
        (last > self.looked_for.after.unwrap_or(Snowflake(0))).then_some(last)
    }

    fn not_through(&self) -> Value {
        json!({
            "message": "Index not yet available. Try again later",
            "code": 110_000,
            "documents_indexed": self.looked,
            "retry_after": 0,
        })
    }

    /// A page of what was found, as it is by now: what was taken away meanwhile, or is read no more, is not in it.
    fn drawn(
        &self,
        caller: &Caller,
        guild: &GuildView,
        reader: &Reader,
        offset: usize,
        limit: usize,
    ) -> Answer<Value> {
        let view = &caller.view;
        let page: Vec<(Snowflake, ChannelId)> = if self.looked_for.oldest_first {
            self.found.iter().skip(offset).take(limit).copied().collect()
        } else {
            self.found.iter().rev().skip(offset).take(limit).copied().collect()
        };
        let (mut messages, mut threads) = (Vec::new(), BTreeSet::new());
        for (number, channel) in page {
            if !access::reads_history(guild, &caller.user, &channel) {
                continue;
            }
            let Some(message) = reader.message(view, channel, number)? else { continue };
            let mut shown = render::message_for(caller.drawing(), Some(reader), &message, &caller.user);
            shown["hit"] = json!(true);
            messages.push(json!([shown]));
            let place = message.shown_in();
            threads.extend(render::is_thread(guild, &place).then_some(place));
        }
        let mut drawn = Vec::new();
        for thread in threads.iter().filter_map(|thread| guild.channels.get(thread)) {
            drawn.push(render::thread(view, Some(reader), guild, thread, Some(&caller.user))?);
        }
        let lacks = |channel: &ChannelId| !view.holds(&self.guild, &channel.stream(), &Range::ALL);
        let mut read =
            guild.channels.keys().filter(|channel| access::reads_history(guild, &caller.user, channel));
        Ok(json!({
            "doing_deep_historical_index": read.any(lacks),
            "total_results": self.total,
            "messages": messages,
            "threads": drawn,
            "members": [],
            "documents_indexed": self.looked,
        }))
    }
}

fn is_nsfw(guild: &GuildView, channel: &ChannelId) -> bool {
    let Some(channel) = guild.channels.get(channel) else { return false };
    let place = channel.thread.as_ref().and(channel.parent).and_then(|parent| guild.channels.get(&parent));
    place.unwrap_or(channel).nsfw
}
