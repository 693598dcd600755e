//! Two sets of ops find out what either lacks, beside the `negentropy` crate on the same sets.

use negentropy::{Id, Negentropy, NegentropyStorageBase, NegentropyStorageVector};
use nexus_core::store::{Gaps, Head, Piece, Range, SetSum, Spot};
use nexus_core::sync::reconcile::{
    Answer, Gift, Keeps, Ops, PART_MAX, Part, Parts, Says, SessionKey, Side, UNDER_WAY_MAX, Unsaid,
};
use nexus_core::{PeerKey, StoreFault};
use nexus_crdt::hlc::Hlc;
use nexus_crdt::id::{SpaceId, StreamId};
use std::cell::Cell;
use std::collections::{BTreeMap, BTreeSet};

/// A set of ops in memory.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
struct Set(BTreeSet<Spot>, BTreeMap<Head, Spot>);

impl Ops for Set {
    fn spots(&self, range: &Range, limit: usize) -> Result<Vec<Spot>, StoreFault> {
        let from = self.0.range(range.from..).take_while(|spot| range.holds(spot));
        Ok(from.take(limit).copied().collect())
    }

    fn pieces(&self, range: &Range, _: usize) -> Result<Vec<Piece>, StoreFault> {
        let spots = self.spots(range, usize::MAX)?.into_iter();
        Ok(spots.map(|from| Piece { from, sum: SetSum::of(&from.head) }).collect())
    }

    fn sums(&self, ranges: &[Range]) -> Result<Vec<SetSum>, StoreFault> {
        let sum = |range| Ok(self.pieces(range, 1)?.iter().map(|piece| &piece.sum).collect());
        ranges.iter().map(sum).collect()
    }

    fn before(&self, spot: &Spot) -> Result<Option<Spot>, StoreFault> {
        Ok(self.0.range(..spot).next_back().copied())
    }

    fn has(&self, head: &Head) -> Result<bool, StoreFault> {
        Ok(self.1.contains_key(head))
    }
}

/// A set that keeps the sums of its parts, as a store does, and counts the ops that are read one by one.
struct InParts {
    set: Set,
    spots: Vec<Spot>,
    /// Of the first so many.
    sums: Vec<SetSum>,
    read: Cell<usize>,
}

impl From<Set> for InParts {
    fn from(set: Set) -> Self {
        let spots: Vec<Spot> = set.0.iter().copied().collect();
        let mut sums = vec![SetSum::default()];
        for (at, spot) in spots.iter().enumerate() {
            sums.push(sums[at].and(&SetSum::of(&spot.head)));
        }
        Self { set, spots, sums, read: Cell::new(0) }
    }
}

impl InParts {
    fn within(&self, range: &Range) -> (usize, usize) {
        let place = |at: Spot| self.spots.partition_point(|spot| *spot < at);
        let from = place(range.from);
        (from, range.upto.map_or(self.spots.len(), place).max(from))
    }
}

impl Ops for InParts {
    fn spots(&self, range: &Range, limit: usize) -> Result<Vec<Spot>, StoreFault> {
        let spots = self.set.spots(range, limit)?;
        self.read.set(self.read.get() + spots.len());
        Ok(spots)
    }

    fn pieces(&self, range: &Range, wanted: usize) -> Result<Vec<Piece>, StoreFault> {
        let (from, upto) = self.within(range);
        let begins = |level: u8| {
            (from..upto).filter(move |at| *at == from || self.spots[*at].begins(level)).collect::<Vec<_>>()
        };
        let begins = [2, 1].map(begins).into_iter().find(|begins| begins.len() >= wanted);
        let Some(begins) = begins else {
            self.read.set(self.read.get() + upto - from);
            return self.set.pieces(range, wanted);
        };
        let ends = begins.iter().skip(1).chain([&upto]);
        let piece = |(from, upto): (&usize, &usize)| Piece {
            from: self.spots[*from],
            sum: self.sums[*upto].without(&self.sums[*from]),
        };
        Ok(begins.iter().zip(ends).map(piece).collect())
    }

    fn sums(&self, ranges: &[Range]) -> Result<Vec<SetSum>, StoreFault> {
        let sum = |range| {
            let (from, upto) = self.within(range);
            self.sums[upto].without(&self.sums[from])
        };
        Ok(ranges.iter().map(sum).collect())
    }

    fn before(&self, spot: &Spot) -> Result<Option<Spot>, StoreFault> {
        self.set.before(spot)
    }

    fn has(&self, head: &Head) -> Result<bool, StoreFault> {
        self.set.has(head)
    }
}

