//! Links over a network that is slow, cuts and splits. Frames are values in queues ordered by virtual time; like a stream's,
//! those of one direction keep their order, and a cut loses what is on its way.

use nexus_core::PeerKey;
use nexus_core::sync::frame::Role;
use nexus_core::sync::{Hold, Hosting, Link, Setup, Whose};
use std::collections::{BTreeSet, VecDeque};

/// Where everybody meets.
pub(crate) const RELAY: &str = "https://relay.example";

/// A link: its two ends and what is on its way to each.
pub(crate) struct Cable {
    /// Who dialed, and whom.
    pub(crate) ends: [usize; 2],
    pub(crate) links: [Link; 2],
    on_the_way: [VecDeque<(u64, Vec<u8>)>; 2],
    /// Something that was said on it was not heard, and nobody knows yet.
    pub(crate) unheard: bool,
}

/// How long the relay may lack what it said it has.
pub(crate) const GRACE_MS: u64 = 20_000;

/// Arrivals that a node takes in their order: few enough that most of them miss more now and then.
const IN_ORDER: u64 = 12;

#[derive(Default)]
pub(crate) struct Network {
    /// None where a cable was.
    pub(crate) cables: Vec<Cable>,
    /// While it is split: who is on the other side.
    far_side: BTreeSet<usize>,
    /// Whom nobody hears, while they hear everybody.
    pub(crate) mute: Option<usize>,
}

impl Cable {
    /// A node dials the relay.
    pub(crate) fn new(node: usize, relay: usize, hold: Hold, nonces: [[u8; 32]; 2]) -> Self {
        let setup = |me, peer, role, relay, nonce| {
            let hosting = Hosting { whose: Whose::Anybodys, spaces_max: 64, ops_max: 1_000_000 };
            Link::new(Setup {
                me: key(me),
                peer: key(peer),
                role,
                relay,
                nonce,
                blind: nonce,
                hosting,
                grace_ms: GRACE_MS,
                hold,
                in_order: IN_ORDER,
            })
        };
        let links = [
            setup(node, relay, Role::Node, Some(RELAY.to_owned()), nonces[0]),
            setup(relay, node, Role::Relay, None, nonces[1]),
        ];
        Self { ends: [node, relay], links, on_the_way: Default::default(), unheard: false }
    }

    /// Puts a frame on the way to one end; no frame overtakes another.
    pub(crate) fn put(&mut self, to: usize, frame: Vec<u8>, at_ms: u64) {
        let last = self.on_the_way[to].back().map_or(0, |(at_ms, _)| *at_ms);
        self.on_the_way[to].push_back((at_ms.max(last), frame));
    }

    /// The last frame overtakes the one before it; whether there were two.
    pub(crate) fn swap(&mut self, to: usize) -> bool {
        let last = self.on_the_way[to].len();
        if last < 2 {
            return false;
        }
        let (one, other) = (self.on_the_way[to][last - 2].0, self.on_the_way[to][last - 1].0);
        self.on_the_way[to].swap(last - 2, last - 1);
        (self.on_the_way[to][last - 2].0, self.on_the_way[to][last - 1].0) = (one, other);
        true
    }

    /// Frames that have arrived by now at a host that takes nothing in.
    pub(crate) fn waiting_for(&self, slow: &[usize], now_ms: u64) -> u64 {
        let ends = (0..2).filter(|end| slow.contains(&self.ends[*end]));
        let due = |end: usize| self.on_the_way[end].iter().filter(|(at_ms, _)| *at_ms <= now_ms).count();
        ends.map(|end| due(end) as u64).sum()
    }

    /// The next frame that has arrived by now, and at which end; at none that is slow.
    pub(crate) fn next(&mut self, now_ms: u64, slow: &[usize]) -> Option<(usize, Vec<u8>)> {
        let due = |end: &usize| {
            !slow.contains(&self.ends[*end])
                && self.on_the_way[*end].front().is_some_and(|(at_ms, _)| *at_ms <= now_ms)
        };
        let end =
            (0..2).filter(due).min_by_key(|end| self.on_the_way[*end].front().map(|(at_ms, _)| *at_ms))?;
        self.on_the_way[end].pop_front().map(|(_, frame)| (end, frame))
    }

    pub(crate) fn frames(&self) -> usize {
        self.on_the_way.iter().map(VecDeque::len).sum()
    }
}

impl Network {
    /// Whether one end can reach the other now.
    pub(crate) fn reaches(&self, ends: [usize; 2]) -> bool {
        self.far_side.contains(&ends[0]) == self.far_side.contains(&ends[1])
    }

    pub(crate) fn split(&mut self, far_side: BTreeSet<usize>) {
        self.far_side = far_side;
    }

    pub(crate) fn is_linked(&self, node: usize) -> bool {
        self.cables.iter().any(|cable| cable.ends[0] == node)
    }

    /// Ends every link for which `over`; returns how many, and the frames that were lost.
    pub(crate) fn cut(&mut self, over: impl Fn(&Cable) -> bool) -> (u64, u64) {
        let (mut links, mut frames) = (0, 0);
        self.cables.retain(|cable| {
            let stays = !over(cable);
            if !stays {
                links += 1;
                frames += cable.frames() as u64;
            }
            stays
        });
        (links, frames)
    }
}

fn key(host: usize) -> PeerKey {
    PeerKey([u8::try_from(host + 1).unwrap_or(u8::MAX); 32])
}
