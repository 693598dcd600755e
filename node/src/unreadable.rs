//! Messages that somebody looked at and that cannot be read: links ask others for them.

use nexus_core::{Store, StoreFault};
use nexus_crdt::id::{OpId, SpaceId};
use std::collections::BTreeSet;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Of all spaces, bounded: when it is full, it begins anew with what is looked at next.
#[derive(Debug, Default)]
pub(crate) struct Unreadable(Mutex<BTreeSet<(SpaceId, OpId)>>);

/// Ops that are remembered: a page of history has 100.
const UNREADABLE_MAX: usize = 256;

impl Unreadable {
    pub(crate) fn note(&self, space: SpaceId, op: OpId) {
        let mut ops = self.ops();
        if ops.len() >= UNREADABLE_MAX {
            ops.clear();
        }
        ops.insert((space, op));
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.ops().is_empty()
    }

    /// What is still so.
    pub(crate) fn left(&self, store: &impl Store) -> Result<BTreeSet<(SpaceId, OpId)>, StoreFault> {
        let noted = self.ops().clone();
        let mut left = BTreeSet::new();
        for (space, op) in noted {
            if store.op(&op)?.is_none_or(|stored| stored.op.body.is_none()) {
                left.insert((space, op));
            } else {
                self.ops().remove(&(space, op));
            }
        }
        Ok(left)
    }

    // A set that is changed by one step each time is whole whatever panicked.
    fn ops(&self) -> MutexGuard<'_, BTreeSet<(SpaceId, OpId)>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
