//! An account is taken back by its recovery key, from whoever has the identity key or from nobody (`crdt/docs/claim.md`).
//!
//! The rotation ends the first reign that named the recovery key, whatever was signed since: of all that claim to end that one the
//! recovery key's stands above any other, so no later one needs to be fought over.

use super::super::entropy::Purpose;
use super::account::identity_place;
use super::{Authored, Place, Turn};
use crate::command::Reply;
use crate::command::recovery_key::RecoveryKey;
use crate::command::refusal::{Refusal, Thing};
use crate::store::{LogId, Record, Secret, Store as _};
use nexus_crdt::body::identity::{AccountClass, DeviceAdd, DeviceClass, DeviceRevoke, IdGenesis, IdRotate};
use nexus_crdt::id::{DeviceKey, OpId, StreamId, Tenure, UserId};
use nexus_crdt::identity::device_proof;
use nexus_crdt::kind::Kind;
use nexus_crdt::op::{self, Op};
use nexus_crypto::{SecretKey, hash_parts};
use std::sync::Arc;

/// The reign that a recovery key may end whatever happened since.
struct Base {
    begin: OpId,
    key: DeviceKey,
}

impl Turn<'_> {
    pub(super) fn recover(
        &mut self,
        user: UserId,
        recovery: &RecoveryKey,
        relay: Option<String>,
    ) -> Authored<Reply> {
        if self.core.mind.view.owner.is_some_and(|owner| owner != user) {
            return Err(Refusal::AlreadySetUp.into());
        }
        self.begin_anew(&user)?;
        let account = self.core.mind.accounts.get(&user).cloned().ok_or(Refusal::Unknown(Thing::User))?;
        if account.class != AccountClass::Person {
            return Err(Refusal::MissingPermissions.into());
        }
        let old = recovery.secret().ok_or(NOT_WRITTEN)?;
        let (identity, device, written_down) = self.rotate_by(user, &old)?;
        self.begin_with(user, identity, device)?;
        let homes = if account.relays.is_empty() { relay.into_iter().collect() } else { account.relays };
        for url in homes {
            self.use_relay(url)?;
        }
        if self.core.mind.view.owner.is_none() {
            self.write(Record::Owner(user));
            self.core.mind.view.owner = Some(user);
        }
        self.end_tokens_of(user);
        let token = self.make_token(user);
        Ok(Reply::Claimed { user, token, recovery: written_down })
    }

    /// Ends the first reign that named a recovery key, by its word; keys for what follows, and the recovery key after this one.
    fn rotate_by(&mut self, user: UserId, old: &SecretKey) -> Authored<(SecretKey, SecretKey, RecoveryKey)> {
        let base = self.base_of(user, old)?;
        let identity = SecretKey::from_seed(&self.entropy.draw(Purpose::IdentityKey));
        let device = SecretKey::from_seed(&self.entropy.draw(Purpose::DeviceKey));
        let next = SecretKey::from_seed(&self.entropy.draw(Purpose::RecoveryKey));
        let (space, stream, tenure) = (user.space(), StreamId::GOVERNANCE, Tenure::NONE);
        let head = self.head(&LogId { space, stream, device: base.key, tenure })?;
        let body = IdRotate {
            new_key: identity.public().into(),
            keep: head.map_or(base.begin, |head| head.op),
            recovery: Some(hash_parts(&[next.public().as_bytes()])),
        };
        let place = Place { target: Some(base.begin), ..identity_place(space, Kind::IdRotate) };
        let draft = self.draft(place, old, op::open_body(&body))?;
        self.seal(draft, old)?;
        let written_down = RecoveryKey::of(&next.to_seed());
        self.keep_recovery_key(user, next);
        // What was kept was handed to the old one, too.
        self.write(Record::Secret(Secret::Spent(user, old.clone())));
        self.core.mind.keyring.spent.insert(user, Arc::new(old.clone()));
        Ok((identity, device, written_down))
    }

    /// One device, which is new; every other has written what it has written.
    fn begin_with(&mut self, user: UserId, identity: SecretKey, device: SecretKey) -> Authored<()> {
        let own = DeviceKey::from(device.public());
        let before = self.core.mind.keyring.devices.get(&user).map(|key| DeviceKey::from(key.public()));
        if let Some(before) = before {
            self.core.mind.view.local_devices.remove(&before);
        }
        let proof = device_proof(&device, &user);
        self.keep_keys(user, identity, device)?;
        self.attest(user, Kind::DeviceAdd, &DeviceAdd { device: own, class: DeviceClass::Own, proof })?;
        let account = self.core.mind.accounts.get(&user).cloned().ok_or(Refusal::Unknown(Thing::User))?;
        let others =
            account.devices.iter().filter(|(key, device)| **key != own && device.revoked_after.is_none());
        for (device, _) in others {
            let keep_until = self.next_hlc();
            self.attest(user, Kind::DeviceRevoke, &DeviceRevoke { device: *device, keep_until })?;
        }
        Ok(())
    }

    /// The first reign that named the key. It decides once: who found the paper later takes nothing back by it.
    fn base_of(&self, user: UserId, recovery: &SecretKey) -> Authored<Base> {
        let commitment = hash_parts(&[recovery.public().as_bytes()]);
        let author = DeviceKey::from(recovery.public());
        let ops = self.store.stream_ops(&user.space(), &StreamId::GOVERNANCE)?;
        if ops.iter().any(|stored| stored.op.header.author == author) {
            return Err(USED.into());
        }
        let named = ops.iter().filter_map(|stored| Some((stored, reign_of(&stored.op, &commitment)?)));
        let first = named.min_by_key(|(stored, _)| (stored.op.header.hlc, stored.op.id));
        first.map(|(_, base)| base).ok_or_else(|| NOT_ITS_OWN.into())
    }
}

/// The reign that an op begins, where it names this commitment.
fn reign_of(op: &Op, commitment: &[u8; 32]) -> Option<Base> {
    let (key, named) = match op.kind()? {
        Kind::IdGenesis => (op.header.author, op.read_body::<IdGenesis>().ok()?.recovery),
        Kind::IdRotate => op.read_body::<IdRotate>().ok().map(|body| (body.new_key, body.recovery))?,
        _ => return None,
    };
    (named.as_ref() == Some(commitment)).then_some(Base { begin: op.id, key })
}

const FIELD: &str = "recovery_key";
const NOT_WRITTEN: Refusal =
    Refusal::Invalid { field: FIELD, reason: "64 hex digits, in groups as they were written down" };
const NOT_ITS_OWN: Refusal = Refusal::Invalid { field: FIELD, reason: "this account names another one" };
const USED: Refusal = Refusal::Invalid {
    field: FIELD,
    reason: "it was used before: the one that was shown then is the key now",
};
