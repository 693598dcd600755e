//! Which road is tried when, where a peer may be reached by several (after RFC 8305, "happy eyeballs"): the best at once, each
//! next one a little later, or as soon as all before it have failed. The first that works is taken.

use super::Road;
use std::collections::{BTreeSet, VecDeque};
use std::time::{Duration, Instant};

/// The choice between roads to one peer.
#[derive(Debug)]
pub(super) struct Choice {
    /// Not begun yet, the best first.
    waiting: VecDeque<Road>,
    going: BTreeSet<Road>,
    next: Instant,
}

impl Choice {
    pub(super) fn among(roads: impl IntoIterator<Item = Road>, now: Instant) -> Self {
        let roads: BTreeSet<Road> = roads.into_iter().collect();
        Self { waiting: roads.into_iter().collect(), going: BTreeSet::new(), next: now }
    }

    /// The roads to be tried from now on.
    pub(super) fn due(&mut self, now: Instant) -> Vec<Road> {
        let mut due = Vec::new();
        while now >= self.next
            && let Some(road) = self.waiting.pop_front()
        {
            self.going.insert(road);
            self.next += STAGGER;
            due.push(road);
        }
        due
    }

    /// A road leads nowhere.
    pub(super) fn failed(&mut self, road: Road, now: Instant) {
        self.going.remove(&road);
        if self.going.is_empty() {
            self.next = self.next.min(now);
        }
    }

    /// When the next road is due; none where no other is left.
    pub(super) fn next(&self) -> Option<Instant> {
        (!self.waiting.is_empty()).then_some(self.next)
    }
}

/// How much of a start a road has before the next worse one (RFC 8305, section 5, recommends 250 ms).
const STAGGER: Duration = Duration::from_millis(250);

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: [Road; 3] = [Road::WebSocket, Road::Quic, Road::Tcp];

    #[test]
    fn each_road_has_a_start_before_the_next_worse_one() {
        let now = Instant::now();
        let mut choice = Choice::among(ALL, now);
        assert_eq!(choice.due(now), [Road::Quic]);
        assert_eq!((choice.due(now), choice.next()), (vec![], Some(now + STAGGER)));
        assert_eq!(choice.due(now + STAGGER), [Road::Tcp]);
        assert_eq!(choice.due(now + 2 * STAGGER), [Road::WebSocket]);
        assert_eq!(choice.next(), None);
    }

    #[test]
    fn where_every_packet_is_dropped_in_silence_the_last_road_is_tried_within_half_a_second() {
        let now = Instant::now();
        let mut choice = Choice::among(ALL, now);
        let late = now + Duration::from_millis(500);
        assert_eq!(choice.due(late), [Road::Quic, Road::Tcp, Road::WebSocket]);
    }

    #[test]
    fn a_road_that_fails_at_once_holds_up_nobody() {
        let now = Instant::now();
        let mut choice = Choice::among(ALL, now);
        choice.due(now);
        choice.failed(Road::Quic, now);
        assert_eq!(choice.due(now), [Road::Tcp]);
        choice.failed(Road::Tcp, now);
        assert_eq!(choice.due(now), [Road::WebSocket]);
    }

    #[test]
    fn while_another_road_may_still_work_a_failure_hurries_nothing() {
        let now = Instant::now();
        let mut choice = Choice::among(ALL, now);
        choice.due(now);
        choice.due(now + STAGGER);
        choice.failed(Road::Quic, now + STAGGER);
        assert_eq!((choice.due(now + STAGGER), choice.next()), (vec![], Some(now + 2 * STAGGER)));
    }

    #[test]
    fn where_only_one_road_is_left_it_is_tried_at_once() {
        let now = Instant::now();
        assert_eq!(Choice::among([Road::WebSocket], now).due(now), [Road::WebSocket]);
    }
}
