//! What one store gives another: the order in which ops became durable here, and how far a taker is in it.

use super::SetSum;
use nexus_crdt::id::SpaceId;
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

/// A stream's ops as it is said on links: two holders whose numbers are equal hold the same ops.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub struct StreamSum {
    /// Ops.
    pub count: u64,
    /// The first 16 bytes of BLAKE3 (key derivation, `"nexus 2026 stream sum v2"`) over a [`SetSum`]'s bytes. No key of a link is in it:
    /// what two holders say is comparable. Two sets with one sum take 2^64 steps to find.
    pub sum: [u8; 16],
}

impl StreamSum {
    /// Of the ops of a stream.
    #[must_use]
    pub fn of(ops: &SetSum) -> Self {
        let hash = nexus_crypto::derive_id("nexus 2026 stream sum v2", &ops.to_bytes());
        Self { count: ops.count, sum: hash.first_chunk().copied().unwrap_or_default() }
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
