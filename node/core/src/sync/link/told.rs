//! What is said of others on one link: each thing when it changes, and to a bound in either direction.

use imbl::OrdMap;
use imbl::ordmap::DiffItem;
use std::collections::{BTreeMap, BTreeSet};

/// What the peer was told, and is yet to be. Of `ROOM` things it may say that they are so.
#[derive(Debug)]
pub(super) struct Told<K: Ord, V, const ROOM: usize> {
    /// All that may be spoken of, as it is now.
    now: OrdMap<K, V>,
    told: BTreeMap<K, V>,
    /// Somebody may know more or less than before: all is to be looked at.
    is_stale: bool,
    looked_ms: u64,
    /// Since the last tick.
    sent: u32,
    heard: u32,
    /// What the peer has said is so: it may be known here only a moment later.
    heard_of: BTreeSet<K>,
    ticks: u32,
}

impl<K: Ord, V, const ROOM: usize> Default for Told<K, V, ROOM> {
    fn default() -> Self {
        Self {
            now: OrdMap::new(),
            told: BTreeMap::new(),
            is_stale: false,
            looked_ms: 0,
            sent: 0,
            heard: 0,
            heard_of: BTreeSet::new(),
            ticks: 0,
        }
    }
}

impl<K: Ord + Copy, V: Clone + PartialEq, const ROOM: usize> Told<K, V, ROOM> {
    pub(super) fn tick(&mut self) {
        (self.sent, self.heard) = (0, 0);
        self.ticks = self.ticks.wrapping_add(1);
        self.is_stale |= self.ticks.is_multiple_of(LOOK_TICKS);
    }

    pub(super) const fn may_have_changed(&mut self) {
        self.is_stale = true;
    }

    pub(super) fn due_ms(&self) -> Option<u64> {
        (self.is_stale && self.sent < SENT_A_TICK).then_some(self.looked_ms + LOOK_MS)
    }

    /// What is so from now on; what of it is other than before.
    pub(super) fn turn_to(&mut self, now: &OrdMap<K, V>) -> Vec<K> {
        let before = std::mem::replace(&mut self.now, now.clone());
        let changed = before.diff(now).map(|change| match change {
            DiffItem::Add(key, _) | DiffItem::Remove(key, _) | DiffItem::Update { old: (key, _), .. } => *key,
        });
        changed.collect()
    }

    pub(super) fn now(&self, key: &K) -> Option<&V> {
        self.now.get(key)
    }

    /// All there is to look at again, where that is due; not often, since a relay has many links and many people.
    pub(super) fn due_for_a_look(&mut self, now_ms: u64) -> BTreeSet<K> {
        if self.due_ms().is_none_or(|due_ms| now_ms < due_ms) {
            return BTreeSet::new();
        }
        (self.is_stale, self.looked_ms) = (false, now_ms);
        self.told.keys().chain(self.now.keys()).copied().collect()
    }

    /// Whether the peer is to be told now that this is so, or (none) no more. What is too much follows after the next tick.
    pub(super) fn is_to_tell(&mut self, key: K, value: Option<&V>) -> bool {
        if value == self.told.get(&key) {
            return false;
        }
        if self.sent >= SENT_A_TICK {
            self.is_stale = true;
            return false;
        }
        self.sent += 1;
        match value {
            Some(value) => self.told.insert(key, value.clone()),
            None => self.told.remove(&key),
        };
        true
    }

    /// Whether what the peer says is listened to: it says not too much, and what ends had begun.
    pub(super) fn listens(&mut self, key: K, is_so: bool, is_believed: bool) -> bool {
        self.heard = self.heard.saturating_add(1);
        is_believed && self.heard <= HEARD_A_TICK && self.remember(key, is_so)
    }

    /// False where there is no room for one more.
    fn remember(&mut self, key: K, is_so: bool) -> bool {
        if !is_so {
            return self.heard_of.remove(&key);
        }
        self.heard_of.contains(&key) || self.heard_of.len() < ROOM && self.heard_of.insert(key)
    }
}

/// Things that a peer is told in a tick (5 s); the rest follows in the next.
const SENT_A_TICK: u32 = 512;
/// What is heard beyond it is passed over: a tick here and a tick there do not begin together.
const HEARD_A_TICK: u32 = 2 * SENT_A_TICK;
/// All is looked at once in so many ms at most ..
const LOOK_MS: u64 = 1_000;
/// .. and once in so many ticks, whatever was noticed.
const LOOK_TICKS: u32 = 12;
