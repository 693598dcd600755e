//! Nodes that can be linked with: those that were found on this network, those that were told of, and those that a relay leads to;
//! and when each is dialed. Bounded: whoever floods the network with names fills a table and nothing more.

use nexus_core::{Addresses, PeerKey, is_near};
use std::collections::{BTreeMap, BTreeSet};
use std::hash::{BuildHasher as _, RandomState};
use std::net::SocketAddr;
use std::time::{Duration, Instant};

/// The nodes that are known; and a lot, by which it is nobody's to know who is dialed first.
#[derive(Debug, Default)]
pub(super) struct Nearby(BTreeMap<PeerKey, Found>, RandomState);

#[derive(Debug)]
struct Found {
    ways: Ways,
    since: Instant,
    next_try: Instant,
    failures: u32,
    is_dialed: bool,
}

/// How a node is reached.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(super) struct Ways {
    /// On this network, by mDNS.
    pub(super) near: BTreeSet<SocketAddr>,
    /// By an invite, or by itself.
    pub(super) told: BTreeSet<SocketAddr>,
    /// Through these relays.
    pub(super) through: BTreeSet<PeerKey>,
}

impl Ways {
    fn is_none(&self) -> bool {
        self.near.is_empty() && self.told.is_empty() && self.through.is_empty()
    }
}

/// What became of a node that was dialed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Outcome {
    /// It was not reached, or its link broke at once.
    Failed,
    /// There was a link, and it ended.
    Ended,
    /// It shares nothing with anybody here.
    Stranger,
}

impl Nearby {
    pub(super) fn found(&mut self, peer: PeerKey, address: SocketAddr, now: Instant) {
        let is_one_more = |ways: &Ways| ways.near.is_empty();
        if !is_near(address.ip()) || !self.has_room(&peer, is_one_more) {
            return;
        }
        let found = self.entry(peer, now);
        if found.ways.near.len() < ADDRESSES_MAX && found.ways.near.insert(address) {
            // It was started anew, or another road to it has opened.
            found.try_at(now);
        }
    }

    /// Somebody who should know says where it is dialed; that takes the place of what was said before.
    pub(super) fn told(&mut self, peer: PeerKey, addresses: &Addresses, now: Instant) {
        let told: BTreeSet<SocketAddr> = addresses.iter().map(|address| address.at()).collect();
        let is_new = self.0.get(&peer).is_none_or(|found| found.ways.told != told);
        if !is_new || !self.has_room(&peer, |ways| ways.told.is_empty()) {
            return;
        }
        let found = self.entry(peer, now);
        found.ways.told = told;
        found.try_at(now);
    }

    /// A relay says that it uses it, too.
    pub(super) fn found_through(&mut self, peer: PeerKey, relay: PeerKey, now: Instant) {
        if !self.has_room(&peer, |ways| ways.through.is_empty()) {
            return;
        }
        let found = self.entry(peer, now);
        if found.ways.through.len() < ADDRESSES_MAX {
            found.ways.through.insert(relay);
        }
        // It has come to seek something that it did not seek before.
        found.next_try = now;
    }

    /// The link to a relay is over: nobody is reached through it.
    pub(super) fn relay_is_gone(&mut self, relay: &PeerKey) {
        for found in self.0.values_mut() {
            found.ways.through.remove(relay);
        }
        self.0.retain(|_, found| found.is_dialed || !found.ways.is_none());
    }

    // Each kind of way has room of its own: what strangers say on the network takes none from what members say.
    fn has_room(&self, peer: &PeerKey, has_none: impl Fn(&Ways) -> bool) -> bool {
        let is_counted = self.0.get(peer).is_some_and(|found| !has_none(&found.ways));
        is_counted || self.0.values().filter(|found| !has_none(&found.ways)).count() < PEERS_MAX
    }

    fn entry(&mut self, peer: PeerKey, now: Instant) -> &mut Found {
        self.0.entry(peer).or_insert_with(|| Found {
            ways: Ways::default(),
            since: now,
            next_try: now,
            failures: 0,
            is_dialed: false,
        })
    }

    pub(super) fn lost(&mut self, peer: &PeerKey, address: &SocketAddr) {
        let Some(found) = self.0.get_mut(peer) else { return };
        found.ways.near.remove(address);
        if found.ways.is_none() && !found.is_dialed {
            self.0.remove(peer);
        }
    }

