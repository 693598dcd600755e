//! Frames by which two holders find out whether they hold the same.

use minicbor::bytes::ByteVec;
use minicbor::{Decode, Encode};
use nexus_crdt::id::{SpaceId, StreamId};

/// A message of a comparison of one stream.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
#[cbor(array)]
pub struct Compare {
    /// Which space.
    #[n(0)]
    pub space: SpaceId,
    /// Which stream.
    #[n(1)]
    pub stream: StreamId,
    /// 0 begins a comparison; even ones are of the side that began it, odd ones answer.
    #[n(2)]
    pub step: u32,
    /// The bytes of [`crate::sync::reconcile::Parts`], at most [`crate::sync::reconcile::PART_MAX`].
    #[n(3)]
    pub parts: ByteVec,
}

/// "Of what you may show me of this space I hold what has this fingerprint", and the answer, which says the same of the other side.
/// Each way has its own fingerprints: what was said cannot be said back. Where they differ, [`Heads`](super::Heads) follow the answer.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Encode, Decode)]
#[cbor(array)]
pub struct Check {
    /// Which.
    #[n(0)]
    pub space: SpaceId,
    /// Of the sums of its streams, ascending.
    #[cbor(n(1), with = "minicbor::bytes")]
    pub print: [u8; 16],
}
