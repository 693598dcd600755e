//! Ops from the future. A clock that is wrong delays an op and never refuses it for good: honest holders, whose
//! clocks differ, would not agree on what is refused.

use super::pending::size;
use nexus_crdt::hlc::Hlc;
use nexus_crdt::id::{DeviceKey, OpId};
use nexus_crdt::op::Op;
use nexus_crypto::Verified;
use std::collections::BTreeMap;

#[derive(Debug, Default)]
pub(super) struct Parked {
    by_time: BTreeMap<(Hlc, OpId), Verified<Op>>,
    by_author: BTreeMap<DeviceKey, usize>,
    bytes: usize,
}

impl Parked {
    /// Whether something written at `hlc` is due, by this clock.
    pub(super) const fn is_due(hlc: Hlc, now_ms: u64) -> bool {
        hlc.ms() <= now_ms.saturating_add(AHEAD_MS)
    }

    pub(super) fn contains(&self, op: &Op) -> bool {
        self.by_time.contains_key(&(op.header.hlc, op.id))
    }

    /// Whether an op that has come now can be kept until it is due. What is refused here may be offered again later; what was kept
    /// once is kept, whatever this clock says later.
    pub(super) fn has_room_for(&self, op: &Op, now_ms: u64) -> Result<(), &'static str> {
        if op.header.hlc.ms() > now_ms.saturating_add(AHEAD_MAX_MS) {
            return Err("more than a day ahead");
        }
        let of_author = self.by_author.get(&op.header.author).copied().unwrap_or_default();
        let fits = of_author < AUTHOR_OPS_MAX && self.bytes + size(op) <= BYTES_MAX;
        if fits { Ok(()) } else { Err("too many ops ahead of time") }
    }

    /// Keeps an op until it is due.
    pub(super) fn park(&mut self, op: Verified<Op>) {
        if self.contains(&op) {
            return;
        }
        *self.by_author.entry(op.header.author).or_default() += 1;
        self.bytes += size(&op);
        self.by_time.insert((op.header.hlc, op.id), op);
    }

    /// Gives up what is due, in order of writing.
    pub(super) fn take_due(&mut self, now_ms: u64) -> Vec<Verified<Op>> {
        let mut due = Vec::new();
        while let Some(entry) = self.by_time.first_entry().filter(|entry| Self::is_due(entry.key().0, now_ms))
        {
            let op = entry.remove();
            self.bytes -= size(&op);
            if let Some(count) = self.by_author.get_mut(&op.header.author) {
                *count -= 1;
                if *count == 0 {
                    self.by_author.remove(&op.header.author);
                }
            }
            due.push(op);
        }
        due
    }
}

/// How far an op may be ahead of the local clock and still be taken in at once.
pub(super) const AHEAD_MS: u64 = 120_000;
/// How far ahead it may be and still be kept.
const AHEAD_MAX_MS: u64 = 24 * 3_600_000;
/// Of one device.
const AUTHOR_OPS_MAX: usize = 1_000;
/// In all.
const BYTES_MAX: usize = 16 << 20;
