//! A store that was set back to an older copy of itself. What its devices wrote since is elsewhere, perhaps nowhere near: to go
//! on from here would fork their logs. So they write no more, and each account begins a new device before it writes again.
//!
//! The one log that a new device does not leave behind is the identity's, which certifies it. Therefore others are asked first:
//! until one of them has told all the accounts it knows, or [`RELEARN_MS`] have passed, nothing is signed.

use super::author::Authored;
use super::turn::Turn;
use crate::command::refusal::Refusal;
use crate::store::{Record, Secret};
use nexus_crdt::body::identity::{DeviceAdd, DeviceRevoke};
use nexus_crdt::id::{DeviceKey, UserId};
use nexus_crdt::identity::device_proof;
use nexus_crdt::kind::Kind;
use nexus_crdt::op::Op;
use nexus_crypto::SecretKey;
use std::sync::Arc;

/// How far it is known again what was written elsewhere.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Relearning {
    since_ms: Option<u64>,
    told: bool,
}

/// How long nothing is signed where nobody tells anything: somebody alone with a copy shall be able to go on.
const RELEARN_MS: u64 = 10_000;

impl Relearning {
    pub(super) fn begin(&mut self, now_ms: u64) {
        self.since_ms.get_or_insert(now_ms);
    }

    /// Somebody has told all the accounts they know.
    pub(super) const fn told(&mut self) {
        self.told = true;
    }

    fn left_ms(self, now_ms: u64) -> u64 {
        let begun_ms = self.since_ms.unwrap_or(now_ms);
        if self.told { 0 } else { RELEARN_MS.saturating_sub(now_ms.saturating_sub(begun_ms)) }
    }
}

impl Turn<'_> {
    /// The store is a copy: none of its devices writes any more.
    pub(super) fn set_back(&mut self) {
        let users: Vec<UserId> = self.core.mind.keyring.devices.keys().copied().collect();
        self.end_devices(users);
    }

    /// An op that a device here has signed comes from elsewhere, and was not here: so this store was set back.
    pub(super) fn recognise_own(&mut self, op: &Op) {
        let mind = &self.core.mind;
        if !mind.view.local_devices.contains(&op.header.author) {
            return;
        }
        let signs = |key: &SecretKey| DeviceKey::from(key.public()) == op.header.author;
        let whose = mind.keyring.devices.iter().find(|(_, key)| signs(key)).map(|(user, _)| *user);
        self.end_devices(whose.filter(|user| !self.core.mind.view.set_back.contains(user)));
    }

    fn end_devices(&mut self, users: impl IntoIterator<Item = UserId>) {
        let before = self.core.mind.view.set_back.len();
        self.core.mind.view.set_back.extend(users);
        if self.core.mind.view.set_back.len() > before {
            self.core.relearning.begin(self.now_ms);
            self.write_set_back();
            // What others noted as their place in a feed of this store may be another one now.
            let epoch = self.entropy.draw(super::entropy::Purpose::Epoch);
            self.write(Record::Epoch(epoch));
        }
    }

    fn write_set_back(&mut self) {
        self.write(Record::SetBack(self.core.mind.view.set_back.iter().copied().collect()));
    }

    /// Gives an account a new device where its old one may write no more.
    pub(super) fn begin_anew(&mut self, user: &UserId) -> Authored<()> {
        if !self.core.mind.view.set_back.contains(user) {
            return Ok(());
        }
        match self.core.relearning.left_ms(self.now_ms) {
            0 => {}
            retry_ms => return Err(Refusal::Relearning { retry_ms }.into()),
        }
        self.core.mind.view.set_back.remove(user);
        self.write_set_back();
        self.replace_device(*user)
    }

    // An account that has been taken home certifies its devices there: this one goes on from what it has learned.
    fn replace_device(&mut self, user: UserId) -> Authored<()> {
        let mind = &self.core.mind;
        let (Some(account), Some(identity)) = (mind.accounts.get(&user), mind.keyring.identities.get(&user))
        else {
            return Ok(());
        };
        let old = mind.keyring.devices.get(&user).map(|key| DeviceKey::from(key.public()));
        let reigns = account.identity_key == DeviceKey::from(identity.public());
        let Some((old, device)) = old.and_then(|old| Some((old, *account.devices.get(&old)?))) else {
            return Ok(());
        };
        if !reigns {
            return Ok(());
        }
        let new = SecretKey::from_seed(&self.entropy.draw(super::entropy::Purpose::DeviceKey));
        let proof = device_proof(&new, &user);
        let certificate = DeviceAdd { device: new.public().into(), class: device.class, proof };
        self.attest(user, Kind::DeviceAdd, &certificate)?;
        // A copy from before an earlier change of device: that change has ended its device.
        if device.revoked_after.is_none() {
            let keep_until = self.core.clock;
            self.attest(user, Kind::DeviceRevoke, &DeviceRevoke { device: old, keep_until })?;
        }
        self.write(Record::Secret(Secret::Device(user, new.clone())));
        let mind = &mut self.core.mind;
        mind.view.local_devices.remove(&old);
        mind.view.local_devices.insert(new.public().into());
        mind.keyring.devices.insert(user, Arc::new(new));
        Ok(())
    }
}
