//! A disk that changes what it holds, for the simulator: bits flip, and records come to lie where others belong. It is read as a
//! node's own store is read: an op is given to nobody unless its header is the one that has its id, and its body only where it is
//! the one that the header names. What was derived from ops (rows, sums, places) is not touched.

use super::{MemoryStore, StoredOp};
use nexus_crdt::id::OpId;
use nexus_crdt::op;
use std::sync::Arc;

/// What becomes of a record.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Rot {
    /// A bit of its body is another.
    Body(usize),
    /// A bit of its number in its log is another.
    Header(u8),
    /// A write went astray: another op's record lies in its place.
    Astray(OpId),
}

impl MemoryStore {
    /// Changes what the disk has of an op; whether that is anything else than before.
    pub fn rot(&mut self, id: &OpId, rot: Rot) -> bool {
        let Some(record) = self.rotten.get(id).or_else(|| self.ops.get(id)) else { return false };
        let mut record = StoredOp::clone(record);
        match rot {
            Rot::Body(bit) => {
                let Some(body) = &mut record.op.body else { return false };
                let at = bit / 8 % body.bytes.len().max(1);
                match body.bytes.get_mut(at) {
                    Some(byte) => *byte ^= 1 << (bit % 8),
                    None => body.salt[0] ^= 1 << (bit % 8),
                }
            }
            Rot::Header(bit) => record.op.header.seq ^= 1 << (bit % 64),
            Rot::Astray(other) => {
                let Some(other) = self.ops.get(&other).filter(|_| other != *id) else { return false };
                record = StoredOp::clone(other);
                record.op.id = *id;
            }
        }
        self.rotten.insert(*id, Arc::new(record));
        true
    }

    /// Whether a body of an op lies on the disk, changed or not.
    #[must_use]
    pub fn lies_here(&self, id: &OpId) -> bool {
        let record = self.rotten.get(id).or_else(|| self.ops.get(id));
        record.is_some_and(|record| record.op.body.is_some())
    }

    /// Ops of which something else is read than what was written.
    pub fn rotten(&self) -> impl Iterator<Item = &OpId> {
        self.rotten.keys().filter(|id| self.as_signed(id).as_ref() != self.ops.get(*id).map(AsRef::as_ref))
    }

    /// An op, as far as it is what was signed.
    pub(super) fn as_signed(&self, id: &OpId) -> Option<StoredOp> {
        let Some(changed) = self.rotten.get(id) else {
            return self.ops.get(id).map(|stored| StoredOp::clone(stored));
        };
        let mut stored = StoredOp::clone(Some(changed).filter(|changed| op::header_stands(&changed.op))?);
        if stored.op.body.as_ref().is_some_and(|body| !op::body_stands(&stored.op.header, body)) {
            stored.op.body = None;
        }
        Some(stored)
    }
}
