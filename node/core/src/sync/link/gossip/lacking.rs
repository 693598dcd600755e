//! The taker of a quiet feed: what was named comes by another link, or is asked for.

use super::Calm;
use crate::store::StoreFault;
use crate::sync::frame::{Frame, Names, Need, OPS_MAX, Place};
use crate::sync::link::take::Taking;
use crate::sync::link::{Action, CloseReason, Done, Env, Halt, Link};
use nexus_crdt::id::{OpId, SpaceId};
use std::collections::BTreeSet;

/// Ops that were named, some of which are not here yet.
#[derive(Debug)]
pub(super) struct Named {
    upto: Place,
    lacking: Vec<OpId>,
    since_ms: u64,
}

impl Link {
    pub(in crate::sync::link) fn names(
        &mut self,
        names: Names,
        env: &Env<'_>,
        out: &mut Vec<Action>,
    ) -> Done {
        let Names { space, upto, ops } = names;
        // What was on its way when the feed was wanted again.
        if !self.taking.get(&space).is_some_and(|taking| taking.calm.quiet && taking.full_ms.is_none()) {
            return Ok(());
        }
        let mut lacking = Vec::new();
        for id in ops {
            self.known.came_from_peer(id);
            if !env.store.has_op(&id)? {
                lacking.push(id);
            }
        }
        if let Some(taking) = self.taking.get_mut(&space) {
            taking.calm.named.push_back(Named { upto, lacking, since_ms: env.now_ms });
            if taking.calm.named.len() > NAMED_MAX {
                return Err(Halt::Close(CloseReason::Greedy));
            }
        }
        self.settle_one(space, env, out)
    }

    /// What was named may be here by now, or be lacking for too long.
    pub(in crate::sync::link) fn settle(
        &mut self,
        spaces: Option<&BTreeSet<SpaceId>>,
        env: &Env<'_>,
        out: &mut Vec<Action>,
    ) -> Done {
        let named = self.taking.iter().filter(|(_, taking)| !taking.calm.lacks_nothing());
        let named = named.filter(|(space, _)| spaces.is_none_or(|spaces| spaces.contains(*space)));
        let named: Vec<SpaceId> = named.map(|(space, _)| *space).collect();
        named.into_iter().try_for_each(|space| self.settle_one(space, env, out))
    }

    fn settle_one(&mut self, space: SpaceId, env: &Env<'_>, out: &mut Vec<Action>) -> Done {
        let Some(taking) = self.taking.get_mut(&space) else { return Ok(()) };
        let here = taking.settled(env)?;
        if let Some(upto) = here {
            self.integrate(space, Some(upto), Vec::new(), Vec::new(), out);
        }
        let patience_ms = self.late_after_ms();
        let Some(taking) = self.taking.get_mut(&space) else { return Ok(()) };
        if taking.calm.late_ms(patience_ms).is_none_or(|late_ms| env.now_ms < late_ms) {
            return Ok(());
        }
        // Once is bad luck. Twice says that nobody brings it any more.
        let asked_ms = std::mem::replace(&mut taking.calm.asked_ms, env.now_ms);
        let is_again = env.now_ms.saturating_sub(asked_ms) <= LATELY_MS;
        if let Some(named) = taking.calm.named.front_mut() {
            named.since_ms = env.now_ms;
            let is_much = named.lacking.len() > OPS_MAX;
            let ops: Vec<OpId> = named.lacking.iter().take(OPS_MAX).copied().collect();
            if !((is_much || is_again) && self.graft(space, is_much, env, out)?) {
                out.push(Action::Send(Frame::Need(Need { space, ops })));
            }
        }
        Ok(())
    }

    /// How long what was named may come by another link before it is asked for. Unlike on each link, and nobody's to know: where
    /// many have named it one asks first, and it is here before most of the others would.
    pub(super) fn late_after_ms(&self) -> u64 {
        let [one, other, ..] = self.setup.blind;
        LATE_MS + u64::from(u16::from_be_bytes([one, other])) % SPREAD_MS
    }
}

impl Calm {
    pub(in crate::sync::link) fn lacks_nothing(&self) -> bool {
        self.named.is_empty()
    }

    /// When what was named first and is lacking is late.
    pub(super) fn late_ms(&self, patience_ms: u64) -> Option<u64> {
        let named = self.named.front()?;
        Some((named.since_ms + patience_ms).max(self.asked_ms + ASK_AGAIN_MS))
    }
}

impl Taking {
    /// How far everything that was named is here, where it is further than before.
    fn settled(&mut self, env: &Env<'_>) -> Result<Option<Place>, StoreFault> {
        let mut upto = None;
        while let Some(named) = self.calm.named.front_mut() {
            let mut lacking = Vec::new();
            for id in std::mem::take(&mut named.lacking) {
                if !env.store.has_op(&id)? {
                    lacking.push(id);
                }
            }
            if !lacking.is_empty() {
                named.lacking = lacking;
                break;
            }
            upto = Some(named.upto);
            self.calm.named.pop_front();
        }
        Ok(upto)
    }
}

/// How long what was named may come by another link before it is asked for: about a round trip ..
const LATE_MS: u64 = 200;
/// .. and up to so much more, each link its own.
const SPREAD_MS: u64 = 800;
/// A link is asked for what is late no more often: less than its giver's patience grows.
const ASK_AGAIN_MS: u64 = 500;
/// What is late again within so long makes the link want the feed again.
const LATELY_MS: u64 = 3_000;
/// Frames of names that may wait for their ops: more than an honest giver's window.
const NAMED_MAX: usize = 64;
