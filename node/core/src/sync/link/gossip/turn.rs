//! Links catch up with a space one after the other.

use crate::sync::frame::{Frame, Role};
use crate::sync::link::{Action, Done, Env, Link};
use nexus_crdt::id::SpaceId;

#[derive(Clone, Copy, Debug)]
pub(super) struct Turn {
    pub(super) begun_ms: u64,
    pub(super) news_ms: u64,
}

impl Turn {
    pub(super) fn end_ms(self) -> u64 {
        (self.news_ms + STALL_MS).min(self.begun_ms + TURN_MS)
    }
}

impl Link {
    /// Wants a space, at once or when those that are ahead have caught up.
    pub(in crate::sync::link) fn ask_turn(
        &mut self,
        space: SpaceId,
        env: &Env<'_>,
        out: &mut Vec<Action>,
    ) -> Done {
        // What a relay keeps is written to it by whoever comes; accounts are few; who was shown an invite waits for it.
        let at_once = self.setup.role == Role::Relay || space == SpaceId::NONE || !self.asked.is_empty();
        if at_once {
            return self.turn(space, false, env, out);
        }
        out.push(Action::AskTurn(space));
        Ok(())
    }

    pub(in crate::sync::link) fn turn(
        &mut self,
        space: SpaceId,
        among: bool,
        env: &Env<'_>,
        out: &mut Vec<Action>,
    ) -> Done {
        let asked = self.taking.get(&space).is_some_and(|taking| !taking.wanted);
        if !asked {
            out.push(Action::TurnOver { space, caught_up: false });
            return Ok(());
        }
        let among = among && !self.is_feeding(&space);
        let want = self.wanted(space, env)?;
        if let Some(taking) = self.taking.get_mut(&space) {
            taking.wanted = true;
            taking.calm.quiet = among;
            taking.calm.turn = Some(Turn { begun_ms: env.now_ms, news_ms: env.now_ms });
        }
        if among {
            out.push(Action::Send(Frame::Quiet(space)));
        }
        out.push(Action::Send(want));
        Ok(())
    }

    /// The next link may catch up.
    pub(in crate::sync::link) fn turn_over(&mut self, space: SpaceId, out: &mut Vec<Action>) {
        let Some(taking) = self.taking.get_mut(&space) else { return };
        if taking.calm.turn.take().is_some() || taking.caught_up {
            out.push(Action::TurnOver { space, caught_up: taking.caught_up });
        }
    }

    pub(in crate::sync::link) fn take_no_more(&mut self, space: SpaceId, out: &mut Vec<Action>) {
        if self.taking.remove(&space).is_some() {
            out.push(Action::TurnOver { space, caught_up: false });
        }
    }
}

/// Who brings nothing new for so long lets the next one try ..
const STALL_MS: u64 = 3_000;
/// .. and so does who brings very much.
const TURN_MS: u64 = 10_000;
