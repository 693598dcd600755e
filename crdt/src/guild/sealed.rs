//! What a checkpoint has sealed is not decided again: a set means what the checkpoint stands for, and what came since.

use super::derived::Derived;
use super::past::{Past, Place};
use super::state::GuildView;
use super::{Guild, hash};
use crate::id::OpId;

impl Guild {
    /// What a set of ops that are here means: from the latest checkpoint that everything later in it has seen, else from
    /// Genesis on. The cost is that of what came since.
    pub(super) fn derived(&self, past: Past) -> Derived {
        match self.base(&past) {
            Some(base) => Derived::since(&self.graph, base, past),
            None => Derived::of_all(&self.graph, past),
        }
    }

    /// The latest checkpoint of a set that all which is not below it has seen.
    fn base(&self, past: &Past) -> Option<&Derived> {
        let owners = self.graph.owners(past);
        let mut barriers = self.graph.barriers.iter().rev().copied();
        barriers.find_map(|place| {
            let at = self.after.get(place as usize).filter(|_| past.has(place))?;
            // Whom others may not touch depends on who owns the guild in the end.
            let fits = at.is_valid(place) && at.view.ownership.change == owners;
            (fits && self.is_seen_by_all_since(place, at, past)).then_some(&**at)
        })
    }

    fn is_seen_by_all_since(&self, barrier: Place, at: &Derived, past: &Past) -> bool {
        past.beyond(&at.past).all(|place| self.graph.node(place).past.has(barrier))
    }

    /// The state without members, made of every op from Genesis on. [`Guild::view`] must say the same, and is made of
    /// what came since a checkpoint.
    #[must_use]
    pub fn governance_from_genesis(&self) -> GuildView {
        Derived::of_all(&self.graph, self.now.past.clone()).view
    }

    /// Whether a checkpoint that is here states another hash than that of the state its past comes to here: its author held other ops,
    /// another version of the rule, or accounts as they were then. No verdict hangs on it.
    #[must_use]
    pub fn misstates(&self, checkpoint: &OpId) -> bool {
        let Some(node) = self.graph.find(checkpoint) else { return false };
        let past = self.derive(&node.deps).ok();
        node.deed.sealed().zip(past).is_some_and(|(stated, past)| *stated != hash::governance(&past.view))
    }

    /// Whether a checkpoint spares what lies below it.
    #[must_use]
    pub fn is_decided_from_a_checkpoint(&self) -> bool {
        self.base(&self.now.past).is_some()
    }

    /// How many ops, and pairs of ops, were looked at to decide what the present heads stand for.
    #[must_use]
    pub fn steps(&self) -> usize {
        self.now.steps
    }
}
