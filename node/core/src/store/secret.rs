//! What a node keeps and never shows.

use crate::invite::InviteCode;
use nexus_crdt::id::{OpId, UserId};
use nexus_crypto::SecretKey;

/// A secret this node keeps.
#[derive(Clone, Debug)]
pub enum Secret {
    /// The identity key of a local account.
    Identity(UserId, SecretKey),
    /// The device key of a local account.
    Device(UserId, SecretKey),
    /// The recovery key of the owner, until they have taken it away.
    Recovery(UserId, SecretKey),
    /// The code of an invite that was made here, or followed here.
    InviteCode(OpId, InviteCode),
    /// What the keys are made from that an account will have here, while it is being taken home.
    Claim(UserId, SecretKey),
    /// A recovery key that was used. It signs nothing any more, and opens what was handed to it.
    Spent(UserId, SecretKey),
}

/// A secret that is kept only until it has done its work.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Passing {
    /// The identity key of an account that was taken home.
    Identity(UserId),
    /// [`Secret::Claim`] of one that has arrived.
    Claim(UserId),
    /// The device key of an account that was erased.
    Device(UserId),
}

impl Passing {
    /// Whether this is the secret.
    #[must_use]
    pub fn is(&self, secret: &Secret) -> bool {
        match (self, secret) {
            (Self::Identity(user), Secret::Identity(of, _))
            | (Self::Claim(user), Secret::Claim(of, _))
            | (Self::Device(user), Secret::Device(of, _)) => user == of,
            _ => false,
        }
    }
}

/// BLAKE3 of a token's text. The text itself is never stored.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct TokenHash(pub [u8; 32]);
