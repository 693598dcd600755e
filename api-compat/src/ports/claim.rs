//! An account is taken home.

use nexus_crdt::id::{DeviceKey, UserId};

/// What somebody gives who takes their account home. Never printed.
pub struct Claim {
    /// As typed, beside the session: a token that was copied takes no account away.
    pub password: String,
    /// Where to; none: the account is only shown.
    pub home: Option<Home>,
}

/// What an account is handed to.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Home {
    /// The next identity key.
    pub identity_key: DeviceKey,
    /// `BLAKE3(recovery public key)`, the account's first.
    pub recovery: [u8; 32],
}

/// An account, to its owner.
pub struct Claimed {
    /// Its name in the ops.
    pub account: UserId,
    /// The ops of its own log, as they go on the wire.
    pub log: Vec<Vec<u8>>,
}
