//! What must hold of every history, said of the model (which the crate agrees with, see [`super::same`]).

use super::fact::{Act, OWNER, OpNo, Set};
use super::model::Model;
use super::random::random;
use super::same::{HISTORIES, seeds};
use nexus_crdt::op;
use rand::rngs::StdRng;
use rand::{RngExt as _, SeedableRng as _};

fn each(test: &'static str, check: fn(u64, &Model) -> bool) {
    let mut looked_at = 0;
    for seed in seeds(test, HISTORIES) {
        looked_at += u64::from(check(seed, &random(seed.wrapping_mul(7_919) + 1, 16).model));
    }
    assert!(looked_at > HISTORIES / 20, "{looked_at} histories were looked at");
}

/// Every one of them, of one history.
pub(super) fn all(seed: u64, model: &Model) {
    let checks = [
        own_word,
        removals,
        verdicts_turn,
        dominance,
        sealed_by_checkpoints,
        owners_by_quorum,
        mutual_removals,
    ];
    for check in checks {
        check(seed, model);
    }
}

fn part_of(model: &Model, seed: u64) -> Set {
    let mut rng = StdRng::seed_from_u64(seed);
    let mut part = Set::from([0]);
    for op in 1..model.facts.len() {
        if rng.random_bool(0.85) && model.past(op).iter().all(|before| part.contains(before)) {
            part.insert(op);
        }
    }
    part
}

#[test]
fn nobody_rises_by_their_own_word() {
    each("own word", own_word);
}

fn own_word(seed: u64, model: &Model) -> bool {
    let valid = model.valid(&model.all());
    for op in valid.iter().filter(|op| model.rho(**op) < OWNER) {
        for support in model.supports(*op).iter().copied() {
            assert!(valid.contains(&support), "seed {seed}: op {op} stands on void {support}");
            assert!(
                model.rho(support) > model.rho(*op),
                "seed {seed}: op {op} stands on its equal {support}"
            );
        }
    }
    true
}

#[test]
fn a_valid_removal_takes_effect_on_what_it_had_not_seen() {
    each("removals", removals);
}

fn removals(seed: u64, model: &Model) -> bool {
    let valid = model.valid(&model.all());
    for r in valid.iter().filter(|op| matches!(model.facts[**op].act, Act::Kick(_) | Act::Ban(_))) {
        for x in valid.iter().filter(|x| model.voids(*r, **x) && model.key(*r) > model.key(**x)) {
            assert!(model.overridden(*r, *x, &valid), "seed {seed}: {x} survives {r}");
        }
    }
    true
}

#[test]
fn a_verdict_turns_only_for_a_reason_that_came_with_the_new_ops() {
    each("verdicts turn", verdicts_turn);
}

fn verdicts_turn(seed: u64, model: &Model) -> bool {
    let (all, part) = (model.all(), part_of(model, seed));
    let (before, after) = (model.valid(&part), model.valid(&all));
    for x in before.iter().filter(|x| !after.contains(x)) {
        assert!(has_cause(model, *x, &part, &before, &after), "seed {seed}: {x} turned void for nothing");
    }
    true
}

fn has_cause(model: &Model, x: OpNo, part: &Set, before: &Set, after: &Set) -> bool {
    // A checkpoint, or a vote that makes other owners.
    let new_checkpoint = (0..model.facts.len()).any(|op| {
        !part.contains(&op) && matches!(model.facts[op].act, Act::Checkpoint { .. } | Act::Owners { .. })
    });
    let device = after.iter().any(|end| !before.contains(end) && model.ends_device(*end, x));
    let stronger = after.iter().any(|r| {
        !before.contains(r)
            && model.voids(*r, x)
            && model.key(*r) > model.key(x)
            && !model.overridden(*r, x, after)
    });
    // An override that held in the part may have fallen: what it held off counts now.
    let released =
        before.iter().any(|r| model.voids(*r, x) && !model.overridden(*r, x, after) && after.contains(r));
    let fallen = |support: &OpNo| !after.contains(support) && has_cause(model, *support, part, before, after);
    new_checkpoint || device || stronger || released || model.supports(x).iter().any(fallen)
}

#[test]
fn weaker_ops_never_change_a_stronger_verdict() {
    each("dominance", dominance);
}

fn dominance(seed: u64, model: &Model) -> bool {
    let (all, part) = (model.all(), part_of(model, seed));
    // Who owned the guild is settled before anything is decided, so a vote that takes part in a change of owners stands above
    // every key. One that does not is as weak as its key says.
    if model.reigns(&all) != model.reigns(&part) {
        return false;
    }
    let Some(strongest) = all.without(&part).iter().map(|op| model.key(*op)).max() else { return false };
    let (before, after) = (model.valid(&part), model.valid(&all));
    for x in part.iter().filter(|x| model.key(**x) > strongest) {
        assert_eq!(before.contains(x), after.contains(x), "seed {seed}: {x}");
    }
    true
}

#[test]
fn of_two_who_remove_each_other_unseen_one_stays() {
    each("mutual removals", mutual_removals);
}

