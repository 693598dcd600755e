//! Events: who announces and edits them, and what they become. An event is a channel in which nothing is said: it has a stream,
//! in which stands who is interested, and no rights of its own.

use super::channels::blank_channel;
use super::deed::Deed;
use super::derived::set::set_if;
use super::graph::{Node, RegisterKey};
use super::rule::{Judge, hold};
use super::state::channel::{Channel, Event};
use crate::body::governance::{
    ChannelKind, EventEdit, EventFields, EventPlace, EventStatus, Occurrence, Recurring,
};
use crate::id::ChannelId;
use crate::permissions::Permissions;
use crate::verdict::VoidReason;
use imbl::OrdMap;
use std::sync::Arc;

// Numbers of registers, after those of forums. The first is shared with ChannelFields.
const NAME: u8 = 0;
const ABOUT: u8 = 19;
const STARTS: u8 = 20;
const ENDS: u8 = 21;
const PLACE: u8 = 22;
const STATUS: u8 = 23;
const RECURRING: u8 = 24;

/// The registers that an edit writes.
pub(super) fn registers(edit: &EventEdit) -> Vec<RegisterKey> {
    let fields = &edit.fields;
    let written = [
        (NAME, fields.name.is_some()),
        (ABOUT, fields.about.is_some()),
        (STARTS, fields.starts.is_some()),
        (ENDS, fields.ends.is_some()),
        (PLACE, fields.place.is_some()),
        (STATUS, fields.status.is_some()),
        (RECURRING, fields.recurring.is_some()),
    ];
    let written = written.into_iter().filter(|(_, there)| *there);
    let written = written.map(|(number, _)| RegisterKey::Channel(edit.event, number));
    let occurrence = fields.occurrence.iter().map(|it| RegisterKey::Occurrence(edit.event, it.original));
    written.chain(occurrence).collect()
}

/// The channel that an op makes, where it announces an event.
pub(super) fn made(node: &Node) -> Option<Channel> {
    let Deed::EventCreate(body) = &node.deed else { return None };
    let mut channel = blank_channel(node, ChannelKind::Event);
    channel.event = Some(Arc::new(Event {
        owner: node.author,
        about: String::new(),
        starts: 0,
        ends: 0,
        elsewhere: String::new(),
        status: EventStatus::Scheduled,
        recurrence: None,
        words: OrdMap::new(),
    }));
    set_fields(&mut channel, &body.fields, &|_| true);
    Some(channel)
}

/// What an edit sets: all of it, or one register of it.
pub(super) fn set(channels: &mut OrdMap<ChannelId, Channel>, edit: &EventEdit, only: Option<&RegisterKey>) {
    let Some(channel) = channels.get_mut(&edit.event) else { return };
    let wanted = |number| only.is_none_or(|only| *only == RegisterKey::Channel(edit.event, number));
    set_fields(channel, &edit.fields, &wanted);
    let Some(Occurrence { original, word }) = &edit.fields.occurrence else { return };
    let key = RegisterKey::Occurrence(edit.event, *original);
    if let Some(event) = channel.event.as_mut().filter(|_| only.is_none_or(|only| *only == key)) {
        let words = &mut Arc::make_mut(event).words;
        match word {
            Some(word) => drop(words.insert(*original, *word)),
            None => drop(words.remove(original)),
        }
    }
}

fn set_fields(channel: &mut Channel, fields: &EventFields, wanted: &dyn Fn(u8) -> bool) {
    let Some(event) = channel.event.as_mut().map(Arc::make_mut) else { return };
    set_if(wanted(NAME), &mut channel.name, &fields.name);
    set_if(wanted(ABOUT), &mut event.about, &fields.about);
    set_if(wanted(STARTS), &mut event.starts, &fields.starts);
    set_if(wanted(ENDS), &mut event.ends, &fields.ends);
    set_if(wanted(STATUS), &mut event.status, &fields.status);
    match fields.recurring.as_ref().filter(|_| wanted(RECURRING)) {
        Some(Recurring::By(rule)) => event.recurrence = Some(rule.clone()),
        Some(Recurring::Once) => event.recurrence = None,
        None => {}
    }
    match fields.place.as_ref().filter(|_| wanted(PLACE)) {
        Some(EventPlace::Voice(voice)) => {
            channel.parent = Some(*voice);
            event.elsewhere.clear();
        }
        Some(EventPlace::Elsewhere(place)) => {
            channel.parent = None;
            event.elsewhere.clone_from(place);
        }
        None => {}
    }
}

impl Judge<'_> {
    pub(super) fn is_event(&self, channel: &ChannelId) -> bool {
        self.view.channels.get(channel).is_some_and(|channel| channel.event.is_some())
    }

    /// By CREATE_EVENTS, in the voice channel where it takes place in one.
    pub(super) fn event_create(&self, fields: &EventFields) -> Result<(), VoidReason> {
        self.event_place(fields, Permissions::CREATE_EVENTS)
    }

    /// One's own by CREATE_EVENTS, every one by MANAGE_EVENTS; likewise where it is moved to.
    pub(super) fn event_edit(&self, event: &ChannelId, fields: &EventFields) -> Result<(), VoidReason> {
        let channel = self.view.channels.get(event).ok_or(VoidReason::Target)?;
        let event = channel.event.as_ref().ok_or(VoidReason::Target)?;
        let may = self.view.in_channel(self.author, channel);
        let own = event.owner == *self.author && may.has(Permissions::CREATE_EVENTS);
        if !own && !may.has(Permissions::MANAGE_EVENTS) {
            return Err(VoidReason::NoPermission);
        }
        let needed = if own { Permissions::CREATE_EVENTS } else { Permissions::MANAGE_EVENTS };
        if fields.place.is_some() { self.event_place(fields, needed) } else { Ok(()) }
    }

    fn event_place(&self, fields: &EventFields, needed: Permissions) -> Result<(), VoidReason> {
        match &fields.place {
            Some(EventPlace::Voice(voice)) => {
                let there = self.view.channels.get(voice);
                hold(there.is_some_and(|channel| channel.kind == ChannelKind::Voice))?;
                self.channel(voice, needed.with(Permissions::VIEW_CHANNEL))
            }
            _ => self.may(needed),
        }
    }
}
