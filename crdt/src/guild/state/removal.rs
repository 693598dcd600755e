//! Who was removed or kept from writing, and what of theirs is kept.

use crate::body::governance::CutEntry;
use crate::hlc::Hlc;
use crate::id::{OpId, UserId};
use imbl::OrdSet;

/// How somebody was removed.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum RemovalKind {
    /// May come back.
    Kick,
    /// May not, until it is lifted.
    Ban,
    /// One device only, for good.
    Device,
}

/// A removal in force.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Removal {
    /// The kick or ban.
    pub op: OpId,
    /// Which of the two.
    pub kind: RemovalKind,
    /// Who did it.
    pub by: UserId,
    /// When.
    pub hlc: Hlc,
    /// What of the removed person's logs is kept.
    pub cut: Vec<CutEntry>,
    /// Further lines, each of which keeps less.
    pub tightened: OrdSet<CutEntry>,
    /// For the audit log.
    pub reason: String,
}

/// A time in which somebody does not write. Only ever gets shorter.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Pause {
    /// Who said so.
    pub by: UserId,
    /// When.
    pub from: Hlc,
    /// The last moment of it.
    pub until: Hlc,
    /// When somebody ended it before; the earliest word counts.
    pub ended: Option<Hlc>,
}

impl Pause {
    /// The last moment of it, by what is known.
    #[must_use]
    pub fn end(&self) -> Hlc {
        self.ended.map_or(self.until, |ended| ended.min(self.until))
    }

    /// Whether something written then is written in it.
    #[must_use]
    pub fn holds(&self, written: Hlc) -> bool {
        self.from < written && written <= self.end()
    }
}
