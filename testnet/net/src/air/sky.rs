//! What becomes of a frame, and when it arrives: no clock, no device, one seed.

use super::nat::{Fate, Nat, Router};
use super::pace::Pace;
use super::wall::Wall;
use anyhow::{Result, ensure};
use rand::rngs::StdRng;
use rand::{RngExt as _, SeedableRng as _};
use std::collections::{BTreeMap, BTreeSet};
use std::net::Ipv4Addr;
use std::time::Duration;

/// What the air does to frames between two houses, each way.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Weather {
    /// The same seed decides the same for the same frames of a way in the same order.
    pub seed: u64,
    /// Every frame takes so long ..
    pub delay: Duration,
    /// .. and up to so much more.
    pub jitter: Duration,
    /// The share that is lost, 0 to 1.
    pub loss: f64,
    /// The share that does not wait for those before it, 0 to 1.
    pub reorder: f64,
}

impl Weather {
    /// Nothing happens to anything.
    pub const CALM: Self =
        Self { seed: 0, delay: Duration::ZERO, jitter: Duration::ZERO, loss: 0.0, reorder: 0.0 };
}

/// What the line of a house loses beyond what the weather does, each way by itself: shares of its frames, 0 to 1.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct LineLoss {
    /// Of those that the house sends.
    pub outward: f64,
    /// Of those that are for it.
    pub inward: f64,
}

/// A kind of fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fault {
    /// Never arrived.
    Lost,
    /// .. since the line of a house loses what goes one way.
    LostOnALine,
    /// Arrived later than it was sent.
    Delayed,
    /// Arrived before one that was sent earlier.
    Reordered,
    /// To or from a house that was cut off.
    Cut,
    /// Not let through by a wall.
    Walled,
    /// Turned away by the router of a house.
    TurnedAway,
}

/// What was done to frames so far.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Faults {
    /// Frames that arrived.
    pub passed: u64,
    /// Frames for which there was no room.
    pub overflowed: u64,
    counts: BTreeMap<Fault, u64>,
}

impl Faults {
    /// How often.
    #[must_use]
    pub fn of(&self, fault: Fault) -> u64 {
        self.counts.get(&fault).copied().unwrap_or(0)
    }

    /// A run that meant to inject faults has done it.
    ///
    /// # Errors
    /// Names the first that never happened.
    pub fn must_have(&self, faults: &[Fault]) -> Result<()> {
        for fault in faults {
            ensure!(self.of(*fault) > 0, "no frame was ever {fault:?}: this run shows nothing about it");
        }
        Ok(())
    }

    fn count(&mut self, fault: Fault) {
        *self.counts.entry(fault).or_default() += 1;
    }
}

/// A switch between ports.
pub(super) struct Sky {
    weather: Weather,
    ports: usize,
    ways: BTreeMap<(usize, usize), Way>,
    /// Where an address was last heard.
    learned: BTreeMap<[u8; 6], usize>,
    cut: BTreeSet<usize>,
    /// Those that only the last port reaches: this machine's.
    parted: BTreeSet<usize>,
    walls: BTreeMap<usize, Wall>,
    lines: BTreeMap<usize, LineLoss>,
    paces: BTreeMap<usize, Pace>,
    routers: BTreeMap<usize, Router>,
    /// Addresses that were given to routers.
    outsides: u16,
    bytes: BTreeMap<usize, u64>,
    between: u64,
    flying: usize,
    faults: Faults,
}

/// A frame under way.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Flight {
    pub(super) from: usize,
    pub(super) to: usize,
    pub(super) at: Duration,
    pub(super) frame: Vec<u8>,
}

struct Way {
    dice: StdRng,
    last: Duration,
}

impl Sky {
    pub(super) fn new(weather: Weather, ports: usize) -> Self {
        Self {
            weather,
            ports,
            ways: BTreeMap::new(),
            learned: BTreeMap::new(),
            cut: BTreeSet::new(),
            parted: BTreeSet::new(),
            walls: BTreeMap::new(),
            lines: BTreeMap::new(),
            paces: BTreeMap::new(),
            routers: BTreeMap::new(),
            outsides: 0,
            bytes: BTreeMap::new(),
            between: 0,
            flying: 0,
            faults: Faults::default(),
        }
    }

    pub(super) fn turn(&mut self, weather: Weather) {
        self.weather = weather;
    }

