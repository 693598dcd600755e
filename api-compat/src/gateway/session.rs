//! A gateway session: a numbered run of events for one account, bounded, that outlives its socket.
//!
//! The run is queue and replay buffer at once. `first` is the number of its oldest event; a connection is a place in
//! it (`next`, the number to send next). What is pushed stays until the client acknowledges it by a heartbeat or the
//! bounds push it out. **When the bounds push out what was not sent yet, the session is over**: there is never a hole.
//!
//! No clock and no socket here; `now_ms` comes in.

use super::event::Payload;
use super::outlet::Outlet;
use nexus_core::Snowflake;
use nexus_crdt::id::ChannelId;
use std::collections::{BTreeSet, VecDeque};
use std::sync::Arc;

/// What a run may hold.
#[derive(Clone, Copy, Debug)]
pub struct Bounds {
    /// Events.
    pub events: usize,
    /// Bytes of their data (which sessions share).
    pub bytes: usize,
}

/// The run of events, and who reads it.
pub(crate) struct Run {
    bounds: Bounds,
    events: VecDeque<Arc<Payload>>,
    bytes: usize,
    first: u64,
    next: u64,
    state: State,
    /// How the program stands, as it was told last.
    standing: Option<Arc<Payload>>,
}

enum State {
    /// READY is being made; what happens meanwhile waits behind it.
    Opening(Arc<Outlet>),
    /// A connection reads it.
    Attached(Arc<Outlet>),
    /// Nobody does, since this time.
    Detached { since_ms: u64 },
    /// It cannot be continued.
    Over,
    /// Nor begun anew: its token was revoked.
    Revoked,
}

/// What a connection got to send.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Taken {
    /// All that there was.
    All,
    /// Some of it: there is more.
    Some,
    /// Another connection has taken over, or the session is over.
    NotYours,
    /// The token it was begun with speaks for nobody any more.
    Revoked,
}

/// Why a session is not resumed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ResumeError {
    /// It is over, or what is asked for is no longer kept.
    Gone,
    /// That number was never sent.
    NeverSent,
}

impl Run {
    /// A run that waits for its READY, for the connection that `outlet` belongs to.
    pub(crate) const fn opening(bounds: Bounds, outlet: Arc<Outlet>) -> Self {
        Self {
            bounds,
            events: VecDeque::new(),
            bytes: 0,
            first: 1,
            next: 1,
            state: State::Opening(outlet),
            standing: None,
        }
    }

    /// Puts READY and what belongs to it before everything that happened meanwhile.
    pub(crate) fn open(&mut self, prelude: Vec<Arc<Payload>>) {
        if let State::Opening(outlet) = &self.state {
            self.state = State::Attached(outlet.clone());
            for payload in prelude.into_iter().rev() {
                self.bytes += payload.data.len();
                self.events.push_front(payload);
            }
            self.call();
        }
    }

    /// Adds an event, and calls the connection.
    pub(crate) fn push(&mut self, payload: Arc<Payload>) {
        self.add(payload);
        self.call();
    }

    /// Adds an event that the caller hands out itself.
    pub(crate) fn add(&mut self, payload: Arc<Payload>) {
        if self.is_over() {
            return;
        }
        self.bytes += payload.data.len();
        self.events.push_back(payload);
        while self.events.len() > self.bounds.events || self.bytes > self.bounds.bytes {
            if self.first == self.next {
                self.end();
                return;
            }
            self.drop_first();
        }
    }

    /// The connection that has not heard everything, where one reads.
    pub(crate) fn behind(&self) -> Option<&Arc<Outlet>> {
        match &self.state {
            State::Attached(outlet) if self.sent() < self.events.len() => Some(outlet),
            _ => None,
        }
    }

    /// What was said in messages that are gone is not kept to be replayed: their events stay, without it.
    pub(crate) fn forget(&mut self, gone: &BTreeSet<(ChannelId, Snowflake)>) {
        for event in &mut self.events {
            let said = event.said.as_ref().filter(|said| gone.contains(&(said.channel, said.message)));
            let Some(emptied) = said.map(|said| said.emptied.clone()) else { continue };
            self.bytes = self.bytes - event.data.len() + emptied.data.len();
            *event = emptied;
        }
    }

    /// Whether it was told something else of how the program stands, or nothing.
    pub(crate) fn is_told_otherwise(&self, now: &Payload) -> bool {
        self.standing.as_ref().is_none_or(|told| told.data != now.data)
    }

    /// Tells how the program stands now.
    pub(crate) fn stand(&mut self, now: Arc<Payload>) {
        self.standing = Some(now.clone());
        self.push(now);
    }

