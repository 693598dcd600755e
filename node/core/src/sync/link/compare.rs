//! Streams in which the sides differ are compared until both know what either lacks; `reconcile` says how.

mod answered;
mod asked;

use super::give::Giving;
use super::repair::{REPAIR_COST, Repair};
use super::{Action, CloseReason, Done, Env, Halt, Link};
use crate::store::{Arrival, Range, StoreFault};
use crate::sync::feed::Stretch;
use crate::sync::frame::{Compare, Frame, SEVERAL_UNDER_WAY};
use crate::sync::reconcile::{Gift, Keeps, Parts, SessionKey, Side, Stream, UNDER_WAY_MAX};
use crate::sync::rights::Share;
use asked::Begun;
use nexus_crdt::id::{OpId, SpaceId, StreamId};
use std::collections::{BTreeMap, VecDeque};

/// What is compared on a link.
#[derive(Debug, Default)]
pub(super) struct Comparing {
    /// Streams that differ and were not begun, membership before channels.
    lined_up: VecDeque<LinedUp>,
    /// Those that this side began ..
    begun: BTreeMap<(SpaceId, StreamId), Begun>,
    /// .. and the peer.
    answered: BTreeMap<(SpaceId, StreamId), Session>,
    /// Messages that came when this tick's work was done.
    waiting: VecDeque<Compare>,
    /// Parts that were looked at since the last tick.
    looked_at: usize,
}

#[derive(Clone, Copy, Debug)]
struct LinedUp {
    space: SpaceId,
    stream: StreamId,
    /// What was on its way to the peer up to there would only seem to be missing there.
    settled_at: Arrival,
}

/// Of a comparison that the peer began.
#[derive(Clone, Copy, Debug, Default)]
struct Session {
    /// Of the last message that was answered, and one more.
    step: u32,
    /// Ops that were given.
    given: u64,
    /// When it was sent, Unix ms.
    since_ms: u64,
}

impl Comparing {
    /// A stream is to be compared once the peer has what was written here up to an arrival.
    pub(super) fn line_up(&mut self, space: SpaceId, stream: StreamId, settled_at: Arrival) {
        let waits = self.lined_up.iter().any(|it| (it.space, it.stream) == (space, stream));
        if !waits && !self.begun.contains_key(&(space, stream)) {
            self.lined_up.push_back(LinedUp { space, stream, settled_at });
        }
    }

    /// Whether anything of a space is compared, or waits for it.
    pub(super) fn has(&self, space: &SpaceId) -> bool {
        let sessions = self.begun.keys().chain(self.answered.keys());
        sessions.map(|(of, _)| of).chain(self.lined_up.iter().map(|it| &it.space)).any(|of| of == space)
    }
}

impl Link {
    /// Begins what has its turn, and goes on with what waited for a tick.
    pub(super) fn compare_on(&mut self, env: &Env<'_>, out: &mut Vec<Action>) -> Done {
        let over = |since_ms: u64| env.now_ms.saturating_sub(since_ms) > PATIENCE_MS;
        self.comparing.begun.retain(|_, begun| !over(begun.since_ms));
        self.comparing.answered.retain(|_, session| !over(session.since_ms));
        for _ in 0..self.comparing.lined_up.len() {
            let Some(next) = self.comparing.lined_up.pop_front() else { break };
            let LinedUp { space, stream, settled_at } = next;
            let full = self.comparing.begun.len() >= BEGUN_MAX;
            let has = |giving: &Giving| giving.acked >= settled_at;
            let settled = !self.gives(&space) || self.giving.get(&space).is_none_or(has);
            if full || !settled {
                self.comparing.lined_up.push_back(next);
            } else if self.may_compare(&space, &stream, env) {
                self.begin_comparison(space, stream, env, out)?;
            }
        }
        Ok(())
    }

    /// What waited for a tick.
    pub(super) fn compare_what_waited(&mut self, env: &Env<'_>, out: &mut Vec<Action>) -> Done {
        self.comparing.looked_at = 0;
        while let Some(compare) = self.comparing.waiting.pop_front() {
            if let Some(compare) = self.take_up(compare, env, out)? {
                self.comparing.waiting.push_front(compare);
                break;
            }
        }
        self.compare_on(env, out)
    }

    fn begin_comparison(
        &mut self,
        space: SpaceId,
        stream: StreamId,
        env: &Env<'_>,
        out: &mut Vec<Action>,
    ) -> Done {
        let Some(key) = self.session_key(&space, &stream) else { return Ok(()) };
        let ops = Stream { store: env.store, space, stream };
        let side = Side { key: &key, ops: &ops, keeps: self.keeps() };
        let parts = match env.view.gaps.get(&(space, stream)) {
            Some(gaps) => side.open_beside(gaps)?,
            None => side.open()?,
        };
        // Nothing is held of it.
        if parts.0.is_empty() {
            return Ok(());
        }
        self.comparing.begun.insert((space, stream), Begun::at(env.now_ms));
        let parts = parts.write().into();
        out.push(Action::Send(Frame::Compare(Compare { space, stream, step: 0, parts })));
        Ok(())
    }

    pub(super) fn compared(&mut self, compare: Compare, env: &Env<'_>, out: &mut Vec<Action>) -> Done {
        let at = (compare.space, compare.stream);
        // One that waits is answered before those that came after it.
        if self.comparing.waiting.iter().any(|it| (it.space, it.stream) == at) {
            return self.let_wait(compare);
        }
        match self.take_up(compare, env, out)? {
            Some(compare) => self.let_wait(compare),
            None => Ok(()),
        }
    }

