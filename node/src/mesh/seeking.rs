//! When another road than the one in use is looked for: a better one seldom, and less often each time it is not there; any one
//! at once where the one in use says nothing.

use super::Road;
use std::time::{Duration, Instant};

/// See above.
#[derive(Debug)]
pub(super) struct Seeking {
    better: Retry,
    doubt: Retry,
}

/// Why one is looked for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Why {
    /// A better one may be open again.
    Better,
    /// The one in use may be dead.
    Doubt,
}

#[derive(Debug)]
struct Retry {
    next: Instant,
    wait: Duration,
    first: Duration,
    last: Duration,
}

/// How a link is now.
#[derive(Clone, Copy, Debug)]
pub(super) struct Standing {
    pub(super) road: Road,
    /// Of those that the peer has.
    pub(super) best: Road,
    pub(super) doubtful: bool,
    /// This program's address towards the peer is another than before.
    pub(super) moved: bool,
}

impl Seeking {
    pub(super) fn begun(now: Instant) -> Self {
        let better =
            Retry { next: now + BETTER_FIRST, wait: BETTER_FIRST, first: BETTER_FIRST, last: BETTER_LAST };
        let doubt = Retry { next: now, wait: DOUBT_FIRST, first: DOUBT_FIRST, last: DOUBT_LAST };
        Self { better, doubt }
    }

    /// Whether to look now. It counts as done: the next time is later.
    pub(super) fn due(&mut self, standing: Standing, now: Instant) -> Option<Why> {
        let Standing { road, best, doubtful, moved } = standing;
        if moved {
            self.better.again(now);
            self.doubt.again(now);
        }
        if doubtful && self.doubt.take(now) {
            return Some(Why::Doubt);
        }
        (road > best && self.better.take(now)).then_some(Why::Better)
    }

    /// A link came up by another road.
    pub(super) fn found(&mut self, now: Instant) {
        // Tried soon, and seldom where it breaks each time: `wait` is kept.
        self.better.next = now + self.better.wait;
    }

    /// The link has held for long: what was before is forgotten.
    pub(super) fn held(&mut self, now: Instant) {
        self.doubt.again(now);
    }
}

impl Retry {
    fn take(&mut self, now: Instant) -> bool {
        if now < self.next {
            return false;
        }
        self.next = now + self.wait;
        self.wait = (self.wait * 2).min(self.last);
        true
    }

    fn again(&mut self, now: Instant) {
        self.next = now;
        self.wait = self.first;
    }
}

const BETTER_FIRST: Duration = Duration::from_secs(5);
const BETTER_LAST: Duration = Duration::from_secs(600);
const DOUBT_FIRST: Duration = Duration::from_secs(3);
const DOUBT_LAST: Duration = Duration::from_secs(60);
/// How long a link holds before its doubts are forgotten.
pub(super) const HELD: Duration = Duration::from_secs(60);

#[cfg(test)]
mod tests {
    use super::*;

    const BY_WEBSOCKET: Standing =
        Standing { road: Road::WebSocket, best: Road::Quic, doubtful: false, moved: false };

    #[test]
    fn a_better_road_is_looked_for_soon_then_seldom_and_at_once_on_another_network() {
        let mut now = Instant::now();
        let mut seeking = Seeking::begun(now);
        assert_eq!(seeking.due(BY_WEBSOCKET, now), None);
        let mut waits = Vec::new();
        for _ in 0..10 {
            let since = now;
            while seeking.due(BY_WEBSOCKET, now).is_none() {
                now += Duration::from_secs(1);
            }
            waits.push((now - since).as_secs());
        }
        assert_eq!(waits, [5, 5, 10, 20, 40, 80, 160, 320, 600, 600]);
        assert_eq!(seeking.due(Standing { moved: true, ..BY_WEBSOCKET }, now), Some(Why::Better));
    }

    #[test]
    fn on_the_best_road_nothing_is_looked_for_until_it_is_doubted() {
        let now = Instant::now();
        let mut seeking = Seeking::begun(now);
        let best = Standing { road: Road::Quic, ..BY_WEBSOCKET };
        assert_eq!(seeking.due(best, now + BETTER_LAST), None);
        let doubtful = Standing { doubtful: true, ..best };
        assert_eq!(seeking.due(doubtful, now), Some(Why::Doubt));
        assert_eq!(seeking.due(doubtful, now + Duration::from_secs(1)), None, "not again at once");
        assert_eq!(seeking.due(doubtful, now + DOUBT_FIRST), Some(Why::Doubt));
    }

    #[test]
    fn a_road_that_is_found_and_breaks_each_time_is_tried_less_and_less() {
        let mut now = Instant::now();
        let mut seeking = Seeking::begun(now);
        let mut tries = 0;
        let end = now + Duration::from_secs(3_600);
        while now < end {
            if seeking.due(BY_WEBSOCKET, now).is_some() {
                seeking.found(now);
                tries += 1;
            }
            now += Duration::from_secs(1);
        }
        assert!((8..16).contains(&tries), "{tries}");
    }
}
