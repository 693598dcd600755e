//! What authority says of an op. A verdict can turn as more ops arrive; it is a function of the set.

/// Valid, or void and why.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Verdict {
    /// It counts.
    Valid,
    /// It is kept and shown to its author, and counts for nobody.
    Void(VoidReason),
}

/// Why an op counts for nothing. Numbers are stored; never reuse one.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
#[repr(u8)]
#[non_exhaustive]
pub enum VoidReason {
    /// The author was no member in what the op cites.
    NotAMember = 1,
    /// The author lacked a permission there.
    NoPermission = 2,
    /// The op touches somebody or something of equal or higher rank.
    Rank = 3,
    /// A concurrent removal by a higher authority had not seen it.
    Removed = 4,
    /// What gave the author their rank is void.
    Unsupported = 5,
    /// A checkpoint had not seen it.
    Stale = 6,
    /// Beyond the cut of a removal.
    BeyondCut = 7,
    /// The author's device is not (or no longer) certified.
    Device = 8,
    /// What it acts on does not exist or is not the author's.
    Target = 9,
    /// Faster than the author's rate class allows.
    Quota = 10,
    /// The frontier it cites does not grow along its log.
    Frontier = 11,
    /// Written under rules that this version does not carry.
    Rules = 12,
    /// Its channel was closed to what is written so late.
    Locked = 13,
    /// A filter of the guild's stops it.
    Filtered = 20,
    /// All that its author said up to then was taken away.
    Erased = 21,
}

impl Verdict {
    /// Whether it counts.
    #[must_use]
    pub const fn is_valid(self) -> bool {
        matches!(self, Self::Valid)
    }

    /// As one stored byte: 0 is valid.
    #[must_use]
    pub const fn to_byte(self) -> u8 {
        match self {
            Self::Valid => 0,
            Self::Void(reason) => reason as u8,
        }
    }

    /// Reads the stored byte; a number of a later version counts as void for a reason unknown here.
    #[must_use]
    pub const fn from_byte(byte: u8) -> Self {
        use VoidReason as R;
        Self::Void(match byte {
            0 => return Self::Valid,
            1 => R::NotAMember,
            2 => R::NoPermission,
            3 => R::Rank,
            4 => R::Removed,
            6 => R::Stale,
            7 => R::BeyondCut,
            8 => R::Device,
            9 => R::Target,
            10 => R::Quota,
            11 => R::Frontier,
            12 => R::Rules,
            13 => R::Locked,
            20 => R::Filtered,
            21 => R::Erased,
            _ => R::Unsupported,
        })
    }
}