    /// The client has everything up to this number.
    pub(crate) fn acknowledge(&mut self, seq: u64) {
        while self.first <= seq && self.first < self.next {
            self.drop_first();
        }
    }

    /// Gives `put` the next events to send and their numbers, at most `limit` and until it says that it has no room for another. For the
    /// connection that `outlet` belongs to.
    pub(crate) fn take(
        &mut self,
        outlet: &Outlet,
        limit: usize,
        mut put: impl FnMut(u64, &Payload) -> bool,
    ) -> Taken {
        match &self.state {
            State::Opening(own) if is(own, outlet) => return Taken::All,
            State::Attached(own) if is(own, outlet) => {}
            State::Revoked => return Taken::Revoked,
            _ => return Taken::NotYours,
        }
        for event in self.events.iter().skip(self.sent()).take(limit) {
            let seq = self.next;
            self.next += 1;
            if !put(seq, event) {
                break;
            }
        }
        if self.sent() < self.events.len() { Taken::Some } else { Taken::All }
    }

    /// A connection goes on from what the client has, and hears `resumed` after what it missed.
    ///
    /// # Errors
    /// [`ResumeError`].
    pub(crate) fn resume(
        &mut self,
        seq: u64,
        outlet: Arc<Outlet>,
        resumed: Arc<Payload>,
    ) -> Result<(), ResumeError> {
        if self.is_over() || matches!(self.state, State::Opening(_)) {
            return Err(ResumeError::Gone);
        }
        if seq >= self.next {
            return Err(ResumeError::NeverSent);
        }
        if seq + 1 < self.first {
            return Err(ResumeError::Gone);
        }
        self.call();
        self.next = seq + 1;
        self.state = State::Attached(outlet);
        self.push(resumed);
        Ok(())
    }

    /// The connection that `outlet` belongs to is gone.
    pub(crate) fn detach(&mut self, outlet: &Outlet, now_ms: u64) {
        match &self.state {
            State::Attached(own) if is(own, outlet) => self.state = State::Detached { since_ms: now_ms },
            State::Opening(own) if is(own, outlet) => self.end(),
            _ => {}
        }
    }

    /// Ends it; whoever reads it is told.
    pub(crate) fn end(&mut self) {
        self.end_as(State::Over);
    }

    /// Ends it because its token was revoked.
    pub(crate) fn revoke(&mut self) {
        self.end_as(State::Revoked);
    }

    fn end_as(&mut self, state: State) {
        let old = std::mem::replace(&mut self.state, state);
        if let State::Attached(outlet) | State::Opening(outlet) = old {
            outlet.call();
        }
        self.events = VecDeque::new();
        self.bytes = 0;
    }

    /// Whether it cannot be continued.
    pub(crate) const fn is_over(&self) -> bool {
        matches!(self.state, State::Over | State::Revoked)
    }

    /// Since when nobody reads it.
    pub(crate) const fn detached_since(&self) -> Option<u64> {
        match self.state {
            State::Detached { since_ms } => Some(since_ms),
            _ => None,
        }
    }

    fn drop_first(&mut self) {
        if let Some(old) = self.events.pop_front() {
            self.bytes -= old.data.len();
            self.first += 1;
        }
    }

    /// How many of the events here were sent.
    fn sent(&self) -> usize {
        usize::try_from(self.next - self.first).unwrap_or(usize::MAX)
    }

    fn call(&self) {
        if let State::Attached(outlet) = &self.state {
            outlet.call();
        }
    }
}

fn is(own: &Arc<Outlet>, outlet: &Outlet) -> bool {
    std::ptr::eq(Arc::as_ptr(own), outlet)
}

#[cfg(test)]
mod tests {
    use super::super::compress::Packer;
    use super::super::event::{EventName, Payload};
    use super::super::outlet::Outlet;
    use super::{Bounds, ResumeError, Run, Taken};
    use std::sync::Arc;

    const BOUNDS: Bounds = Bounds { events: 8, bytes: 1000 };

    fn payload(text: &str) -> Arc<Payload> {
        Payload::new(EventName::MessageCreate, &text)
    }

    fn resumed() -> Arc<Payload> {
        Payload::new(EventName::Resumed, &"resumed")
    }

    fn an_outlet() -> Arc<Outlet> {
        Arc::new(Outlet::over(Box::new(tokio::io::empty()), Packer::Plain))
    }

