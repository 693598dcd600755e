//! Marks: what was checked when it came in, or at a start, is not checked at the next one.
//!
//! An op of an account, of governance or of membership gets its mark in the commit that keeps it. What a start had to check
//! gets one with what is written next.

use super::turn::Turn;
use crate::store::{Record, Store as _};
use nexus_crdt::op::{self, Op};
use nexus_crypto::Verified;

impl Turn<'_> {
    /// Marks an op that was taken in now: everything that is signed in it was checked.
    pub(super) fn mark(&mut self, op: &Verified<Op>) {
        let mark = op::mark(op, self.store.mark_key());
        self.write(Record::Marked { op: op.id, mark });
    }

    /// Marks some of what the start has checked: with whatever is written, and at each tick (twice as many).
    pub(super) fn mark_checked(&mut self) {
        let left = self.core.unmarked.len();
        for (op, mark) in self.core.unmarked.split_off(left.saturating_sub(MARKED_AT_ONCE)) {
            self.store.write(Record::Marked { op, mark });
        }
    }
}

/// Rows that nobody waits long for: about a tenth of a second, once in the life of a store with very many members.
const MARKED_AT_ONCE: usize = 16_384;
