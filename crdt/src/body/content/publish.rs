//! Messages that go on to other channels.

use crate::body::Body;
use crate::body::limit::{Limit, hold};
use crate::id::{ChannelId, OpId, SpaceId};
use minicbor::{Decode, Encode};

/// Gives the target message, of an announcement channel, to whoever follows that. One's own by SEND_MESSAGES, others' by
/// MANAGE_MESSAGES.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
#[cbor(array)]
pub struct Publish {}

/// The published message that a message is a copy of, by the word of who follows.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Encode, Decode)]
#[cbor(array)]
pub struct CopyOf {
    /// The guild of the announcement channel.
    #[n(0)]
    pub space: SpaceId,
    /// The channel.
    #[n(1)]
    pub channel: ChannelId,
    /// The message.
    #[n(2)]
    pub message: OpId,
}

/// That a message passes on another one, as it stood then: its text, embeds, files and components are that one's. All by the word of who
/// passes it on.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Encode, Decode)]
#[cbor(array)]
pub struct Forward {
    /// The guild or conversation it stands in.
    #[n(0)]
    pub space: SpaceId,
    /// The channel.
    #[n(1)]
    pub channel: ChannelId,
    /// The message.
    #[n(2)]
    pub message: OpId,
    /// When it was written, Unix ms, below 2^48.
    #[n(3)]
    pub written: u64,
    /// When it was last edited, likewise.
    #[n(4)]
    pub edited: Option<u64>,
}

impl Forward {
    pub(super) fn check(&self) -> Limit {
        let times = [Some(self.written), self.edited];
        hold(times.into_iter().flatten().all(|ms| ms >> 48 == 0), "a time has 48 bits of milliseconds")
    }
}

impl Body for Publish {
    fn check(&self) -> Limit {
        Ok(())
    }
}