/// What has a set behind it.
trait Holds: Ops {
    fn set(&self) -> &Set;
}

impl Holds for Set {
    fn set(&self) -> &Set {
        self
    }
}

impl Holds for InParts {
    fn set(&self) -> &Set {
        &self.set
    }
}

/// What a comparison came to.
#[derive(Default, Debug)]
struct Outcome {
    messages: usize,
    /// Where several messages are under way.
    rounds: usize,
    bytes: usize,
    /// What each side gave.
    given: [BTreeSet<Spot>; 2],
}

/// Carries messages between two sides until nobody asks any more.
fn compare(sets: [&Set; 2]) -> Outcome {
    let key = key(1);
    let side = |who: usize| Side { key: &key, ops: sets[who], keeps: Keeps::Nothing };
    let mut outcome = Outcome::default();
    let mut said = side(0).open().unwrap();
    for turn in 1.. {
        let heard = carried(&said, &mut outcome);
        let who = turn % 2;
        let Answer { parts, gifts } = side(who).answer(&heard).unwrap();
        for gift in gifts {
            for spot in spots_of(sets[who], gift) {
                assert!(outcome.given[who].insert(spot), "nothing is given twice");
            }
        }
        if parts.is_empty() {
            return outcome;
        }
        assert!(turn < 4_000, "it ends");
        said = parts;
    }
    outcome
}

/// .. of which the one that begins has several under way. Answers come in an order that a seed makes; together they are a round.
fn compare_several<O: Holds>(sets: [&O; 2], seed: u64) -> Outcome {
    let key = key(1);
    let [asks, answers] = sets.map(|ops| Side { key: &key, ops, keeps: Keeps::Unsaid });
    let (mut outcome, mut unsaid) = (Outcome::default(), Unsaid::default());
    let give = |outcome: &mut Outcome, who: usize, gifts: Vec<Gift>| {
        for spot in gifts.into_iter().flat_map(|gift| spots_of(sets[who].set(), gift)) {
            assert!(outcome.given[who].insert(spot), "nothing is given twice");
        }
    };
    let mut under_way = vec![asks.open().unwrap()];
    for round in 1.. {
        assert!(round < 4_000, "it ends");
        let mut came = Vec::new();
        for said in under_way.drain(..) {
            let Answer { parts, gifts } = answers.answer(&carried(&said, &mut outcome)).unwrap();
            give(&mut outcome, 1, gifts);
            came.push(carried(&parts, &mut outcome));
        }
        came.sort_by_key(|parts| blake3::hash(&[&parts.write()[..], &seed.to_le_bytes()].concat()).to_hex());
        for parts in came {
            let gifts = asks.hear(&parts, &Gaps::default(), &mut unsaid).unwrap();
            give(&mut outcome, 0, gifts);
        }
        while under_way.len() < UNDER_WAY_MAX && !unsaid.is_empty() {
            under_way.push(asks.say(&Gaps::default(), &mut unsaid).unwrap());
        }
        if under_way.is_empty() {
            outcome.rounds = round;
            return outcome;
        }
    }
    outcome
}

fn carried(said: &Parts, outcome: &mut Outcome) -> Parts {
    let bytes = said.write();
    assert!(bytes.len() <= PART_MAX);
    outcome.messages += 1;
    outcome.bytes += bytes.len();
    let heard = Parts::read(&bytes).unwrap();
    assert_eq!(&heard, said, "a message reads back as it was written");
    heard
}

fn spots_of(set: &Set, gift: Gift) -> Vec<Spot> {
    match gift {
        Gift::Range { range, except, count } => {
            let all = set.spots(&range, usize::MAX).unwrap();
            let given: Vec<Spot> = all.into_iter().filter(|spot| !except.contains(&spot.head)).collect();
            assert_eq!(given.len() as u64, count);
            given
        }
        Gift::Named(heads) => heads.iter().filter_map(|head| set.1.get(head)).copied().collect(),
    }
}

