//! Nodes that were found on this network, and when each is dialed. Bounded: whoever floods the network with names fills a
//! table and nothing more.

use nexus_core::PeerKey;
use std::collections::{BTreeMap, BTreeSet};
use std::net::{IpAddr, SocketAddr};
use std::time::{Duration, Instant};

/// The nodes that were found.
#[derive(Debug, Default)]
pub(super) struct Nearby(BTreeMap<PeerKey, Found>);

#[derive(Debug)]
struct Found {
    addresses: BTreeSet<SocketAddr>,
    since: Instant,
    next_try: Instant,
    failures: u32,
    is_dialed: bool,
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
        if !is_near(address.ip()) || (self.0.len() >= PEERS_MAX && !self.0.contains_key(&peer)) {
            return;
        }
        let found = self.0.entry(peer).or_insert_with(|| Found {
            addresses: BTreeSet::new(),
            since: now,
            next_try: now,
            failures: 0,
            is_dialed: false,
        });
        if found.addresses.len() < ADDRESSES_MAX && found.addresses.insert(address) {
            // It was started anew, or another road to it has opened.
            found.next_try = now;
            found.failures = 0;
        }
    }

    pub(super) fn lost(&mut self, peer: &PeerKey, address: &SocketAddr) {
        let Some(found) = self.0.get_mut(peer) else { return };
        found.addresses.remove(address);
        if found.addresses.is_empty() && !found.is_dialed {
            self.0.remove(peer);
        }
    }

    /// Whom to dial now, with their addresses; each is dialed until [`Nearby::over`]. Of two nodes the one with the lower key
    /// dials, so that there are not two links; the other does where that has not come about.
    pub(super) fn due(
        &mut self,
        me: &PeerKey,
        linked: &BTreeSet<PeerKey>,
        now: Instant,
    ) -> Vec<(PeerKey, Vec<SocketAddr>)> {
        let room = LINKS_MAX.saturating_sub(linked.len());
        let waits = |peer: &PeerKey, found: &Found| {
            let turn =
                found.since.max(found.next_try) + if me < peer { Duration::ZERO } else { SECOND_WAITS };
            found.is_dialed || linked.contains(peer) || found.addresses.is_empty() || now < turn
        };
        let mut due = Vec::new();
        for (peer, found) in &mut self.0 {
            if due.len() < room && !waits(peer, found) {
                found.is_dialed = true;
                due.push((*peer, found.addresses.iter().copied().collect()));
            }
        }
        due
    }

    pub(super) fn over(&mut self, peer: &PeerKey, outcome: Outcome, now: Instant) {
        let Some(found) = self.0.get_mut(peer) else { return };
        found.is_dialed = false;
        found.failures = if outcome == Outcome::Failed { found.failures + 1 } else { 0 };
        let wait = match outcome {
            Outcome::Stranger => STRANGER_WAITS,
            Outcome::Ended => FIRST_RETRY,
            Outcome::Failed => FIRST_RETRY.saturating_mul(1 << found.failures.min(10)).min(LAST_RETRY),
        };
        found.next_try = now + wait;
        if found.addresses.is_empty() {
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

/// Whether an address is of this network, and not of the world: RFC 1918, RFC 3927, RFC 4193, and this machine.
pub(super) fn is_near(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(v4) => v4.is_private() || v4.is_link_local() || v4.is_loopback(),
        IpAddr::V6(v6) => v6.is_unique_local() || v6.is_unicast_link_local() || v6.is_loopback(),
    }
}

const PEERS_MAX: usize = 256;
const ADDRESSES_MAX: usize = 4;
/// Links to nodes at the same time; a larger network goes through a relay.
const LINKS_MAX: usize = 50;
/// How much longer the node with the greater key waits.
const SECOND_WAITS: Duration = Duration::from_secs(2);
const FIRST_RETRY: Duration = Duration::from_millis(250);
const LAST_RETRY: Duration = Duration::from_secs(30);
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
        assert_eq!(nearby.due(&key(9), &nobody, now + SECOND_WAITS), [(key(5), vec![at(1)])]);
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
        assert!(nearby.0.values().all(|found| found.addresses.len() == ADDRESSES_MAX));
        assert_eq!(nearby.due(&key(0), &BTreeSet::new(), now).len(), LINKS_MAX);
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
}
