//! Fingerprints: eight bytes that stand for the ops of a range, different on every link.
//!
//! Eight are enough: who wrote the ops cannot know the key, so two sets look alike once in 2^64 ranges, by chance, on one link;
//! the sums of the whole stream go on to differ, and the next link has another key. Who knows the key is the peer, who can say
//! whatever it likes.

use crate::store::{PeerKey, SetSum};
use nexus_crdt::id::{SpaceId, StreamId};

/// What the fingerprints of one stream are made with on one link. Both sides put 32 random bytes into it, so that nobody can
/// prepare two sets that look alike.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct SessionKey([u8; 32]);

/// The fingerprint of a range.
pub type Print = [u8; 8];

impl SessionKey {
    /// Of a stream between two programs, each with the nonce it said in its Hello, in any order. BLAKE3 (key derivation,
    /// `"nexus 2026 reconcile v1"`) over the lower transport key and its nonce, the higher one and its, the space and the stream.
    #[must_use]
    pub fn of(
        one: (&PeerKey, &[u8; 32]),
        other: (&PeerKey, &[u8; 32]),
        space: &SpaceId,
        stream: &StreamId,
    ) -> Self {
        let (low, high) = if one.0 <= other.0 { (one, other) } else { (other, one) };
        let bytes = [&low.0.0[..], low.1, &high.0.0, high.1, &space.0, &stream.0].concat();
        Self(nexus_crypto::derive_id("nexus 2026 reconcile v1", &bytes))
    }

    /// For what is no range: keyed BLAKE3.
    pub(in crate::sync) fn hasher(&self) -> blake3::Hasher {
        blake3::Hasher::new_keyed(&self.0)
    }

    /// The first eight bytes of keyed BLAKE3 over the sum's count and lanes.
    #[must_use]
    pub fn print(&self, sum: &SetSum) -> Print {
        let hash = blake3::keyed_hash(&self.0, &sum.to_bytes());
        hash.as_bytes().first_chunk().copied().unwrap_or_default()
    }
}
