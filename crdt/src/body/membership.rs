//! Bodies of the membership stream.

use super::Body;
use super::limit::{Limit, chars};
use crate::id::{OpId, UserId};
use minicbor::{Decode, Encode};

/// Comes in. Its op id begins a tenure; its header's `deps` is one frontier.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
#[cbor(array)]
pub struct Join {
    /// Who; the header's author must be a device of theirs.
    #[n(0)]
    pub user: UserId,
    /// By which invite.
    #[n(1)]
    pub invite: OpId,
    /// The invite key's signature over `"nexus-join-v1\0" ‖ space ‖ user`.
    #[cbor(n(2), with = "minicbor::bytes")]
    pub proof: [u8; 64],
}

/// Goes: ends the tenure it is written under.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
#[cbor(array)]
pub struct Leave {}

/// A nickname, for oneself or, with the permission, for another.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
#[cbor(array)]
pub struct Nick {
    /// Whose.
    #[n(0)]
    pub user: UserId,
    /// Up to 32 characters; empty for none.
    #[n(1)]
    pub nick: String,
}

impl Body for Join {
    fn check(&self) -> Limit {
        Ok(())
    }
}

impl Body for Leave {
    fn check(&self) -> Limit {
        Ok(())
    }
}

impl Body for Nick {
    fn check(&self) -> Limit {
        chars(&self.nick, 0..=32, "a nickname has up to 32 characters")
    }
}
