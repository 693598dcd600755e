//! Frames of who holds some of a space: from where on they follow it, and pages of what was before.

use super::{HEADS_MAX, Place, SUMS_MAX, Sum};
use crate::store::Spot;
use minicbor::{Decode, Encode};
use nexus_crdt::hlc::Hlc;
use nexus_crdt::id::{OpId, SpaceId, StreamId};

/// Ops that one page may be asked to have.
pub const PAGE_MAX: u32 = 1_024;

/// "Give me this space's governance, and what arrives from this place on, or where that is none or far back from now on. What
/// was said before I ask for page by page."
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
#[cbor(array)]
pub struct Follow {
    /// Which.
    #[n(0)]
    pub space: SpaceId,
    /// From where.
    #[n(1)]
    pub from: Option<Place>,
    /// Governance heads held: what is below them is not given.
    #[n(2)]
    pub heads: Vec<OpId>,
    /// Of who holds everything, up to that place. None: some is lacking there, or is not to be held.
    #[n(3)]
    pub whole: Option<Whole>,
}

/// "Where that is little, give me all of it in the order in which it came to you, as if I had said *Want*."
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
#[cbor(array)]
pub struct Whole {
    /// Arrivals that are little.
    #[n(0)]
    pub in_order: u64,
    /// What is held, where there is no place.
    #[n(1)]
    pub held: Vec<Sum>,
}

/// The answer where there was no place, or much lies between it and now: all governance came before, and the feed goes on
/// from here.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
#[cbor(array)]
pub struct Followed {
    /// Which.
    #[n(0)]
    pub space: SpaceId,
    /// Where it brings the taker.
    #[n(1)]
    pub upto: Place,
    /// Of the streams that the taker may have whole.
    #[n(2)]
    pub sums: Vec<Sum>,
}

/// A place in a stream, as it travels.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Encode, Decode)]
#[cbor(array)]
pub struct Mark {
    /// The time of writing.
    #[n(0)]
    pub hlc: u64,
    /// The first 16 bytes of an op's id.
    #[cbor(n(1), with = "minicbor::bytes")]
    pub head: [u8; 16],
}

/// "Give me some of this stream."
#[derive(Clone, Copy, PartialEq, Eq, Debug, Encode, Decode)]
#[cbor(array)]
pub struct Page {
    /// Which space.
    #[n(0)]
    pub space: SpaceId,
    /// Which stream.
    #[n(1)]
    pub stream: StreamId,
    /// From where: before this, or from it on; none: from the end, or from the beginning.
    #[n(2)]
    pub from: Option<Mark>,
    /// Towards older.
    #[n(3)]
    pub older: bool,
    /// Messages that are to be seen, where it goes towards older; else ops. At most [`PAGE_MAX`], and no more ops than that.
    #[n(4)]
    pub count: u32,
}

/// "That was all I hold from here to there." Nothing lies between the two where the giver holds nothing there.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Encode, Decode)]
#[cbor(array)]
pub struct Paged {
    /// Which space.
    #[n(0)]
    pub space: SpaceId,
    /// From here ..
    #[n(1)]
    pub from: Mark,
    /// .. up to here (exclusive); none: to the stream's end.
    #[n(2)]
    pub upto: Option<Mark>,
    /// Of the stream's ops between the two.
    #[n(3)]
    pub sum: Sum,
}

impl Follow {
    pub(super) fn keeps_bounds(&self) -> bool {
        let held = self.whole.as_ref().map_or(0, |whole| whole.held.len());
        self.heads.len() <= HEADS_MAX && held <= SUMS_MAX
    }
}

impl Mark {
    /// A spot as it travels.
    #[must_use]
    pub const fn of(spot: &Spot) -> Self {
        Self { hlc: spot.hlc.0, head: spot.head }
    }

    /// .. and as it is kept.
    #[must_use]
    pub const fn spot(self) -> Spot {
        Spot { hlc: Hlc(self.hlc), head: self.head }
    }
}
