//! Where this node is dialed, as far as it knows, and what of it may be told.

use super::Network;
use nexus_core::{Addresses, PeerAddress, PeerKey, is_near};
use std::collections::{BTreeMap, BTreeSet};

/// What is known. The most certain comes first, where there are more than may be told.
#[derive(Debug, Default)]
pub(super) struct Whereabouts {
    /// As the person says it, who forwards a port.
    given: Vec<PeerAddress>,
    /// As relays see it, while there is a link to them.
    observed: BTreeMap<PeerKey, PeerAddress>,
    /// Of the interfaces of this machine.
    own: BTreeSet<PeerAddress>,
}

impl Whereabouts {
    pub(super) fn given(given: Vec<PeerAddress>) -> Self {
        Self { given, ..Self::default() }
    }

    pub(super) fn listening_at(&mut self, all: impl Iterator<Item = PeerAddress>) {
        self.own = all.collect();
    }

    pub(super) fn observed_by(&mut self, relay: PeerKey, at: PeerAddress) {
        if self.observed.len() < RELAYS_MAX || self.observed.contains_key(&relay) {
            self.observed.insert(relay, at);
        }
    }

    pub(super) fn relay_is_gone(&mut self, relay: &PeerKey) {
        self.observed.remove(relay);
    }

    /// What an invite made here tells: nothing in `relay-only`, what is near in `lan`, all of it in `direct`.
    pub(super) fn told(&self, network: Network) -> Addresses {
        let (near, far): (Vec<PeerAddress>, Vec<PeerAddress>) =
            self.own.iter().copied().partition(|at| is_near(at.at().ip()));
        match network {
            Network::RelayOnly => Addresses::default(),
            Network::Lan => {
                let given = self.given.iter().copied().filter(|at| is_near(at.at().ip()));
                Addresses::first_of(given.chain(near))
            }
            Network::Direct => {
                let given = self.given.iter().chain(self.observed.values()).copied();
                Addresses::first_of(given.chain(far).chain(near))
            }
        }
    }
}

/// Relays whose word is kept.
const RELAYS_MAX: usize = 32;

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> PeerAddress {
        text.parse().unwrap()
    }

    fn told(known: &Whereabouts, network: Network) -> Vec<String> {
        known.told(network).iter().map(|at| at.to_string()).collect()
    }

    #[test]
    fn each_mode_tells_what_it_may() {
        let mut known = Whereabouts::given(vec![at("203.0.113.7:1")]);
        known.listening_at([at("192.168.1.7:8091"), at("198.51.100.7:8091")].into_iter());
        known.observed_by(PeerKey([1; 32]), at("203.0.113.8:60000"));
        assert_eq!(told(&known, Network::RelayOnly), Vec::<String>::new());
        assert_eq!(told(&known, Network::Lan), ["192.168.1.7:8091"]);
        let all = ["192.168.1.7:8091", "198.51.100.7:8091", "203.0.113.7:1", "203.0.113.8:60000"];
        assert_eq!(told(&known, Network::Direct), all);
        known.relay_is_gone(&PeerKey([1; 32]));
        assert_eq!(told(&known, Network::Direct), all[..3]);
    }

    #[test]
    fn a_machine_with_many_addresses_tells_the_most_certain_and_lying_relays_fill_a_table() {
        let mut known = Whereabouts::given(vec![at("203.0.113.7:1")]);
        known.listening_at((1..200).map(|number| at(&format!("10.0.0.{number}:8091"))));
        assert!(told(&known, Network::Direct).contains(&String::from("203.0.113.7:1")));
        for number in 0..100 {
            known.observed_by(PeerKey([number; 32]), at("203.0.113.8:60000"));
        }
        assert_eq!(known.observed.len(), RELAYS_MAX);
        assert_eq!(told(&known, Network::Direct).len(), Addresses::MAX);
    }
}
