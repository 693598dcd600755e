//! Hybrid logical clock (Kulkarni et al., 2014): 48 bits of Unix milliseconds, 16 bits of counter.

/// A time of writing. Orders ops of one log strictly and follows wall time as far as clocks are honest.
#[derive(
    Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default, minicbor::Encode, minicbor::Decode,
)]
#[cbor(transparent)]
pub struct Hlc(#[n(0)] pub u64);

impl Hlc {
    /// The earliest time there is.
    pub const ZERO: Self = Self(0);

    /// The first time within a millisecond.
    #[must_use]
    pub const fn from_ms(unix_ms: u64) -> Self {
        Self(unix_ms << 16)
    }

    /// Unix milliseconds.
    #[must_use]
    pub const fn ms(self) -> u64 {
        self.0 >> 16
    }

    /// Place within the millisecond.
    #[must_use]
    pub const fn counter(self) -> u16 {
        (self.0 & 0xffff) as u16
    }

    /// The next time to write at: `max(now, last + 1, after + 1)`, where `after` is the latest op built upon.
    #[must_use]
    pub fn next(now_ms: u64, last: Self, after: Self) -> Self {
        Self::from_ms(now_ms).max(Self(last.0.saturating_add(1))).max(Self(after.0.saturating_add(1)))
    }
}
