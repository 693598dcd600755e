//! Bytes as a list of choices, for targets that need ops which hold together.

/// Gives choices until its bytes are used up.
pub(crate) struct Program<'a>(pub(crate) &'a [u8]);

impl Program<'_> {
    /// Whether there is another choice.
    pub(crate) const fn goes_on(&self) -> bool {
        !self.0.is_empty()
    }

    /// A number below `end`; 0 once the bytes are used up.
    pub(crate) fn below(&mut self, end: usize) -> usize {
        let Some((byte, rest)) = self.0.split_first() else { return 0 };
        self.0 = rest;
        usize::from(*byte) % end.max(1)
    }

    /// One of a list.
    pub(crate) fn one_of<T: Copy>(&mut self, list: &[T]) -> Option<T> {
        list.get(self.below(list.len())).copied()
    }

    /// Up to `max` bytes.
    pub(crate) fn bytes(&mut self, max: usize) -> Vec<u8> {
        let len = self.below(max + 1).min(self.0.len());
        let (bytes, rest) = self.0.split_at(len);
        self.0 = rest;
        bytes.to_vec()
    }
}
