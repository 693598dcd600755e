//! Words on people that are taken back, and why somebody did what they did.

use crate::body::Body;
use crate::body::limit::{Limit, ascending, chars, hold};
use crate::hlc::Hlc;
use crate::id::{OpId, UserId};
use minicbor::{Decode, Encode};

/// The longest time in which somebody is kept from writing: 28 days, as on Discord. Counted from the op's own time.
pub const PAUSE_MAX_MS: u64 = 28 * 86_400_000;
/// Earlier ones that one op ends.
const ENDS_MAX: usize = 64;

/// Keeps somebody from writing for a while, and ends earlier times of the kind as of now. Who does both moves the end.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
#[cbor(array)]
pub struct Timeout {
    /// Whom.
    #[n(0)]
    pub user: UserId,
    /// The last moment, at most [`PAUSE_MAX_MS`] after the op; none: only to end others.
    #[n(1)]
    pub until: Option<Hlc>,
    /// Earlier ones that are over with this. Ascending, each once, at most 64.
    #[n(2)]
    pub ends: Vec<OpId>,
    /// For the audit log; at most 512 characters.
    #[n(3)]
    pub reason: String,
    /// The filter that has it so. By that word one keeps oneself from writing, as long as the filter says.
    #[n(4)]
    pub filter: Option<OpId>,
}

/// Takes somebody's voice, or their hearing, in the guild's voice channels, until another gives it back. Whether one is muted by oneself is no
/// op and stands beside it.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
#[cbor(array)]
pub struct Silence {
    /// Whose.
    #[n(0)]
    pub user: UserId,
    /// Nobody hears them.
    #[n(1)]
    pub muted: Option<bool>,
    /// They hear nobody.
    #[n(2)]
    pub deafened: Option<bool>,
}

/// Why its author wrote another governance op, for the audit log. Of several the first counts; another's counts for nothing.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
#[cbor(array)]
pub struct Reason {
    /// The op.
    #[n(0)]
    pub of: OpId,
    /// 1 to 512 characters.
    #[n(1)]
    pub text: String,
}

impl Body for Timeout {
    fn check(&self) -> Limit {
        hold(self.until.is_some() || !self.ends.is_empty(), "it begins one or ends some")?;
        ascending(&self.ends, ENDS_MAX, "ends at most 64, ascending, each once")?;
        chars(&self.reason, 0..=512, "a reason has at most 512 characters")
    }
}

impl Body for Silence {
    fn check(&self) -> Limit {
        hold(self.muted.is_some() || self.deafened.is_some(), "it says something of their voice or hearing")
    }
}

impl Body for Reason {
    fn check(&self) -> Limit {
        chars(&self.text, 1..=512, "a reason has 1 to 512 characters")
    }
}
