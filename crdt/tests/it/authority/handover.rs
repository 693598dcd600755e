//! Accounts that change hands in random histories: taken home, stolen, taken back, two rotations at once, devices taken back.

use super::accounts::{DEVICES, KEYS, RECOVERY, THIEF};
use super::fact::{Act, Fact, Person};
use super::history::History;
use super::succession::{Account, Deed, DeviceNo, KeyNo, WordNo};
use nexus_crdt::hlc::Hlc;
use rand::RngExt as _;
use rand::rngs::StdRng;
use rand::seq::IndexedRandom as _;
use std::collections::BTreeSet;

/// Whose accounts change hands in a history: nobody's in most, else one or two of all, the owner among them.
pub(crate) fn whose(rng: &mut StdRng, people: usize) -> Vec<Person> {
    let several = if rng.random_bool(0.4) { rng.random_range(1..3) } else { 0 };
    let all: BTreeSet<Person> = (0..several).map(|_| rng.random_range(0..people)).collect();
    all.into_iter().collect()
}

/// Something is written in somebody's account, by any key that ever had a say in it.
pub(crate) fn happens(rng: &mut StdRng, history: &mut History, who: Person) {
    let account = history.model.accounts[who].clone();
    let keys: Vec<KeyNo> = account.named().into_iter().collect();
    let by = *keys.choose(rng).unwrap();
    let deed = match rng.random_range(0..10) {
        0..=4 => rotation(rng, &account),
        5 | 6 => Deed::Certify(rng.random_range(0..DEVICES)),
        _ => revocation(rng, history, who),
    };
    say(rng, history, who, by, deed.clone());
    // Who took it over writes on a device of their own, and may take the others' back.
    if let Deed::Rotate { new, .. } = deed {
        let own = if new == THIEF { 3 } else { 2 };
        if rng.random_bool(0.7) {
            say(rng, history, who, new, Deed::Certify(own));
        }
        if rng.random_bool(0.3) {
            let revocation = revocation(rng, history, who);
            say(rng, history, who, new, revocation);
        }
    }
}

/// A rotation of the present reign, or of one that somebody would have otherwise.
fn rotation(rng: &mut StdRng, account: &Account) -> Deed {
    let present = account.succession(None);
    let is_begin = |word: &WordNo| matches!(account.0[*word].deed, Deed::Begin { .. } | Deed::Rotate { .. });
    let begins: Vec<WordNo> = (0..account.0.len()).filter(is_begin).collect();
    let last = *present.begun.last().unwrap();
    let ends = if rng.random_bool(0.6) { last } else { *begins.choose(rng).unwrap() };
    let key = match account.0[ends].deed {
        Deed::Rotate { new, .. } => new,
        _ => 0,
    };
    let log = account.log(key);
    let keep = match rng.random_range(0..4) {
        0 => ends,
        1 => rng.random_range(0..account.0.len()),
        2 => log.choose(rng).copied().unwrap_or(ends),
        _ => log.last().copied().unwrap_or(ends),
    };
    let recovery = [None, None, Some(RECOVERY), Some(THIEF)].choose(rng).copied().flatten();
    Deed::Rotate { ends, new: rng.random_range(0..KEYS), keep, recovery }
}

/// A device is taken back, as of now or as of some time that suits.
fn revocation(rng: &mut StdRng, history: &History, who: Person) -> Deed {
    let own = history.model.facts.iter().filter(|fact: &&Fact| fact.author == who).map(|fact| fact.hlc);
    let times: Vec<u64> = own.flat_map(|hlc| [hlc - 1, hlc]).chain([0, latest(history) + 1]).collect();
    Deed::Revoke { device: rng.random_range(0..DEVICES), until: *times.choose(rng).unwrap() }
}

/// Behind the last word of a key's, or as a branch of its log; dated now, or as long ago as its log allows.
fn say(rng: &mut StdRng, history: &mut History, who: Person, by: KeyNo, deed: Deed) {
    let account = &history.model.accounts[who];
    let log = account.log(by);
    let behind = if rng.random_bool(0.7) { log.last() } else { log.choose(rng) }.copied();
    let after = behind.map_or(account.0[0].hlc, |word| account.0[word].hlc);
    let hlc = if rng.random_bool(0.7) { (latest(history) + 1).max(after + 1) } else { after + 1 };
    history.say(who, by, behind, hlc, deed);
}

fn latest(history: &History) -> u64 {
    let governed = history.model.facts.iter().map(|fact| fact.hlc).max();
    governed.unwrap_or(Hlc::from_ms(1_000).0)
}

/// The device that somebody writes on: one of their first two, or, once their account is not what it was, any; rather one that
/// speaks for them.
pub(crate) fn device(rng: &mut StdRng, history: &History, who: Person, changes: bool) -> DeviceNo {
    let usual = usize::from(rng.random_bool(0.25));
    if !changes {
        return usual;
    }
    let now = latest(history) + 1;
    let certified: Vec<DeviceNo> =
        (0..DEVICES).filter(|device| history.model.certified(who, *device, now)).collect();
    match certified.choose(rng) {
        Some(device) if rng.random_bool(0.8) => *device,
        _ => rng.random_range(0..DEVICES),
    }
}

/// Every rotation in anybody's account.
pub(crate) fn rotations(history: &History) -> Vec<(Person, WordNo)> {
    let of = |who: Person| {
        let words = history.model.accounts[who].0.iter().enumerate();
        words.filter(|(_, word)| matches!(word.deed, Deed::Rotate { .. })).map(move |(word, _)| (who, word))
    };
    (0..history.model.accounts.len()).flat_map(of).collect()
}

/// An owner by Genesis who, told of a rotation, cites it; nobody, more often than not.
pub(crate) fn settler(rng: &mut StdRng, history: &History) -> Option<(Person, Act)> {
    let Act::Genesis { owners, .. } = &history.model.facts[0].act else { return None };
    let cites = rotations(history).choose(rng).copied().filter(|_| rng.random_bool(0.4))?;
    let owner = *owners.choose(rng)?;
    Some((owner, Act::Checkpoint { honest: true, rules: None, cites: Some(cites) }))
}
