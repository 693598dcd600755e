//! Events: announced, edited, called off, and looked forward to.

use super::{Actor, Authored, Turn, within};
use crate::command::Reply;
use crate::command::refusal::{Refusal, Thing};
use nexus_crdt::body::governance::{
    ChannelDelete, EventCreate, EventEdit, EventFields, EventPlace, EventStatus, Occurrence, Word,
};
use nexus_crdt::guild::{Event, GuildView};
use nexus_crdt::id::{ChannelId, SpaceId};
use nexus_crdt::kind::Kind;
use std::sync::Arc;

impl Turn<'_> {
    pub(super) fn announce(&mut self, actor: &Actor, guild: SpaceId, fields: EventFields) -> Authored<Reply> {
        let view = self.guild_of(actor, &guild)?.view().clone();
        if fields.name.is_none() || fields.starts.is_none() || fields.place.is_none() {
            return Err(Refusal::Invalid {
                field: "name",
                reason: "an event has a name, a time and a place",
            }
            .into());
        }
        self.fits(&view, &fields, None)?;
        let open = view.channels.values().filter(|channel| {
            let voice = channel.parent.is_none_or(|voice| view.channels.contains_key(&voice));
            voice && channel.event.as_ref().is_some_and(|event| is_open(event.status))
        });
        if open.count() >= OPEN_MAX {
            return Err(Refusal::TooMany { what: "scheduled events", max: 100 }.into());
        }
        Ok(Reply::Created(self.govern(actor, guild, Kind::EventCreate, &EventCreate { fields })?))
    }

    pub(super) fn edit_event(
        &mut self,
        actor: &Actor,
        event: ChannelId,
        fields: EventFields,
    ) -> Authored<Reply> {
        let (view, now) = self.event(actor, &event)?;
        self.fits(&view, &fields, Some(&now))?;
        if fields != EventFields::default() {
            self.govern(actor, view.facts.id, Kind::EventEdit, &EventEdit { event, fields })?;
        }
        Ok(Reply::Done)
    }

    pub(super) fn call_off(&mut self, actor: &Actor, event: ChannelId) -> Authored<Reply> {
        let (view, _) = self.event(actor, &event)?;
        self.govern(actor, view.facts.id, Kind::ChannelDelete, &ChannelDelete { channel: event })?;
        Ok(Reply::Done)
    }

    /// A word that changes nothing is not written.
    pub(super) fn be_interested(
        &mut self,
        actor: &Actor,
        event: ChannelId,
        interested: bool,
    ) -> Authored<Reply> {
        let (view, _) = self.event(actor, &event)?;
        let shown = view.channels.get(&event).ok_or(Refusal::Unknown(Thing::Event))?;
        if self.follows(&view, shown, &actor.user)? != interested {
            let guild = self.guild_with(actor, &event)?;
            self.follow_now(actor, &guild, &event, actor.user, interested)?;
        }
        Ok(Reply::Done)
    }

    /// An event that the actor sees, in its guild.
    fn event(&self, actor: &Actor, event: &ChannelId) -> Authored<(GuildView, Arc<Event>)> {
        let view = self.guild_with(actor, event)?.view().clone();
        let channel = view.channels.get(event).and_then(|channel| channel.event.clone());
        Ok((view, channel.ok_or(Refusal::Unknown(Thing::Event))?))
    }

    fn fits(&self, view: &GuildView, fields: &EventFields, now: Option<&Event>) -> Authored<()> {
        let wrong = |field, reason| Err(Refusal::Invalid { field, reason }.into());
        if let Some(name) = &fields.name {
            within("name", name, 1, 100)?;
        }
        if let Some(about) = &fields.about {
            within("description", about, 0, 1_000)?;
        }
        match &fields.place {
            Some(EventPlace::Elsewhere(place)) => within("entity_metadata", place, 1, 100)?,
            Some(EventPlace::Voice(voice)) if !view.channels.contains_key(voice) => {
                return Err(Refusal::Unknown(Thing::Channel).into());
            }
            Some(EventPlace::Voice(_)) | None => {}
        }
        if fields.starts.is_some_and(|starts| starts < self.now_ms || starts >> 48 != 0) {
            return wrong("scheduled_start_time", "in the past");
        }
        let starts = fields.starts.or(now.map(|event| event.starts)).unwrap_or(0);
        let ends = fields.ends.or(now.map(|event| event.ends)).unwrap_or(0);
        if ends != 0 && (ends < starts || ends >> 48 != 0) {
            return wrong("scheduled_end_time", "before it begins");
        }
        if let Some(Occurrence { original, word }) = &fields.occurrence {
            let event = now.ok_or(Refusal::Unknown(Thing::Event))?;
            if event.recurrence.is_none() || *original < event.starts {
                return wrong("original_scheduled_start_time", "the event does not come again then");
            }
            let Word { starts, ends, .. } = word.unwrap_or_default();
            if ends != 0 && ends < if starts == 0 { *original } else { starts } {
                return wrong("scheduled_end_time", "before it begins");
            }
            if word.is_some() && !event.words.contains_key(original) && event.words.len() >= WORDS_MAX {
                return Err(Refusal::TooMany { what: "exceptions of an event", max: 100 }.into());
            }
        }
        match (now.map(|event| event.status), fields.status) {
            (Some(was), Some(status)) if !follows(was, status) => wrong("status", "not after what it is"),
            _ => Ok(()),
        }
    }
}

const fn is_open(status: EventStatus) -> bool {
    matches!(status, EventStatus::Scheduled | EventStatus::Active)
}

/// What an event may be next, as on Discord.
const fn follows(was: EventStatus, next: EventStatus) -> bool {
    use EventStatus::{Active, Canceled, Completed, Scheduled};
    matches!(
        (was, next),
        (Scheduled, Scheduled | Active | Canceled)
            | (Active, Active | Completed)
            | (Completed, Completed)
            | (Canceled, Canceled)
    )
}

/// Exceptions of one event.
const WORDS_MAX: usize = 100;
/// Events of one guild that are to come or under way, as on Discord.
const OPEN_MAX: usize = 100;
