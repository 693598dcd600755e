//! Channels as ops make and set them.

use super::derived::set::set_if;
use super::graph::{Node, RegisterKey};
use super::state::channel::Channel;
use crate::body::governance::{ChannelFields, ChannelKind};
use crate::id::ChannelId;
use imbl::OrdMap;

pub(super) fn blank_channel(node: &Node, kind: ChannelKind) -> Channel {
    Channel {
        id: node.id.into(),
        kind,
        name: String::new(),
        topic: String::new(),
        position: 0,
        parent: None,
        nsfw: false,
        slowmode_s: 0,
        bitrate: 64_000,
        user_limit: 0,
        overwrites: OrdMap::new(),
        born: node.hlc,
        locks: OrdMap::new(),
        thread: None,
        forum: None,
        event: None,
    }
}

pub(super) fn apply_fields(channel: &mut Channel, fields: &ChannelFields, only: Option<&RegisterKey>) {
    let id = channel.id;
    let wanted = |number| only.is_none_or(|only| *only == RegisterKey::Channel(id, number));
    set_if(wanted(0), &mut channel.name, &fields.name);
    set_if(wanted(1), &mut channel.topic, &fields.topic);
    set_if(wanted(2), &mut channel.position, &fields.position);
    if let Some(parent) = fields.parent.filter(|_| wanted(3)) {
        channel.parent = named(parent);
    }
    set_if(wanted(4), &mut channel.nsfw, &fields.nsfw);
    set_if(wanted(5), &mut channel.slowmode_s, &fields.slowmode_s);
    set_if(wanted(6), &mut channel.bitrate, &fields.bitrate);
    set_if(wanted(7), &mut channel.user_limit, &fields.user_limit);
}

/// The zero id stands for none.
pub(super) fn named(channel: ChannelId) -> Option<ChannelId> {
    (channel.0 != [0; 32]).then_some(channel)
}
