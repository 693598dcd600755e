//! How long messages are kept.

use crate::body::Body;
use crate::body::limit::{Limit, hold};
use crate::hlc::Hlc;
use crate::id::ChannelId;
use minicbor::{Decode, Encode};

/// Says how long messages are kept: in one channel, or in every channel of the guild that has no word of its own. Threads
/// are kept as the channel they hang on.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Encode, Decode)]
#[cbor(array)]
pub struct Retention {
    /// Where; none: in the guild.
    #[n(0)]
    pub channel: Option<ChannelId>,
    /// Days, 1 to 3,650; 0: for ever; none, of a channel only: as in the guild.
    #[n(1)]
    pub days: Option<u32>,
    /// What is older than this is gone by the word before, as its author saw it, and stays gone: a longer time brings
    /// nothing back. At least a day before this op.
    #[n(2)]
    pub gone: Hlc,
}

/// Days that messages can be kept, at the most; more is for ever.
pub const RETENTION_DAYS_MAX: u32 = 3_650;

impl Body for Retention {
    fn check(&self) -> Limit {
        let days = self.days.is_none_or(|days| days <= RETENTION_DAYS_MAX);
        hold(days, "messages are kept for at most 3,650 days, or for ever")?;
        hold(self.channel.is_some() || self.days.is_some(), "a guild is kept as no other")
    }
}