/// What each side lacks, as `negentropy` finds it.
fn by_negentropy(sets: [&Set; 2]) -> [BTreeSet<Head>; 2] {
    let storage = |set: &Set| {
        let mut storage = NegentropyStorageVector::new();
        for spot in &set.0 {
            let mut id = [0; 32];
            id[..16].copy_from_slice(&spot.head);
            storage.insert(spot.hlc.0, Id::from_byte_array(id)).unwrap();
        }
        storage.seal().unwrap();
        assert_eq!(storage.size().unwrap(), set.0.len());
        storage
    };
    let mut opener = Negentropy::owned(storage(sets[0]), 0).unwrap();
    let mut other = Negentropy::owned(storage(sets[1]), 0).unwrap();
    let (mut have, mut need) = (Vec::new(), Vec::new());
    let mut message = opener.initiate().unwrap();
    loop {
        let answer = other.reconcile(&message).unwrap();
        match opener.reconcile_with_ids(&answer, &mut have, &mut need).unwrap() {
            Some(next) => message = next,
            None => break,
        }
    }
    let heads = |ids: Vec<Id>| ids.iter().map(|id| *id.to_bytes().first_chunk().unwrap()).collect();
    [heads(have), heads(need)]
}

fn key(seed: u8) -> SessionKey {
    let (one, other) = (PeerKey([seed; 32]), PeerKey([2; 32]));
    SessionKey::of((&one, &[3; 32]), (&other, &[4; 32]), &SpaceId([5; 32]), &StreamId([6; 16]))
}

/// The op of a number, in a stream in which a few are written in each minute, some of them in one instant.
fn spot(number: u64) -> Spot {
    let hash = blake3::hash(&number.to_be_bytes());
    let hlc = Hlc::from_ms(1_700_000_000_000 + number / 2 * 13_000);
    Spot { hlc, head: *hash.as_bytes().first_chunk().unwrap() }
}

fn set(numbers: impl IntoIterator<Item = u64>) -> Set {
    let spots: BTreeSet<Spot> = numbers.into_iter().map(spot).collect();
    let heads = spots.iter().map(|spot| (spot.head, *spot)).collect();
    Set(spots, heads)
}

fn assert_found(one: &Set, other: &Set) -> Outcome {
    let outcome = compare([one, other]);
    let lacks = |a: &Set, b: &Set| a.0.difference(&b.0).copied().collect::<BTreeSet<_>>();
    assert_eq!(outcome.given, [lacks(one, other), lacks(other, one)], "what is given is what is missing");
    let heads: [BTreeSet<Head>; 2] =
        outcome.given.each_ref().map(|given| given.iter().map(|spot| spot.head).collect());
    assert_eq!(heads, by_negentropy([one, other]), "negentropy finds the same");
    let several = compare_several([one, other], one.0.len() as u64);
    assert_eq!(
        several.given, outcome.given,
        "several under way find the same, in whatever order they are answered"
    );
    let bound = outcome.bytes * 11 / 10 + 1_000;
    assert!(several.bytes <= bound, "{} bytes, and {} one by one", several.bytes, outcome.bytes);
    Outcome { rounds: several.rounds, ..outcome }
}

#[test]
fn any_two_sets_find_what_either_lacks_as_negentropy_does() {
    for seed in 0..200u64 {
        let bits = blake3::hash(&seed.to_le_bytes());
        let [size, missing, ..] = *bits.as_bytes();
        let size = u64::from(size) * (seed % 7);
        // Each side lacks one in so many, others than the other side.
        let every = u64::from(missing) % 40 + 2;
        let lacks = |side: u64| move |number: &u64| !(number + side * 3).is_multiple_of(every);
        let (one, other) = (set((0..size).filter(lacks(0))), set((0..size).filter(lacks(1))));
        assert_found(&one, &other);
    }
}

#[test]
fn equal_sets_say_so_in_one_round() {
    for size in [0, 1, 16, 17, 33, 5_000] {
        let all = set(0..size);
        let outcome = assert_found(&all, &all);
        assert_eq!(outcome.messages, 1);
        assert!(outcome.bytes < 1_100, "{} bytes for {size}", outcome.bytes);
    }
}

#[test]
fn the_newest_that_are_missing_on_either_side_cost_one_round_and_a_kilobyte() {
    let (old, all) = (set(0..5_000), set(0..5_010));
    for (one, other) in [(&old, &all), (&all, &old)] {
        let outcome = assert_found(one, other);
        assert!(outcome.messages <= 2 && outcome.bytes < 1_300, "{outcome:?}");
    }
}

#[test]
fn a_few_that_lie_apart_cost_three_rounds_and_a_kilobyte_each() {
    let all = set(0..20_000);
    let some = set((0..20_000).filter(|number| number % 2_000 != 700));
    for (one, other) in [(&some, &all), (&all, &some)] {
        let outcome = assert_found(one, other);
        assert!(outcome.messages <= 6 && outcome.bytes < 12_000, "{} in {}", outcome.bytes, outcome.messages);
    }
}

