//! What is on its way, ordered by virtual time. A link is a stream of QUIC: nothing overtakes, and what is lost is not gone but late.

use rand::RngExt;
use rand::rngs::StdRng;
use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap};

/// Something that happens at a moment.
pub(super) enum Event {
    /// A frame comes to an end of a link.
    Frame { line: usize, end: usize, bytes: Vec<u8> },
    /// An end of a link wanted to be woken.
    Due { line: usize, end: usize },
    /// A link comes up.
    Up { line: usize },
    /// Some seconds have passed at a node.
    Tick { node: usize },
    /// Somebody says the next thing.
    Say,
}

/// One frame in so many is lost, and once more.
const LOSS: f64 = 0.05;

/// How long a frame takes, ms. One that is lost is sent again when a probe is due (RFC 9002, 6.2: a round trip, four times what it
/// varies by, and 25 ms), here one and a half round trips after it was sent.
pub(super) fn way_ms(rng: &mut StdRng, delay_ms: u64) -> u64 {
    let mut way_ms = delay_ms;
    while rng.random_bool(LOSS) {
        way_ms += 3 * delay_ms;
    }
    way_ms
}

#[derive(Default)]
pub(super) struct Air {
    next: BinaryHeap<Reverse<(u64, u64)>>,
    events: BTreeMap<u64, Event>,
    last: u64,
    /// When the last frame of each direction arrives.
    busy_until: BTreeMap<(usize, usize), u64>,
}

impl Air {
    pub(super) fn at(&mut self, at_ms: u64, event: Event) {
        self.last += 1;
        self.next.push(Reverse((at_ms, self.last)));
        self.events.insert(self.last, event);
    }

    /// Sends a frame to an end of a link.
    pub(super) fn send(
        &mut self,
        rng: &mut StdRng,
        now_ms: u64,
        to: (usize, usize),
        delay_ms: u64,
        bytes: Vec<u8>,
    ) {
        let at_ms = now_ms + way_ms(rng, delay_ms);
        let busy = self.busy_until.entry(to).or_default();
        *busy = at_ms.max(*busy);
        let (at_ms, (line, end)) = (*busy, to);
        self.at(at_ms, Event::Frame { line, end, bytes });
    }

    pub(super) fn next(&mut self) -> Option<(u64, Event)> {
        let Reverse((at_ms, number)) = self.next.pop()?;
        Some((at_ms, self.events.remove(&number)?))
    }
}
