//! A comparison that the peer began: each of its messages is answered by itself.

use super::{ANSWERED_MAX, Session};
use crate::store::StoreFault;
use crate::sync::frame::{Compare, Frame};
use crate::sync::link::repair::REPAIR_COST;
use crate::sync::link::{Action, Done, Env, Halt, Link};
use crate::sync::reconcile::{Answer, Parts, Says, Side, Stream};
use nexus_crdt::id::{SpaceId, StreamId};

impl Link {
    pub(super) fn answer(
        &mut self,
        compare: &Compare,
        theirs: &Parts,
        env: &Env<'_>,
        out: &mut Vec<Action>,
    ) -> Done {
        let (space, stream) = (compare.space, compare.stream);
        let Some(mut session) = self.session_of(compare, env)? else { return Ok(()) };
        self.comparing.looked_at += theirs.0.len();
        let answer = self.answer_to(theirs, &space, &stream, env)?;
        session.given = session.given.saturating_add(answer.given());
        session.step = compare.step + 1;
        session.since_ms = env.now_ms;
        self.give_what_lacks(&space, &stream, answer.gifts, env)?;
        let goes_on = self.has_room_to_go_on((session.step, session.given), &space, &stream, env)?;
        if theirs.asks() && goes_on {
            let parts = answer.parts.write().into();
            out.push(Action::Send(Frame::Compare(Compare { space, stream, step: session.step, parts })));
        }
        // Behind the first there may be more on the way: an empty one is the last.
        let is_more = self.answers_several() && compare.step > 0 && !compare.parts.is_empty();
        if goes_on && (is_more || answer.parts.asks()) {
            self.comparing.answered.insert((space, stream), session);
            Ok(())
        } else {
            self.comparing.answered.remove(&(space, stream));
            self.compare_on(env, out)
        }
    }

    // The session that a message belongs to; none where it is one of a session that is over, or two began at once and this
    // side's goes on.
    fn session_of(&mut self, compare: &Compare, env: &Env<'_>) -> Result<Option<Session>, Halt> {
        let at = (compare.space, compare.stream);
        if compare.step > 0 {
            let session = self.comparing.answered.get(&at).copied();
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

    pub(super) fn answer_to(
        &self,
        theirs: &Parts,
        space: &SpaceId,
        stream: &StreamId,
        env: &Env<'_>,
    ) -> Result<Answer, StoreFault> {
        let Some(key) = self.session_key(space, stream) else { return Ok(Answer::default()) };
        let ops = Stream { store: env.store, space: *space, stream: *stream };
        let side = Side { key: &key, ops: &ops, keeps: self.keeps() };
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
}