    fn run_with(events: usize) -> (Run, Arc<Outlet>) {
        let outlet = an_outlet();
        let mut run = Run::opening(BOUNDS, outlet.clone());
        run.open(Vec::new());
        (0..events).for_each(|n| run.push(payload(&n.to_string())));
        (run, outlet)
    }

    /// What a connection sends: number and text.
    fn sent(run: &mut Run, outlet: &Outlet) -> Vec<(u64, String)> {
        let mut sent = Vec::new();
        let taken = run.take(outlet, 100, |seq, event| {
            sent.push((seq, event.data.trim_matches('"').to_owned()));
            true
        });
        assert_eq!(taken, Taken::All);
        sent
    }

    #[test]
    fn what_happens_while_ready_is_made_comes_after_it() {
        let outlet = an_outlet();
        let mut run = Run::opening(BOUNDS, outlet.clone());
        run.push(payload("meanwhile"));
        assert_eq!(sent(&mut run, &outlet), []);
        run.open(vec![payload("ready"), payload("guild")]);
        let texts: Vec<_> = sent(&mut run, &outlet);
        assert_eq!(texts, [(1, "ready".into()), (2, "guild".into()), (3, "meanwhile".into())]);
    }

    #[test]
    fn a_resume_replays_exactly_what_was_missed_and_then_says_so() {
        let (mut run, outlet) = run_with(5);
        assert_eq!(sent(&mut run, &outlet).len(), 5);
        run.detach(&outlet, 10);
        run.push(payload("offline"));
        let again = an_outlet();
        assert_eq!(run.resume(3, again.clone(), resumed()), Ok(()));
        let got = sent(&mut run, &again);
        assert_eq!(got[..3], [(4, "3".into()), (5, "4".into()), (6, "offline".into())]);
        assert_eq!(got[3], (7, "resumed".into()));
        assert_eq!(run.take(&outlet, 10, |_, _| true), Taken::NotYours, "the old connection has lost it");
    }

    #[test]
    fn a_number_that_was_never_sent_is_not_resumed_from() {
        let (mut run, outlet) = run_with(5);
        assert_eq!(
            run.resume(1, outlet.clone(), resumed()),
            Err(ResumeError::NeverSent),
            "nothing was sent yet"
        );
        let _ = sent(&mut run, &outlet);
        assert_eq!(run.resume(6, outlet.clone(), resumed()), Err(ResumeError::NeverSent));
        assert_eq!(run.resume(u64::MAX, outlet, resumed()), Err(ResumeError::NeverSent));
    }

    #[test]
    fn what_was_acknowledged_is_let_go_and_not_replayed() {
        let (mut run, outlet) = run_with(5);
        let _ = sent(&mut run, &outlet);
        run.acknowledge(3);
        assert_eq!(run.resume(2, outlet.clone(), resumed()), Err(ResumeError::Gone));
        assert_eq!(run.resume(3, outlet, resumed()), Ok(()));
    }

    #[test]
    fn an_acknowledgement_of_what_was_never_sent_loses_nothing() {
        let (mut run, outlet) = run_with(5);
        run.acknowledge(u64::MAX);
        assert_eq!(sent(&mut run, &outlet).len(), 5);
    }

    #[test]
    fn sent_events_make_room_and_unsent_ones_end_the_session() {
        let (mut run, outlet) = run_with(8);
        assert_eq!(sent(&mut run, &outlet).len(), 8);
        (0..8).for_each(|n| run.push(payload(&n.to_string())));
        assert!(!run.is_over());
        run.push(payload("one too many"));
        assert!(run.is_over(), "an unsent event would have been lost");
        assert_eq!(run.take(&outlet, 10, |_, _| true), Taken::NotYours);
        assert_eq!(run.resume(1, outlet, resumed()), Err(ResumeError::Gone));
    }

    #[test]
    fn bytes_are_bounded_as_well() {
        let (mut run, outlet) = run_with(0);
        run.push(payload(&"x".repeat(900)));
        let _ = sent(&mut run, &outlet);
        run.push(payload(&"y".repeat(900)));
        assert!(!run.is_over());
        run.push(payload(&"z".repeat(900)));
        assert!(run.is_over());
    }

    #[test]
    fn a_late_goodbye_of_an_old_connection_changes_nothing() {
        let (mut run, outlet) = run_with(1);
        let _ = sent(&mut run, &outlet);
        let newer = an_outlet();
        assert_eq!(run.resume(1, newer.clone(), resumed()), Ok(()));
        run.detach(&outlet, 10);
        assert_eq!(run.detached_since(), None);
        run.detach(&newer, 11);
        assert_eq!(run.detached_since(), Some(11));
    }
}
