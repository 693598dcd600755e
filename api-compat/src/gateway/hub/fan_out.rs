//! Hands out what was put into the runs of an audience: by a few tasks that go from session to session, and not by one task woken for each.
//! The hub does not wait for them. An audience that waits its turn stands in the queue once, however much comes meanwhile: who goes through
//! it finds all of it.

use super::registry::session::Session;
use std::collections::VecDeque;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Who may hear something.
pub(super) type Audience = Arc<[Arc<Session>]>;

/// What is to be handed out. Cheap to clone.
#[derive(Clone)]
pub(super) struct FanOut {
    queue: Arc<Mutex<Queue>>,
    /// Tasks at work at most. Asked once: the answer is read from files.
    hands: usize,
}

#[derive(Default)]
struct Queue {
    rounds: VecDeque<Arc<Round>>,
    at_work: usize,
}

/// One way through an audience.
struct Round {
    audience: Audience,
    next: AtomicUsize,
}

/// Sessions that are seen to before somebody else has a turn on the thread.
const AT_ONCE: usize = 32;

impl Default for FanOut {
    fn default() -> Self {
        let hands = std::thread::available_parallelism().map_or(1, usize::from);
        Self { queue: Arc::default(), hands }
    }
}

impl FanOut {
    /// Sends each session what it has not heard yet. To be called within a tokio runtime.
    pub(super) fn hand_out(&self, audience: &Audience) {
        if audience.len() <= AT_ONCE {
            return audience.iter().for_each(|session| session.hand_out());
        }
        let mut queue = self.queue();
        let waits = |round: &Arc<Round>| Arc::ptr_eq(&round.audience, audience) && round.is_to_begin();
        if queue.rounds.iter().any(waits) {
            return;
        }
        queue.rounds.push_back(Arc::new(Round { audience: audience.clone(), next: AtomicUsize::new(0) }));
        for _ in queue.at_work..self.hands.min(audience.len().div_ceil(AT_ONCE)) {
            queue.at_work += 1;
            tokio::spawn(self.clone().work());
        }
    }

    async fn work(self) {
        let hand = Hand(self);
        while let Some(round) = hand.0.first() {
            while let Some(sessions) = round.take() {
                sessions.iter().for_each(|session| session.hand_out());
                tokio::task::yield_now().await;
            }
        }
    }

    /// The round that is to be gone on with; none: whoever asks works no more.
    fn first(&self) -> Option<Arc<Round>> {
        let mut queue = self.queue();
        while queue.rounds.front().is_some_and(|round| round.is_over()) {
            queue.rounds.pop_front();
        }
        let first = queue.rounds.front().cloned();
        queue.at_work -= usize::from(first.is_none());
        first
    }

    // Each change is whole in itself.
    fn queue(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A task at work. One that panics is counted no more: others take its place.
struct Hand(FanOut);

impl Drop for Hand {
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.0.queue().at_work -= 1;
        }
    }
}

impl Round {
    fn take(&self) -> Option<&[Arc<Session>]> {
        let from = self.next.fetch_add(AT_ONCE, Ordering::AcqRel);
        let upto = self.audience.len().min(from.saturating_add(AT_ONCE));
        self.audience.get(from..upto).filter(|some| !some.is_empty())
    }

    fn is_to_begin(&self) -> bool {
        self.next.load(Ordering::Acquire) == 0
    }

    fn is_over(&self) -> bool {
        self.next.load(Ordering::Acquire) >= self.audience.len()
    }
}
