//! What is said of people and stored nowhere: that they write, are there, or say what a voice channel is about.

use crate::sync::caption::Caption;
use crate::sync::presence::Presence;
use minicbor::{Decode, Encode};
use nexus_crdt::id::{ChannelId, SpaceId, UserId};

/// Somebody is writing. Never stored.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Encode, Decode)]
#[cbor(array)]
pub struct Typing {
    /// Where.
    #[n(0)]
    pub space: SpaceId,
    /// Where in it.
    #[n(1)]
    pub channel: ChannelId,
    /// Who.
    #[n(2)]
    pub user: UserId,
}

/// Somebody is there, is seen differently, or (none) is there no more. Never stored.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
#[cbor(array)]
pub struct Seeing {
    /// Who.
    #[n(0)]
    pub user: UserId,
    /// How.
    #[n(1)]
    pub presence: Option<Presence>,
}

/// Somebody says what a voice channel is about, or (none) says it no more. Never stored.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
#[cbor(array)]
pub struct Captioning {
    /// Who.
    #[n(0)]
    pub user: UserId,
    /// Of which channel.
    #[n(1)]
    pub channel: ChannelId,
    /// What.
    #[n(2)]
    pub caption: Option<Caption>,
}
