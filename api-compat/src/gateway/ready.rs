//! What a gateway session begins with: READY, then each guild whole.

use super::event::{EventName, Payload};
use super::hub::Session;
use super::intents::Intents;
use super::members;
use super::presence::Presences;
use super::voice;
use crate::ports::Accounts;
use crate::render;
use crate::rest::guilds::threads::open_to;
use nexus_core::{Message, View};
use nexus_crdt::body::governance::SpaceKind;
use nexus_crdt::guild::{Channel, GuildView};
use nexus_crdt::id::{SpaceId, UserId};
use nexus_crdt::permissions::Permissions;
use nexus_crdt::verdict::VoidReason;
use nexus_node::Reader;
use serde_json::{Value, json};
use std::sync::Arc;

/// What the beginning is made from.
pub(super) struct Opening<'a> {
    /// Knows the account itself, however new.
    pub(super) newest: &'a View,
    /// The guilds as of the batch after which the session hears of changes.
    pub(super) view: &'a View,
    pub(super) reader: Option<&'a Reader>,
    pub(super) session: &'a Session,
    /// Where the client comes back to.
    pub(super) url: &'a str,
    pub(super) presences: &'a Presences,
    pub(super) accounts: &'a dyn Accounts,
}

/// READY and a GUILD_CREATE for each guild of the session's shard.
pub(super) fn prelude(opening: &Opening<'_>) -> Vec<Arc<Payload>> {
    let Opening { view, reader, session, presences, .. } = *opening;
    let guilds: Vec<SpaceId> = spaces(view, session, SpaceKind::Guild).map(|guild| guild.facts.id).collect();
    let ready = Payload::new(EventName::Ready, &ready(opening, &guilds));
    let creates = guilds.iter().filter_map(|space| guild_create(view, reader, space, session, presences));
    std::iter::once(ready).chain(creates).collect()
}

/// A guild whole, as one session sees it; none where its account is not in it or did not ask.
pub(super) fn guild_create(
    view: &View,
    reader: Option<&Reader>,
    space: &SpaceId,
    session: &Session,
    presences: &Presences,
) -> Option<Arc<Payload>> {
    let guild = view.guilds.get(space).filter(|guild| guild.members.contains_key(&session.user))?;
    if !session.shard.holds(view, guild) || !session.intents.has(Intents::GUILDS) {
        return None;
    }
    let mut data = object(render::guild(view, guild));
    let mine = guild.members.get(&session.user)?;
    let members = shown_members(view, guild, session);
    let online = members::presences_of(view, guild.members.keys(), presences);
    data.extend(object(json!({
        "joined_at": render::timestamp(mine.joined.ms()),
        "large": guild.members.len() > session.large_threshold,
        "unavailable": false,
        "member_count": guild.members.len(),
        "members": members,
        "channels": channels(view, reader, guild, &session.user),
        "presences": online,
        "voice_states": voice_states(view, guild, session, presences),
        "threads": threads(view, reader, guild, &session.user),
        "stage_instances": [],
        "guild_scheduled_events": events(view, guild, &session.user),
        "soundboard_sounds": [],
    })));
    Some(Payload::new(EventName::GuildCreate, &data))
}

fn ready(opening: &Opening<'_>, guilds: &[SpaceId]) -> Value {
    let Opening { newest, view, session, url, accounts, .. } = *opening;
    let id = newest.ids.of(session.user).0.to_string();
    let unavailable =
        |space: &SpaceId| json!({ "id": view.ids.of(*space).0.to_string(), "unavailable": true });
    let private: Vec<Value> =
        if session.bot { Vec::new() } else { conversations(view, opening.reader, session) };
    let mut data = json!({
        "v": 10,
        "user": render::own_user(newest, &session.user, accounts),
        "guilds": guilds.iter().map(unavailable).collect::<Vec<_>>(),
        "private_channels": private,
        "session_id": session.id,
        "session_type": "normal",
        "resume_gateway_url": url,
        "shard": [session.shard.index, session.shard.count],
        "user_settings": {},
        "relationships": [],
        "presences": [],
        "geo_ordered_rtc_regions": [],
        "_trace": [],
    });
    if !session.bot {
        data["user_settings"] = json!(render::settings(view, &session.user));
        data["user_guild_settings"] = render::all_guild_settings(view, &session.user);
        data["read_state"] = render::read_states(view, opening.reader, &session.user);
        data["nexus_drafts"] = render::drafts(view, &session.user);
        data["relationships"] = json!(render::relationships(view, &session.user));
    }
    if let Some(application) = newest.applications.get(&session.user) {
        data["application"] = json!({ "id": id, "flags": application.flags });
    }
    data
}

