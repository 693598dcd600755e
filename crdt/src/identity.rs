//! An account as its own log says: current identity key, devices, name.

use crate::body::identity::{AccountClass, DeviceClass};
use crate::hlc::Hlc;
use crate::id::{DeviceKey, UserId};
use crate::op::Op;
use crate::verdict::Verdict;
use nexus_crypto::Verified;
use std::collections::BTreeMap;

/// What a guild needs to know of accounts to judge its ops.
pub trait People {
    /// Whether `device` is certified for `user` for something written at `at`.
    fn certifies(&self, user: &UserId, device: &DeviceKey, at: Hlc) -> bool;
    /// What the account is; none where it is unknown here.
    fn class(&self, user: &UserId) -> Option<AccountClass>;
}

/// An account: the set of ops of its identity space and what follows from it.
#[derive(Clone, Debug)]
pub struct Identity {
    facts: Account,
}

/// What follows from an identity's ops.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Account {
    /// Its name.
    pub id: UserId,
    /// What it is.
    pub class: AccountClass,
    /// The identity key that is current.
    pub identity_key: DeviceKey,
    /// 1 to 32 characters; empty before the first profile.
    pub name: String,
    /// Up to 190 characters.
    pub about: String,
    /// Certified devices, ended ones included.
    pub devices: BTreeMap<DeviceKey, Device>,
    /// Home relays.
    pub relays: Vec<String>,
    /// For class bot: the application.
    pub application: Option<crate::body::identity::Application>,
    /// When it began.
    pub born: Hlc,
}

/// One certified device.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Device {
    /// Where it lives.
    pub class: DeviceClass,
    /// What it wrote up to here still counts; none while it is not revoked.
    pub revoked_after: Option<Hlc>,
}

/// Why an op cannot be part of an identity.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum IdentityError {
    /// The first op is no IdGenesis, or a later one is.
    #[error("an identity begins with one IdGenesis")]
    Genesis,
    /// Another space.
    #[error("of another space")]
    Space,
    /// The op before it in its log is not here yet.
    #[error("the op before it is missing")]
    MissingPrev,
    /// The body, seq or clock contradicts its log.
    #[error("{0}")]
    Structure(&'static str),
}

impl Identity {
    /// Begins with an IdGenesis.
    ///
    /// # Errors
    /// [`IdentityError::Genesis`] where it is none.
    pub fn begin(genesis: &Verified<Op>) -> Result<Self, IdentityError> {
        let _ = genesis;
        Err(IdentityError::Genesis)
    }

    /// Takes an op in; one that is here already changes nothing.
    ///
    /// # Errors
    /// [`IdentityError`]; nothing has changed then.
    pub fn integrate(&mut self, op: &Verified<Op>) -> Result<(), IdentityError> {
        let _ = op;
        Err(IdentityError::Space)
    }

    /// What follows from the ops so far.
    #[must_use]
    pub const fn account(&self) -> &Account {
        &self.facts
    }

    /// What the identity's own rule says of an op of it; none where it is not here.
    #[must_use]
    pub fn verdict(&self, op: &crate::id::OpId) -> Option<Verdict> {
        let _ = op;
        None
    }
}

impl Account {
    /// Whether `device` is certified for something written at `at`.
    #[must_use]
    pub fn certifies(&self, device: &DeviceKey, at: Hlc) -> bool {
        self.devices.get(device).is_some_and(|device| device.revoked_after.is_none_or(|end| at <= end))
    }
}