    pub(super) fn cut(&mut self, port: usize, is_cut: bool) {
        if is_cut {
            self.cut.insert(port);
        } else {
            self.cut.remove(&port);
            self.parted.remove(&port);
        }
    }

    pub(super) fn part(&mut self, port: usize) {
        self.parted.insert(port);
    }

    pub(super) fn wall(&mut self, port: usize, wall: Option<Wall>) {
        match wall {
            Some(wall) => drop(self.walls.insert(port, wall)),
            None => drop(self.walls.remove(&port)),
        }
    }

    pub(super) fn line(&mut self, port: usize, line: LineLoss) {
        self.lines.insert(port, line);
    }

    /// The line of a house carries so many bits a second each way; none: as many as come.
    pub(super) fn pace(&mut self, port: usize, bits_per_s: Option<u64>) {
        match bits_per_s {
            Some(bits_per_s) => drop(self.paces.insert(port, Pace::of(bits_per_s))),
            None => drop(self.paces.remove(&port)),
        }
    }

    /// When a frame is through the line of a house; at once where that carries everything.
    fn through(&mut self, port: usize, inward: bool, length: usize, now: Duration) -> Option<Duration> {
        self.paces.get_mut(&port).map_or(Some(now), |pace| pace.through(inward, length, now))
    }

    /// The share of frames that get through the lines of two houses on their way.
    fn through_lines(&self, from: usize, to: usize) -> f64 {
        let line = |port| self.lines.get(&port).copied().unwrap_or_default();
        (1.0 - line(from).outward) * (1.0 - line(to).inward)
    }

    fn is_walled(&mut self, from: usize, to: usize, frame: &[u8]) -> bool {
        let passes = |port, outward| self.walls.get(&port).is_none_or(|wall| wall.passes(frame, outward));
        let is_walled = from.max(to) < self.ports - 1 && !(passes(from, true) && passes(to, false));
        if is_walled {
            self.faults.count(Fault::Walled);
        }
        is_walled
    }

    /// Puts a router before a house, in place of the one before it and all that it knew; the address that the others see.
    pub(super) fn put_behind(&mut self, port: usize, nat: Nat, inside: Ipv4Addr, here: Ipv4Addr) -> Ipv4Addr {
        self.outsides = self.outsides.wrapping_add(1);
        let [high, low] = self.outsides.to_be_bytes();
        // 198.18.0.0/15 is for tests of networks (RFC 2544): no house has it, and it is not near.
        let outside = Ipv4Addr::new(198, 18, high, low);
        self.routers.insert(port, Router::new(nat, inside, outside, here));
        outside
    }

    /// The router of a house, if it has one, is another of its kind, seen elsewhere, that knows nothing of what was; the house
    /// has this address inside.
    pub(super) fn renew_router(&mut self, port: usize, inside: Ipv4Addr, here: Ipv4Addr) -> Option<Ipv4Addr> {
        let nat = self.routers.get(&port)?.kind();
        Some(self.put_behind(port, nat, inside, here))
    }

    pub(super) fn put_in_the_open(&mut self, port: usize) {
        self.routers.remove(&port);
    }

    /// A house sends a frame: what of it is in the air now.
    pub(super) fn depart(&mut self, from: usize, frame: Vec<u8>, now: Duration) -> Vec<Flight> {
        match self.routers.get_mut(&from).map(|router| router.outward(&frame, now)) {
            None => self.spread(from, &frame, now),
            Some(Fate::Passes(frame)) => self.spread(from, &frame, now),
            Some(Fate::Answered(frame)) => {
                self.flying += 1;
                vec![Flight { from, to: from, at: now, frame }]
            }
            Some(Fate::Refused) => self.turned_away(),
        }
    }

    /// A frame is there: what the house is given, and what is in the air instead.
    pub(super) fn arrive(&mut self, flight: Flight, now: Duration) -> (Option<Vec<u8>>, Vec<Flight>) {
        let Flight { from, to, frame, .. } = flight;
        if !self.leave(from, to, frame.len()) {
            return (None, Vec::new());
        }
        let router = self.routers.get_mut(&to).filter(|_| from != to && from != self.ports - 1);
        match router.map(|router| router.inward(&frame, now)) {
            None => (Some(frame), Vec::new()),
            Some(Fate::Passes(frame)) => (Some(frame), Vec::new()),
            Some(Fate::Answered(frame)) => (None, self.spread(to, &frame, now)),
            Some(Fate::Refused) => (None, self.turned_away()),
        }
    }

