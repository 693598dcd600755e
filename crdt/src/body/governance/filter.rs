//! Filters: what nobody may say in a guild, and what is done where somebody does. Discord's auto-moderation rules.

use crate::body::Body;
use crate::body::limit::{Limit, chars, chars_if, distinct, hold};
use crate::id::{ChannelId, OpId, RoleId};
use crate::pattern::PATTERN_MAX;
use minicbor::{Decode, Encode};

/// What a filter stops.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub enum Trigger {
    /// Words, whatever their case. A star at an end of one stands for the rest of a word.
    #[n(0)]
    Words {
        /// At most 1,000, of 1 to 60 characters each.
        #[n(0)]
        stopped: Vec<String>,
        /// What is let through all the same: at most 100, of 1 to 60 characters each.
        #[n(1)]
        allowed: Vec<String>,
        /// What [`crate::pattern`] reads: at most 10, of 1 to 260 characters each; none where there are none. One that is of no form
        /// there stops nothing.
        #[n(2)]
        patterns: Option<Vec<String>>,
    },
    /// More different people and roles in one message than so many, 1 to 50.
    #[n(1)]
    Mentions(#[n(0)] u32),
}

/// What a filter does where it catches something.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Encode, Decode)]
#[cbor(array)]
pub struct Acts {
    /// What it catches may be said all the same.
    #[n(0)]
    pub lets_through: bool,
    /// Where who looks after the guild is told.
    #[n(1)]
    pub alert: Option<ChannelId>,
    /// For how long who said it is kept from writing, in seconds: at most 28 days.
    #[n(2)]
    pub timeout_s: Option<u32>,
}

/// Makes a filter.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
#[cbor(array)]
pub struct FilterCreate {
    /// What can change of it; `name` and `trigger` must be there.
    #[n(0)]
    pub fields: FilterFields,
}

/// Edits a filter.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
#[cbor(array)]
pub struct FilterEdit {
    /// Which.
    #[n(0)]
    pub filter: OpId,
    /// What changes.
    #[n(1)]
    pub fields: FilterFields,
}

/// Takes a filter away, for good.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
#[cbor(array)]
pub struct FilterDelete {
    /// Which.
    #[n(0)]
    pub filter: OpId,
}

/// What can change of a filter; `None` leaves a field as it is.
#[derive(Clone, PartialEq, Eq, Debug, Default, Encode, Decode)]
#[cbor(array)]
pub struct FilterFields {
    /// 1 to 100 characters.
    #[n(0)]
    pub name: Option<String>,
    /// What it stops. Of a new filter it says which kind it is; another kind in an edit changes nothing.
    #[n(1)]
    pub trigger: Option<Trigger>,
    /// It acts.
    #[n(2)]
    pub enabled: Option<bool>,
    /// Whom it leaves alone: at most 20 roles.
    #[n(3)]
    pub exempt_roles: Option<Vec<RoleId>>,
    /// Where it leaves everybody alone: at most 50 channels.
    #[n(4)]
    pub exempt_channels: Option<Vec<ChannelId>>,
    /// What is said to whom it stops, up to 300 characters.
    #[n(5)]
    pub words: Option<String>,
    /// What it does; of a new one that says nothing it stops what it catches, and does nothing else.
    #[n(6)]
    pub acts: Option<Acts>,
}

const STOPPED_MAX: usize = 1_000;
const ALLOWED_MAX: usize = 100;
const PATTERNS_MAX: usize = 10;
const TIMEOUT_MAX_S: u32 = 28 * 86_400;

impl Body for FilterCreate {
    fn check(&self) -> Limit {
        hold(
            self.fields.name.is_some() && self.fields.trigger.is_some(),
            "a filter has a name and stops something",
        )?;
        self.fields.check()
    }
}

impl Body for FilterEdit {
    fn check(&self) -> Limit {
        self.fields.check()
    }
}

impl Body for FilterDelete {
    fn check(&self) -> Limit {
        Ok(())
    }
}

impl FilterFields {
    fn check(&self) -> Limit {
        chars_if(self.name.as_ref(), 1..=100, "a name has 1 to 100 characters")?;
        chars_if(self.words.as_ref(), 0..=300, "what is said has up to 300 characters")?;
        if let Some(roles) = &self.exempt_roles {
            distinct(roles.iter(), 20, "roles are at most 20, each once")?;
        }
        if let Some(channels) = &self.exempt_channels {
            distinct(channels.iter(), 50, "channels are at most 50, each once")?;
        }
        if let Some(seconds) = self.acts.and_then(|acts| acts.timeout_s) {
            hold((1..=TIMEOUT_MAX_S).contains(&seconds), "somebody is kept from writing for 1 s to 28 days")?;
        }
        self.trigger.as_ref().map_or(Ok(()), Trigger::check)
    }
}

impl Trigger {
    fn check(&self) -> Limit {
        match self {
            Self::Words { stopped, allowed, patterns } => {
                if let Some(patterns) = patterns {
                    let some = (1..=PATTERNS_MAX).contains(&patterns.len());
                    hold(some, "a filter looks for 1 to 10 patterns, where it does")?;
                    let mut each = patterns.iter();
                    each.try_for_each(|text| {
                        chars(text, 1..=PATTERN_MAX, "a pattern has 1 to 260 characters")
                    })?;
                }
                let few = stopped.len() <= STOPPED_MAX && allowed.len() <= ALLOWED_MAX;
                hold(few, "a filter stops at most 1,000 words, and lets 100 through")?;
                let mut each = stopped.iter().chain(allowed);
                each.try_for_each(|word| chars(word, 1..=60, "a word has 1 to 60 characters"))
            }
            Self::Mentions(most) => hold((1..=50).contains(most), "mentions are limited to 1 to 50"),
        }
    }
}
