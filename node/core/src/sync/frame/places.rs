//! Frames about where people are: who else uses a relay, and where a member is dialed.

use super::Tag;
use crate::store::PeerKey;
use minicbor::{Decode, Encode};

/// Spaces that one node seeks others of at a relay.
pub const SOUGHT_MAX: usize = 256;
/// Peers that a relay names at a time.
pub const FOUND_MAX: usize = 64;

/// "Tell me who else uses this relay and seeks the same, and tell them of me." By tags that are the same for everybody at this
/// relay, ascending, among others that are none. Takes the place of the one before it.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
#[cbor(array)]
pub struct Seek {
    /// At most [`SOUGHT_MAX`].
    #[n(0)]
    pub tags: Vec<Tag>,
}

/// Programs that seek the same, by their keys: a circuit leads to them. No address is in it.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
#[cbor(array)]
pub struct Found {
    /// At most [`FOUND_MAX`].
    #[n(0)]
    pub peers: Vec<Named>,
}

/// A program, by its key in the mesh.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Encode, Decode)]
#[cbor(transparent)]
pub struct Named(#[cbor(n(0), with = "minicbor::bytes")] pub [u8; 32]);

impl From<PeerKey> for Named {
    fn from(key: PeerKey) -> Self {
        Self(key.0)
    }
}

impl From<Named> for PeerKey {
    fn from(named: Named) -> Self {
        Self(named.0)
    }
}
