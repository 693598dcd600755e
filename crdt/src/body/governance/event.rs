//! Events that a guild looks forward to.

use super::super::wire_enum;
use crate::body::Body;
use crate::body::limit::{Limit, ascending, chars, chars_if, hold};
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
    /// Whether it comes again.
    #[n(6)]
    pub recurring: Option<Recurring>,
    /// What is otherwise the one time it takes place, of all times.
    #[n(7)]
    pub occurrence: Option<Occurrence>,
}

/// Whether an event comes again.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub enum Recurring {
    /// Once.
    #[n(0)]
    Once,
    /// By a rule.
    #[n(1)]
    By(#[n(0)] Recurrence),
}

wire_enum! {
    /// How often. Discord's numbers.
    Rhythm {
        /// Each year.
        Yearly = 0,
        /// Each month.
        Monthly = 1,
        /// Each week.
        Weekly = 2,
        /// Each day.
        Daily = 3,
    }
}

/// When an event comes again, as Discord's recurrence rule says it (a part of iCalendar's, RFC 5545, 3.3.10). It is kept and shown: which times
/// follow from it, who reads it works out.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
#[cbor(array)]
pub struct Recurrence {
    /// From when on: Unix ms, below 2^48.
    #[n(0)]
    pub starts: u64,
    /// How often.
    #[n(1)]
    pub rhythm: Rhythm,
    /// Every so many of them, 1 to 1,000.
    #[n(2)]
    pub interval: u32,
    /// Days of the week, 0 for Monday; ascending, each once.
    #[n(3)]
    pub weekdays: Vec<u8>,
    /// Days of a week of the month, at most 7: which week, 1 to 5, and which day.
    #[n(4)]
    pub month_weekdays: Vec<(u8, u8)>,
    /// Months, 1 to 12; ascending, each once.
    #[n(5)]
    pub months: Vec<u8>,
    /// Days of the month, 1 to 31; ascending, each once.
    #[n(6)]
    pub month_days: Vec<u8>,
}

/// One of the times at which an event that comes again takes place.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
#[cbor(array)]
pub struct Occurrence {
    /// When it would begin by the rule: Unix ms, below 2^48. That names it.
    #[n(0)]
    pub original: u64,
    /// What is otherwise; none: it is as the rule says, again.
    #[n(1)]
    pub word: Option<Word>,
}

/// What is otherwise with one occurrence of an event.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Encode, Decode)]
#[cbor(array)]
pub struct Word {
    /// It begins then: Unix ms, below 2^48; 0 for when it would.
    #[n(0)]
    pub starts: u64,
    /// It ends then, likewise.
    #[n(1)]
    pub ends: u64,
    /// It does not take place.
    #[n(2)]
    pub canceled: bool,
}

impl Body for EventCreate {
    fn check(&self) -> Limit {
        let EventFields { name, starts, place, status, .. } = &self.fields;
        hold(
            name.is_some() && starts.is_some() && place.is_some(),
            "an event has a name, a time and a place",
        )?;
        hold(status.is_none(), "a new event is to come")?;
        hold(self.fields.occurrence.is_none(), "a new event has no occurrence yet")?;
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
        if let Some(Recurring::By(rule)) = &self.recurring {
            rule.check()?;
        }
        if let Some(Occurrence { original, word }) = &self.occurrence {
            let Word { starts, ends, .. } = word.unwrap_or_default();
            let short = [*original, starts, ends].into_iter().all(|ms| ms >> 48 == 0);
            hold(short, "a time has 48 bits of milliseconds")?;
        }
        match &self.place {
            Some(EventPlace::Elsewhere(place)) => chars(place, 1..=100, "a place has 1 to 100 characters"),
            Some(EventPlace::Voice(_)) | None => Ok(()),
        }
    }
}

impl Recurrence {
    fn check(&self) -> Limit {
        hold(self.starts >> 48 == 0, "a time has 48 bits of milliseconds")?;
        hold((1..=1_000).contains(&self.interval), "an interval is 1 to 1,000")?;
        ascending(&self.weekdays, 7, "days of the week are at most 7, ascending, each once")?;
        ascending(&self.months, 12, "months are at most 12, ascending, each once")?;
        ascending(&self.month_days, 31, "days of the month are at most 31, ascending, each once")?;
        let weeks = &self.month_weekdays;
        let known = weeks.iter().all(|(week, day)| (1..=5).contains(week) && *day <= 6);
        hold(known && weeks.len() <= 7, "days of a week of the month are at most 7, in weeks 1 to 5")?;
        let days = self.weekdays.iter().all(|day| *day <= 6)
            && self.months.iter().all(|month| (1..=12).contains(month))
            && self.month_days.iter().all(|day| (1..=31).contains(day));
        hold(days, "there is no such day")
    }
}
