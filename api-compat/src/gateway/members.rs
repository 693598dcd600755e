//! Op 8: members of a guild, by name, by number or all, in chunks.

use super::event::{EventName, Payload};
use super::frame::MembersWish;
use super::hub::Session;
use super::intents::Intents;
use super::presence::{self, Presences};
use crate::render;
use nexus_core::{Snowflake, View};
use nexus_crdt::guild::{GuildView, Member};
use nexus_crdt::id::{SpaceId, UserId};
use serde_json::{Value, json};
use std::sync::Arc;

/// Members in one chunk; Discord's number.
const CHUNK: usize = 1_000;
/// Members found by a name at most, and numbers asked for at most; Discord's number.
const FOUND_MAX: usize = 100;
/// Characters of a nonce that are given back; a longer one is ignored, as on Discord.
const NONCE_MAX: usize = 32;

/// The answer's chunks; none where the account is not in the guild or may not know its members.
pub(super) fn chunks(
    view: &View,
    session: &Session,
    wish: &MembersWish,
    presences: &Presences,
) -> Vec<Arc<Payload>> {
    let Some(guild) = guild_of(view, session, wish.guild_id) else {
        return Vec::new();
    };
    let Some(Found { members, missing }) = find(view, guild, session, wish) else {
        return Vec::new();
    };
    let parts: Vec<&[&Member]> = if members.is_empty() { vec![&[]] } else { members.chunks(CHUNK).collect() };
    let count = parts.len();
    let chunk = |(index, part): (usize, &&[&Member])| {
        let mut data = json!({
            "guild_id": wish.guild_id.to_string(),
            "members": part.iter().map(|member| json!(render::member(view, guild, member))).collect::<Vec<_>>(),
            "chunk_index": index,
            "chunk_count": count,
        });
        if !missing.is_empty() {
            data["not_found"] = json!(missing);
        }
        if wish.presences == Some(true) {
            data["presences"] = json!(presences_of(view, part.iter().map(|member| &member.user), presences));
        }
        if let Some(nonce) = wish.nonce.as_ref().filter(|nonce| nonce.len() <= NONCE_MAX) {
            data["nonce"] = Value::from(nonce.as_str());
        }
        Payload::new(EventName::GuildMembersChunk, &data)
    };
    parts.iter().enumerate().map(chunk).collect()
}

/// Those of the accounts that are not offline, as GUILD_CREATE and chunks list them.
pub(super) fn presences_of<'a>(
    view: &View,
    users: impl Iterator<Item = &'a UserId>,
    presences: &Presences,
) -> Vec<presence::Shown> {
    users
        .filter(|user| presences.is_online(user))
        .filter_map(|user| presences.in_guild(view, user, None))
        .collect()
}

struct Found<'a> {
    members: Vec<&'a Member>,
    /// Numbers that are nobody's here.
    missing: Vec<String>,
}

fn guild_of<'a>(view: &'a View, session: &Session, id: u64) -> Option<&'a GuildView> {
    let space = SpaceId::from(view.ids.op(Snowflake(id))?);
    view.guilds.get(&space).filter(|guild| guild.members.contains_key(&session.user))
}

fn find<'a>(view: &View, guild: &'a GuildView, session: &Session, wish: &MembersWish) -> Option<Found<'a>> {
    if let Some(ids) = &wish.user_ids {
        return Some(by_number(view, guild, ids));
    }
    let query = wish.query.as_deref().unwrap_or_default().to_lowercase();
    let everybody = query.is_empty() && wish.limit == 0;
    if everybody && !session.intents.has(Intents::GUILD_MEMBERS) {
        return None;
    }
    let limit = if everybody { usize::MAX } else { usize::try_from(wish.limit).map_or(FOUND_MAX, limited) };
    let is_named = |member: &&Member| {
        let begins = |name: &str| name.to_lowercase().starts_with(&query);
        member.nick.as_deref().is_some_and(begins)
            || view.users.get(&member.user).is_some_and(|user| begins(&user.name))
    };
    let members = guild.members.values().filter(|member| query.is_empty() || is_named(member));
    Some(Found { members: members.take(limit).collect(), missing: Vec::new() })
}

fn limited(limit: usize) -> usize {
    if limit == 0 { FOUND_MAX } else { limit.min(FOUND_MAX) }
}

fn by_number<'a>(view: &View, guild: &'a GuildView, ids: &[u64]) -> Found<'a> {
    let mut found = Found { members: Vec::new(), missing: Vec::new() };
    for id in ids.iter().take(FOUND_MAX) {
        let user = view.ids.op(Snowflake(*id)).map(UserId::from);
        match user.and_then(|user| guild.members.get(&user)) {
            Some(member) => found.members.push(member),
            None => found.missing.push(id.to_string()),
        }
    }
    found
}
