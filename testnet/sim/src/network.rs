//! A network that loses, repeats, delays and splits. Deliveries are values in a queue ordered by virtual time.

use crate::faults::Faults;
use crate::host::Parcel;
use rand::RngExt;
use rand::rngs::StdRng;
use std::collections::{BTreeMap, BTreeSet};

#[derive(Default)]
pub(crate) struct Network {
    in_flight: BTreeMap<(u64, u64), Packet>,
    sent: u64,
    /// While it is split: who is on the other side.
    far_side: BTreeSet<usize>,
}

struct Packet {
    to: usize,
    number: u64,
    parcel: Parcel,
}

impl Network {
    /// Sends a parcel to every other node, by the weather of the day.
    pub(crate) fn send(
        &mut self,
        from: usize,
        nodes: usize,
        parcel: &Parcel,
        now_ms: u64,
        rng: &mut StdRng,
        faults: &mut Faults,
    ) {
        for to in (0..nodes).filter(|to| *to != from) {
            if self.far_side.contains(&from) != self.far_side.contains(&to) {
                faults.cut_off += 1;
                continue;
            }
            if rng.random_bool(LOSS) {
                faults.lost += 1;
                continue;
            }
            let copies = 1 + u64::from(rng.random_bool(REPEAT));
            faults.repeated += copies - 1;
            for _ in 0..copies {
                let mut parcel = parcel.clone();
                if rng.random_bool(LOSS) {
                    parcel.frontiers.clear();
                }
                self.put(to, parcel, now_ms + rng.random_range(1..DELAY_MAX_MS));
            }
        }
    }

    /// What has arrived by now, in order of arrival.
    pub(crate) fn arrivals(&mut self, now_ms: u64, faults: &mut Faults) -> Vec<(usize, Parcel)> {
        let later = self.in_flight.split_off(&(now_ms + 1, 0));
        let due = std::mem::replace(&mut self.in_flight, later);
        let mut newest: BTreeMap<usize, u64> = BTreeMap::new();
        let mut arrived = Vec::new();
        for packet in due.into_values() {
            let newest = newest.entry(packet.to).or_default();
            faults.overtaken += u64::from(packet.number < *newest);
            *newest = packet.number.max(*newest);
            arrived.push((packet.to, packet.parcel));
        }
        arrived
    }

    pub(crate) fn split(&mut self, far_side: BTreeSet<usize>) {
        self.far_side = far_side;
    }

    /// Puts a packet on the way to one node, past every fault but delay.
    pub(crate) fn put(&mut self, to: usize, parcel: Parcel, at_ms: u64) {
        self.sent += 1;
        self.in_flight.insert((at_ms, self.sent), Packet { to, number: self.sent, parcel });
    }
}

const LOSS: f64 = 0.15;
const REPEAT: f64 = 0.1;
const DELAY_MAX_MS: u64 = 20_000;
