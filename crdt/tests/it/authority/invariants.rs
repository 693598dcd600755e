//! What must hold of every history, said of the model (which the crate agrees with, see [`super::same`]).

use super::history::{Everybody, random};
use super::model::{Act, Model, OWNER, OpNo, Set};
use super::same::{histories, seeds};
use nexus_crdt::op;
use rand::rngs::StdRng;
use rand::{RngExt as _, SeedableRng as _};

fn each(test: &'static str, mut check: impl FnMut(u64, &Model)) {
    for seed in seeds(test, histories()) {
        check(seed, &random(seed.wrapping_mul(7_919) + 1, 16).model());
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
    each("own word", |seed, model| {
        let valid = model.valid(&model.all());
        for op in valid.iter().filter(|op| model.rho(**op) < OWNER) {
            for support in model.supports(*op) {
                assert!(valid.contains(&support), "seed {seed}: op {op} stands on void {support}");
                assert!(
                    model.rho(support) > model.rho(*op),
                    "seed {seed}: op {op} stands on its equal {support}"
                );
            }
        }
    });
}

#[test]
fn a_valid_removal_takes_effect_on_what_it_had_not_seen() {
    each("removals", |seed, model| {
        let valid = model.valid(&model.all());
        for r in valid.iter().filter(|op| matches!(model.facts[**op].act, Act::Kick(_) | Act::Ban(_))) {
            for x in valid.iter().filter(|x| model.voids(*r, **x) && model.key(*r) > model.key(**x)) {
                assert!(model.overridden(*r, *x, &valid), "seed {seed}: {x} survives {r}");
            }
        }
    });
}

#[test]
fn a_verdict_turns_only_for_a_reason_that_came_with_the_new_ops() {
    each("verdicts turn", |seed, model| {
        let (all, part) = (model.all(), part_of(model, seed));
        let (before, after) = (model.valid(&part), model.valid(&all));
        for x in before.iter().filter(|x| !after.contains(x)) {
            assert!(has_cause(model, *x, &part, &before, &after), "seed {seed}: {x} turned void for nothing");
        }
    });
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
    let mut looked_at = 0;
    each("dominance", |seed, model| {
        let (all, part) = (model.all(), part_of(model, seed));
        // A vote for other owners stands above every key: who owned the guild is settled before anything is decided.
        let is_vote = |op: &OpNo| matches!(model.facts[*op].act, Act::Owners { .. }) && model.local(*op);
        if all.difference(&part).any(is_vote) {
            return;
        }
        let Some(strongest) = all.difference(&part).map(|op| model.key(*op)).max() else { return };
        looked_at += 1;
        let (before, after) = (model.valid(&part), model.valid(&all));
        for x in part.iter().filter(|x| model.key(**x) > strongest) {
            assert_eq!(before.contains(x), after.contains(x), "seed {seed}: {x}");
        }
    });
    assert!(looked_at > histories() / 2, "{looked_at} histories were looked at");
}

#[test]
fn what_a_checkpoint_has_seen_changes_by_owners_words_only() {
    let mut looked_at = 0;
    each("checkpoints", |seed, model| {
        let all = model.all();
        let checkpoints: Vec<OpNo> = all
            .iter()
            .copied()
            .filter(|op| matches!(model.facts[*op].act, Act::Checkpoint { .. }) && model.local(*op))
            .collect();
        for k in checkpoints.into_iter().take(2) {
            let mut sealed = model.past(k).clone();
            sealed.insert(k);
            let owners: Set =
                all.iter().copied().filter(|op| is_owners_word(model, *op) && !sealed.contains(op)).collect();
            let rest: Set = all
                .iter()
                .copied()
                .filter(|op| !owners.contains(op) && model.past(*op).is_disjoint(&owners))
                .collect();
            let (alone, among) = (model.valid(&sealed), model.valid(&rest));
            for op in model.past(k) {
                assert_eq!(alone.contains(op), among.contains(op), "seed {seed}: {op} below checkpoint {k}");
            }
            looked_at += 1;
        }
    });
    assert!(looked_at > 0, "no history had a checkpoint");
}

/// What only owners may do to what is sealed, themselves or by their own devices.
fn is_owners_word(model: &Model, op: OpNo) -> bool {
    model.rho(op) == OWNER || matches!(model.facts[op].act, Act::EndDevice { .. })
}

#[test]
fn an_owner_is_removed_by_the_quorum_only() {
    each("owners", |seed, model| {
        let reigns = model.reigns(&model.all());
        let always = |who: usize| reigns.iter().all(|reign| reign.owners.contains(&who));
        assert!(!always(0) || model.members().contains(&0), "seed {seed}");
        let valid = model.valid(&model.all());
        for op in (0..model.facts.len()).filter(|op| model.rho(*op) == OWNER && model.local(*op)) {
            let ended = valid.iter().any(|end| model.ends_device(*end, op));
            let stands = valid.contains(&op) || ended || !always(model.facts[op].author);
            assert!(stands, "seed {seed}: owner's op {op}");
        }
    });
}

#[test]
fn garbage_changes_nothing() {
    let (mut damaged, mut foreign, mut early) = (0, 0, 0);
    for seed in seeds("garbage", histories() / 4) {
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
            assert!(guild.integrate(op, &Everybody).is_err(), "seed {seed}: of another space");
            foreign += 1;
        }
        assert_eq!(guild.state_hash(), before, "seed {seed}");
        // Ops that cite what is not here.
        let part = part_of(&history.model(), seed);
        let mut guild = history.state_of(&part);
        let before = guild.state_hash();
        for (number, op) in history.governance.iter().enumerate().filter(|(number, _)| !part.contains(number))
        {
            if history.facts[number].deps.iter().any(|dep| !part.contains(dep)) {
                assert!(
                    guild.integrate(op, &Everybody).is_err(),
                    "seed {seed}: op {number} cites nothing known"
                );
                early += 1;
            }
        }
        assert_eq!(guild.state_hash(), before, "seed {seed}");
    }
    assert!(damaged > 0 && foreign > 0 && early > 0, "{damaged} {foreign} {early}");
}
