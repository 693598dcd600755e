//! How fast a log may grow. Deterministic: by the times of writing its author signed, never by arrival.

use super::turn::Turn;
use crate::store::{LogEntry, LogId, Record, Store, StoreFault};
use nexus_crdt::body::governance::Quota;
use nexus_crdt::hlc::Hlc;
use nexus_crdt::op::Op;

impl Turn<'_> {
    /// Whether an op comes sooner than its quota allows after the ops of its log before it. In a forked log all
    /// branches count together, in (hlc, id) order.
    pub(super) fn is_beyond_quota(&self, op: &Op, quota: Option<Quota>) -> Result<bool, StoreFault> {
        let Some(quota) = quota else { return Ok(false) };
        let log = LogId::of(op);
        if self.core.forks.contains(&log) {
            return self.is_beyond_forked(op, &log, quota);
        }
        for (count, window_ms) in windows(quota) {
            let Some(seq) = op.header.seq.checked_sub(count) else { continue };
            let earlier = self.store.log_at(&log, seq)?;
            if earlier.iter().any(|entry| is_within(entry.hlc, op.header.hlc, window_ms)) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// How long from now the author of a log has to wait before its next op, at `seq`; 0 for not at all.
    pub(super) fn quota_wait_ms(&self, log: &LogId, seq: u64, quota: Quota) -> Result<u64, StoreFault> {
        let mut wait_ms = 0;
        let now_ms = self.now_ms.max(self.core.clock.ms());
        for (count, window_ms) in windows(quota) {
            let Some(seq) = seq.checked_sub(count) else { continue };
            for entry in self.store.log_at(log, seq)? {
                // One more ms: times of writing are compared to the counter.
                wait_ms = wait_ms.max((entry.hlc.ms() + window_ms + 1).saturating_sub(now_ms));
            }
        }
        Ok(wait_ms)
    }

    /// Remembers a log that forked, and has it judged anew: its branches count together.
    pub(super) fn note_fork(&mut self, op: &Op) -> Result<(), StoreFault> {
        let log = LogId::of(op);
        let grown = self.core.forks.contains(&log);
        if !grown && self.store.log_at(&log, op.header.seq)?.len() > 1 {
            self.core.forks.insert(log);
            self.write(Record::Fork(log));
        } else if !grown {
            return Ok(());
        }
        self.forked.insert(log);
        Ok(())
    }

    fn is_beyond_forked(&self, op: &Op, log: &LogId, quota: Quota) -> Result<bool, StoreFault> {
        let own = (op.header.hlc, op.id);
        let mut before: Vec<LogEntry> = self.store.log_from(log, 0, usize::MAX)?;
        before.retain(|entry| (entry.hlc, entry.op) < own);
        for (count, window_ms) in windows(quota) {
            let near = before.iter().filter(|entry| is_within(entry.hlc, own.0, window_ms)).count();
            if near as u64 >= count {
                return Ok(true);
            }
        }
        Ok(false)
    }
}

/// How many ops in how many ms.
fn windows(quota: Quota) -> [(u64, u64); 2] {
    [(u64::from(quota.short), 10_000), (u64::from(quota.long), 3_600_000)]
}

fn is_within(earlier: Hlc, later: Hlc, window_ms: u64) -> bool {
    later.0.saturating_sub(earlier.0) < window_ms << 16
}
