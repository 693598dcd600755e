//! What befalls whom in which hour: drawn from a seed, so that a day that failed can be lived again.

use super::cast::{EAST, NAMES, NODES, PROGRAMS, WEST};
use crate::air::Nat;
use crate::flood::Attack;
use anyhow::{Context as _, Result, ensure};
use rand::rngs::StdRng;
use rand::seq::{IndexedRandom as _, SliceRandom as _};
use rand::{RngExt as _, SeedableRng as _};
use std::fmt;

/// What befalls somebody.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Trouble {
    /// All lines are slow and unsteady.
    Storm,
    /// A house's line loses a share of what it sends, or else of what is for it.
    OneWay { program: usize, outward: bool },
    /// A house's network lets no UDP through.
    UdpBlocked { program: usize },
    /// A house is parted from the others.
    Parted { program: usize },
    /// A house's router is another, who is seen elsewhere.
    NewRouter { program: usize },
    /// A house gets another address, and another router with it.
    NewAddress { program: usize },
    /// `kill -9`, and a start later.
    Killed { program: usize },
    /// West is stopped and its folder copied; it goes on.
    Copied,
    /// West is killed, and its folder is that copy again.
    Restored,
    /// Somebody attacks a relay.
    Flood { attack: Attack, relay: usize },
}

/// A kind of trouble, as it is counted.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) enum Kind {
    Storm,
    OneWay,
    UdpBlocked,
    Parted,
    NewRouter,
    NewAddress,
    Killed,
    Restored,
    Flood(Attack),
}

/// Some trouble, from the beginning of an hour to that of another.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Spell {
    pub(super) what: Trouble,
    pub(super) from: usize,
    pub(super) until: usize,
}

/// A day.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Schedule {
    pub(super) hours: usize,
    /// What stands before the houses of the nodes.
    pub(super) nats: [Nat; NODES.len()],
    pub(super) spells: Vec<Spell>,
}

/// At relays, by whoever can reach them.
pub(super) const ATTACKS: [Attack; 6] = [
    Attack::Datagrams,
    Attack::Packets,
    Attack::HalfOpen,
    Attack::Handshakes,
    Attack::Streams,
    Attack::Questions,
];

impl Schedule {
    /// So many hours, in which each trouble comes so many times; West is restored once.
    ///
    /// # Errors
    /// Where the hours are too few for it.
    pub(super) fn draw(seed: u64, hours: usize, times: usize) -> Result<Self> {
        ensure!(hours >= HOURS_MIN, "a day has {HOURS_MIN} hours at least");
        let mut dice = StdRng::seed_from_u64(seed);
        let mut nats = [Nat::FullCone, Nat::AddressRestricted, Nat::PortRestricted, Nat::Symmetric];
        nats.shuffle(&mut dice);
        let nats = nats.first_chunk().copied().context("a router for each node")?;
        let copied = dice.random_range(1..hours / 4);
        let restored = dice.random_range(hours / 2..hours - 2);
        let hour = |what, from| Spell { what, from, until: from + 1 };
        let spells = vec![hour(Trouble::Copied, copied), hour(Trouble::Restored, restored)];
        let mut schedule = Self { hours, nats, spells };
        for _ in 0..times {
            for draw in MENU {
                schedule.place(&mut dice, draw)?;
            }
            for attack in ATTACKS {
                let relay = |dice: &mut StdRng| dice.random_range(EAST..=WEST);
                schedule.place(&mut dice, |dice| Trouble::Flood { attack, relay: relay(dice) })?;
            }
        }
        schedule.spells.sort_by_key(|spell| (spell.from, spell.until));
        Ok(schedule)
    }

    // One trouble at a time for each, and the two hours in which West is copied and restored are without deaths.
    fn place(&mut self, dice: &mut StdRng, draw: impl Fn(&mut StdRng) -> Trouble) -> Result<()> {
        for _ in 0..TRIES {
            let what = draw(dice);
            let from = dice.random_range(0..self.hours - 1);
            let length = if what.is_sudden() { 1 } else { dice.random_range(1..=2) };
            let spell = Spell { what, from, until: (from + length).min(self.hours) };
            if !self.spells.iter().any(|other| other.excludes(&spell)) {
                self.spells.push(spell);
                return Ok(());
            }
        }
        anyhow::bail!("the hours are too few for so much trouble")
    }

    pub(super) fn begin(&self, hour: usize) -> impl Iterator<Item = Trouble> {
        self.spells.iter().filter(move |spell| spell.from == hour).map(|spell| spell.what)
    }

    pub(super) fn end(&self, hour: usize) -> impl Iterator<Item = Trouble> {
        self.spells.iter().filter(move |spell| spell.until == hour).map(|spell| spell.what)
    }

    /// What was asked for.
    pub(super) fn kinds(&self) -> impl Iterator<Item = Kind> {
        self.spells.iter().filter_map(|spell| spell.what.kind())
    }
}

/// What comes to nodes and lines, each drawn for somebody.
const MENU: [fn(&mut StdRng) -> Trouble; 8] = [
    |_| Trouble::Storm,
    |dice| Trouble::OneWay { program: dice.random_range(0..PROGRAMS), outward: dice.random() },
    |dice| Trouble::UdpBlocked { program: node(dice) },
    |dice| Trouble::Parted { program: node(dice) },
    |dice| Trouble::NewRouter { program: node(dice) },
    |dice| Trouble::NewAddress { program: node(dice) },
    |dice| Trouble::Killed { program: node(dice) },
    |_| Trouble::Killed { program: EAST },
];

