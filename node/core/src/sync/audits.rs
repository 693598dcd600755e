//! What was found when relays were checked: kept beside the links, and told once it was seen twice.

use crate::store::Head;
use nexus_crdt::id::{SpaceId, StreamId};
use std::collections::{BTreeMap, BTreeSet};

/// What one look at a relay found. At the time everything that is here had been given to it, and it had said that it has it.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Look {
    /// It answered.
    pub answered: bool,
    /// What it does not show of what is here, by the first 16 bytes of ids; at most 1,024 of a stream.
    pub lacks: BTreeMap<StreamId, BTreeSet<Head>>,
    /// Of the streams that differ, how much either side has.
    pub claims: BTreeMap<StreamId, Claim>,
}

/// How many ops of a stream there are.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Claim {
    /// As the relay says.
    pub theirs: u64,
    /// Here.
    pub ours: u64,
}

/// What was seen of a relay twice, a while apart.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Shortfall {
    /// What.
    pub what: Lack,
    /// How many ops; 0 where it does not answer.
    pub ops: u64,
    /// Where, in the space.
    pub streams: BTreeSet<StreamId>,
    /// When it was first seen, Unix ms.
    pub since_ms: u64,
    /// When last.
    pub seen_ms: u64,
}

/// What a relay falls short of.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Lack {
    /// It does not show what it said it has.
    Shown,
    /// It says that it has more than it gives.
    Given,
    /// It does not say what it has.
    Answered,
}

/// Every relay that was checked, by space.
#[derive(Debug)]
pub struct Audits {
    grace_ms: u64,
    records: BTreeMap<(String, SpaceId), Record>,
}

#[derive(Debug, Default)]
struct Record {
    /// What was amiss, and when.
    before: Option<(Look, u64)>,
    told: Option<Shortfall>,
}

impl Look {
    /// Whether nothing is amiss.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        self.answered
            && self.lacks.values().all(BTreeSet::is_empty)
            && self.claims.values().all(|claim| claim.theirs <= claim.ours)
    }
}

impl Audits {
    /// `grace_ms`: between two looks at least, before anything is said. A relay that is merely behind has caught up by then.
    #[must_use]
    pub const fn new(grace_ms: u64) -> Self {
        Self { grace_ms, records: BTreeMap::new() }
    }

    /// A relay was looked at.
    pub fn looked(&mut self, relay: &str, space: SpaceId, look: Look, now_ms: u64) {
        let at = (relay.to_owned(), space);
        if self.records.len() >= RECORDS_MAX && !self.records.contains_key(&at) {
            return;
        }
        let record = self.records.entry(at).or_default();
        if look.is_whole() {
            *record = Record::default();
            return;
        }
        match &record.before {
            Some((_, seen_ms)) if now_ms.saturating_sub(*seen_ms) < self.grace_ms => {}
            Some((before, seen_ms)) => {
                let since_ms = record.told.as_ref().map_or(*seen_ms, |told| told.since_ms);
                record.told = both(before, &look, since_ms, now_ms);
                record.before = Some((look, now_ms));
            }
            None => record.before = Some((look, now_ms)),
        }
    }

    /// What a relay falls short of in a space.
    #[must_use]
    pub fn of(&self, relay: &str, space: &SpaceId) -> Option<&Shortfall> {
        self.records.get(&(relay.to_owned(), *space))?.told.as_ref()
    }

    /// Relays that showed everything when they were last looked at.
    pub fn whole<'a>(&'a self, space: &'a SpaceId) -> impl Iterator<Item = &'a str> {
        let whole =
            self.records.iter().filter(move |((_, of), record)| of == space && record.before.is_none());
        whole.map(|((relay, _), _)| relay.as_str())
    }
}