    fn turned_away(&mut self) -> Vec<Flight> {
        self.faults.count(Fault::TurnedAway);
        Vec::new()
    }

    fn spread(&mut self, from: usize, frame: &[u8], now: Duration) -> Vec<Flight> {
        let flown = self.enter(from, frame, now).into_iter();
        flown.map(|(to, at)| Flight { from, to, at, frame: frame.to_vec() }).collect()
    }

    fn is_cut(&self, from: usize, to: usize) -> bool {
        let here = self.ports - 1;
        let parted = from != here && to != here && (self.parted.contains(&from) || self.parted.contains(&to));
        parted || self.cut.contains(&from) || self.cut.contains(&to)
    }

    /// Bytes of frames that went from one port to another, but for the last: this machine's.
    pub(super) const fn bytes_between(&self) -> u64 {
        self.between
    }

    pub(super) fn bytes(&self, port: usize) -> u64 {
        self.bytes.get(&port).copied().unwrap_or(0)
    }

    pub(super) fn faults(&self) -> Faults {
        self.faults.clone()
    }

    /// A frame came from a port: where it goes, and when it is there.
    fn enter(&mut self, from: usize, frame: &[u8], now: Duration) -> Vec<(usize, Duration)> {
        let (Some(to), Some(source)) = (address(frame, 0), address(frame, 6)) else { return Vec::new() };
        self.learned.insert(source, from);
        *self.bytes.entry(from).or_default() += frame.len() as u64;
        let known = self.learned.get(&to).copied().filter(|_| !is_for_many(&to));
        let ports: Vec<usize> = known.map_or_else(|| (0..self.ports).collect(), |port| vec![port]);
        let others: Vec<usize> = ports.into_iter().filter(|port| *port != from).collect();
        let others = others.into_iter().filter(|to| !self.is_walled(from, *to, frame)).collect::<Vec<_>>();
        let length = frame.len();
        others.into_iter().filter_map(|to| self.fly(from, to, length, now).map(|at| (to, at))).collect()
    }

    /// It is there; whether it comes in.
    fn leave(&mut self, from: usize, to: usize, length: usize) -> bool {
        self.flying = self.flying.saturating_sub(1);
        if self.is_cut(from, to) {
            self.faults.count(Fault::Cut);
            return false;
        }
        *self.bytes.entry(to).or_default() += length as u64;
        if from.max(to) < self.ports - 1 {
            self.between += length as u64;
        }
        self.faults.passed += 1;
        true
    }

    fn fly(&mut self, from: usize, to: usize, length: usize, now: Duration) -> Option<Duration> {
        let Weather { seed, delay, jitter, loss, reorder } = self.weather;
        let is_cut = self.is_cut(from, to);
        let here = self.ports - 1;
        let through = self.through_lines(from, to);
        let way = self.ways.entry((from, to)).or_insert_with(|| Way {
            dice: StdRng::seed_from_u64(seed ^ ((from as u64) << 32) ^ to as u64),
            last: Duration::ZERO,
        });
        // Thrown for every frame, whatever becomes of it: the next one's do not depend on it.
        let (lost, late, early): (f64, f64, f64) = (way.dice.random(), way.dice.random(), way.dice.random());
        if is_cut {
            self.faults.count(Fault::Cut);
            return None;
        }
        // This machine sits before the programs, and is no part of what is between them.
        if from == here || to == here {
            self.flying += 1;
            return Some(now);
        }
        if lost < loss {
            self.faults.count(Fault::Lost);
            return None;
        }
        // Of the same throw: a line that loses nothing changes nothing.
        if through < 1.0 && lost >= loss + (1.0 - loss) * through {
            self.faults.count(Fault::LostOnALine);
            return None;
        }
        let out = self.through(from, false, length, now).map(|at| at + delay + jitter.mul_f64(late));
        let there = out.and_then(|at| self.through(to, true, length, at));
        let Some(mut at) = there.filter(|_| self.flying < FLYING_MAX) else {
            self.faults.overflowed += 1;
            return None;
        };
        let way = self.ways.get_mut(&(from, to))?;
        if at < way.last {
            if early < reorder {
                self.faults.count(Fault::Reordered);
            } else {
                at = way.last;
            }
        }
        way.last = way.last.max(at);
        if at > now {
            self.faults.count(Fault::Delayed);
        }
        self.flying += 1;
        Some(at)
    }
}

