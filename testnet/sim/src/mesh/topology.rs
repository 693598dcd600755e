//! Who links with whom, and how long a frame takes between them.

use super::air::way_ms;
use super::{Attack, PUBLISHERS, Plan};
use rand::rngs::StdRng;
use rand::seq::SliceRandom;
use rand::{RngExt, SeedableRng};
use std::cmp::Reverse;
use std::collections::{BTreeSet, BinaryHeap};
use std::ops::{Range, RangeInclusive};

/// One in so many of a node's links it has dialed itself, and nobody else can take: the shell's 8 of 50.
const OWN_ONE_IN: usize = 6;
/// Messages of which it is reckoned how soon they could be everywhere.
const FLOODS: usize = 64;
/// One way, ms.
const DELAY_MS: RangeInclusive<u64> = 30..=80;

/// A link that will be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Line {
    pub(super) ends: [usize; 2],
    pub(super) delay_ms: u64,
}

/// All of them. Numbers below `plan.honest` are honest. Whoever is found is linked with, in any order, while both have room. Where
/// attackers take what links of somebody they can, what is left are those that a node dials itself, to anybody.
pub(super) fn lines(plan: &Plan, rng: &mut StdRng) -> Vec<Line> {
    let nodes = plan.honest + plan.attackers;
    let mut web = Web { degree: vec![0; nodes], pairs: BTreeSet::new() };
    let (victims, own) = (victims(plan), plan.links / OWN_ONE_IN);
    for victim in victims.clone() {
        let mut crowd: Vec<usize> = (plan.honest..nodes).collect();
        crowd.shuffle(rng);
        crowd.into_iter().take(plan.links - own).for_each(|attacker| web.link(victim, attacker));
        let mut others: Vec<usize> = (0..nodes).filter(|other| *other != victim).collect();
        others.shuffle(rng);
        others.into_iter().take(own).for_each(|other| web.link(victim, other));
    }
    let late = if plan.attack == Attack::Sybils { plan.honest } else { nodes };
    let mut pairs: Vec<(usize, usize)> =
        (0..late).flat_map(|one| (one + 1..late).map(move |other| (one, other))).collect();
    pairs.shuffle(rng);
    for (one, other) in
        pairs.into_iter().filter(|(one, other)| !victims.contains(one) && !victims.contains(other))
    {
        if web.degree[one] < plan.links && web.degree[other] < plan.links {
            web.link(one, other);
        }
    }
    // They come last, to nodes that have all their links.
    for sybil in late..nodes {
        let mut honest: Vec<usize> = (0..plan.honest).collect();
        honest.shuffle(rng);
        honest.into_iter().take(plan.links).for_each(|victim| web.link(victim, sybil));
    }
    let mut delay = |pair: (usize, usize)| {
        let is_fast = pair.1 >= plan.honest && plan.attack != Attack::None;
        let delay_ms = if is_fast { *DELAY_MS.start() } else { rng.random_range(DELAY_MS) };
        Line { ends: [pair.0, pair.1], delay_ms }
    };
    web.pairs.iter().map(|pair| delay(*pair)).collect()
}

/// Whose links attackers take as many of as they can.
fn victims(plan: &Plan) -> Range<usize> {
    match plan.attack {
        Attack::EclipseOne => plan.honest - 1..plan.honest,
        Attack::EclipsePublishers => 0..PUBLISHERS,
        Attack::EclipseAll => 0..plan.honest,
        _ => 0..0,
    }
}

struct Web {
    degree: Vec<usize>,
    pairs: BTreeSet<(usize, usize)>,
}

impl Web {
    fn link(&mut self, one: usize, other: usize) {
        if self.pairs.insert((one.min(other), one.max(other))) {
            self.degree[one] += 1;
            self.degree[other] += 1;
        }
    }
}

/// The longest of the shortest ways between publishers and honest nodes, over honest nodes alone, ms; none where some cannot be
/// reached so.
pub(super) fn diameter_ms(plan: &Plan, lines: &[Line]) -> Option<u64> {
    let near = near(plan, lines);
    let all = (0..PUBLISHERS).flat_map(|from| soonest(&near, from, |delay_ms| delay_ms));
    all.into_iter().try_fold(0u64, |most, each| Some(most.max(each?)))
}

/// By when 99 of 100 hearings could be, ms, if everybody sent everything on over every link at once: no protocol is sooner where
/// so much is lost. None where some cannot be reached.
pub(super) fn flood_p99_ms(plan: &Plan, lines: &[Line]) -> Option<u64> {
    let near = near(plan, lines);
    let mut rng = StdRng::seed_from_u64(plan.seed);
    let mut each = |number: usize| {
        let from = number % PUBLISHERS;
        let mut all = soonest(&near, from, |delay_ms| way_ms(&mut rng, delay_ms));
        all.swap_remove(from);
        all
    };
    let all: Option<Vec<u64>> = (0..FLOODS).flat_map(&mut each).collect();
    let mut all = all?;
    all.sort_unstable();
    all.get(all.len().saturating_sub(1) * 99 / 100).copied()
}

/// Honest nodes' links among them.
fn near(plan: &Plan, lines: &[Line]) -> Vec<Vec<(usize, u64)>> {
    let mut near: Vec<Vec<(usize, u64)>> = vec![Vec::new(); plan.honest];
    for Line { ends: [one, other], delay_ms } in lines.iter().filter(|line| line.ends[1] < plan.honest) {
        near[*one].push((*other, *delay_ms));
        near[*other].push((*one, *delay_ms));
    }
    near
}

/// When each is reached, by the shortest way (Dijkstra).
fn soonest(
    near: &[Vec<(usize, u64)>],
    from: usize,
    mut takes_ms: impl FnMut(u64) -> u64,
) -> Vec<Option<u64>> {
    let mut best = vec![None; near.len()];
    let mut next = BinaryHeap::from([Reverse((0, from))]);
    while let Some(Reverse((ms, node))) = next.pop() {
        if best[node].is_some() {
            continue;
        }
        best[node] = Some(ms);
        next.extend(near[node].iter().map(|(other, delay_ms)| Reverse((ms + takes_ms(*delay_ms), *other))));
    }
    best
}
