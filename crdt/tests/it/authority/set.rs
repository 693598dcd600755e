//! Past-closed sets of a history's ops, as bits: a million histories ask much of them.

use super::fact::OpNo;

/// Most ops of a history.
const MAX: usize = 192;

static NUMBERS: [OpNo; MAX] = {
    let mut numbers = [0; MAX];
    let mut at = 0;
    while at < MAX {
        numbers[at] = at;
        at += 1;
    }
    numbers
};

/// A set of ops, by their numbers.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Default)]
pub(crate) struct Set([u64; MAX / 64]);

impl Set {
    pub(crate) fn new() -> Self {
        Self::default()
    }

    pub(crate) fn contains(&self, op: &OpNo) -> bool {
        self.0[op / 64] & (1 << (op % 64)) != 0
    }

    pub(crate) fn insert(&mut self, op: OpNo) {
        self.0[op / 64] |= 1 << (op % 64);
    }

    /// These and one more.
    #[must_use]
    pub(crate) fn with(mut self, op: OpNo) -> Self {
        self.insert(op);
        self
    }

    #[must_use]
    pub(crate) fn union(mut self, other: &Self) -> Self {
        self.0.iter_mut().zip(other.0).for_each(|(mine, theirs)| *mine |= theirs);
        self
    }

    #[must_use]
    pub(crate) fn without(mut self, other: &Self) -> Self {
        self.0.iter_mut().zip(other.0).for_each(|(mine, theirs)| *mine &= !theirs);
        self
    }

    pub(crate) fn is_empty(&self) -> bool {
        *self == Self::new()
    }

    pub(crate) fn is_subset(&self, other: &Self) -> bool {
        self.without(other).is_empty()
    }

    pub(crate) fn is_disjoint(&self, other: &Self) -> bool {
        self.without(other) == *self
    }

    pub(crate) fn first(&self) -> Option<&'static OpNo> {
        self.iter().next()
    }

    /// Ascending.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &'static OpNo> + Clone + use<> {
        let words = self.0;
        (0..words.len()).flat_map(move |at| {
            let mut bits = words[at];
            std::iter::from_fn(move || {
                let bit = (bits != 0).then(|| bits.trailing_zeros() as usize)?;
                bits &= bits - 1;
                Some(&NUMBERS[at * 64 + bit])
            })
        })
    }
}

impl FromIterator<OpNo> for Set {
    fn from_iter<I: IntoIterator<Item = OpNo>>(ops: I) -> Self {
        ops.into_iter().fold(Self::new(), Self::with)
    }
}

impl<const N: usize> From<[OpNo; N]> for Set {
    fn from(ops: [OpNo; N]) -> Self {
        ops.into_iter().collect()
    }
}