fn address(frame: &[u8], at: usize) -> Option<[u8; 6]> {
    frame.get(at..at + 6)?.try_into().ok()
}

/// The first octet's lowest bit (IEEE 802).
const fn is_for_many(address: &[u8; 6]) -> bool {
    address[0] & 1 == 1
}

/// Frames in the air at a time, about 24 MB of full ones: what comes beyond it is dropped, as a router drops it.
const FLYING_MAX: usize = 16_384;

#[cfg(test)]
mod tests {
    use super::*;

    const STORM: Weather = Weather {
        seed: 7,
        delay: Duration::from_millis(50),
        jitter: Duration::from_millis(40),
        loss: 0.1,
        reorder: 0.5,
    };

    fn frame(to: u8, from: u8) -> [u8; 14] {
        let mut frame = [0; 14];
        (frame[5], frame[11]) = (to, from);
        frame
    }

    fn ms(ms: u64) -> Duration {
        Duration::from_millis(ms)
    }

    /// A thousand frames from port 0 to port 1, a millisecond apart.
    fn stream(weather: Weather) -> (Vec<Option<Duration>>, Faults) {
        let mut sky = Sky::new(weather, 3);
        sky.enter(1, &frame(0, 1), ms(0));
        let flights = (0..1_000).map(|at| {
            let flown = sky.enter(0, &frame(1, 2), ms(at));
            flown.first().map(|(_, at)| *at)
        });
        (flights.collect(), sky.faults())
    }

    #[test]
    fn the_same_seed_decides_the_same_and_another_otherwise() {
        assert_eq!(stream(STORM), stream(STORM));
        assert_ne!(stream(STORM).0, stream(Weather { seed: 8, ..STORM }).0);
    }

    #[test]
    fn frames_are_lost_and_late_as_often_as_was_asked_for_and_counted() {
        let (flights, faults) = stream(STORM);
        let lost = flights.iter().filter(|at| at.is_none()).count();
        assert!((60..140).contains(&lost), "{lost}");
        assert_eq!(faults.of(Fault::Lost), lost as u64);
        let late = (0..1_000).zip(&flights).filter_map(|(sent, at)| Some(at.as_ref()?.checked_sub(ms(sent))));
        assert!(late.flatten().all(|late| late >= ms(50)));
        faults.must_have(&[Fault::Lost, Fault::Delayed, Fault::Reordered]).unwrap();
    }

    #[test]
    fn a_line_loses_what_goes_one_way_and_nothing_of_what_comes_back() {
        let mut sky = Sky::new(Weather::CALM, 3);
        sky.enter(1, &frame(0, 1), ms(0));
        sky.enter(0, &frame(1, 0), ms(0));
        sky.line(0, LineLoss { outward: 0.3, inward: 0.0 });
        let mut passed = |from, to| {
            let sent = 0..1_000;
            sent.filter(|at| !sky.enter(from, &frame(to, u8::try_from(from).unwrap()), ms(*at)).is_empty())
                .count()
        };
        let (there, back) = (passed(0, 1), passed(1, 0));
        assert!((640..760).contains(&there) && back == 1_000, "{there} there, {back} back");
        assert_eq!(sky.faults().of(Fault::LostOnALine), 1_000 - there as u64);
        assert_eq!(sky.faults().of(Fault::Lost), 0);
        sky.line(0, LineLoss::default());
        assert_eq!(sky.enter(0, &frame(1, 0), ms(0)).len(), 1);
    }

    #[test]
    fn without_reordering_whatever_is_late_holds_up_what_follows() {
        let (flights, faults) = stream(Weather { reorder: 0.0, ..STORM });
        let there: Vec<Duration> = flights.into_iter().flatten().collect();
        assert!(there.is_sorted());
        assert_eq!(faults.of(Fault::Reordered), 0);
    }

    #[test]
    fn a_fault_that_was_asked_for_and_never_happened_fails_the_run() {
        let (_, faults) = stream(Weather::CALM);
        assert!(faults.must_have(&[]).is_ok());
        let said = faults.must_have(&[Fault::Lost]).unwrap_err().to_string();
        assert_eq!(said, "no frame was ever Lost: this run shows nothing about it");
    }