/// Neither of two removals, each of the other's author and unseen by it, is in force beside the other.
fn mutual_removals(seed: u64, model: &Model) -> bool {
    let removed = |op: OpNo| match model.facts[op].act {
        Act::Kick(who) | Act::Ban(who) => Some(who),
        _ => None,
    };
    let state = model.state(&model.all());
    let in_force: Vec<OpNo> =
        state.kicks.values().chain(state.bans.values()).flat_map(Set::iter).copied().collect();
    for one in &in_force {
        for other in in_force.iter().filter(|other| model.concurrent(*one, **other)) {
            let (by_one, by_other) = (model.facts[*one].author, model.facts[*other].author);
            let mutual = removed(*one) == Some(by_other) && removed(*other) == Some(by_one);
            assert!(!mutual, "seed {seed}: {one} and {other} are both in force");
        }
    }
    !in_force.is_empty()
}

#[test]
fn what_a_checkpoint_has_seen_changes_by_owners_words_only() {
    each("checkpoints", sealed_by_checkpoints);
}

fn sealed_by_checkpoints(seed: u64, model: &Model) -> bool {
    let all = model.all();
    let is_checkpoint =
        |op: &&OpNo| matches!(model.facts[**op].act, Act::Checkpoint { .. }) && model.local(**op);
    let checkpoints: Vec<OpNo> = all.iter().filter(is_checkpoint).copied().take(2).collect();
    for k in &checkpoints {
        let sealed = model.past(*k).with(*k);
        let owners: Set =
            all.without(&sealed).iter().copied().filter(|op| is_owners_word(model, *op)).collect();
        let has_seen_none = |op: &&OpNo| !owners.contains(op) && model.past(**op).is_disjoint(&owners);
        let rest: Set = all.iter().filter(has_seen_none).copied().collect();
        let (alone, among) = (model.valid(&sealed), model.valid(&rest));
        for op in model.past(*k).iter() {
            assert_eq!(alone.contains(op), among.contains(op), "seed {seed}: {op} below checkpoint {k}");
        }
    }
    !checkpoints.is_empty()
}

/// What only owners may do to what is sealed, themselves or by their own devices.
fn is_owners_word(model: &Model, op: OpNo) -> bool {
    model.rho(op) == OWNER || matches!(model.facts[op].act, Act::EndDevice { .. })
}

#[test]
fn an_owner_is_removed_by_the_quorum_only() {
    each("owners", owners_by_quorum);
}

fn owners_by_quorum(seed: u64, model: &Model) -> bool {
    let reigns = model.reigns(&model.all());
    let always = |who: usize| reigns.iter().all(|reign| reign.owners.contains(&who));
    assert!(!always(0) || model.members().contains(&0), "seed {seed}");
    let valid = model.valid(&model.all());
    for op in (0..model.facts.len()).filter(|op| model.rho(*op) == OWNER && model.local(*op)) {
        let ended = valid.iter().any(|end| model.ends_device(*end, op));
        let stands = valid.contains(&op) || ended || !always(model.facts[op].author);
        assert!(stands, "seed {seed}: owner's op {op}");
    }
    true
}

#[test]
fn garbage_changes_nothing() {
    let (mut damaged, mut foreign, mut early) = (0, 0, 0);
    for seed in seeds("garbage", HISTORIES / 4) {
        let history = random(seed, 16);
        let mut rng = StdRng::seed_from_u64(seed ^ 0x6A6A);
        let mut guild = history.guild();
        let before = guild.state_hash();
        // One bit of an op is another: it is not read, or not signed.
        let op = &history.governance[rng.random_range(0..history.governance.len())];
        let mut bytes = op::encode(op);
        let place = rng.random_range(0..bytes.len());
        bytes[place] ^= 1 << rng.random_range(0..8);
        let read = op::decode(&bytes).ok().and_then(|claim| op::verify(claim).ok());
        assert!(read.is_none(), "seed {seed}: bit {place} of op {} changes nothing", op.id.to_hex());
        damaged += 1;
        // Ops of another guild.
        let other = random(seed.wrapping_mul(31) + 7, 2);
        for op in other.governance.iter().filter(|op| op.space() != history.space) {
            assert!(guild.integrate(op, &history.people).is_err(), "seed {seed}: of another space");
            foreign += 1;
        }
        assert_eq!(guild.state_hash(), before, "seed {seed}");
        // Ops that cite what is not here.
        let part = part_of(&history.model, seed);
        let mut guild = history.state_of(&part);
        let before = guild.state_hash();
        for (number, op) in history.governance.iter().enumerate().filter(|(number, _)| !part.contains(number))
        {
            if history.model.facts[number].deps.iter().any(|dep| !part.contains(dep)) {
                assert!(
                    guild.integrate(op, &history.people).is_err(),
                    "seed {seed}: op {number} cites nothing known"
                );
                early += 1;
            }
        }
        assert_eq!(guild.state_hash(), before, "seed {seed}");
    }
    assert!(damaged > 0 && foreign > 0 && early > 0, "{damaged} {foreign} {early}");
}
