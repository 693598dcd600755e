//! What one store gives another: the order in which ops became durable here, and how far a taker is in it.

use super::{SetSum, Store, StoreFault};
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
    /// Which life of the giver's program numbered that arrival: random. In no other store, nor in an older copy of this one that has
    /// lived on, does it stand there.
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

/// Lives of a feed that are remembered: a taker who was away for longer is given what was numbered before them from its start.
pub const LIVES_MAX: usize = 64;

/// An arrival of a space's feed, as its takers remember it.
pub(crate) fn place_at(store: &dyn Store, space: &SpaceId, at: Arrival) -> Result<Cursor, StoreFault> {
    let epoch = match store.life_at(space, at)? {
        Some((_, name)) => name,
        None => store.epoch()?,
    };
    Ok(Cursor { epoch, at })
}

/// How far what a taker remembers is the feed that is here; none: it is of another store. Where this store is an older copy of the one
/// that gave it, they are one up to where the copy was taken, or where the life that numbered the place ends here.
pub(crate) fn place_here(
    store: &dyn Store,
    space: &SpaceId,
    place: Cursor,
) -> Result<Option<Arrival>, StoreFault> {
    let mut here = place.at.min(store.last_arrival(space)?);
    while let Some((first, name)) = store.life_at(space, here)? {
        if name == place.epoch {
            return Ok(Some(here));
        }
        here = Arrival(first.0.saturating_sub(1));
    }
    Ok((place.epoch == store.epoch()?).then_some(here))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::conformance::{SPACE, message_op};
    use crate::store::{MemoryStore, Record, StoredOp};
    use std::sync::Arc;

    fn lives(store: &mut MemoryStore, name: u8, ops: &[StoredOp]) {
        store.apply(&[Record::Life { space: SPACE, epoch: [name; 16] }]);
        ops.iter().for_each(|op| store.apply(&[Record::Op { op: Arc::new(op.clone()), mine: false }]));
    }

    #[test]
    fn a_place_is_good_up_to_where_the_feed_it_is_of_and_this_one_part() {
        let ops = (0..20).map(|author| message_op(author, 0, None, 10, "said")).collect::<Vec<_>>();
        let mut store = MemoryStore::named([7; 16]);
        store.apply(&[Record::Op { op: Arc::new(ops[0].clone()), mine: false }]);
        lives(&mut store, 1, &ops[1..4]);
        let mut older = store.clone();
        lives(&mut store, 2, &ops[4..8]);
        lives(&mut older, 3, &ops[8..20]);
        let here = |name, at| {
            place_here(&older, &SPACE, Cursor { epoch: [name; 16], at: Arrival(at) }).unwrap().map(|at| at.0)
        };
        assert_eq!(
            [here(7, 1), here(1, 2), here(1, 4), here(3, 5), here(3, 16)].map(Option::unwrap),
            [1, 2, 4, 5, 16]
        );
        assert_eq!(
            (here(1, 9), here(3, 99), here(7, 3)),
            (Some(4), Some(16), Some(1)),
            "a life ended sooner here"
        );
        assert_eq!((here(2, 6), here(9, 3)), (None, None), "it is not known here");
        for at in 1..=8 {
            let place = place_at(&store, &SPACE, Arrival(at)).unwrap();
            assert_eq!(place_here(&store, &SPACE, place), Ok(Some(Arrival(at))), "it is its own");
        }
    }
}