/// Every op of a range was once read, and added up, to cut it down to lists: by both sides, a thousand for each that was missing.
#[test]
fn what_lies_apart_is_found_by_the_sums_that_are_kept_and_few_ops_are_read() {
    const ALL: u64 = 100_000;
    let all = InParts::from(set(0..ALL));
    for (missing, rounds) in [(10, 3), (500, 3), (2_000, 4)] {
        let some = InParts::from(set((0..ALL).filter(|number| number % (ALL / missing) != 7)));
        for sides in [[&some, &all], [&all, &some]] {
            sides.iter().for_each(|side| side.read.set(0));
            let outcome = compare_several(sides, missing);
            assert_eq!(outcome.given.iter().map(BTreeSet::len).sum::<usize>() as u64, missing);
            assert!(
                outcome.rounds <= rounds,
                "{missing}: {} rounds, {} bytes",
                outcome.rounds,
                outcome.bytes
            );
            for side in sides {
                let read = side.read.get() as u64;
                assert!(read <= missing * 500 + 500, "{missing}: {read} ops were read");
            }
            let bytes = missing as usize * 1_000 + 1_600;
            assert!(outcome.bytes <= bytes, "{missing}: {} bytes", outcome.bytes);
        }
    }
}

/// A few small parts and a large one behind them were put together to one, which said the same range again, for ever.
#[test]
fn parts_as_uneven_as_somebody_may_grind_them_are_cut_all_the_same() {
    let is_small = |number: u64| number % 1_400 < 600;
    let held = |number: &u64| is_small(*number) == spot(*number).begins(1);
    let all = InParts::from(set((0..84_000).filter(held)));
    let lacks = |number: &u64| number % 1_400 == 1_000 && held(number);
    let some = InParts::from(set((0..84_000).filter(held).filter(|number| !lacks(number))));
    for sides in [[&some, &all], [&all, &some]] {
        let outcome = compare_several(sides, 1);
        let given = outcome.given.iter().map(BTreeSet::len).sum::<usize>();
        assert_eq!(given, (0..84_000).filter(lacks).count());
        assert!(given > 40 && outcome.rounds <= 5, "{given} in {} rounds", outcome.rounds);
    }
}

#[test]
fn who_holds_nothing_is_given_everything_and_names_nothing() {
    let (all, nothing) = (set(0..3_000), Set::default());
    for (one, other) in [(&nothing, &all), (&all, &nothing)] {
        let outcome = assert_found(one, other);
        assert!(outcome.bytes < 2_000, "{outcome:?}");
    }
}

#[test]
fn sets_that_share_nothing_are_told_apart_in_messages_of_bounded_size() {
    let outcome = assert_found(&set((0..12_000).map(|n| 2 * n)), &set((0..12_000).map(|n| 2 * n + 1)));
    assert!(outcome.messages > 6, "more than one message holds");
}

/// Where an answer was full, what had been found out behind that place was found out again, and given again: 20,000 that lie apart in
/// 200,000 took 206 messages.
#[test]
fn many_that_lie_apart_are_found_once_though_no_message_holds_them() {
    let all = set(0..30_000);
    let some = set((0..30_000).filter(|number| number % 10 != 3));
    for (one, other) in [(&some, &all), (&all, &some)] {
        let outcome = assert_found(one, other);
        // Names of every op, 16 bytes each, fill so many messages.
        let least = 30_000 * 16 / PART_MAX;
        assert!(outcome.messages <= 4 * least, "{} messages, {} bytes", outcome.messages, outcome.bytes);
        assert!(outcome.bytes <= 30_000 * 16 * 2, "{} bytes", outcome.bytes);
        assert!(outcome.rounds <= 4, "{} rounds where several are under way", outcome.rounds);
    }
}

/// A fingerprint that is said again is looked at again: in one message there is to be no more than one answer has room for.
#[test]
fn a_message_asks_for_what_one_answer_holds_and_nothing_has_to_wait() {
    let all = set(0..30_000);
    let some = set((0..30_000).filter(|number| number % 10 != 3));
    let key = key(1);
    let [asks, answers] = [&some, &all].map(|ops| Side { key: &key, ops, keeps: Keeps::Unsaid });
    let mut unsaid = Unsaid::default();
    let mut said = asks.open().unwrap();
    loop {
        let answer = answers.answer(&said).unwrap().parts;
        assert!(printed(&said).is_disjoint(&printed(&answer)), "a fingerprint was said again");
        asks.hear(&answer, &Gaps::default(), &mut unsaid).unwrap();
        if unsaid.is_empty() {
            break;
        }
        said = asks.say(&Gaps::default(), &mut unsaid).unwrap();
    }
}

