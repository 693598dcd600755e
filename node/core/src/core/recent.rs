//! What was looked up lately, bounded: two generations, the older of which is forgotten when the younger is full.

use std::collections::BTreeMap;

#[derive(Clone, Debug)]
pub(crate) struct Recent<K, V> {
    young: BTreeMap<K, V>,
    old: BTreeMap<K, V>,
    generation_max: usize,
}

impl<K: Ord, V> Recent<K, V> {
    /// Remembers at least the last `generation_max` pairs and at most twice as many.
    pub(crate) const fn new(generation_max: usize) -> Self {
        Self { young: BTreeMap::new(), old: BTreeMap::new(), generation_max }
    }

    pub(crate) fn get(&self, key: &K) -> Option<&V> {
        self.young.get(key).or_else(|| self.old.get(key))
    }

    pub(crate) fn insert(&mut self, key: K, value: V) {
        if self.young.len() >= self.generation_max {
            self.old = std::mem::take(&mut self.young);
        }
        self.young.insert(key, value);
    }

    pub(crate) fn remove(&mut self, key: &K) {
        self.young.remove(key);
        self.old.remove(key);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_ones_are_remembered_and_the_number_is_bounded() {
        let mut recent = Recent::new(4);
        for number in 0..100 {
            recent.insert(number, number);
        }
        assert!((96..100).all(|number| recent.get(&number) == Some(&number)));
        assert_eq!((0..100).filter(|number| recent.get(number).is_some()).count(), 8);
    }

    #[test]
    fn the_latest_value_of_a_key_wins_over_the_older_generation() {
        let mut recent = Recent::new(2);
        recent.insert('a', 1);
        recent.insert('b', 1);
        recent.insert('a', 2);
        assert_eq!(recent.get(&'a'), Some(&2));
    }
}
