//! The router of a house: it translates addresses and ports as those of people's homes do, with no clock and no device.
//!
//! The four kinds are mapping and filtering behaviours of RFC 4787 (UDP, 4.1 and 5) and RFC 5382 (TCP). Of a house nothing but
//! ARP, UDP and TCP over IPv4 is let through, whole packets only; a router has one house, and does not hairpin.

mod packet;

use packet::{Arp, Packet, Transport, arp_reply};
use std::collections::{BTreeMap, BTreeSet};
use std::net::Ipv4Addr;
use std::time::Duration;

/// What a house has between itself and the others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Nat {
    /// One outside port for each inside port; whoever sends there comes in.
    FullCone,
    /// .. whoever's address was sent to from there comes in.
    AddressRestricted,
    /// .. only the very address and port that was sent to comes in.
    PortRestricted,
    /// An outside port for each inside port and whom it sends to; nobody else comes in there.
    Symmetric,
}

/// A router at work.
pub(super) struct Router {
    nat: Nat,
    inside: Ipv4Addr,
    outside: Ipv4Addr,
    /// This machine, which sits before the programs: nothing is between it and the house.
    here: Ipv4Addr,
    mappings: BTreeMap<Key, Mapping>,
    taken: BTreeMap<(Transport, u16), Key>,
    last_port: u16,
}

/// What becomes of a frame.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Fate {
    /// It goes on, like this.
    Passes(Vec<u8>),
    /// It goes no further; this goes back to where it came from.
    Answered(Vec<u8>),
    /// It goes nowhere.
    Refused,
}

type Place = (Ipv4Addr, u16);

/// Whose mapping: an inside port and, where it depends on it, whom it sends to.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Key {
    transport: Transport,
    port: u16,
    to: Option<Place>,
}

struct Mapping {
    port: u16,
    sent_to: BTreeSet<Place>,
    used: Duration,
}

impl Router {
    pub(super) fn new(nat: Nat, inside: Ipv4Addr, outside: Ipv4Addr, here: Ipv4Addr) -> Self {
        let (mappings, taken) = (BTreeMap::new(), BTreeMap::new());
        Self { nat, inside, outside, here, mappings, taken, last_port: PORTS_FROM }
    }

    pub(super) const fn kind(&self) -> Nat {
        self.nat
    }

    /// A frame that the house sends to others.
    pub(super) fn outward(&mut self, frame: &[u8], now: Duration) -> Fate {
        if packet::target_of(frame) == Some(self.here) {
            return Fate::Passes(frame.to_vec());
        }
        if let Some(arp) = Arp::read(frame) {
            // Every address has its place by [`mac_of`]: nobody needs to be asked.
            return match arp.is_request && arp.sender != arp.target {
                _ if arp.target == self.here => Fate::Passes(frame.to_vec()),
                true => Fate::Answered(arp_reply(&arp, &mac_of(arp.target))),
                false => Fate::Refused,
            };
        }
        let Some(mut packet) = Packet::read(frame.to_vec()) else { return Fate::Refused };
        let (from, to) = (packet.source(), packet.target());
        if from.0 != self.inside || !is_one(to.0) {
            return Fate::Refused;
        }
        let depends = (self.nat == Nat::Symmetric).then_some(to);
        let key = Key { transport: packet.transport(), port: from.1, to: depends };
        let Some(port) = self.mapped(key, to, now) else { return Fate::Refused };
        packet.set_source((self.outside, port));
        packet.set_source_mac(&mac_of(self.outside));
        Fate::Passes(packet.into_frame())
    }

    /// A frame of others that came to its door.
    pub(super) fn inward(&mut self, frame: &[u8], now: Duration) -> Fate {
        if let Some(arp) = Arp::read(frame) {
            return match arp.is_request && arp.target == self.outside {
                true => Fate::Answered(arp_reply(&arp, &mac_of(self.outside))),
                false => Fate::Refused,
            };
        }
        let Some(mut packet) = Packet::read(frame.to_vec()) else { return Fate::Refused };
        let (from, to) = (packet.source(), packet.target());
        let key = self.taken.get(&(packet.transport(), to.1)).copied();
        let Some((key, mapping)) = key.and_then(|key| Some((key, self.mappings.get(&key)?))) else {
            return Fate::Refused;
        };
        let is_over = now.saturating_sub(mapping.used) > key.transport.life();
        if to.0 != self.outside || is_over || !self.lets_in(mapping, from) {
            return Fate::Refused;
        }
        packet.set_target((self.inside, key.port));
        packet.set_target_mac(&mac_of(self.inside));
        Fate::Passes(packet.into_frame())
    }

    fn lets_in(&self, mapping: &Mapping, from: Place) -> bool {
        match self.nat {
            Nat::FullCone => true,
            Nat::AddressRestricted => mapping.sent_to.iter().any(|(address, _)| *address == from.0),
            Nat::PortRestricted | Nat::Symmetric => mapping.sent_to.contains(&from),
        }
    }

    // Only what goes out keeps it (RFC 4787, REQ-6): nobody outside can.
    fn mapped(&mut self, key: Key, to: Place, now: Duration) -> Option<u16> {
        let life = key.transport.life();
        if self.mappings.get(&key).is_some_and(|mapping| now.saturating_sub(mapping.used) > life) {
            self.forget(&key);
        }
        if !self.mappings.contains_key(&key) {
            if self.mappings.len() >= MAPPINGS_MAX {
                let oldest =
                    self.mappings.iter().min_by_key(|(_, mapping)| mapping.used).map(|(key, _)| *key);
                oldest.iter().for_each(|key| self.forget(key));
            }
            let port = self.free_port(key.transport)?;
            self.taken.insert((key.transport, port), key);
            self.mappings.insert(key, Mapping { port, sent_to: BTreeSet::new(), used: now });
        }
        let mapping = self.mappings.get_mut(&key)?;
        mapping.used = now;
        if mapping.sent_to.len() >= SENT_TO_MAX && !mapping.sent_to.contains(&to) {
            mapping.sent_to.pop_first();
        }
        mapping.sent_to.insert(to);
        Some(mapping.port)
    }

    fn forget(&mut self, key: &Key) {
        if let Some(mapping) = self.mappings.remove(key) {
            self.taken.remove(&(key.transport, mapping.port));
        }
    }

    // Strides through the whole range: nobody guesses the next one by counting up.
    fn free_port(&mut self, transport: Transport) -> Option<u16> {
        for _ in 0..PORTS {
            let step = u32::from(self.last_port - PORTS_FROM) + u32::from(STRIDE);
            self.last_port = PORTS_FROM + u16::try_from(step % u32::from(PORTS)).ok()?;
            if !self.taken.contains_key(&(transport, self.last_port)) {
                return Some(self.last_port);
            }
        }
        None
    }
}

/// Where in the air an address is: every house and every router stands at its own.
pub(super) const fn mac_of(address: Ipv4Addr) -> [u8; 6] {
    let [a, b, c, d] = address.octets();
    // Locally administered (IEEE 802).
    [0x02, 0x6e, a, b, c, d]
}

fn is_one(address: Ipv4Addr) -> bool {
    !address.is_multicast() && !address.is_broadcast() && !address.is_unspecified()
}

/// Ports of 20,011 to 60,010; the stride has no divisor in common with their number.
const PORTS_FROM: u16 = 20_011;
const PORTS: u16 = 40_000;
const STRIDE: u16 = 7_919;
/// As a small router has; the oldest makes room.
const MAPPINGS_MAX: usize = 4_096;
const SENT_TO_MAX: usize = 1_024;

#[cfg(test)]
mod tests;