    /// Whom to dial now, with their addresses; each is dialed until [`Nearby::over`]. Of two nodes the one with the lower key
    /// dials, so that there are not two links; the other does where that has not come about. Whoever comes by themselves takes none of
    /// the [`OWN_LINKS`] that this node chooses: a crowd of members who mean harm could be all that it is linked with otherwise.
    pub(super) fn due(
        &mut self,
        me: &PeerKey,
        linked: &BTreeSet<PeerKey>,
        now: Instant,
    ) -> Vec<(PeerKey, Ways)> {
        let own = self.0.values().filter(|found| found.is_dialed).count();
        let room = LINKS_MAX.saturating_sub(linked.len()).max(OWN_LINKS.saturating_sub(own));
        let waits = |peer: &PeerKey, found: &Found| {
            let turn =
                found.since.max(found.next_try) + if me < peer { Duration::ZERO } else { SECOND_WAITS };
            found.is_dialed || linked.contains(peer) || found.ways.is_none() || now < turn
        };
        let mut due: Vec<(&PeerKey, &mut Found)> =
            self.0.iter_mut().filter(|(peer, found)| !waits(peer, found)).collect();
        due.sort_by_cached_key(|(peer, _)| self.1.hash_one(peer.0));
        let dialed = due.into_iter().take(room).map(|(peer, found)| {
            found.is_dialed = true;
            (*peer, found.ways.clone())
        });
        dialed.collect()
    }

    /// The relays that lead to a node.
    pub(super) fn through(&self, peer: &PeerKey) -> Vec<PeerKey> {
        self.0.get(peer).map(|found| found.ways.through.iter().copied().collect()).unwrap_or_default()
    }

    pub(super) fn over(&mut self, peer: &PeerKey, outcome: Outcome, now: Instant) {
        let Some(found) = self.0.get_mut(peer) else { return };
        found.is_dialed = false;
        found.failures = if outcome == Outcome::Failed { found.failures + 1 } else { 0 };
        // Who is only said to be somewhere may be away for long, and comes by themselves.
        let last =
            if found.ways.near.is_empty() && found.ways.through.is_empty() { AWAY_RETRY } else { LAST_RETRY };
        let wait = match outcome {
            Outcome::Stranger => STRANGER_WAITS,
            Outcome::Ended => FIRST_RETRY,
            Outcome::Failed => FIRST_RETRY.saturating_mul(1 << found.failures.min(12)).min(last),
        };
        found.next_try = now + wait;
        if found.ways.is_none() {
            self.0.remove(peer);
        }
    }

    /// Somebody here has a reason to try everybody now.
    pub(super) fn hurry(&mut self, now: Instant) {
        for found in self.0.values_mut() {
            found.next_try = now;
        }
    }
}

impl Found {
    const fn try_at(&mut self, now: Instant) {
        self.next_try = now;
        self.failures = 0;
    }
}

const PEERS_MAX: usize = 256;
const ADDRESSES_MAX: usize = 4;
/// Links to nodes at the same time; a larger network goes through a relay.
const LINKS_MAX: usize = 50;
/// .. of which it dials so many itself, however many came by themselves.
const OWN_LINKS: usize = 8;
/// How much longer the node with the greater key waits.
const SECOND_WAITS: Duration = Duration::from_secs(2);
const FIRST_RETRY: Duration = Duration::from_millis(250);
const LAST_RETRY: Duration = Duration::from_secs(30);
const AWAY_RETRY: Duration = Duration::from_secs(300);
/// Its people may join something that people here are in.
const STRANGER_WAITS: Duration = Duration::from_secs(120);

#[cfg(test)]
mod tests {
    use super::*;

    fn key(number: u8) -> PeerKey {
        PeerKey([number; 32])
    }

    fn at(port: u16) -> SocketAddr {
        SocketAddr::from(([192, 168, 1, 7], port))
    }

    #[test]
    fn of_two_nodes_one_dials_and_the_other_only_where_that_does_not_come_about() {
        let (mut nearby, now, nobody) = (Nearby::default(), Instant::now(), BTreeSet::new());
        nearby.found(key(5), at(1), now);
        assert!(nearby.due(&key(9), &nobody, now).is_empty());
        let ways = Ways { near: BTreeSet::from([at(1)]), ..Ways::default() };
        assert_eq!(nearby.due(&key(9), &nobody, now + SECOND_WAITS), [(key(5), ways)]);
        let mut nearby = Nearby::default();
        nearby.found(key(5), at(1), now);
        assert_eq!(nearby.due(&key(1), &nobody, now).len(), 1);
        assert!(nearby.due(&key(1), &nobody, now).is_empty(), "it is being dialed");
    }

    #[test]
    fn who_fails_is_tried_later_and_later_and_at_once_from_a_new_address() {
        let (mut nearby, mut now, nobody) = (Nearby::default(), Instant::now(), BTreeSet::new());
        nearby.found(key(5), at(1), now);
        for _ in 0..12 {
            assert_eq!(nearby.due(&key(1), &nobody, now).len(), 1);
            nearby.over(&key(5), Outcome::Failed, now);
            assert!(nearby.due(&key(1), &nobody, now).is_empty());
            now += LAST_RETRY;
        }
        assert_eq!(nearby.due(&key(1), &nobody, now).len(), 1);
        nearby.over(&key(5), Outcome::Stranger, now);
        assert!(nearby.due(&key(1), &nobody, now + LAST_RETRY).is_empty());
        nearby.found(key(5), at(2), now + LAST_RETRY);
        assert_eq!(nearby.due(&key(1), &nobody, now + LAST_RETRY).len(), 1);
    }

