//! A comparison that this side began. Several of its messages may be under way; their answers may come in any order.

use super::Comparing;
use crate::store::{Gaps, StoreFault};
use crate::sync::frame::{Compare, Frame};
use crate::sync::link::{Action, Done, Env, Link};
use crate::sync::reconcile::{Answer, Gift, Parts, Side, Stream, UNDER_WAY_MAX, Unsaid};
use nexus_crdt::id::{SpaceId, StreamId};
use std::collections::BTreeSet;

/// How far it is.
#[derive(Debug, Default)]
pub(super) struct Begun {
    /// Of the last message that was sent.
    step: u32,
    /// Messages that are to be answered.
    under_way: BTreeSet<u32>,
    /// What is to be said beside them.
    unsaid: Unsaid,
    /// Whether the peer holds it for over once it has answered these.
    is_over_there: bool,
    /// Ops that were given.
    given: u64,
    /// When the last message was sent or came, Unix ms.
    pub(super) since_ms: u64,
}

impl Begun {
    /// The first message was sent.
    pub(super) fn at(now_ms: u64) -> Self {
        Self { under_way: BTreeSet::from([0]), since_ms: now_ms, ..Self::default() }
    }

    fn send(&mut self, (space, stream): (SpaceId, StreamId), parts: &Parts) -> Action {
        self.step = self.step.saturating_add(2);
        if parts.asks() {
            self.under_way.insert(self.step);
        }
        let parts = parts.write().into();
        Action::Send(Frame::Compare(Compare { space, stream, step: self.step, parts }))
    }
}

impl Comparing {
    // One of each comparison may always be under way, several as long as there are few on the link and little has to wait.
    fn may_ask(&self, begun: &Begun) -> bool {
        let all = self.begun.values().map(|begun| begun.under_way.len()).sum::<usize>();
        let has_room = all + begun.under_way.len() < UNDER_WAY_MAX && begun.unsaid.len() < UNSAID_MAX;
        begun.under_way.is_empty() || has_room
    }
}

impl Link {
    pub(super) fn hear_answer(
        &mut self,
        compare: &Compare,
        theirs: &Parts,
        env: &Env<'_>,
        out: &mut Vec<Action>,
    ) -> Done {
        let (space, stream) = (compare.space, compare.stream);
        let Some(mut begun) = self.comparing.begun.remove(&(space, stream)) else { return Ok(()) };
        // What nobody asked is passed over.
        if !begun.under_way.remove(&(compare.step - 1)) {
            self.comparing.begun.insert((space, stream), begun);
            return Ok(());
        }
        self.comparing.looked_at += theirs.0.len();
        begun.since_ms = env.now_ms;
        begun.is_over_there = begun.step == 0 && !theirs.asks();
        let gifts = self.say_on((space, stream), &mut begun, theirs, env, out)?;
        begun.given = gifts.iter().map(Gift::count).fold(begun.given, u64::saturating_add);
        self.note_lacking(&space, &stream, &gifts, env)?;
        self.give_what_lacks(&space, &stream, gifts, env)?;
        let has_room = self.has_room_to_go_on((begun.step, begun.given), &space, &stream, env)?;
        let goes_on = has_room && begun.unsaid.len() <= 2 * UNSAID_MAX;
        if goes_on && !(begun.under_way.is_empty() && begun.unsaid.is_empty()) {
            self.comparing.begun.insert((space, stream), begun);
            return Ok(());
        }
        if self.answers_several() && !begun.is_over_there {
            out.push(begun.send((space, stream), &Parts::default()));
        }
        self.has_compared(space, &stream, env, out);
        self.compare_on(env, out)
    }

    // Says what there is to say to an answer, in as many messages as may be under way; what the peer lacks is returned.
    fn say_on(
        &self,
        (space, stream): (SpaceId, StreamId),
        begun: &mut Begun,
        theirs: &Parts,
        env: &Env<'_>,
        out: &mut Vec<Action>,
    ) -> Result<Vec<Gift>, StoreFault> {
        if !self.answers_several() {
            return self.say_at_once((space, stream), begun, theirs, env, out);
        }
        let Some(key) = self.session_key(&space, &stream) else { return Ok(Vec::new()) };
        let ops = Stream { store: env.store, space, stream };
        let side = Side { key: &key, ops: &ops, keeps: self.keeps() };
        let whole = Gaps::default();
        let gaps: &Gaps = match env.view.gaps.get(&(space, stream)) {
            Some(gaps) => gaps,
            None => &whole,
        };
        let mut gifts = side.hear(theirs, gaps, &mut begun.unsaid)?;
        if !self.taking.contains_key(&space) {
            begun.unsaid.need_nothing();
        }
        // Who did not want the space would not say that it has it.
        if !self.gives(&space) {
            gifts.clear();
        }
        while !begun.unsaid.is_empty() && self.comparing.may_ask(begun) {
            let parts = side.say(gaps, &mut begun.unsaid)?;
            out.push(begun.send((space, stream), &parts));
        }
        Ok(gifts)
    }

    // To a peer of a version before: one message under way, which is all that there is to say.
    fn say_at_once(
        &self,
        (space, stream): (SpaceId, StreamId),
        begun: &mut Begun,
        theirs: &Parts,
        env: &Env<'_>,
        out: &mut Vec<Action>,
    ) -> Result<Vec<Gift>, StoreFault> {
        let Answer { parts, gifts } = self.answer_to(theirs, &space, &stream, env)?;
        if theirs.asks() && !parts.is_empty() {
            out.push(begun.send((space, stream), &parts));
        }
        Ok(gifts)
    }
}

/// Ranges of a comparison that wait to be said, beyond which it has one message under way; at twice as many it is over. Of ten
/// million ops of which every second is missing there are as many.
const UNSAID_MAX: usize = 65_536;
