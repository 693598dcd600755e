//! Messages that go on to other channels.

use crate::body::Body;
use crate::body::limit::Limit;
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

impl Body for Publish {
    fn check(&self) -> Limit {
        Ok(())
    }
}
