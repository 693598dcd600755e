//! Streams that are not held whole: what is known to be missing, and what an op means whose past may lie in a gap.

use super::turn::Turn;
use crate::store::{GapChange, Gaps, LogId, Record, Spot, Store, StoreFault};
use nexus_crdt::body::governance::Quota;
use nexus_crdt::op::Op;
use std::collections::BTreeSet;
use std::sync::Arc;

impl Turn<'_> {
    /// Carries out those changes that open gaps, or those that close them.
    pub(super) fn change_gaps(&mut self, changes: &[GapChange], held: bool) {
        for change in changes.iter().filter(|change| change.held == held) {
            let at = (change.space, change.stream);
            let before = self.core.mind.view.gaps.get(&at).map(Arc::as_ref).cloned().unwrap_or_default();
            let gaps = before.after(&change.range, held);
            if gaps == before {
                continue;
            }
            match gaps.is_empty() {
                true => drop(self.core.mind.view.gaps.remove(&at)),
                false => drop(self.core.mind.view.gaps.insert(at, Arc::new(gaps.clone()))),
            }
            self.write(Record::Gaps { space: change.space, stream: change.stream, gaps });
        }
    }

    /// Whether what an op stands on may be missing because it lies in a gap of its stream.
    pub(super) fn may_stand_on_a_gap(&self, op: &Op) -> bool {
        self.gaps_of(op).is_some_and(|gaps| gaps.are_below(&Spot::of(op.header.hlc, &op.id)))
    }

    /// Whether an op lies in a gap: what is taken in there is history, unless it was written just now.
    pub(super) fn is_history(&self, op: &Op) -> bool {
        let spot = Spot::of(op.header.hlc, &op.id);
        self.gaps_of(op).is_some_and(|gaps| gaps.iter().any(|gap| gap.holds(&spot)))
    }

    /// Has judged anew what was judged without an op that lay in a gap: the one that follows it in its log, and those whose
    /// quota counts from it; and what acts on it.
    pub(super) fn close_in(&mut self, op: &Op) -> Result<(), StoreFault> {
        let orphans = self.store.orphans(&op.id)?;
        self.crowded.extend(orphans);
        if self.gaps_of(op).is_none() {
            return Ok(());
        }
        let Some(guild) = self.core.mind.guilds.get(&op.space()) else { return Ok(()) };
        let facts = &guild.view().facts;
        let steps = |quota: Quota| [u64::from(quota.short), u64::from(quota.long)];
        let steps = [steps(facts.person_quota), steps(facts.bot_quota)].concat();
        let (log, seq) = (LogId::of(op), op.header.seq);
        for step in steps.into_iter().chain([1]).collect::<BTreeSet<u64>>() {
            let Some(later) = seq.checked_add(step) else { continue };
            let later = self.store.log_at(&log, later)?;
            self.crowded.extend(later.iter().map(|entry| entry.op));
        }
        Ok(())
    }

    fn gaps_of(&self, op: &Op) -> Option<&Gaps> {
        self.core.mind.view.gaps.get(&(op.space(), op.header.stream)).map(Arc::as_ref)
    }
}
