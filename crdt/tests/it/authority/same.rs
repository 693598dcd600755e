//! The crate and the model say the same of the same history, in whatever order it arrives.

use super::accounts::Accounts;
use super::history::{History, Take, arrive_among};
use super::model::{Act, Model, Person};
use super::random::random;
use nexus_crdt::body::governance::CutEntry;
use nexus_crdt::guild::{Guild, GuildView};
use nexus_crdt::hlc::Hlc;
use nexus_crdt::id::{ChannelId, RoleId};
use rand::SeedableRng as _;
use rand::rngs::StdRng;
use rand::seq::SliceRandom as _;
use std::collections::{BTreeMap, BTreeSet};

/// Random histories of each test.
pub(crate) const HISTORIES: u64 = 1_000;

/// The seeds of a test, with a line of how far it is where there are many.
#[expect(clippy::print_stderr, reason = "a proof of an hour says that it is alive")]
pub(crate) fn seeds(test: &'static str, count: u64) -> impl Iterator<Item = u64> {
    let begun = std::time::Instant::now();
    (0..count).inspect(move |seed| {
        if *seed > 0 && seed.is_multiple_of(SAY_EVERY) {
            let rate = u128::from(*seed) * 1_000 / begun.elapsed().as_millis().max(1);
            eprintln!(".. {test}: {seed} of {count}, {rate} a second");
        }
    })
}

const SAY_EVERY: u64 = 10_000;

#[test]
fn the_crate_and_the_model_agree_on_random_histories() {
    let one = |seed| {
        let history = random(seed, 16);
        agree(seed, &history, &history.guild())
    };
    let void: u64 = seeds("crate and model", HISTORIES).map(one).sum();
    assert!(void > HISTORIES, "histories in which nothing is void prove nothing: {void}");
}

/// How many ops both call void.
pub(super) fn agree(seed: u64, history: &History, guild: &Guild) -> u64 {
    let mut void = 0;
    let model = &history.model;
    let valid = model.valid(&model.all());
    for (number, op) in history.governance.iter().enumerate() {
        let verdict =
            guild.verdict(&op.id).unwrap_or_else(|| panic!("seed {seed}: op {number} not taken in"));
        let said = valid.contains(&number);
        let act = &model.facts[number];
        assert_eq!(verdict.is_valid(), said, "seed {seed}, op {number}: {verdict:?}, {act:?}");
        void += u64::from(!said);
    }
    same_state(seed, history, guild, model);
    void
}