fn node(dice: &mut StdRng) -> usize {
    NODES.choose(dice).copied().unwrap_or_default()
}

impl Spell {
    fn excludes(&self, other: &Self) -> bool {
        let meet = self.from < other.until && other.from < self.until;
        let (one, two) = (self.what, other.what);
        meet && (one.whose() == two.whose()
            || one.needs_all() && two.takes_away()
            || two.needs_all() && one.takes_away())
    }
}

impl Trouble {
    /// Whom it befalls; none: everybody.
    const fn whose(self) -> Option<usize> {
        match self {
            Self::Storm => None,
            Self::OneWay { program, .. }
            | Self::UdpBlocked { program }
            | Self::Parted { program }
            | Self::NewRouter { program }
            | Self::NewAddress { program }
            | Self::Killed { program } => Some(program),
            Self::Copied | Self::Restored => Some(WEST),
            Self::Flood { relay, .. } => Some(relay),
        }
    }

    const fn is_sudden(self) -> bool {
        matches!(self, Self::NewRouter { .. } | Self::NewAddress { .. })
    }

    const fn needs_all(self) -> bool {
        matches!(self, Self::Copied | Self::Restored)
    }

    const fn takes_away(self) -> bool {
        matches!(self, Self::Killed { .. } | Self::Parted { .. })
    }

    pub(super) const fn kind(self) -> Option<Kind> {
        Some(match self {
            Self::Storm => Kind::Storm,
            Self::OneWay { .. } => Kind::OneWay,
            Self::UdpBlocked { .. } => Kind::UdpBlocked,
            Self::Parted { .. } => Kind::Parted,
            Self::NewRouter { .. } => Kind::NewRouter,
            Self::NewAddress { .. } => Kind::NewAddress,
            Self::Killed { .. } => Kind::Killed,
            Self::Restored => Kind::Restored,
            Self::Flood { attack, .. } => Kind::Flood(attack),
            Self::Copied => return None,
        })
    }
}

impl fmt::Display for Trouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = |program: usize| NAMES.get(program).copied().unwrap_or("?");
        match *self {
            Self::Storm => write!(f, "a storm"),
            Self::OneWay { program, outward } => {
                let way = if outward { "from" } else { "to" };
                write!(f, "loss on the way {way} {}", name(program))
            }
            Self::UdpBlocked { program } => write!(f, "no UDP at {}", name(program)),
            Self::Parted { program } => write!(f, "{} is parted from the others", name(program)),
            Self::NewRouter { program } => write!(f, "another router before {}", name(program)),
            Self::NewAddress { program } => write!(f, "{} has another address", name(program)),
            Self::Killed { program } => write!(f, "{} is killed", name(program)),
            Self::Copied => write!(f, "West is copied"),
            Self::Restored => write!(f, "West is killed and is the old copy again"),
            Self::Flood { attack, relay } => write!(f, "{} at {}", attack.name(), name(relay)),
        }
    }
}

impl fmt::Display for Schedule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let routers = NODES.iter().zip(self.nats).map(|(node, nat)| format!("{}: {nat:?}", NAMES[*node]));
        writeln!(f, "routers: {}", routers.collect::<Vec<_>>().join(", "))?;
        for hour in 0..self.hours {
            let spells = self.spells.iter().filter(|spell| spell.from == hour);
            let told = |spell: &Spell| match spell.until - spell.from {
                1 => spell.what.to_string(),
                _ => format!("{} (to {})", spell.what, spell.until),
            };
            let told: Vec<String> = spells.map(told).collect();
            if !told.is_empty() {
                writeln!(f, "{hour:>2}: {}", told.join("; "))?;
            }
        }
        Ok(())
    }
}

const HOURS_MIN: usize = 8;
/// Draws of one trouble before the day is called full.
const TRIES: usize = 1_000;

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn one_seed_is_one_day_and_another_is_another() {
        let day = |seed| Schedule::draw(seed, 24, 2).unwrap();
        assert_eq!(day(1), day(1));
        assert_ne!(day(1), day(2));
    }

    #[test]
    fn every_trouble_comes_as_often_as_was_asked_for_and_one_at_a_time_to_each() {
        for seed in 0..200 {
            let day = Schedule::draw(seed, 12, 1).unwrap();
            let kinds: BTreeSet<Kind> = day.kinds().collect();
            assert_eq!(kinds.len(), 8 + ATTACKS.len(), "seed {seed}");
            assert_eq!(day.spells.len(), 2 + MENU.len() + ATTACKS.len());
            for (number, one) in day.spells.iter().enumerate() {
                assert!(one.from < one.until && one.until <= day.hours, "{one:?}");
                assert!(!day.spells[number + 1..].iter().any(|other| one.excludes(other)), "seed {seed}");
            }
        }
    }

    #[test]
    fn west_is_copied_before_it_is_restored_and_nobody_is_away_in_those_hours() {
        for seed in 0..200 {
            let day = Schedule::draw(seed, 12, 1).unwrap();
            let hour = |what| day.spells.iter().find(|spell| spell.what == what).unwrap().from;
            let (copied, restored) = (hour(Trouble::Copied), hour(Trouble::Restored));
            assert!(copied + 1 < restored, "seed {seed}");
            let away = day.spells.iter().filter(|spell| spell.what.takes_away());
            for spell in away {
                assert!(![copied, restored].iter().any(|hour| (spell.from..spell.until).contains(hour)));
            }
        }
    }

    #[test]
    fn a_day_that_is_too_short_is_refused_and_never_cut() {
        assert!(Schedule::draw(1, 7, 1).is_err());
        assert!(Schedule::draw(1, 8, 20).is_err());
    }
}