// What was amiss at one look and still is at the next: whatever came or went in between tells nothing.
fn both(before: &Look, now: &Look, since_ms: u64, seen_ms: u64) -> Option<Shortfall> {
    let told = |what, counts: BTreeMap<StreamId, u64>| {
        let ops = counts.values().sum();
        let streams = counts.into_keys().collect();
        Some(Shortfall { what, ops, streams, since_ms, seen_ms })
    };
    if !before.answered && !now.answered {
        return told(Lack::Answered, BTreeMap::new());
    }
    let still = |(stream, heads): (&StreamId, &BTreeSet<Head>)| {
        let still = before.lacks.get(stream)?.intersection(heads).count() as u64;
        (still > 0).then_some((*stream, still))
    };
    let lacks: BTreeMap<StreamId, u64> = now.lacks.iter().filter_map(still).collect();
    if !lacks.is_empty() {
        return told(Lack::Shown, lacks);
    }
    // What it had then should be here by now.
    let owed = |(stream, claim): (&StreamId, &Claim)| {
        let owed = before.claims.get(stream)?.theirs.min(claim.theirs).saturating_sub(claim.ours);
        (owed > 0).then_some((*stream, owed))
    };
    let owed: BTreeMap<StreamId, u64> = now.claims.iter().filter_map(owed).collect();
    if owed.is_empty() { None } else { told(Lack::Given, owed) }
}

/// Relays and spaces that are kept in mind.
const RECORDS_MAX: usize = 65_536;

#[cfg(test)]
mod tests {
    use super::*;

    const SPACE: SpaceId = SpaceId([1; 32]);
    const CHANNEL: StreamId = StreamId([2; 16]);
    const URL: &str = "https://relay.example";
    const GRACE_MS: u64 = 60_000;

    fn lacking(ops: &[u8]) -> Look {
        let heads = ops.iter().map(|op| [*op; 16]).collect();
        Look { answered: true, lacks: [(CHANNEL, heads)].into(), claims: BTreeMap::new() }
    }

    fn claiming(theirs: u64, ours: u64) -> Look {
        let claims = [(CHANNEL, Claim { theirs, ours })].into();
        Look { answered: true, lacks: BTreeMap::new(), claims }
    }

    fn after(looks: &[(u64, Look)]) -> Option<(Lack, u64, u64)> {
        let mut audits = Audits::new(GRACE_MS);
        for (at_ms, look) in looks {
            audits.looked(URL, SPACE, look.clone(), *at_ms);
        }
        audits.of(URL, &SPACE).map(|told| (told.what, told.ops, told.since_ms))
    }

    #[test]
    fn what_a_relay_lacks_is_told_when_the_same_was_lacking_a_grace_later() {
        let first = (0, lacking(&[1, 2, 3]));
        assert_eq!(after(std::slice::from_ref(&first)), None, "one look tells nothing");
        assert_eq!(after(&[first.clone(), (GRACE_MS - 1, lacking(&[1, 2, 3]))]), None, "too soon");
        assert_eq!(after(&[first.clone(), (GRACE_MS, lacking(&[4, 5]))]), None, "it is merely behind");
        let twice = [first, (GRACE_MS, lacking(&[2, 3, 4]))];
        assert_eq!(after(&twice), Some((Lack::Shown, 2, 0)));
        let [one, two] = twice;
        let thrice = [one.clone(), two.clone(), (2 * GRACE_MS, lacking(&[4]))];
        assert_eq!(after(&thrice), Some((Lack::Shown, 1, 0)), "since when stays");
        let whole = Look { answered: true, ..Look::default() };
        assert_eq!(after(&[one, two, (2 * GRACE_MS, whole)]), None, "it shows everything now");
    }

    #[test]
    fn a_relay_that_says_it_has_more_must_have_given_it_by_the_next_look() {
        assert_eq!(after(&[(0, claiming(9, 7)), (GRACE_MS, claiming(12, 9))]), None, "what it had is here");
        assert_eq!(after(&[(0, claiming(9, 7)), (GRACE_MS, claiming(12, 7))]), Some((Lack::Given, 2, 0)));
    }

    #[test]
    fn a_relay_that_does_not_say_what_it_has_is_told_of_after_two_questions() {
        let silent = Look::default();
        assert_eq!(after(&[(0, silent.clone())]), None);
        assert_eq!(after(&[(0, silent.clone()), (GRACE_MS, silent)]), Some((Lack::Answered, 0, 0)));
    }

    #[test]
    fn relays_are_told_apart_and_those_that_show_everything_are_known() {
        let mut audits = Audits::new(GRACE_MS);
        for at_ms in [0, GRACE_MS] {
            audits.looked(URL, SPACE, lacking(&[1]), at_ms);
            audits.looked("https://other.example", SPACE, Look { answered: true, ..Look::default() }, at_ms);
        }
        assert!(audits.of("https://other.example", &SPACE).is_none());
        assert_eq!(audits.whole(&SPACE).collect::<Vec<_>>(), ["https://other.example"]);
    }
}
