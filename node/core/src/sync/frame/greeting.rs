//! Frames by which two programs say who they are.

use minicbor::bytes::ByteVec;
use minicbor::{Decode, Encode};
use nexus_crdt::id::{DeviceKey, UserId};

/// The protocol's number; both sides speak the lower of the two.
pub const VERSION: u32 = 4;
/// From this one on a comparison goes on until who began it says an empty message, and may have several messages under way.
pub const SEVERAL_UNDER_WAY: u32 = 2;
/// From this one on who refused a space and wants it again is told where what they want begins.
pub const SAYS_ANEW: u32 = 3;
/// From this one on a batch of ops may come packed.
pub const READS_PACKED: u32 = 4;
/// Ops of identities beside proofs.
pub const PROOF_OPS_MAX: usize = 512;

/// What a program is to the others.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Role {
    /// Somebody's own.
    Node,
    /// Always on, for many.
    Relay,
}

/// First on a link, from both sides.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
#[cbor(array)]
pub struct Hello {
    /// See [`VERSION`].
    #[n(0)]
    pub version: u32,
    /// Whether it is a relay.
    #[n(1)]
    pub relay: bool,
    /// The newest authority rule it carries.
    #[n(2)]
    pub rules_max: u32,
    /// Random, for this link alone: what the other side proves stands on it.
    #[cbor(n(3), with = "minicbor::bytes")]
    pub nonce: [u8; 32],
    /// Its clock, Unix ms.
    #[n(4)]
    pub now_ms: u64,
}

/// Whom the sender speaks for.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
#[cbor(array)]
pub struct Proof {
    /// User, device, signature of the device; at most [`crate::PROOFS_MAX`].
    #[n(0)]
    pub proofs: Vec<Vouched>,
    /// The identity logs of those accounts, for who does not know them yet.
    #[n(1)]
    pub ops: Vec<ByteVec>,
}

/// One line of a [`Proof`].
#[derive(Clone, Copy, PartialEq, Eq, Debug, Encode, Decode)]
#[cbor(array)]
pub struct Vouched {
    /// The account.
    #[n(0)]
    pub user: UserId,
    /// Its device.
    #[n(1)]
    pub device: DeviceKey,
    /// As in [`crate::DeviceProof`].
    #[cbor(n(2), with = "minicbor::bytes")]
    pub signature: [u8; 64],
}
