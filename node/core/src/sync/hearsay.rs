//! What programs say of others on links and keep nowhere: what is said here, what peers say, and what of that is passed on.

use super::LinkId;
use imbl::OrdMap;
use std::collections::BTreeMap;

/// What is said so, by what it is about. Cheap to clone.
pub type Said<K, V> = OrdMap<K, V>;

/// Something that is said so.
pub trait Spoken: Clone + PartialEq {
    /// Of what several say of the same, what counts.
    fn best<'a>(said: impl Iterator<Item = &'a Self> + Clone) -> Option<Self>
    where
        Self: 'a;
}

/// What one program knows of it: what is said here, and what peers say.
///
/// What a peer says of others than its own people is never passed on. So nothing is kept alive by two who quote each other, and a
/// relay, to whom everybody speaks for themselves, is all the hops there are.
#[derive(Debug)]
pub struct Hearsay<K: Ord, V> {
    here: OrdMap<K, V>,
    heard: BTreeMap<K, BTreeMap<LinkId, Heard<V>>>,
    elsewhere: OrdMap<K, V>,
    told: OrdMap<K, V>,
}

#[derive(Debug)]
struct Heard<V> {
    said: V,
    first_hand: bool,
}

impl<K: Ord, V> Default for Hearsay<K, V> {
    fn default() -> Self {
        Self { here: OrdMap::new(), heard: BTreeMap::new(), elsewhere: OrdMap::new(), told: OrdMap::new() }
    }
}

impl<K: Ord + Copy, V: Spoken> Hearsay<K, V> {
    /// What is said here from now on.
    pub fn here(&mut self, key: K, said: Option<V>) {
        put(&mut self.here, key, said);
        self.turn_over(key);
    }

    /// What a peer said; `first_hand` where it speaks for whom it is about.
    pub fn heard(&mut self, link: LinkId, key: K, said: Option<V>, first_hand: bool) {
        let by = self.heard.entry(key).or_default();
        match said {
            Some(said) => by.insert(link, Heard { said, first_hand }),
            None => by.remove(&link),
        };
        self.turn_over(key);
    }

    /// A link has ended: what was said on it is known no more.
    pub fn gone(&mut self, link: LinkId) {
        let by_it = |by: &BTreeMap<LinkId, Heard<V>>| by.contains_key(&link);
        let keys: Vec<K> = self.heard.iter().filter(|(_, by)| by_it(by)).map(|(key, _)| *key).collect();
        for key in keys {
            self.heard(link, key, None, false);
        }
    }

    /// What peers say.
    #[must_use]
    pub const fn elsewhere(&self) -> &OrdMap<K, V> {
        &self.elsewhere
    }

    /// What peers are told: what is said here and, by a relay, what a peer says that speaks for whom it is about.
    #[must_use]
    pub fn told(&self, by_relay: bool) -> &OrdMap<K, V> {
        if by_relay { &self.told } else { &self.here }
    }

    fn turn_over(&mut self, key: K) {
        let by = self.heard.get(&key);
        let best = |only_first_hand: bool| {
            let heard = by.into_iter().flat_map(BTreeMap::values);
            let heard = heard.filter(move |heard| heard.first_hand || !only_first_hand);
            V::best(heard.map(|heard| &heard.said))
        };
        let (elsewhere, told) = (best(false), self.here.get(&key).cloned().or_else(|| best(true)));
        let is_silent = by.is_some_and(BTreeMap::is_empty);
        put(&mut self.elsewhere, key, elsewhere);
        put(&mut self.told, key, told);
        if is_silent {
            self.heard.remove(&key);
        }
    }

    #[cfg(test)]
    pub(super) fn has_heard_nothing(&self) -> bool {
        self.heard.is_empty()
    }
}

// A map that is not changed stays the same map: who compares it with an older one sees so at once.
fn put<K: Ord + Copy, V: Spoken>(map: &mut OrdMap<K, V>, key: K, value: Option<V>) {
    match value {
        Some(value) if map.get(&key) != Some(&value) => {
            map.insert(key, value);
        }
        None if map.contains_key(&key) => {
            map.remove(&key);
        }
        _ => {}
    }
}
