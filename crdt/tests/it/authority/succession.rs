//! Who speaks for somebody, by the model: the rule of `crdt/docs/claim.md` a second time, from plain words.

use super::fact::{Act, JoinFact, Person};
use super::model::Model;
use std::collections::{BTreeMap, BTreeSet};

/// A key that speaks in somebody's account, by its number: see [`super::accounts`].
pub(crate) type KeyNo = usize;
/// A device of somebody's.
pub(crate) type DeviceNo = usize;
/// A word in somebody's account, by its number.
pub(crate) type WordNo = usize;

#[derive(Clone, Debug)]
pub(crate) enum Deed {
    Begin { recovery: Option<KeyNo> },
    Certify(DeviceNo),
    Revoke { device: DeviceNo, until: u64 },
    Rotate { ends: WordNo, new: KeyNo, keep: WordNo, recovery: Option<KeyNo> },
    Name,
}

/// One op of an account, as the history describes it.
#[derive(Clone, Debug)]
pub(crate) struct Word {
    pub(crate) by: KeyNo,
    pub(crate) prev: Option<WordNo>,
    pub(crate) seq: u64,
    pub(crate) hlc: u64,
    pub(crate) id: [u8; 32],
    pub(crate) deed: Deed,
}

/// The words in somebody's account.
#[derive(Clone, Debug, Default)]
pub(crate) struct Account(pub(crate) Vec<Word>);

/// What an account's words come to.
pub(crate) struct Succession {
    /// The words that began the reigns that count, the first one first.
    pub(crate) begun: Vec<WordNo>,
    /// The key that speaks now.
    pub(crate) key: KeyNo,
    /// Words of ended reigns that are kept.
    kept: BTreeSet<WordNo>,
}

impl Account {
    /// What they come to, where one rotation was cited.
    pub(crate) fn succession(&self, cited: Option<WordNo>) -> Succession {
        let Deed::Begin { mut recovery } = self.0[0].deed else { unreachable!("the first word begins") };
        let stands = cited.map(|cited| self.led_to(cited)).unwrap_or_default();
        let (mut begun, mut key, mut kept, mut ended) = (vec![0], 0, BTreeSet::new(), BTreeSet::new());
        loop {
            let begin = *begun.last().unwrap();
            let heirs = (0..self.0.len()).filter_map(|word| {
                let said = &self.0[word];
                let Deed::Rotate { ends, new, keep, recovery: next } = said.deed else { return None };
                let recovers = recovery == Some(said.by);
                let signs =
                    recovers || said.by == key && (recovery.is_none() || next.is_none() || next == recovery);
                let fits = new != key && !ended.contains(&new) && (keep == begin || self.0[keep].by == key);
                (ends == begin && signs && fits).then_some((
                    !recovers,
                    !stands.contains(&word),
                    said.seq,
                    said.id,
                    word,
                ))
            });
            let Some((.., heir)) = heirs.min() else { return Succession { begun, key, kept } };
            let Deed::Rotate { new, keep, recovery: next, .. } = self.0[heir].deed else { unreachable!() };
            let mut each = Some(keep).filter(|keep| self.0[*keep].by == key);
            while let Some(word) = each {
                kept.insert(word);
                each = self.0[word].prev;
            }
            ended.insert(key);
            (key, recovery) = (new, next.or(recovery));
            begun.push(heir);
        }
    }

    /// A rotation and those before it, back to the first.
    pub(crate) fn led_to(&self, rotation: WordNo) -> BTreeSet<WordNo> {
        let mut led = BTreeSet::new();
        let mut next = rotation;
        while let Deed::Rotate { ends, .. } = self.0[next].deed {
            led.insert(next);
            next = ends;
        }
        led
    }

    /// Whether a rotation counts where it is cited.
    fn can_settle(&self, rotation: WordNo) -> bool {
        matches!(self.0[rotation].deed, Deed::Rotate { .. })
            && self.succession(Some(rotation)).begun.contains(&rotation)
    }

