//! What a link begins with: who is at its ends, and what this side takes in and holds.

use crate::store::PeerKey;
use crate::sync::frame::Role;
use nexus_crdt::id::SpaceId;
use std::collections::BTreeSet;
use std::sync::Arc;

/// What a link begins with.
#[derive(Clone, Debug)]
pub struct Setup {
    /// This side's key ..
    pub me: PeerKey,
    /// .. and the other's, as the transport has made sure.
    pub peer: PeerKey,
    /// What this side is.
    pub role: Role,
    /// The base URL that this side dialed, where the peer is the relay behind it.
    pub relay: Option<String>,
    /// Random, for this link alone.
    pub nonce: [u8; 32],
    /// Random too, and never said: what is said to strangers is filled up with it.
    pub blind: [u8; 32],
    /// What a relay takes in.
    pub hosting: Hosting,
    /// A node: how long after a relay was found to lack something it is asked again, ms.
    pub grace_ms: u64,
    /// What a node holds of its spaces.
    pub hold: Hold,
    /// A node that holds everything: so many arrivals it takes in the order in which they came to their giver; of more the
    /// newest first. Mostly [`IN_ORDER_MAX`].
    pub in_order: u64,
}

/// Arrivals that a line of 1 Mbit/s brings in about a second: messages are 420 bytes with what they cite.
pub const IN_ORDER_MAX: u64 = 256;

/// What a node holds of its spaces. A relay holds all of them whole.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Hold {
    /// Everything.
    #[default]
    Everything,
    /// Governance, who is in, and of channels what somebody here has looked at.
    Viewed,
}

/// What a relay takes in. A node takes what its people are in.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Hosting {
    /// Whose guilds.
    pub whose: Whose,
    /// Spaces that one peer may bring.
    pub spaces_max: usize,
    /// Ops that are kept of one space.
    pub ops_max: u64,
}

/// Whose guilds a relay takes in that it does not hold yet.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Whose {
    /// Anybody's who proves who they are.
    Anybodys,
    /// None: only those that were made here.
    Own,
    /// These.
    These(Arc<BTreeSet<SpaceId>>),
}

impl Hosting {
    /// Whether a guild that is not held is taken in from people who have proven who they are.
    pub(super) fn takes_in(&self, space: &SpaceId) -> bool {
        match &self.whose {
            Whose::Anybodys => true,
            Whose::Own => false,
            Whose::These(these) => these.contains(space),
        }
    }
}