    #[test]
    fn strangers_are_tried_again_when_somebody_has_an_invite() {
        let (mut nearby, now, nobody) = (Nearby::default(), Instant::now(), BTreeSet::new());
        nearby.found(key(5), at(1), now);
        nearby.due(&key(1), &nobody, now);
        nearby.over(&key(5), Outcome::Stranger, now);
        nearby.hurry(now);
        assert_eq!(nearby.due(&key(1), &nobody, now).len(), 1);
    }

    #[test]
    fn an_address_of_the_world_is_never_dialed_and_a_flood_fills_a_table() {
        let (mut nearby, now) = (Nearby::default(), Instant::now());
        nearby.found(key(5), SocketAddr::from(([203, 0, 113, 5], 1)), now);
        assert!(nearby.due(&key(1), &BTreeSet::new(), now).is_empty());
        for number in 0..10_000u32 {
            let mut bytes = [9; 32];
            bytes[..4].copy_from_slice(&number.to_be_bytes());
            for port in 1..20 {
                nearby.found(PeerKey(bytes), at(port), now);
            }
        }
        assert_eq!(nearby.0.len(), PEERS_MAX);
        assert!(nearby.0.values().all(|found| found.ways.near.len() == ADDRESSES_MAX));
        assert_eq!(nearby.due(&key(0), &BTreeSet::new(), now).len(), LINKS_MAX);
    }

    #[test]
    fn a_crowd_that_came_by_itself_does_not_choose_whom_a_node_is_linked_with() {
        let (mut nearby, now) = (Nearby::default(), Instant::now());
        let crowd: BTreeSet<PeerKey> = (1..=100).map(key).collect();
        for number in 101..=150 {
            nearby.found(key(number), at(1), now);
        }
        let dialed = nearby.due(&key(0), &crowd, now);
        assert_eq!(dialed.len(), OWN_LINKS);
        assert!(nearby.due(&key(0), &crowd, now).is_empty(), "and no more than that");
        let orders = |_| {
            let mut nearby = Nearby::default();
            (101..=150).for_each(|number| nearby.found(key(number), at(1), now));
            nearby.due(&key(0), &crowd, now).into_iter().map(|(peer, _)| peer).collect::<Vec<_>>()
        };
        let orders: BTreeSet<Vec<PeerKey>> = (0..16).map(orders).collect();
        assert!(orders.len() > 1, "a low key is no way to the front");
    }

    #[test]
    fn who_is_gone_from_the_network_is_forgotten() {
        let (mut nearby, now) = (Nearby::default(), Instant::now());
        nearby.found(key(5), at(1), now);
        nearby.lost(&key(5), &at(1));
        assert!(nearby.0.is_empty());
        nearby.found(key(5), at(1), now);
        nearby.due(&key(1), &BTreeSet::new(), now);
        nearby.lost(&key(5), &at(1));
        nearby.over(&key(5), Outcome::Ended, now);
        assert!(nearby.0.is_empty());
    }

    #[test]
    fn who_is_told_of_is_dialed_anywhere_and_a_flood_on_the_network_does_not_stand_in_the_way() {
        let (mut nearby, now) = (Nearby::default(), Instant::now());
        for number in 0..10_000u32 {
            let mut bytes = [9; 32];
            bytes[..4].copy_from_slice(&number.to_be_bytes());
            nearby.found(PeerKey(bytes), at(1), now);
        }
        let world = |port: u16| {
            Addresses::first_of([nexus_core::PeerAddress::try_from(SocketAddr::from((
                [203, 0, 113, 5],
                port,
            )))
            .unwrap()])
        };
        nearby.told(key(200), &world(1), now);
        nearby.found_through(key(201), key(77), now);
        assert_eq!(nearby.0.len(), PEERS_MAX + 2);
        nearby.told(key(200), &world(2), now);
        let told: Vec<u16> = nearby.0[&key(200)].ways.told.iter().map(SocketAddr::port).collect();
        assert_eq!(told, [2], "what it said last is true");
        nearby.relay_is_gone(&key(77));
        assert!(!nearby.0.contains_key(&key(201)));
    }

    #[test]
    fn who_is_only_said_to_be_somewhere_is_tried_less_and_less_often() {
        let (mut nearby, mut now, nobody) = (Nearby::default(), Instant::now(), BTreeSet::new());
        let there = nexus_core::PeerAddress::try_from(SocketAddr::from(([203, 0, 113, 5], 1))).unwrap();
        nearby.told(key(5), &Addresses::first_of([there]), now);
        for _ in 0..20 {
            assert_eq!(nearby.due(&key(1), &nobody, now).len(), 1);
            nearby.over(&key(5), Outcome::Failed, now);
            now += AWAY_RETRY;
        }
        nearby.due(&key(1), &nobody, now);
        nearby.over(&key(5), Outcome::Failed, now);
        assert!(nearby.due(&key(1), &nobody, now + LAST_RETRY).is_empty());
        nearby.found_through(key(5), key(77), now);
        assert_eq!(nearby.due(&key(1), &nobody, now).len(), 1, "a relay says that it is there");
    }
}
