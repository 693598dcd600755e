//! Sets of ops by their place of arrival. The places differ between holders; what is asked of the sets does not.

use std::sync::Arc;

/// The place of a governance op in the order of its arrival here.
pub(super) type Place = u32;

/// A set of places that is closed under "cites": the past of an op, or what a frontier stands for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Past(Arc<Vec<u64>>);

impl Past {
    pub(super) fn has(&self, place: Place) -> bool {
        let (word, bit) = split(place);
        self.0.get(word).is_some_and(|bits| bits & bit != 0)
    }

    /// This set and one place more.
    #[must_use]
    pub(super) fn with(&self, place: Place) -> Self {
        let (word, bit) = split(place);
        let mut words = self.0.to_vec();
        if words.len() <= word {
            words.resize(word + 1, 0);
        }
        if let Some(bits) = words.get_mut(word) {
            *bits |= bit;
        }
        Self(Arc::new(words))
    }

    /// What is in either.
    #[must_use]
    pub(super) fn union(&self, other: &Self) -> Self {
        let (long, short) = if self.0.len() >= other.0.len() { (self, other) } else { (other, self) };
        let mut words = long.0.to_vec();
        for (word, bits) in words.iter_mut().zip(short.0.iter()) {
            *word |= bits;
        }
        Self(Arc::new(words))
    }

    pub(super) fn contains(&self, other: &Self) -> bool {
        other.0.iter().enumerate().all(|(at, bits)| bits & !self.0.get(at).copied().unwrap_or(0) == 0)
    }

    pub(super) fn len(&self) -> usize {
        self.0.iter().map(|bits| bits.count_ones() as usize).sum()
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = Place> + '_ {
        self.0.iter().enumerate().flat_map(|(word, bits)| {
            let first = u32::try_from(word).unwrap_or(u32::MAX).saturating_mul(64);
            (0..64).filter(move |bit| bits & (1 << bit) != 0).map(move |bit| first + bit)
        })
    }
}

fn split(place: Place) -> (usize, u64) {
    ((place / 64) as usize, 1 << (place % 64))
}
