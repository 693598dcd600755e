//! Random histories: who does what next.

use super::fact::{Act, Fact, OpNo, Person};
use super::handover;
use super::history::{History, INVITE};
use super::model;
use super::succession::DeviceNo;
use nexus_crdt::body::governance::PAUSE_MAX_MS;
use rand::rngs::StdRng;
use rand::seq::IndexedRandom as _;
use rand::{RngExt as _, SeedableRng as _};
use std::collections::{BTreeMap, BTreeSet};

/// A random history of `extra` ops beyond the beginning, by five people of whom two lie.
pub(crate) fn random(seed: u64, extra: usize) -> History {
    let mut rng = StdRng::seed_from_u64(seed);
    let people = 6;
    // Most guilds have one owner; some have two, each or both of whom decide; some three of whom two do.
    let mut history = match rng.random_range(0..8) {
        0 => History::owned(people, vec![0, 1], 1),
        1 => History::owned(people, vec![0, 1], 2),
        2 => History::owned(people, vec![0, 1, 4], 2),
        _ => History::begin(people),
    };
    let changing = handover::whose(&mut rng, people);
    let last = history.governance.len() - 1;
    let mut known: BTreeMap<Person, BTreeSet<OpNo>> = (0..people).map(|who| (who, [last].into())).collect();
    let top = history.role(40);
    let grant = Act::Grant { to: 1, roles: vec![top] };
    let promoted = history.write(0, None, &[last], grant, 0);
    for heads in known.values_mut().take(3) {
        heads.insert(promoted);
    }
    for _ in 0..extra {
        if rng.random_bool(0.05) {
            meet(&mut history, &mut known, last);
            continue;
        }
        let mut cited = None;
        if let Some(who) = changing.choose(&mut rng).filter(|_| rng.random_bool(0.25)) {
            handover::happens(&mut rng, &mut history, *who);
            let Some(owner) = handover::settler(&mut rng, &history) else { continue };
            cited = Some(owner);
        }
        let author = cited.as_ref().map_or_else(|| rng.random_range(0..people), |(owner, _)| *owner);
        let device = handover::device(&mut rng, &history, author, changing.contains(&author));
        let door = if changing.contains(&author) { device } else { 0 };
        if rng.random_bool(0.5) {
            let friend = rng.random_range(0..people);
            let told = known[&friend].clone();
            known.get_mut(&author).unwrap().extend(told);
        }
        if author != 0 && cited.is_none() && rng.random_bool(0.08) {
            let heads = history.minimal(&known[&author]);
            history.join_on((author, door), &heads, INVITE);
            continue;
        }
        if author != 0 && cited.is_none() && rng.random_bool(0.03) {
            let heads = history.minimal(&known[&author]);
            let joins = history.joins_of(author);
            history.leave_on(door, *joins.choose(&mut rng).unwrap(), &heads);
            continue;
        }
        let lies = author >= 4 && rng.random_bool(0.5);
        let deps = if lies {
            vec![rng.random_range(last..history.governance.len())]
        } else {
            history.minimal(&known[&author])
        };
        let join = history.joins_of(author).choose(&mut rng).copied().filter(|_| author != 0);
        let device = (author, device);
        let act = match cited {
            Some((_, act)) => act,
            None => plausible(&mut rng, &mut history, device, join, &deps),
        };
        let op = history.write_on(device, join, &deps, act, rng.random_range(0..5));
        known.get_mut(&author).unwrap().insert(op);
    }
    history
}

/// Everybody tells everybody everything, and the first owner seals it.
fn meet(history: &mut History, known: &mut BTreeMap<Person, BTreeSet<OpNo>>, first: OpNo) {
    let all: BTreeSet<OpNo> = (first..history.governance.len()).collect();
    let heads = history.minimal(&all);
    let sealed =
        history.write(0, None, &heads, Act::Checkpoint { honest: true, rules: None, cites: None }, 0);
    for heads in known.values_mut() {
        *heads = [sealed].into();
    }
}

/// One of a few random acts, preferring one that its author's own past allows.
fn plausible(
    rng: &mut StdRng,
    history: &mut History,
    (author, device): (Person, DeviceNo),
    join: Option<usize>,
    deps: &[OpNo],
) -> Act {
    let mut act = random_act(rng, history, author);
    for _ in 0..8 {
        let (deps, act_tried) = (deps.to_vec(), act.clone());
        if history.model.would_hold(Fact { author, device, join, deps, hlc: 0, act: act_tried, id: [0; 32] })
        {
            break;
        }
        act = random_act(rng, history, author);
    }
    act
}

