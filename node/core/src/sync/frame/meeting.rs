//! Frames of two who do not know yet what they share.

use minicbor::{Decode, Encode};
use nexus_crdt::id::DeviceKey;

/// Tags of spaces.
pub const TAGS_MAX: usize = 1_024;

/// "I was shown this invite": opens the guild's governance, and nothing that was written in it.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Encode, Decode)]
#[cbor(array)]
pub struct Ask {
    /// The invite's admission key.
    #[n(0)]
    pub admission: DeviceKey,
    /// By that key, over the link's transcript.
    #[cbor(n(1), with = "minicbor::bytes")]
    pub signature: [u8; 64],
}

/// What a space is called between two nodes that do not know yet whether they share it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Encode, Decode)]
#[cbor(transparent)]
pub struct Tag(#[cbor(n(0), with = "minicbor::bytes")] pub [u8; 16]);

/// The tags of the spaces that the sender's people are in, ascending, among others that are none.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
#[cbor(array)]
pub struct Common {
    /// At most [`TAGS_MAX`].
    #[n(0)]
    pub tags: Vec<Tag>,
}
