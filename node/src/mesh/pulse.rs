//! Whether a link may be dead: a road that drops what goes on it says nothing, so what says nothing is doubted. Doubt ends no
//! link: it lets another road be tried meanwhile.

use super::lock;
use std::sync::Mutex;
use std::time::{Duration, Instant};

/// When the peer was heard, and since when it owes an answer.
#[derive(Debug)]
pub(super) struct Pulse(Mutex<Beats>);

#[derive(Clone, Copy, Debug)]
struct Beats {
    heard: Instant,
    owes_since: Option<Instant>,
}

impl Pulse {
    pub(super) const fn new(now: Instant) -> Self {
        Self(Mutex::new(Beats { heard: now, owes_since: None }))
    }

    /// Bytes came.
    pub(super) fn heard(&self, now: Instant) {
        lock(&self.0).heard = now;
    }

    /// Whether something was sent that the peer has not answered.
    pub(super) fn owes(&self, owes: bool, now: Instant) {
        let mut beats = lock(&self.0);
        beats.owes_since = owes.then(|| beats.owes_since.unwrap_or(now));
    }

    pub(super) fn is_doubtful(&self, now: Instant) -> bool {
        let Beats { heard, owes_since } = *lock(&self.0);
        let silence = |since: Instant| now.saturating_duration_since(since.max(heard));
        owes_since.is_some_and(|since| silence(since) >= ANSWER_MAX) || silence(heard) >= SILENCE_MAX
    }
}

/// How long an honest answer takes at most, mostly: a commit, twice the way, and what was lost sent again.
const ANSWER_MAX: Duration = Duration::from_millis(1_500);
/// Two signs of life have not come ([`super::wire::SIGN_OF_LIFE`]).
const SILENCE_MAX: Duration = Duration::from_secs(10);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_owes_an_answer_is_doubted_soon_and_who_owes_none_late() {
        let now = Instant::now();
        let pulse = Pulse::new(now);
        assert!(!pulse.is_doubtful(now + ANSWER_MAX) && pulse.is_doubtful(now + SILENCE_MAX));
        pulse.owes(true, now + ANSWER_MAX);
        pulse.owes(true, now + ANSWER_MAX * 2);
        assert!(!pulse.is_doubtful(now + ANSWER_MAX) && pulse.is_doubtful(now + ANSWER_MAX * 2));
        pulse.owes(false, now + ANSWER_MAX * 2);
        assert!(!pulse.is_doubtful(now + ANSWER_MAX * 2));
    }

    #[test]
    fn who_says_anything_at_all_is_there() {
        let now = Instant::now();
        let pulse = Pulse::new(now);
        pulse.owes(true, now);
        pulse.heard(now + ANSWER_MAX);
        assert!(!pulse.is_doubtful(now + ANSWER_MAX));
        assert!(pulse.is_doubtful(now + SILENCE_MAX + ANSWER_MAX));
    }
}