    /// Whether a device speaks for the account at a time, where one rotation was cited.
    pub(crate) fn certifies(&self, cited: Option<WordNo>, device: DeviceNo, at: u64) -> bool {
        let Succession { key, kept, .. } = self.succession(cited);
        let counts = |word: &WordNo| kept.contains(word) || self.0[*word].by == key;
        let counting: Vec<&Deed> = (0..self.0.len()).filter(counts).map(|word| &self.0[word].deed).collect();
        counting.iter().any(|deed| matches!(deed, Deed::Certify(each) if *each == device))
            && !counting.iter().any(
                |deed| matches!(deed, Deed::Revoke { device: each, until } if *each == device && *until < at),
            )
    }

    /// Every key that somebody named so far.
    pub(crate) fn named(&self) -> BTreeSet<KeyNo> {
        let recoveries = |word: &Word| match word.deed {
            Deed::Begin { recovery } | Deed::Rotate { recovery, .. } => recovery,
            _ => None,
        };
        let heirs = |word: &Word| if let Deed::Rotate { new, .. } = word.deed { Some(new) } else { None };
        [0].into_iter()
            .chain(self.0.iter().filter_map(recoveries))
            .chain(self.0.iter().filter_map(heirs))
            .collect()
    }

    /// The words of one key, in order.
    pub(crate) fn log(&self, by: KeyNo) -> Vec<WordNo> {
        (0..self.0.len()).filter(|word| self.0[*word].by == by).collect()
    }
}

/// Rotations of one account that are cited: by whether its own person does it, when, and in which op.
type Citations = BTreeMap<(bool, u64, [u8; 32]), WordNo>;

impl Model {
    /// Whether a device speaks for somebody in this guild, at a time.
    pub(crate) fn certified(&self, who: Person, device: DeviceNo, at: u64) -> bool {
        self.accounts[who].certifies(self.settled.get(&who).copied(), device, at)
    }

    /// A word in somebody's account.
    pub(crate) fn hear(&mut self, who: Person, word: Word) {
        self.accounts[who].0.push(word);
        self.settled = self.find_settled();
        self.forget();
    }

    /// A checkpoint that cites a rotation has come.
    pub(crate) fn settle(&mut self) {
        let settled = self.find_settled();
        if settled != self.settled {
            self.settled = settled;
            self.forget();
        }
    }

    /// When a join was ended by a Leave that its person's device wrote.
    pub(super) fn left(&self, join: usize) -> Option<u64> {
        let JoinFact { person, leaves, .. } = &self.joins[join];
        let own = leaves.iter().filter(|(at, device)| self.certified(*person, *device, *at));
        own.map(|(at, _)| *at).min()
    }

    /// Which rotations owners' checkpoints have settled: another's word goes before one's own, then the earlier.
    fn find_settled(&self) -> BTreeMap<Person, WordNo> {
        let Act::Genesis { owners, .. } = &self.facts[0].act else { return BTreeMap::new() };
        let mut cited: BTreeMap<Person, Citations> = BTreeMap::new();
        for fact in self.facts.iter().filter(|fact| owners.contains(&fact.author)) {
            let Act::Checkpoint { rules: None, cites: Some((who, rotation)), .. } = fact.act else {
                continue;
            };
            let own = who == fact.author;
            let in_whose_eyes = Some(rotation).filter(|_| own);
            if self.accounts[who].can_settle(rotation)
                && self.accounts[fact.author].certifies(in_whose_eyes, fact.device, fact.hlc)
            {
                cited.entry(who).or_default().insert((own, fact.hlc, fact.id), rotation);
            }
        }
        let leads_on = |who: Person| {
            move |last: Option<WordNo>, next: &WordNo| match last {
                Some(last) if !self.accounts[who].led_to(*next).contains(&last) => Some(last),
                _ => Some(*next),
            }
        };
        cited
            .into_iter()
            .filter_map(|(who, all)| Some((who, all.values().fold(None, leads_on(who))?)))
            .collect()
    }
}
