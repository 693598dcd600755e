//! Who holds the ops that decide where somebody stands says of them what everybody says, whatever else they hold or lack.

use super::history::{History, arrive};
use super::model::Person;
use super::random::random;
use super::same::{HISTORIES, seeds};
use nexus_crdt::guild::Guild;
use nexus_crdt::id::{OpId, Tenure, UserId};
use nexus_crdt::kind::Kind;
use nexus_crdt::op::Op;
use nexus_crypto::Verified;
use rand::rngs::StdRng;
use rand::{RngExt as _, SeedableRng as _};
use std::collections::BTreeSet;

#[test]
fn what_decides_where_somebody_stands_suffices_whatever_else_is_held() {
    let (mut in_it, mut out) = (0, 0);
    for seed in seeds("deciding", HISTORIES / 4) {
        let history = random(seed, 16);
        let all = history.guild();
        for who in 1..6 {
            match told_suffices(seed, &history, &all, who) {
                true => in_it += 1,
                false => out += 1,
            }
        }
    }
    assert!(in_it > HISTORIES / 10 && out > HISTORIES / 10, "{in_it} were in, {out} out");
}

/// Whether somebody is in. Told of them is a holder of nothing else, and one of a random part.
fn told_suffices(seed: u64, history: &History, all: &Guild, who: Person) -> bool {
    let user = history.user(who);
    let deciding = all.deciding(&[user].into(), false);
    let mut rng = StdRng::seed_from_u64(seed ^ (who as u64) << 32);
    for chance in [0.0, rng.random_range(0.1..0.9)] {
        let part = with_part(history, &deciding, &mut rng, chance);
        assert!(
            deciding.iter().all(|op| part.verdict(op).is_some()),
            "seed {seed}, person {who}: what decides stands on something that does not"
        );
        assert_eq!(stands(&part, &user), stands(all, &user), "seed {seed}, person {who}");
    }
    stands(all, &user).is_some()
}

fn stands(guild: &Guild, user: &UserId) -> Option<Tenure> {
    guild.view().members.get(user).map(|member| member.tenure)
}

/// Some ops, and of all others a random part that stands on nothing outside itself.
fn with_part(history: &History, ops: &BTreeSet<OpId>, rng: &mut StdRng, chance: f64) -> Guild {
    let mut is_told = |op: &&Verified<Op>| {
        op.kind() == Some(Kind::Genesis) || ops.contains(&op.id) || rng.random_bool(chance)
    };
    let governance: Vec<&Verified<Op>> = history.governance.iter().filter(&mut is_told).collect();
    let comings: Vec<Verified<Op>> =
        history.comings_and_goings().iter().filter(&mut is_told).cloned().collect();
    arrive(governance, &comings, &history.frontiers, &history.people)
}
