//! Sets of ops by their place of arrival. The places differ between holders; what is asked of the sets does not.
//!
//! A set is a row of blocks that sets share: the past of an op is that of the ops it cites and little more, so it costs
//! one block of its own, however long the history.

use std::sync::Arc;

/// The place of a governance op in the order of its arrival here.
pub(super) type Place = u32;

/// Words of a block: 4,096 places.
const WORDS: usize = 64;
type Block = [u64; WORDS];

/// A set of places that is closed under "cites": the past of an op, or what a frontier stands for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Past(Arc<Vec<Arc<Block>>>);

impl Past {
    pub(super) fn has(&self, place: Place) -> bool {
        let (block, word, bit) = split(place);
        self.0.get(block).and_then(|words| words.get(word)).is_some_and(|bits| bits & bit != 0)
    }

    /// This set and one place more.
    #[must_use]
    pub(super) fn with(&self, place: Place) -> Self {
        let (block, word, bit) = split(place);
        let mut blocks = self.0.to_vec();
        while blocks.len() <= block {
            blocks.push(Arc::new([0; WORDS]));
        }
        if let Some(bits) = blocks.get_mut(block).and_then(|words| Arc::make_mut(words).get_mut(word)) {
            *bits |= bit;
        }
        Self(Arc::new(blocks))
    }

    /// What is in either.
    #[must_use]
    pub(super) fn union(&self, other: &Self) -> Self {
        let (long, short) = if self.0.len() >= other.0.len() { (self, other) } else { (other, self) };
        let mut blocks = long.0.to_vec();
        for (mine, theirs) in blocks.iter_mut().zip(short.0.iter()) {
            if Arc::ptr_eq(mine, theirs) {
                continue;
            }
            for (word, bits) in Arc::make_mut(mine).iter_mut().zip(theirs.iter()) {
                *word |= bits;
            }
        }
        Self(Arc::new(blocks))
    }

    pub(super) fn contains(&self, other: &Self) -> bool {
        other.0.iter().enumerate().all(|(at, theirs)| match self.0.get(at) {
            Some(mine) => {
                Arc::ptr_eq(mine, theirs)
                    || theirs.iter().zip(mine.iter()).all(|(bits, mine)| bits & !mine == 0)
            }
            None => theirs.iter().all(|bits| *bits == 0),
        })
    }

    pub(super) fn len(&self) -> usize {
        self.words().map(|(_, bits)| bits.count_ones() as usize).sum()
    }

    /// What is here and not in the other.
    pub(super) fn beyond<'a>(&'a self, other: &'a Self) -> impl Iterator<Item = Place> + 'a {
        self.words().flat_map(move |(first, bits)| {
            let (block, word, _) = split(first);
            let theirs = other.0.get(block).and_then(|words| words.get(word)).copied().unwrap_or_default();
            ones(first, bits & !theirs)
        })
    }

    /// Every word with the place of its first bit.
    fn words(&self) -> impl Iterator<Item = (Place, u64)> + '_ {
        let words = self.0.iter().flat_map(|words| words.iter());
        words.enumerate().map(|(at, bits)| (u32::try_from(at).unwrap_or(u32::MAX).saturating_mul(64), *bits))
    }
}

/// The places of a word's bits.
fn ones(first: Place, mut bits: u64) -> impl Iterator<Item = Place> {
    std::iter::from_fn(move || {
        let bit = (bits != 0).then(|| bits.trailing_zeros())?;
        bits &= bits - 1;
        Some(first + bit)
    })
}

fn split(place: Place) -> (usize, usize, u64) {
    let word = (place / 64) as usize;
    (word / WORDS, word % WORDS, 1 << (place % 64))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_set_spans_blocks_and_shares_them() {
        let places = [0, 63, 64, 4_095, 4_096, 9_000];
        let all = places.iter().fold(Past::default(), |set, place| set.with(*place));
        assert_eq!(all.beyond(&Past::default()).collect::<Vec<_>>(), places);
        assert_eq!(all.len(), places.len());
        let more = all.with(9_001);
        assert!(more.contains(&all) && !all.contains(&more) && all.union(&more) == more);
        assert!(Past::default().with(3).union(&all).has(3) && !all.has(3));
        assert!(all.contains(&Past::default()));
        assert_eq!(more.beyond(&all).collect::<Vec<_>>(), [9_001]);
        assert_eq!(all.beyond(&Past::default().with(64)).collect::<Vec<_>>(), [0, 63, 4_095, 4_096, 9_000]);
    }
}
