//! Streams in which the sides differ are compared until both know what either lacks; `reconcile` says how.

use super::give::Giving;
use super::repair::{REPAIR_COST, Repair};
use super::{Action, CloseReason, Done, Env, Halt, Link};
use crate::store::{Arrival, Range, StoreFault};
use crate::sync::feed::Stretch;
use crate::sync::frame::{Compare, Frame};
use crate::sync::reconcile::{Answer, Gift, Parts, Says, SessionKey, Side, Stream};
use crate::sync::rights::Share;
use nexus_crdt::id::{OpId, SpaceId, StreamId};
use std::collections::{BTreeMap, VecDeque};

/// What is compared on a link.
#[derive(Debug, Default)]
pub(super) struct Comparing {
    /// Streams that differ and were not begun, membership before channels.
    lined_up: VecDeque<LinedUp>,
    /// Those that this side began ..
    begun: BTreeMap<(SpaceId, StreamId), Session>,
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

#[derive(Clone, Copy, Debug, Default)]
struct Session {
    /// Of the last message that was sent.
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

    fn sessions(&mut self, of_the_peer: bool) -> &mut BTreeMap<(SpaceId, StreamId), Session> {
        if of_the_peer { &mut self.answered } else { &mut self.begun }
    }
}

impl Link {
    /// Begins what has its turn, and goes on with what waited for a tick.
    pub(super) fn compare_on(&mut self, env: &Env<'_>, out: &mut Vec<Action>) -> Done {
        let over = |session: &Session| env.now_ms.saturating_sub(session.since_ms) > PATIENCE_MS;
        self.comparing.begun.retain(|_, session| !over(session));
        self.comparing.answered.retain(|_, session| !over(session));
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
        for _ in 0..self.comparing.waiting.len() {
            let Some(compare) = self.comparing.waiting.pop_front() else { break };
            self.compared(compare, env, out)?;
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
        let side = Side { key: &key, ops: &ops };
        let parts = match env.view.gaps.get(&(space, stream)) {
            Some(gaps) => side.open_beside(gaps)?,
            None => side.open()?,
        };
        // Nothing is held of it.
        if parts.0.is_empty() {
            return Ok(());
        }
        let session = Session { since_ms: env.now_ms, ..Session::default() };
        self.comparing.begun.insert((space, stream), session);
        out.push(Action::Send(Frame::Compare(Compare {
            space,
            stream,
            step: 0,
            parts: parts.write().into(),
        })));
        Ok(())
    }

    pub(super) fn compared(&mut self, compare: Compare, env: &Env<'_>, out: &mut Vec<Action>) -> Done {
        let (space, stream) = (compare.space, compare.stream);
        if !self.may_compare(&space, &stream, env) {
            return self.bear(REPAIR_COST);
        }
        let theirs = Parts::read(&compare.parts).map_err(|_| Halt::Close(CloseReason::Garbage))?;
        let worked = self.comparing.looked_at > 0 && self.comparing.looked_at + theirs.0.len() > PARTS_A_TICK;
        if worked || self.repairs.len() > QUEUED_MAX {
            if self.comparing.waiting.len() >= WAITING_MAX {
                return self.bear(REPAIR_COST);
            }
            self.comparing.waiting.push_back(compare);
            return Ok(());
        }
        let Some(mut session) = self.session_of(&compare, env)? else { return Ok(()) };
        self.comparing.looked_at += theirs.0.len();
        let answer = self.answer_to(&theirs, &space, &stream, env)?;
        session.given = session.given.saturating_add(answer.given());
        session.step = compare.step + 1;
        session.since_ms = env.now_ms;
        let of_the_peer = compare.step.is_multiple_of(2);
        if !of_the_peer {
            self.note_lacking(&space, &stream, &answer.gifts, env)?;
        }
        self.give_what_lacks(&space, &stream, answer.gifts, env)?;
        let goes_on = self.has_room_to_go_on(&session, &space, &stream, env)?;
        if theirs.asks() && goes_on && (of_the_peer || !answer.parts.is_empty()) {
            let parts = answer.parts.write().into();
            out.push(Action::Send(Frame::Compare(Compare { space, stream, step: session.step, parts })));
        }
        let sessions = self.comparing.sessions(of_the_peer);
        if goes_on && answer.parts.asks() {
            sessions.insert((space, stream), session);
        } else {
            sessions.remove(&(space, stream));
            if !of_the_peer {
                self.has_compared(space, &stream, env, out);
            }
            self.compare_on(env, out)?;
        }
        self.pump(env, out)
    }

    // The session that a message belongs to; none where it is one of a session that is over, or two began at once and this
    // side's goes on.
    fn session_of(&mut self, compare: &Compare, env: &Env<'_>) -> Result<Option<Session>, Halt> {
        let at = (compare.space, compare.stream);
        if compare.step > 0 {
            let of_the_peer = compare.step.is_multiple_of(2);
            let session = self.comparing.sessions(of_the_peer).get(&at).copied();
            return Ok(session.filter(|session| session.step + 1 == compare.step));
        }
        if self.comparing.begun.contains_key(&at) && self.setup.me < self.setup.peer {
            return Ok(None);
        }
        self.bear_repair(compare.space, compare.stream, env)?;
        self.comparing.begun.remove(&at);
        if self.comparing.answered.len() >= ANSWERED_MAX && !self.comparing.answered.contains_key(&at) {
            self.bear(REPAIR_COST)?;
            return Ok(None);
        }
        Ok(Some(Session::default()))
    }

    // Nobody honest needs more messages, or is given more than there is.
    fn has_room_to_go_on(
        &self,
        session: &Session,
        space: &SpaceId,
        stream: &StreamId,
        env: &Env<'_>,
    ) -> Result<bool, StoreFault> {
        let held = env.store.range_sum(space, stream, &Range::ALL)?.count;
        Ok(session.step < STEPS_MAX && session.given <= held.saturating_add(GIVEN_SPARE))
    }

    fn answer_to(
        &self,
        theirs: &Parts,
        space: &SpaceId,
        stream: &StreamId,
        env: &Env<'_>,
    ) -> Result<Answer, StoreFault> {
        let Some(key) = self.session_key(space, stream) else { return Ok(Answer::default()) };
        let ops = Stream { store: env.store, space: *space, stream: *stream };
        let side = Side { key: &key, ops: &ops };
        let mut answer = match env.view.gaps.get(&(*space, *stream)) {
            Some(gaps) => side.answer_beside(theirs, gaps)?,
            None => side.answer(theirs)?,
        };
        if !self.taking.contains_key(space) {
            let needs = answer.parts.0.iter_mut().filter(|part| matches!(part.says, Says::Need(_)));
            needs.for_each(|part| part.says = Says::Same);
        }
        // Who did not want the space would not say that it has it.
        if !self.gives(space) {
            answer.gifts.clear();
        }
        Ok(answer)
    }

    fn give_what_lacks(
        &mut self,
        space: &SpaceId,
        stream: &StreamId,
        gifts: Vec<Gift>,
        env: &Env<'_>,
    ) -> Result<(), StoreFault> {
        for gift in gifts {
            let repair = match gift {
                Gift::Range { range, except, .. } => {
                    let before = env.store.spot_before(space, stream, &range.from)?;
                    let after = before.map(|spot| (spot.hlc, last_of(&spot.head)));
                    Repair::Stretch(Stretch {
                        space: *space,
                        stream: *stream,
                        after,
                        upto: range.upto,
                        except,
                    })
                }
                Gift::Named(heads) => {
                    let mut ops: VecDeque<OpId> = VecDeque::with_capacity(heads.len());
                    for head in heads {
                        ops.extend(env.store.op_headed(space, stream, &head)?);
                    }
                    Repair::Ops(*space, ops)
                }
            };
            self.repairs.push_back(repair);
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
/// Messages that wait for a tick: one for each comparison.
const WAITING_MAX: usize = BEGUN_MAX + ANSWERED_MAX;
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
