//! Owners' words about owning and about the rules.

use crate::body::Body;
use crate::body::limit::{Limit, ascending, hold};
use crate::id::{SpaceId, UserId};
use minicbor::{Decode, Encode};

/// Most owners of a guild.
pub(super) const OWNERS_MAX: usize = 16;

/// The name of a change of owners: `BLAKE3(base ‖ threshold u32 BE ‖ owner ‖ owner ‖ ..)`. The first `base` is the
/// guild's own id, so that the owners of a guild form one chain.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Encode, Decode)]
#[cbor(transparent)]
pub struct ChangeId(#[cbor(n(0), with = "minicbor::bytes")] pub [u8; 32]);

impl ChangeId {
    /// The state of Genesis, which no vote made.
    #[must_use]
    pub const fn genesis(space: &SpaceId) -> Self {
        Self(space.0)
    }
}

/// One owner's vote for a change of owners. It takes effect when as many owners as the quorum asks have voted for
/// the same change: same base, same owners, same threshold. A vote is never taken back; who thinks otherwise votes for
/// something else.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
#[cbor(array)]
pub struct SetOwners {
    /// The change that made the owners of now.
    #[n(0)]
    pub base: ChangeId,
    /// All owners from then on. Ascending, 1 to 16.
    #[n(1)]
    pub owners: Vec<UserId>,
    /// How many of them a quorum is from then on.
    #[n(2)]
    pub threshold: u32,
}

impl SetOwners {
    /// Whether a quorum would be more than half of the owners.
    #[must_use]
    pub fn is_majority(&self) -> bool {
        usize::try_from(self.threshold).is_ok_and(|quorum| quorum.saturating_mul(2) > self.owners.len())
    }

    /// What is voted for.
    #[must_use]
    pub fn change(&self) -> ChangeId {
        let threshold = self.threshold.to_be_bytes();
        let owners = self.owners.iter().map(|owner| owner.0.as_slice());
        let parts: Vec<&[u8]> =
            [self.base.0.as_slice(), threshold.as_slice()].into_iter().chain(owners).collect();
        ChangeId(nexus_crypto::hash_parts(&parts))
    }
}

/// The upgrade barrier: a checkpoint after which other rules hold. Software that does not carry them leaves the guild
/// as it is at the barrier, and read-only.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
#[cbor(array)]
pub struct SetRules {
    /// As in `Checkpoint`.
    #[n(0)]
    pub height: u64,
    /// As in `Checkpoint`.
    #[cbor(n(1), with = "minicbor::bytes")]
    pub gov_hash: [u8; 32],
    /// Greater than the version before it.
    #[n(2)]
    pub rules_version: u32,
}

/// Whether owners and quorum fit each other.
pub(super) fn quorum(owners: &[UserId], threshold: u32) -> Limit {
    ascending(owners, OWNERS_MAX, "owners are at most 16, ascending, each once")?;
    let fits = threshold >= 1 && usize::try_from(threshold).is_ok_and(|quorum| quorum <= owners.len());
    hold(fits, "a quorum is 1 to as many as there are owners")
}

impl Body for SetOwners {
    fn check(&self) -> Limit {
        quorum(&self.owners, self.threshold)
    }
}

impl Body for SetRules {
    fn check(&self) -> Limit {
        hold(self.rules_version > 1, "rules 1 are those a guild begins with")
    }
}