fn random_act(rng: &mut StdRng, history: &History, author: Person) -> Act {
    let all: Vec<OpNo> = (0..history.model.facts.len()).collect();
    let of = |test: fn(&Act) -> bool| -> Vec<OpNo> {
        all.iter().copied().filter(|op| test(&history.model.facts[*op].act)).collect()
    };
    let roles = of(|act| matches!(act, Act::RoleCreate { .. }));
    let bans = of(|act| matches!(act, Act::Ban(_)));
    let invites = of(|act| matches!(act, Act::Invite));
    let who = rng.random_range(1..6);
    let bits = [
        model::MANAGE_GUILD,
        model::MANAGE_ROLES,
        model::MANAGE_MESSAGES,
        model::MANAGE_CHANNELS,
        model::KICK,
        model::BAN,
        model::MODERATE,
        model::MUTE,
        model::DEAFEN,
        model::INVITE,
    ];
    let role = *roles.choose(rng).unwrap();
    let locks = of(|act| matches!(act, Act::Lock { opens } if opens.is_empty()));
    match rng.random_range(0..31) {
        0 => Act::Name(format!("name {}", rng.random_range(0..100))),
        1 => {
            let rank = rng.random_range(1..45);
            Act::RoleCreate { rank, permissions: bits.iter().filter(|_| rng.random_bool(0.6)).sum() }
        }
        2 => Act::RolePermissions { role, permissions: bits.iter().filter(|_| rng.random_bool(0.7)).sum() },
        3 => Act::RoleDelete { role },
        4..=8 => {
            let roles: BTreeSet<OpNo> = roles.iter().copied().filter(|_| rng.random_bool(0.3)).collect();
            Act::Grant { to: who, roles: roles.into_iter().collect() }
        }
        9 | 10 => Act::Kick(who),
        11 | 12 => Act::Ban(who),
        13 if !bans.is_empty() => {
            let ban = *bans.choose(rng).unwrap();
            let Act::Ban(who) = history.model.facts[ban].act else { unreachable!("it was chosen as a ban") };
            Act::Unban { who, bans: vec![ban] }
        }
        14 => {
            if rng.random_bool(0.7) {
                Act::Invite
            } else {
                Act::Revoke { invite: *invites.choose(rng).unwrap() }
            }
        }
        15 if author == 0 || rng.random_bool(0.3) => {
            let cites = handover::rotations(history).choose(rng).copied().filter(|_| rng.random_bool(0.7));
            let rules = rng.random_bool(0.3).then(|| if rng.random_bool(0.8) { 2 } else { 3 });
            Act::Checkpoint { honest: rng.random_bool(0.9), rules: rules.filter(|_| cites.is_none()), cites }
        }
        23 | 24 => {
            let last = all.iter().rev().find_map(|op| match history.model.facts[*op].act {
                Act::TimeOut { who, ms: Some(_), .. } => Some((who, *op)),
                _ => None,
            });
            let ends = last.filter(|_| rng.random_bool(0.5));
            let ms = (ends.is_none() || rng.random_bool(0.5)).then(|| rng.random_range(1..12));
            // Some ask for more than there is.
            let ms = ms.map(|ms| if rng.random_bool(0.05) { PAUSE_MAX_MS + ms } else { ms });
            Act::TimeOut {
                who: ends.map_or(who, |(who, _)| who),
                ms,
                ends: ends.map(|(_, op)| op).into_iter().collect(),
            }
        }
        25 | 26 => {
            let whole = rng.random_bool(0.3);
            let days = (whole || rng.random_bool(0.8)).then(|| rng.random_range(0..4));
            Act::Keep { whole, days }
        }
        27 | 28 => {
            Act::Erase { who: if rng.random_bool(0.4) { author } else { who }, ahead: rng.random_bool(0.1) }
        }
        29 | 30 => {
            let mut said = |of| rng.random_bool(of).then(|| rng.random_bool(0.6));
            let muted = said(0.7);
            Act::Silence { who, muted, deafened: said(if muted.is_some() { 0.4 } else { 1.0 }) }
        }
        20 => Act::Lock { opens: Vec::new() },
        21 if !locks.is_empty() => Act::Lock { opens: vec![*locks.choose(rng).unwrap()] },
        22 if !bans.is_empty() => {
            let removal = *bans.choose(rng).unwrap();
            let Act::Ban(who) = history.model.facts[removal].act else {
                unreachable!("it was chosen as a ban")
            };
            Act::Tighten { who, removal, seq: rng.random_range(0..9) }
        }
        16 | 17 => Act::RoleMove { role, rank: rng.random_range(1..45) },
        18 => Act::EndDevice {
            who: if rng.random_bool(0.5) { author } else { who },
            device: usize::from(rng.random_bool(0.7)),
        },
        19 if author == 0 || rng.random_bool(0.5) => {
            let changes = all.iter().filter_map(|op| history.model.change(&history.model.facts[*op].act));
            let bases: Vec<[u8; 32]> = changes.chain([history.model.facts[0].id; 2]).collect();
            let sides = [vec![0], vec![1], vec![0, 1], vec![0, 4], vec![1, 4]];
            let owners = sides.choose(rng).unwrap().clone();
            let threshold = rng.random_range(1..=owners.len());
            Act::Owners { base: *bases.choose(rng).unwrap(), owners, threshold }
        }
        _ => Act::Kick(who),
    }
}