/// The ranges of which a fingerprint is said.
fn printed(parts: &Parts) -> BTreeSet<(Spot, Option<Spot>)> {
    let from = std::iter::once(Spot::FIRST).chain(parts.0.iter().filter_map(|part| part.upto));
    let printed = parts.0.iter().zip(from).filter(|(part, _)| matches!(part.says, Says::Print(_)));
    printed.map(|(part, from)| (from, part.upto)).collect()
}

#[test]
fn what_a_liar_answers_makes_nobody_say_more_than_messages_hold_or_keep_more_than_came() {
    let all = set(0..3_000);
    let key = key(1);
    let side = Side { key: &key, ops: &all, keeps: Keeps::Unsaid };
    for seed in 0..40u64 {
        let part = |number: u64| {
            let bits = *blake3::hash(&(seed * 10_000 + number).to_le_bytes()).as_bytes();
            let says = match bits[0] % 4 {
                0 => Says::Same,
                1 => Says::Names(vec![[bits[1]; 16]; usize::from(bits[2] % 65)]),
                2 => Says::Need(vec![[bits[1]; 16]; usize::from(bits[2] % 65)]),
                _ => Says::Print([bits[1]; 8]),
            };
            let hlc = spot(number * 3).hlc;
            Part { upto: Some(Spot { hlc: Hlc(hlc.0 + u64::from(bits[3])), head: [0; 16] }), says }
        };
        let lie = Parts((0..(seed * 20 % 900)).map(part).collect());
        let mut unsaid = Unsaid::default();
        // The same once more is kept once more: who drives this counts.
        for times in 1..=3 {
            side.hear(&lie, &Gaps::default(), &mut unsaid).unwrap();
            assert!(unsaid.len() <= times * lie.0.len());
        }
        let mut messages = 0;
        while !unsaid.is_empty() {
            let before = unsaid.len();
            let bytes = side.say(&Gaps::default(), &mut unsaid).unwrap().write();
            assert!(bytes.len() <= PART_MAX && Parts::read(&bytes).is_ok());
            assert!(unsaid.len() < before, "each message says something");
            messages += 1;
        }
        assert!(messages <= 3 * lie.0.len());
    }
}

#[test]
fn the_fingerprints_of_one_link_say_nothing_on_another() {
    let all = set(0..300);
    let open = |key: SessionKey| Side { key: &key, ops: &all, keeps: Keeps::Unsaid }.open().unwrap();
    let prints = |parts: Parts| -> BTreeSet<_> {
        let print = |part: &Part| if let Says::Print(print) = part.says { Some(print) } else { None };
        parts.0.iter().filter_map(print).collect()
    };
    let (here, there) = (prints(open(key(1))), prints(open(key(9))));
    assert!(here.len() > 2 && here.is_disjoint(&there));
}

#[test]
fn bytes_that_are_no_message_are_refused() {
    let message = Side { key: &key(1), ops: &set(0..500), keeps: Keeps::Unsaid }.open().unwrap().write();
    for end in 1..message.len() {
        if let Ok(shorter) = Parts::read(&message[..end]) {
            assert_eq!(shorter.write(), message[..end], "only whole parts are left");
        }
    }
    let garbled: [&[u8]; 7] = [
        &[0x80, 9],
        &[0x80, 0, 0x80, 0],
        &[0xc0, 0],
        &[0x01, 1, 0, 0x01, 0, 0],
        &[0x00, 2, 0],
        &[0x80, 2, 65],
        &[0x3f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f, 0],
    ];
    for bytes in garbled {
        assert!(Parts::read(bytes).is_err(), "{bytes:?}");
    }
    assert!(Parts::read(&vec![0; PART_MAX + 1]).is_err());
}

#[test]
fn a_liar_who_calls_everything_different_is_answered_within_bounds() {
    let all = set(0..3_000);
    let key = key(1);
    let mut lie: Vec<Part> = (1..4_000)
        .map(|number| Part {
            upto: Some(Spot { hlc: Hlc(number << 40), head: [0; 16] }),
            says: Says::Print([7; 8]),
        })
        .collect();
    for says in [Says::Print([7; 8]), Says::Names(vec![[9; 16]; 64]), Says::Need(vec![[9; 16]; 64])] {
        lie.truncate(3_000);
        lie.push(Part { upto: None, says });
        let answer = Side { key: &key, ops: &all, keeps: Keeps::Unsaid }.answer(&Parts(lie.clone())).unwrap();
        assert!(answer.parts.write().len() <= PART_MAX);
        assert!(Parts::read(&answer.parts.write()).is_ok());
    }
}
