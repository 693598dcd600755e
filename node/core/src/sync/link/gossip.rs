//! Live ops among many links: each op comes once by the link that is fastest, and by name on the others.
//!
//! Plumtree (Leitão, Pereira, Rodrigues: Epidemic Broadcast Trees, SRDS 2007) over the feeds: a taker that is sent what it has
//! already says *Quiet* (the paper's PRUNE); the giver then names what it has, some at a time (IHAVE); a taker that still
//! lacks something that was named a while ago, or has lost another link, wants the feed again (GRAFT). Unlike the paper's,
//! an author's own ops and all governance are always sent, and places in the feed move on with the names: a cut at any
//! moment costs what it costs without a tree. `docs/sync.md` says why this and not gossipsub.

mod graft;
mod lacking;
pub(super) mod naming;
mod turn;
mod worth;

use super::{Action, Done, Env, Link};
use lacking::Named;
use nexus_crdt::id::SpaceId;
use std::collections::VecDeque;
use turn::Turn;
use worth::Worth;

/// The taker's side.
#[derive(Debug, Default)]
pub(super) struct Calm {
    quiet: bool,
    worth: Worth,
    named: VecDeque<Named>,
    /// When something that was named was last asked for, Unix ms.
    asked_ms: u64,
    /// Until when its turn lasts, while nothing new comes; and at most.
    turn: Option<Turn>,
}

/// For people, and for benchmarks.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Counts {
    pub(super) news: u64,
    pub(super) repeats: u64,
    pub(super) named: u64,
    /// Of news and repeats: what others wrote than the peer.
    pub(super) passed_on: [u64; 2],
}

impl Calm {
    fn due_ms(&self, patience_ms: u64) -> Option<u64> {
        let named = self.late_ms(patience_ms);
        named.into_iter().chain(self.turn.map(|turn| turn.end_ms())).min()
    }
}

impl Link {
    /// When it must be woken by [`super::Event::Due`], Unix ms; none: not by itself.
    #[must_use]
    pub fn due_ms(&self) -> Option<u64> {
        let first_ms = self.first_name_ms();
        let giving = self.giving.values().filter_map(|giving| giving.quiet.as_ref()?.due_ms(first_ms));
        let patience_ms = self.late_after_ms();
        let taking = self.taking.values().filter_map(|taking| taking.calm.due_ms(patience_ms));
        giving.chain(taking).chain(self.seeing.due_ms()).chain(self.captions.due_ms()).min()
    }

    pub(super) fn due(&mut self, env: &Env<'_>, out: &mut Vec<Action>) -> Done {
        let is_due = |due: Option<u64>| due.is_some_and(|due| due <= env.now_ms);
        let first_ms = self.first_name_ms();
        let giving = self
            .giving
            .iter()
            .filter(|(_, giving)| giving.quiet.as_ref().is_some_and(|quiet| is_due(quiet.due_ms(first_ms))));
        let giving: Vec<SpaceId> = giving.map(|(space, _)| *space).collect();
        giving.into_iter().for_each(|space| self.line_up(space));
        let turns = self.taking.iter().filter(|(_, taking)| is_due(taking.calm.turn.map(Turn::end_ms)));
        let turns: Vec<SpaceId> = turns.map(|(space, _)| *space).collect();
        turns.into_iter().for_each(|space| self.turn_over(space, out));
        self.settle(None, env, out)?;
        self.pump(env, out)?;
        // A peer that answers nothing, or is paused, is not asked again at once.
        for quiet in self.giving.values_mut().filter_map(|giving| giving.quiet.as_mut()) {
            if is_due(quiet.due_ms(first_ms)) {
                quiet.waits_ms = Some(env.now_ms);
            }
        }
        Ok(())
    }
}