fn same_state(seed: u64, history: &History, guild: &Guild, model: &Model) {
    let (view, state) = (guild.view(), model.state(&model.all()));
    assert_eq!(view.settings.name, state.name, "seed {seed}");
    assert_eq!(view.rules_version, state.rules, "seed {seed}");
    let members: Vec<Person> = (0..6).filter(|who| view.members.contains_key(&history.user(*who))).collect();
    for who in 0..6 {
        let settled = model.settled.get(&who).map(|word| history.people.word(who, *word));
        assert_eq!(guild.settled(&history.user(who)), settled, "seed {seed}, person {who}");
    }
    assert_eq!(members, model.members().into_iter().collect::<Vec<_>>(), "seed {seed}");
    for (number, (rank, permissions)) in &state.roles {
        let role = &view.roles[&RoleId::from(history.governance[*number].id)];
        assert_eq!((role.rank, role.permissions.0), (*rank, *permissions), "seed {seed}, role {number}");
    }
    assert_eq!(view.roles.len(), state.roles.len() + 1, "seed {seed}: and @everyone");
    let owners: Vec<Person> = (0..6).filter(|who| view.is_owner(&history.user(*who))).collect();
    let last = model.reigns(&model.all()).last().unwrap().clone();
    assert_eq!(owners, last.owners.into_iter().collect::<Vec<_>>(), "seed {seed}");
    assert_eq!(view.ownership.change.0, last.change, "seed {seed}");
    let id = |number: &usize| history.governance[*number].id;
    let locks = state.locks.iter().map(|(lock, opened)| (id(lock), opened.map(Hlc)));
    let shown = view.channels.get(&ChannelId::from(id(&1))).into_iter().flat_map(|channel| &channel.locks);
    assert_eq!(
        shown.map(|(lock, closed)| (*lock, closed.opened)).collect::<BTreeMap<_, _>>(),
        locks.collect(),
        "seed {seed}"
    );
    let days = |number: &usize| match &model.facts[*number].act {
        Act::Keep { days, .. } => *days,
        other => unreachable!("the model keeps by {other:?}"),
    };
    let said = state.kept.iter().map(|(whole, word)| (*whole, (id(word), days(word))));
    let kept = view.retention.iter().map(|(channel, kept)| (channel.is_none(), (kept.op, kept.days)));
    assert_eq!(kept.collect::<BTreeMap<_, _>>(), said.collect(), "seed {seed}");
    let words =
        view.erased.iter().flat_map(|(user, words)| words.iter().map(|(op, word)| (*op, (*user, word.upto))));
    let known = state.erased.iter().map(|(op, (who, upto))| (id(op), (history.user(*who), Hlc(*upto))));
    assert_eq!(words.collect::<BTreeMap<_, _>>(), known.collect(), "seed {seed}");
    let pauses = view.timeouts.values().flatten().map(|(op, pause)| (*op, (pause.until, pause.ended)));
    let known = state.pauses.iter().map(|(op, (.., until, ended))| (id(op), (Hlc(*until), ended.map(Hlc))));
    assert_eq!(pauses.collect::<BTreeMap<_, _>>(), known.collect(), "seed {seed}");
    let silent = |who: Person| view.silenced.get(&history.user(who)).copied().unwrap_or_default();
    let taken = (0..6).flat_map(|who| {
        [(who, false, silent(who).muted), (who, true, silent(who).deafened)]
            .into_iter()
            .filter_map(|(who, hearing, taken)| taken.then_some((who, hearing)))
    });
    assert_eq!(taken.collect::<BTreeSet<_>>(), state.silenced, "seed {seed}");
    let removals = view.removals.values().flatten().filter(|removal| !removal.tightened.is_empty());
    let seqs = |lines: &imbl::OrdSet<CutEntry>| lines.iter().map(|line| line.seq).collect::<BTreeSet<_>>();
    assert_eq!(
        removals.map(|removal| (removal.op, seqs(&removal.tightened))).collect::<BTreeMap<_, _>>(),
        state.tightened.iter().map(|(removal, seqs)| (id(removal), seqs.clone())).collect(),
        "seed {seed}"
    );
    assert_eq!(view.ended_devices.len(), state.ended.len(), "seed {seed}");
    for who in 0..6 {
        let mut roles: Vec<RoleId> = state
            .assigned
            .get(&who)
            .into_iter()
            .flatten()
            .map(|role| RoleId::from(history.governance[*role].id))
            .collect();
        roles.sort_unstable();
        let assigned = view.assigned.get(&history.user(who)).map(|roles| roles.to_vec()).unwrap_or_default();
        assert_eq!(assigned, roles, "seed {seed}, person {who}");
    }
}

#[test]
fn the_order_of_arrival_changes_nothing() {
    for seed in seeds("order of arrival", HISTORIES / 4) {
        let history = random(seed, 16);
        in_any_order(seed, &history, &history.guild());
    }
}

/// Taken in shuffled, each op twice, a holder says the same, and says it of every op from Genesis on too.
pub(super) fn in_any_order(seed: u64, history: &History, straight: &Guild) {
    let mut rng = StdRng::seed_from_u64(seed ^ 0xA5A5);
    let mut shuffled: Vec<_> = history.governance.iter().chain(&history.governance).collect();
    shuffled.shuffle(&mut rng);
    let mut joins = history.comings_and_goings();
    joins.shuffle(&mut rng);
    // And what was written in accounts is heard of in between.
    let mut words = history.people.later();
    words.make_contiguous().shuffle(&mut rng);
    let founded = Accounts::founded(history.model.accounts.len());
    let take: Take = |guild, op, people| guild.integrate(op, people);
    let other = arrive_among((shuffled, &joins), &history.frontiers, founded, words, take);
    assert_eq!(other.view(), straight.view(), "seed {seed}");
    assert_eq!(other.state_hash(), straight.state_hash(), "seed {seed}");
    same_from_genesis(seed, &other);
}

/// What follows from a checkpoint and what came since is what follows from everything.
fn same_from_genesis(seed: u64, guild: &Guild) {
    let governed = GuildView { members: imbl::OrdMap::new(), ..guild.view().clone() };
    assert_eq!(
        guild.governance_from_genesis(),
        governed,
        "seed {seed}: the checkpoint stands for something else"
    );
}

#[test]
fn a_checkpoint_stands_for_everything_below_it() {
    let mut from_a_checkpoint = 0;
    for seed in seeds("snapshots", HISTORIES) {
        let guild = random(seed.wrapping_mul(31) + 5, 24).guild();
        same_from_genesis(seed, &guild);
        from_a_checkpoint += u64::from(guild.is_decided_from_a_checkpoint());
    }
    assert!(from_a_checkpoint > HISTORIES / 50, "{from_a_checkpoint} were decided from a checkpoint");
}
