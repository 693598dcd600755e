//! What a message passes on: Discord's message snapshot, and where it is from.

use super::{number, timestamp};
use crate::components;
use nexus_core::View;
use nexus_crdt::body::content::Forward;
use nexus_crdt::body::governance::SpaceKind;
use nexus_crdt::guild::GuildView;
use nexus_node::Reader;
use serde_json::{Map, Value, json};

/// Discord's message flags that say how the rest is shown: no embeds, components alone.
pub(crate) const SHAPING: u32 = 1 << 2 | components::V2;

/// What is passed on; its number where it is held here, and of its channel where that is known here.
pub(super) fn reference(view: &View, reader: Option<&Reader>, forward: &Forward) -> Value {
    let mut reference = json!({ "type": 1, "channel_id": number(view, forward.channel) });
    let in_guild = |space: &GuildView| space.facts.kind == SpaceKind::Guild;
    if view.guilds.get(&forward.space).is_some_and(in_guild) {
        reference["guild_id"] = json!(number(view, forward.space));
    }
    let held =
        reader.and_then(|reader| reader.message_of(view, forward.channel, &forward.message).ok().flatten());
    if let Some(held) = held {
        reference["message_id"] = json!(held.api_id.0.to_string());
    }
    reference
}

/// A message that passes on another says nothing itself: what it would say stands in a snapshot, as it stood then.
pub(super) fn into_snapshot(shown: &mut Map<String, Value>, forward: &Forward, flags: u32) {
    let nothing = [
        ("content", json!("")),
        ("mentions", json!([])),
        ("mention_roles", json!([])),
        ("attachments", json!([])),
        ("embeds", json!([])),
        ("components", json!([])),
    ];
    let mut snapshot = Map::from_iter([
        ("type".to_owned(), json!(0)),
        ("timestamp".to_owned(), json!(timestamp(forward.written))),
        ("edited_timestamp".to_owned(), json!(forward.edited.map(timestamp))),
        ("flags".to_owned(), json!(flags & SHAPING)),
    ]);
    for (name, empty) in nothing {
        let said = shown.insert(name.to_owned(), empty);
        snapshot.extend(said.map(|said| (name.to_owned(), said)));
    }
    shown.insert("message_snapshots".to_owned(), json!([{ "message": snapshot }]));
}