    #[test]
    fn who_is_cut_off_is_reached_by_nothing_that_was_in_the_air_either() {
        let mut sky = Sky::new(Weather { loss: 0.0, ..STORM }, 3);
        sky.enter(1, &frame(0, 1), ms(0));
        assert_eq!(sky.enter(0, &frame(1, 2), ms(1)).len(), 1);
        sky.cut(1, true);
        assert!(!sky.leave(0, 1, 14) && sky.enter(0, &frame(1, 2), ms(2)).is_empty());
        assert!(sky.enter(1, &frame(2, 1), ms(2)).is_empty());
        sky.cut(1, false);
        assert_eq!(sky.enter(0, &frame(1, 2), ms(3)).len(), 1);
        assert_eq!(sky.faults().of(Fault::Cut), 3);
    }

    #[test]
    fn who_is_parted_from_the_others_is_still_reached_by_the_last_port() {
        let mut sky = Sky::new(Weather::CALM, 3);
        for port in 0..3 {
            sky.enter(port, &frame(9, u8::try_from(port).unwrap()), ms(0));
        }
        sky.part(0);
        assert!(sky.enter(1, &frame(0, 1), ms(1)).is_empty() && sky.enter(0, &frame(1, 0), ms(1)).is_empty());
        assert_eq!(sky.enter(2, &frame(0, 2), ms(1)).len(), 1);
        assert!(sky.leave(2, 0, 14) && sky.leave(1, 2, 14));
        assert_eq!(sky.bytes_between(), 0);
        sky.cut(0, false);
        assert_eq!(sky.enter(1, &frame(0, 1), ms(1)).len(), 1);
        assert!(sky.leave(1, 0, 14));
        assert_eq!(sky.bytes_between(), 14);
    }

    #[test]
    fn a_frame_goes_to_whom_it_is_for_and_to_all_where_that_is_not_known() {
        let mut sky = Sky::new(Weather::CALM, 3);
        let to = |flown: Vec<(usize, Duration)>| flown.into_iter().map(|(to, _)| to).collect::<Vec<_>>();
        assert_eq!(to(sky.enter(0, &frame(9, 1), ms(0))), [1, 2]);
        assert_eq!(to(sky.enter(2, &frame(1, 9), ms(0))), [0]);
        assert_eq!(to(sky.enter(0, &frame(9, 1), ms(0))), [2]);
        let mut group = frame(9, 1);
        group[0] = 1;
        assert_eq!(to(sky.enter(0, &group, ms(0))), [1, 2]);
        assert!(sky.enter(0, &[0; 5], ms(0)).is_empty(), "what is no frame");
    }

    #[test]
    fn a_house_behind_a_router_is_seen_by_this_machine_as_before_and_by_others_at_its_outside() {
        let (mut sky, here) = (Sky::new(Weather::CALM, 3), Ipv4Addr::new(10, 0, 0, 254));
        let outside = sky.put_behind(0, Nat::FullCone, Ipv4Addr::new(10, 0, 0, 1), here);
        assert!(sky.depart(0, frame(9, 1).to_vec(), ms(0)).is_empty(), "what is no packet stays inside");
        sky.faults().must_have(&[Fault::TurnedAway]).unwrap();
        let mut from_here = sky.depart(2, frame(0, 2).to_vec(), ms(0));
        from_here.retain(|flight| flight.to == 0);
        assert_eq!(sky.arrive(from_here.remove(0), ms(0)).0, Some(frame(0, 2).to_vec()));
        let mut from_another = sky.depart(1, frame(0, 1).to_vec(), ms(0));
        from_another.retain(|flight| flight.to == 0);
        assert_eq!(sky.arrive(from_another.remove(0), ms(0)).0, None);
        assert_ne!(sky.put_behind(0, Nat::FullCone, Ipv4Addr::new(10, 0, 0, 1), here), outside, "it moved");
        let moved = sky.renew_router(0, Ipv4Addr::new(10, 0, 0, 3), here).unwrap();
        assert!(moved != outside, "a router of the same kind, somewhere else");
        sky.put_in_the_open(0);
        assert_eq!(sky.renew_router(0, Ipv4Addr::new(10, 0, 0, 1), here), None, "there is none");
        assert_eq!(sky.depart(0, frame(9, 1).to_vec(), ms(0)).len(), 2);
    }
}
