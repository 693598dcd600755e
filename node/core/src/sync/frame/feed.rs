//! Frames of a space's feed: it is wanted or refused, comes in batches, and is looked over at its end.

use crate::store::{Arrival, Cursor, StreamSum};
use minicbor::bytes::ByteVec;
use minicbor::{Decode, Encode};
use nexus_crdt::id::{OpId, SpaceId, StreamId};

/// Ops in one frame.
pub const OPS_MAX: usize = 256;
/// Spaces in one offer.
pub const OFFER_MAX: usize = 512;
/// Streams in one comparison.
pub const SUMS_MAX: usize = 1_024;
/// Governance heads in one comparison.
pub const HEADS_MAX: usize = 1_024;

/// "Give me this space, from here on, for as long as this link lasts."
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
#[cbor(array)]
pub struct Want {
    /// Which; the one with no name for accounts.
    #[n(0)]
    pub space: SpaceId,
    /// From where; none: from the start.
    #[n(1)]
    pub from: Option<Place>,
    /// What is held already, where there is no place to go on from: equal sums need no feed.
    #[n(2)]
    pub held: Vec<Sum>,
}

/// "Not this one."
#[derive(Clone, Copy, PartialEq, Eq, Debug, Encode, Decode)]
#[cbor(array)]
pub struct Refuse {
    /// Which; the one with no name where an invite was asked for.
    #[n(0)]
    pub space: SpaceId,
    /// A number of [`RefuseCode`].
    #[n(1)]
    pub code: u32,
    /// When it may be asked again, ms; 0: not on this link.
    #[n(2)]
    pub retry_ms: u64,
}

/// Why a space is not taken or not given.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
#[repr(u32)]
pub enum RefuseCode {
    /// Not for this peer, or not here: which of the two is not said.
    Unknown = 1,
    /// The relay's policy: it hosts others.
    NotHosted = 2,
    /// More than the relay keeps for a guild.
    Quota = 3,
    /// Busy, or its disk is full: later.
    Busy = 4,
    /// The invite is over, revoked or none.
    Invite = 5,
}

/// A batch of a space's feed, in order.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
#[cbor(array)]
pub struct Ops {
    /// Which feed.
    #[n(0)]
    pub space: SpaceId,
    /// Where it brings the taker; none for a repair, which is no part of the feed's order.
    #[n(1)]
    pub upto: Option<Place>,
    /// As they go on the wire.
    #[n(2)]
    pub ops: Vec<ByteVec>,
    /// Heads behind frontiers that they cite.
    #[n(3)]
    pub frontiers: Vec<Vec<OpId>>,
}

/// "Durable here, up to there."
#[derive(Clone, Copy, PartialEq, Eq, Debug, Encode, Decode)]
#[cbor(array)]
pub struct Have {
    /// Which feed.
    #[n(0)]
    pub space: SpaceId,
    /// As in [`Arrival`].
    #[n(1)]
    pub at: u64,
}

/// What the giver of a feed holds, said when the taker has all of it.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
#[cbor(array)]
pub struct Heads {
    /// Which.
    #[n(0)]
    pub space: SpaceId,
    /// Governance ops that no other cites.
    #[n(1)]
    pub heads: Vec<OpId>,
    /// Of the streams that the taker may have.
    #[n(2)]
    pub sums: Vec<Sum>,
}

/// "I have these governance heads: give me what is not below them."
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
#[cbor(array)]
pub struct GovSince {
    /// Which.
    #[n(0)]
    pub space: SpaceId,
    /// Governance heads held.
    #[n(1)]
    pub heads: Vec<OpId>,
}

/// "Give me this stream again, all of it."
#[derive(Clone, Copy, PartialEq, Eq, Debug, Encode, Decode)]
#[cbor(array)]
pub struct Again {
    /// Which space.
    #[n(0)]
    pub space: SpaceId,
    /// Which stream.
    #[n(1)]
    pub stream: StreamId,
}

/// A place in the receiver's feed of a space.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Encode, Decode)]
#[cbor(array)]
pub struct Place {
    /// Of the giver's store.
    #[cbor(n(0), with = "minicbor::bytes")]
    pub epoch: [u8; 16],
    /// As in [`Arrival`].
    #[n(1)]
    pub at: u64,
}

impl Place {
    /// A cursor as it travels.
    #[must_use]
    pub const fn of(cursor: Cursor) -> Self {
        Self { epoch: cursor.epoch, at: cursor.at.0 }
    }

    /// .. and as it is kept.
    #[must_use]
    pub const fn cursor(self) -> Cursor {
        Cursor { epoch: self.epoch, at: Arrival(self.at) }
    }
}

/// A stream and its sum.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Encode, Decode)]
#[cbor(array)]
pub struct Sum {
    /// Which.
    #[n(0)]
    pub stream: StreamId,
    /// Ops.
    #[n(1)]
    pub count: u64,
    /// As in [`StreamSum`].
    #[cbor(n(2), with = "minicbor::bytes")]
    pub sum: [u8; 16],
}

impl Sum {
    /// A stream's sum as it travels.
    #[must_use]
    pub const fn of(stream: StreamId, sum: StreamSum) -> Self {
        Self { stream, count: sum.count, sum: sum.sum }
    }
}