    fn let_wait(&mut self, compare: Compare) -> Done {
        if self.comparing.waiting.len() >= WAITING_MAX {
            return self.bear(REPAIR_COST);
        }
        self.comparing.waiting.push_back(compare);
        Ok(())
    }

    // Gives a message back that has to wait for a tick.
    fn take_up(
        &mut self,
        compare: Compare,
        env: &Env<'_>,
        out: &mut Vec<Action>,
    ) -> Result<Option<Compare>, Halt> {
        if !self.may_compare(&compare.space, &compare.stream, env) {
            return self.bear(REPAIR_COST).map(|()| None);
        }
        let theirs = Parts::read(&compare.parts).map_err(|_| Halt::Close(CloseReason::Garbage))?;
        let worked = self.comparing.looked_at > 0 && self.comparing.looked_at + theirs.0.len() > PARTS_A_TICK;
        if worked || self.repairs.len() > QUEUED_MAX {
            return Ok(Some(compare));
        }
        if compare.step.is_multiple_of(2) {
            self.answer(&compare, &theirs, env, out)?;
        } else {
            self.hear_answer(&compare, &theirs, env, out)?;
        }
        self.pump(env, out)?;
        Ok(None)
    }

    // Whether the other side goes on answering where it has nothing to ask, so that several messages may be under way.
    pub(super) fn answers_several(&self) -> bool {
        self.hello.as_ref().is_some_and(|hello| hello.version >= SEVERAL_UNDER_WAY)
    }

    fn keeps(&self) -> Keeps {
        if self.answers_several() { Keeps::Unsaid } else { Keeps::Nothing }
    }

    // Nobody honest needs more messages, or is given more than there is.
    fn has_room_to_go_on(
        &self,
        (step, given): (u32, u64),
        space: &SpaceId,
        stream: &StreamId,
        env: &Env<'_>,
    ) -> Result<bool, StoreFault> {
        let held = env.store.range_sum(space, stream, &Range::ALL)?.count;
        Ok(step < STEPS_MAX && given <= held.saturating_add(GIVEN_SPARE))
    }

    fn give_what_lacks(
        &mut self,
        space: &SpaceId,
        stream: &StreamId,
        gifts: Vec<Gift>,
        env: &Env<'_>,
    ) -> Result<(), StoreFault> {
        // By name in one go: what lies apart fills batches as what lies together does.
        let mut named = VecDeque::new();
        for gift in gifts {
            match gift {
                Gift::Range { range, except, .. } => {
                    let before = env.store.spot_before(space, stream, &range.from)?;
                    let after = before.map(|spot| (spot.hlc, last_of(&spot.head)));
                    let (space, stream, upto) = (*space, *stream, range.upto);
                    self.repairs.push_back(Repair::Stretch(Stretch { space, stream, after, upto, except }));
                }
                Gift::Named(heads) => {
                    for head in heads {
                        named.extend(env.store.op_headed(space, stream, &head)?);
                    }
                }
            }
        }
        if !named.is_empty() {
            self.repairs.push_back(Repair::Ops(*space, named));
        }
        Ok(())
    }

    // The peer wanted it, and did not refuse it since.
    pub(super) fn gives(&self, space: &SpaceId) -> bool {
        self.giving.contains_key(space) && !self.refused.contains_key(space)
    }

    // Of a stream that the peer may not have all of not even a fingerprint leaves; governance goes by heads.
    fn may_compare(&self, space: &SpaceId, stream: &StreamId, env: &Env<'_>) -> bool {
        *space != SpaceId::NONE
            && *stream != StreamId::GOVERNANCE
            && self.rights.share(env.view, space, stream) == Share::Everything
    }

    pub(super) fn session_key(&self, space: &SpaceId, stream: &StreamId) -> Option<SessionKey> {
        let hello = self.hello.as_ref()?;
        let (me, peer) = ((&self.setup.me, &self.setup.nonce), (&self.setup.peer, &hello.nonce));
        Some(SessionKey::of(me, peer, space, stream))
    }
}

// The page after an op is read by its whole id: of all with this head it is the last.
fn last_of(head: &[u8; 16]) -> OpId {
    let mut id = [255; 32];
    id[..16].copy_from_slice(head);
    OpId(id)
}

/// Comparisons of one side at a time ..
const BEGUN_MAX: usize = 4;
/// .. and of the other, with room for those that it holds for over.
const ANSWERED_MAX: usize = 8;
/// Messages that wait for a tick: what may be under way in either direction, and as many that ask for nothing.
const WAITING_MAX: usize = 4 * UNDER_WAY_MAX;
/// Parts that are looked at in one tick.
const PARTS_A_TICK: usize = 16_384;
/// Repairs that wait to be sent: who takes none of them is not answered on.
const QUEUED_MAX: usize = 8_192;
/// Messages of one comparison. Eight do for what people miss; many more are needed where tens of thousands of ops that lie
/// apart are missing.
const STEPS_MAX: u32 = 2_048;
/// Ops that arrive here while a comparison goes on.
const GIVEN_SPARE: u64 = 4_096;
/// A comparison that was not answered for so long is over.
const PATIENCE_MS: u64 = 120_000;
