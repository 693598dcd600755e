//! What people keep for themselves: how far they have read, settings, and who is what to them.

use super::{number, user};
use nexus_core::{NoteKey, View};
use nexus_crdt::body::content::{About, Note};
use nexus_crdt::guild::GuildView;
use nexus_crdt::id::{ChannelId, OpId, UserId};
use nexus_node::Reader;
use serde_json::{Map, Value, json};

/// How far somebody has read, of every channel they see and whose message is here.
pub(crate) fn read_states(view: &View, reader: Option<&Reader>, me: &UserId) -> Value {
    let each = view.notes_of(me).filter_map(|(_, note)| match note {
        Note::Read { channel, message } => read_state(view, reader?, me, *channel, message),
        _ => None,
    });
    json!({ "version": 0, "partial": false, "entries": each.collect::<Vec<_>>() })
}

fn read_state(
    view: &View,
    reader: &Reader,
    me: &UserId,
    channel: ChannelId,
    message: &OpId,
) -> Option<Value> {
    let guild = view.guild_of(&channel).filter(|guild| crate::access::sees(guild, me, &channel));
    guild?;
    let last = reader.number_of(channel, message).ok().flatten()?;
    Some(json!({ "id": number(view, channel), "last_message_id": last.0.to_string() }))
}

/// What somebody is about to say, of every channel they see.
pub(crate) fn drafts(view: &View, me: &UserId) -> Value {
    let said = view.notes_of(me).filter_map(|(_, note)| match note {
        Note::Draft { channel, text } if !text.is_empty() => draft(view, me, channel, text),
        _ => None,
    });
    said.collect()
}

/// A draft, where they see its channel.
pub(crate) fn draft(view: &View, me: &UserId, channel: &ChannelId, text: &str) -> Option<Value> {
    view.guild_of(channel).filter(|guild| crate::access::sees(guild, me, channel))?;
    Some(json!({ "channel_id": number(view, *channel), "text": text }))
}

/// Somebody's own settings.
pub(crate) fn settings(view: &View, me: &UserId) -> Map<String, Value> {
    settings_about(view, me, About::Me)
}

fn settings_about(view: &View, me: &UserId, wanted: About) -> Map<String, Value> {
    let each = view.notes_of(me).filter_map(|(_, note)| match note {
        Note::Setting { about, name, json } if *about == wanted => {
            Some((name.clone(), serde_json::from_str(json).unwrap_or(Value::Null)))
        }
        _ => None,
    });
    each.collect()
}

/// Somebody's settings for a guild, those for its channels among them.
pub(crate) fn guild_settings(view: &View, guild: &GuildView, me: &UserId) -> Value {
    let mut shown = settings_about(view, me, About::Guild(guild.facts.id));
    let overrides = guild.channels.keys().filter_map(|channel| {
        let mut settings = settings_about(view, me, About::Channel(*channel));
        if settings.is_empty() {
            return None;
        }
        settings.insert(String::from("channel_id"), json!(number(view, *channel)));
        Some(Value::Object(settings))
    });
    shown.insert(String::from("channel_overrides"), Value::Array(overrides.collect()));
    shown.insert(String::from("guild_id"), json!(number(view, guild.facts.id)));
    Value::Object(shown)
}

/// The same of every guild for which they have some.
pub(crate) fn all_guild_settings(view: &View, me: &UserId) -> Value {
    let about = |key: &NoteKey| match key {
        NoteKey::Setting(About::Guild(guild), _) => Some(*guild),
        NoteKey::Setting(About::Channel(channel), _) => view.channels.get(channel).copied(),
        _ => None,
    };
    let guilds: std::collections::BTreeSet<_> = view.notes_of(me).filter_map(|(key, _)| about(key)).collect();
    let here = guilds.iter().filter_map(|space| view.guilds.get(space));
    let mine = here.filter(|guild| guild.members.contains_key(me));
    let entries: Vec<Value> = mine.map(|guild| guild_settings(view, guild, me)).collect();
    json!({ "version": 0, "partial": false, "entries": entries })
}

/// What somebody is to somebody: Discord's number, 1 a friend, 2 blocked, 3 who wishes to be one, 4 whom they wish as one.
pub(crate) fn relation(view: &View, me: &UserId, other: &UserId) -> Option<u8> {
    let says = |who: &UserId, key: NoteKey| match view.note(who, &key).map(|noted| &noted.note) {
        Some(Note::Block { blocked, .. }) => *blocked,
        Some(Note::Friend { wished }) => *wished,
        _ => false,
    };
    if says(me, NoteKey::Block(*other)) {
        return Some(2);
    }
    match (says(me, NoteKey::Friend(*other)), says(other, NoteKey::Friend(*me))) {
        (true, true) => Some(1),
        (false, true) => Some(3),
        (true, false) => Some(4),
        (false, false) => None,
    }
}

/// A relation, as Discord's client reads it.
pub(crate) fn relationship(view: &View, other: &UserId, kind: u8) -> Value {
    json!({ "id": number(view, *other), "type": kind, "nickname": null, "user": user(view, other) })
}

/// Everybody who is something to somebody.
pub(crate) fn relationships(view: &View, me: &UserId) -> Vec<Value> {
    let own = view.notes_of(me).filter_map(|(key, _)| match key {
        NoteKey::Block(other) | NoteKey::Friend(other) => Some(*other),
        _ => None,
    });
    let spaces = view.guilds_of.get(me).into_iter().flatten().filter_map(|space| view.guilds.get(space));
    let talks = spaces.filter(|guild| !crate::access::is_guild(guild) && guild.facts.owners.len() == 2);
    let met = talks.flat_map(|guild| guild.facts.owners.iter().copied()).filter(|other| other != me);
    let people: std::collections::BTreeSet<UserId> = own.chain(met).collect();
    let each = people.iter().filter_map(|other| Some((other, relation(view, me, other)?)));
    each.map(|(other, kind)| relationship(view, other, kind)).collect()
}
