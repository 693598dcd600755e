//! How fast a log may grow. Deterministic: by the times of writing its author signed, never by arrival.

use super::turn::Turn;
use crate::store::{LogId, Record, Store, StoreFault};
use nexus_crdt::body::governance::Quota;
use nexus_crdt::hlc::Hlc;
use nexus_crdt::id::OpId;
use nexus_crdt::op::Op;
use nexus_crdt::verdict::Verdict;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Bound;

impl Turn<'_> {
    /// Whether an op comes sooner than its quota allows after the ops of its log before it. In a forked log all
    /// branches count together, in (hlc, id) order.
    pub(super) fn is_beyond_quota(&self, op: &Op, quota: Option<Quota>) -> Result<bool, StoreFault> {
        let Some(quota) = quota else { return Ok(false) };
        let log = LogId::of(op);
        if let Some(fork) = self.core.forks.get(&log) {
            return Ok(fork.is_crowded(op, quota));
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

    /// Remembers a log that forked, and has judged anew what the branch that has come may push out.
    pub(super) fn note_fork(&mut self, op: &Op, verdict: Verdict) -> Result<(), StoreFault> {
        let log = LogId::of(op);
        // Nothing stands beside an op that is beyond all there is of its log.
        let is_beyond = self.known_head(&log).is_some_and(|head| head.entry.seq < op.header.seq);
        if let Some(fork) = self.core.forks.get_mut(&log) {
            self.crowded.extend(fork.insert(op, verdict));
        } else if !is_beyond && self.store.log_at(&log, op.header.seq)?.len() > 1 {
            let fork = Fork::read(&self.store, &log)?;
            self.core.forks.insert(log, fork);
            self.forked.insert(log);
            self.write(Record::Fork(log));
        }
        Ok(())
    }
}

/// The ops of a log that its author forked, in the order in which they count together. Void ones count too, so an
/// op that has come can only push others out, and only those that stood.
#[derive(Debug, Default)]
pub(super) struct Fork {
    all: BTreeSet<(Hlc, OpId)>,
    /// No op that stands is missing here.
    standing: BTreeSet<(Hlc, OpId)>,
    /// By an op that a cut names: what leads to it, itself included.
    branches: BTreeMap<OpId, BTreeSet<OpId>>,
}

impl Fork {
    pub(super) fn read(store: &dyn Store, log: &LogId) -> Result<Self, StoreFault> {
        let entries = store.log_from(log, 0, usize::MAX)?;
        let all: BTreeSet<(Hlc, OpId)> = entries.into_iter().map(|entry| (entry.hlc, entry.op)).collect();
        Ok(Self { standing: all.clone(), all, branches: BTreeMap::new() })
    }

    /// Writes down how an op was judged.
    pub(super) fn judged(&mut self, op: &Op, verdict: Verdict) {
        let place = (op.header.hlc, op.id);
        if verdict.is_valid() {
            self.standing.insert(place);
        } else {
            self.standing.remove(&place);
        }
    }

    /// Takes an op in, and names what it may push out.
    fn insert(&mut self, op: &Op, verdict: Verdict) -> Vec<OpId> {
        let place = (op.header.hlc, op.id);
        self.all.insert(place);
        self.judged(op, verdict);
        let end = Hlc(place.0.0.saturating_add(3_600_000 << 16));
        let later = (Bound::Excluded(place), Bound::Excluded((end, OpId([0; 32]))));
        self.standing.range(later).map(|(_, id)| *id).collect()
    }

    /// Follows the branch that ends in `head`, once that is here: all before it is here then too.
    pub(super) fn learn_branch(&mut self, store: &dyn Store, head: OpId) -> Result<(), StoreFault> {
        if self.branches.contains_key(&head) {
            return Ok(());
        }
        let mut branch = BTreeSet::new();
        let mut next = Some(head);
        while let Some(id) = next {
            let Some(stored) = store.op(&id)? else { return Ok(()) };
            branch.insert(id);
            next = stored.op.header.prev;
        }
        self.branches.insert(head, branch);
        Ok(())
    }

    /// Whether an op leads to another; while that is not here, it may.
    pub(super) fn is_on_branch(&self, op: &OpId, head: &OpId) -> bool {
        self.branches.get(head).is_none_or(|branch| branch.contains(op))
    }

    fn is_crowded(&self, op: &Op, quota: Quota) -> bool {
        let place = (op.header.hlc, op.id);
        windows(quota).into_iter().any(|(count, window_ms)| {
            let start = Hlc(place.0.0.saturating_sub((window_ms << 16) - 1));
            let count = usize::try_from(count).unwrap_or(usize::MAX);
            self.all.range((start, OpId([0; 32]))..place).take(count).count() >= count
        })
    }
}

/// How many ops in how many ms.
fn windows(quota: Quota) -> [(u64, u64); 2] {
    [(u64::from(quota.short), 10_000), (u64::from(quota.long), 3_600_000)]
}

fn is_within(earlier: Hlc, later: Hlc, window_ms: u64) -> bool {
    later.0.saturating_sub(earlier.0) < window_ms << 16
}
