//! Frames of a quiet feed: what the giver has, by name.

use super::Place;
use minicbor::{Decode, Encode};
use nexus_crdt::id::{OpId, SpaceId};

/// Ops that are named in one frame.
pub const NAMES_MAX: usize = 1_024;

/// A part of a space's feed by name only, for who said [`Frame::Quiet`].
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
#[cbor(array)]
pub struct Names {
    /// Which feed.
    #[n(0)]
    pub space: SpaceId,
    /// Where it brings the taker, once the taker holds all of them.
    #[n(1)]
    pub upto: Place,
    /// At most [`NAMES_MAX`].
    #[n(2)]
    pub ops: Vec<OpId>,
}

/// "These of those that you named."
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
#[cbor(array)]
pub struct Need {
    /// Of which space.
    #[n(0)]
    pub space: SpaceId,
    /// At most [`OPS_MAX`].
    #[n(1)]
    pub ops: Vec<OpId>,
}
