//! Events that a guild looks forward to.

use super::super::wire_enum;
use crate::body::Body;
use crate::body::limit::{Limit, chars, chars_if, hold};
use crate::id::ChannelId;
use minicbor::{Decode, Encode};

wire_enum! {
    /// How far an event is, by the word of who looks after it: no clock decides it. Discord's numbers.
    EventStatus {
        /// To come.
        Scheduled = 1,
        /// It has begun.
        Active = 2,
        /// It is over.
        Completed = 3,
        /// It does not take place.
        Canceled = 4,
    }
}

/// Where an event takes place.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub enum EventPlace {
    /// In a voice channel: only who sees that sees the event.
    #[n(0)]
    Voice(#[n(0)] ChannelId),
    /// Somewhere else: 1 to 100 characters.
    #[n(1)]
    Elsewhere(#[n(0)] String),
}

/// Announces an event. Its op id is a ChannelId: who is interested stands in a stream of its own.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
#[cbor(array)]
pub struct EventCreate {
    /// What can change of it; `name`, `starts` and `place` must be there, `status` must not.
    #[n(0)]
    pub fields: EventFields,
}

/// Edits an event.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
#[cbor(array)]
pub struct EventEdit {
    /// Which.
    #[n(0)]
    pub event: ChannelId,
    /// What changes.
    #[n(1)]
    pub fields: EventFields,
}

/// What can change of an event; `None` leaves a field as it is.
#[derive(Clone, PartialEq, Eq, Debug, Default, Encode, Decode)]
#[cbor(array)]
pub struct EventFields {
    /// 1 to 100 characters.
    #[n(0)]
    pub name: Option<String>,
    /// Up to 1,000 characters.
    #[n(1)]
    pub about: Option<String>,
    /// When it begins: Unix ms, below 2^48.
    #[n(2)]
    pub starts: Option<u64>,
    /// When it ends, likewise; 0 for open.
    #[n(3)]
    pub ends: Option<u64>,
    /// Where it takes place.
    #[n(4)]
    pub place: Option<EventPlace>,
    /// How far it is.
    #[n(5)]
    pub status: Option<EventStatus>,
}

impl Body for EventCreate {
    fn check(&self) -> Limit {
        let EventFields { name, starts, place, status, .. } = &self.fields;
        hold(
            name.is_some() && starts.is_some() && place.is_some(),
            "an event has a name, a time and a place",
        )?;
        hold(status.is_none(), "a new event is to come")?;
        self.fields.check()
    }
}

impl Body for EventEdit {
    fn check(&self) -> Limit {
        self.fields.check()
    }
}

impl EventFields {
    fn check(&self) -> Limit {
        chars_if(self.name.as_ref(), 1..=100, "a name has 1 to 100 characters")?;
        chars_if(self.about.as_ref(), 0..=1_000, "what is said of an event has up to 1,000 characters")?;
        let times = [self.starts, self.ends].into_iter().flatten();
        hold(times.into_iter().all(|ms| ms >> 48 == 0), "a time has 48 bits of milliseconds")?;
        match &self.place {
            Some(EventPlace::Elsewhere(place)) => chars(place, 1..=100, "a place has 1 to 100 characters"),
            Some(EventPlace::Voice(_)) | None => Ok(()),
        }
    }
}