/// Everybody in a guild that is not large, for who may know them; else only oneself.
fn shown_members(view: &View, guild: &GuildView, session: &Session) -> Vec<Value> {
    let may_know =
        session.intents.has(Intents::GUILD_MEMBERS) || session.intents.has(Intents::GUILD_PRESENCES);
    let all = may_know && guild.members.len() <= session.large_threshold;
    let shown = guild.members.values().filter(|member| all || member.user == session.user);
    shown.map(|member| json!(render::member(view, guild, member))).collect()
}

/// All of them, as on Discord: who may not view one still needs its overwrites to know. When something was last said
/// there is nobody else's business.
fn channels(view: &View, reader: Option<&Reader>, guild: &GuildView, user: &UserId) -> Vec<Value> {
    let shown = |channel: &Channel| {
        let visible = guild.permissions_in(user, &channel.id).has(Permissions::VIEW_CHANNEL);
        let last =
            reader.filter(|_| visible).and_then(|reader| reader.last_message(channel.id).ok().flatten());
        json!(render::channel(view, guild, channel, last))
    };
    guild.channels.values().filter(|channel| channel.is_listed()).map(shown).collect()
}

/// Who is in the voice channels that the account sees.
fn voice_states(view: &View, guild: &GuildView, session: &Session, presences: &Presences) -> Vec<Value> {
    let asked = session.intents.has(Intents::GUILD_VOICE_STATES);
    let seen = |channel| guild.permissions_in(&session.user, &channel).has(Permissions::VIEW_CHANNEL);
    let voices = presences.voices(guild).filter(|(_, voice)| asked && seen(voice.channel));
    voices
        .map(|(user, it)| voice::state(view, guild, &user, Some(&it), &voice::session_name(&user)))
        .collect()
}

/// Those that are not put away, where the account sees the channel they hang on.
fn threads(view: &View, reader: Option<&Reader>, guild: &GuildView, user: &UserId) -> Vec<Value> {
    let open = open_to(guild, user).into_iter();
    open.filter_map(|channel| render::thread(view, reader, guild, channel, Some(user)).ok()).collect()
}

/// Those to come and under way, where the account sees where they take place.
fn events(view: &View, guild: &GuildView, user: &UserId) -> Vec<Value> {
    let open = crate::rest::guilds::events::open_to(guild, user);
    open.into_iter().map(|event| render::event(view, guild, event)).collect()
}

fn conversations(view: &View, reader: Option<&Reader>, session: &Session) -> Vec<Value> {
    let of_kind = spaces(view, session, SpaceKind::Conversation);
    let shown = of_kind.filter_map(|space| render::conversation(view, reader, space, &session.user));
    shown.map(|channel| json!(channel)).collect()
}

fn spaces<'a>(view: &'a View, session: &'a Session, kind: SpaceKind) -> impl Iterator<Item = &'a GuildView> {
    let all = view.guilds_of.get(&session.user).into_iter().flatten();
    all.filter_map(|space| view.guilds.get(space))
        .filter(move |guild| guild.facts.kind == kind && session.shard.holds(view, guild))
}

/// The fields of what is an object.
pub(super) fn object(value: impl serde::Serialize) -> serde_json::Map<String, Value> {
    match serde_json::to_value(value) {
        Ok(Value::Object(fields)) => fields,
        _ => serde_json::Map::new(),
    }
}

/// NEXUS_MESSAGE_VOID of a person's newest messages that authority took away: whoever was not here then learns of it too.
pub(super) fn voided(view: &View, reader: &Reader, user: &UserId) -> Vec<Arc<Payload>> {
    let voided = reader.voided(view, user).unwrap_or_default();
    let draw = |(message, reason): (Message, VoidReason)| {
        let data = json!({
            "id": message.api_id.0.to_string(),
            "channel_id": view.ids.of(message.channel).0.to_string(),
            "reason": render::void_reason(reason),
            "content": render::content(view, &message),
        });
        Payload::new(EventName::NexusMessageVoid, &data)
    };
    voided.into_iter().map(draw).collect()
}
