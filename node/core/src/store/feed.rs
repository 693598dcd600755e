//! What one store gives another: the order in which ops became durable here, and how far a taker is in it.

use nexus_crdt::id::{OpId, SpaceId};
use nexus_crdt::kind::Plane;
use nexus_crdt::op::Op;

/// A place in a space's arrival log: 1, 2, 3 .. in the order in which its ops became durable in this store. 0 is before
/// the first.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub struct Arrival(pub u64);

/// A program, by the Ed25519 public key of its end of a link.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct PeerKey(pub [u8; 32]);

/// How far a taker is in a giver's feed of a space.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Cursor {
    /// The giver's store: random, made with it. A feed of another store begins anew.
    pub epoch: [u8; 16],
    /// The last arrival that was taken in.
    pub at: Arrival,
}

/// A stream's ops as two numbers. Two holders whose numbers are equal hold the same ops, unless somebody worked hard to
/// make it seem so, and then only of their own; authority never rests on it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub struct StreamSum {
    /// Ops.
    pub count: u64,
    /// The first 16 bytes of their ids, added up as one big-endian number, the carry lost.
    pub sum: [u8; 16],
}

impl StreamSum {
    /// With one op more.
    #[must_use]
    pub fn with(self, op: &OpId) -> Self {
        let number =
            |bytes: &[u8]| bytes.iter().take(16).fold(0u128, |sum, byte| sum << 8 | u128::from(*byte));
        let sum = number(&self.sum).wrapping_add(number(&op.0));
        Self { count: self.count + 1, sum: sum.to_be_bytes() }
    }
}

/// Whose arrival log an op stands in: its space's, and for all accounts together the log of the space with no name.
#[must_use]
pub fn feed_of(op: &Op) -> SpaceId {
    match Plane::of(op.header.kind) {
        Some(Plane::Identity) => SpaceId::NONE,
        _ => op.space(),
    }
}
