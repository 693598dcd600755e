//! An account goes home: from the relay that keeps its identity key to a node of its owner's (`crdt/docs/claim.md`).
//!
//! The new keys are durable at home before anything names them, and the relay names them before it forgets its own: cut
//! short anywhere, the same steps again finish it.

use super::super::entropy::Purpose;
use super::account::identity_place;
use super::{Authored, Place, Turn};
use crate::command::Reply;
use crate::command::recovery_key::RecoveryKey;
use crate::command::refusal::{Refusal, Thing};
use crate::store::{LogId, Passing, Record, Secret, Store as _};
use nexus_crdt::body::identity::{AccountClass, DeviceAdd, DeviceClass, DeviceRevoke, IdRotate};
use nexus_crdt::id::{DeviceKey, SpaceId, StreamId, Tenure, UserId};
use nexus_crdt::identity::{Account, device_proof};
use nexus_crdt::kind::Kind;
use nexus_crdt::op;
use nexus_crypto::{PublicKey, SecretKey, hash_parts};

/// The keys that an account will have at home, all made from one seed: one row makes them durable.
struct Keys {
    identity: SecretKey,
    device: SecretKey,
    recovery: SecretKey,
}

impl Keys {
    fn of(seed: &SecretKey) -> Self {
        let seed = seed.to_seed();
        let key = |of: &str| SecretKey::from_seed(&hash_parts(&[DOMAIN, of.as_bytes(), b"\0", &*seed]));
        Self { identity: key("identity"), device: key("device"), recovery: key("recovery") }
    }

    fn identity_key(&self) -> DeviceKey {
        self.identity.public().into()
    }

    fn commitment(&self) -> [u8; 32] {
        hash_parts(&[self.recovery.public().as_bytes()])
    }

    fn are_named_by(&self, account: &Account) -> bool {
        account.identity_key == self.identity_key() && account.recovery == Some(self.commitment())
    }
}

impl Turn<'_> {
    pub(super) fn begin_claim(&mut self, user: UserId) -> Authored<Reply> {
        self.no_owner_yet()?;
        let seed = match self.claim_seed(&user)? {
            Some(seed) => seed,
            None => {
                let seed = SecretKey::from_seed(&self.entropy.draw(Purpose::ClaimSeed));
                self.write(Record::Secret(Secret::Claim(user, seed.clone())));
                seed
            }
        };
        let keys = Keys::of(&seed);
        Ok(Reply::Claiming { identity_key: keys.identity_key(), recovery: keys.commitment() })
    }

    pub(super) fn finish_claim(&mut self, user: UserId, relay: String, keep_hosted: bool) -> Authored<Reply> {
        self.no_owner_yet()?;
        let account = self.core.mind.accounts.get(&user).cloned().ok_or(Refusal::Unknown(Thing::User))?;
        let seed = self.claim_seed(&user)?.ok_or(Refusal::Unknown(Thing::User))?;
        let keys = Keys::of(&seed);
        if account.class != AccountClass::Person || !keys.are_named_by(&account) {
            return Err(Refusal::TakenHome.into());
        }
        let recovery = RecoveryKey::of(&keys.recovery.to_seed());
        self.keep_recovery_key(user, keys.recovery);
        self.settle_in(&account, keys.identity, keys.device, keep_hosted)?;
        let homes = if account.relays.is_empty() { vec![relay] } else { account.relays };
        for url in homes {
            self.use_relay(url)?;
        }
        self.write(Record::SecretGone(Passing::Claim(user)));
        self.write(Record::Owner(user));
        self.core.mind.view.owner = Some(user);
        let token = self.make_token(user);
        Ok(Reply::Claimed { user, token, recovery })
    }

    /// The node's own device is certified; what relays sign with is revoked, unless it is kept.
    fn settle_in(
        &mut self,
        account: &Account,
        identity: SecretKey,
        device: SecretKey,
        keep_hosted: bool,
    ) -> Authored<()> {
        let user = account.id;
        let proof = device_proof(&device, &user);
        let certificate = DeviceAdd { device: device.public().into(), class: DeviceClass::Own, proof };
        self.keep_keys(user, identity, device)?;
        self.attest(user, Kind::DeviceAdd, &certificate)?;
        let hosted = account.devices.iter().filter(|(_, device)| device.is_hosted() && !keep_hosted);
        for (device, _) in hosted {
            // Later than the relay's IdRotate, which is later than whatever the relay had written or seen before.
            let keep_until = self.next_hlc();
            self.attest(user, Kind::DeviceRevoke, &DeviceRevoke { device: *device, keep_until })?;
        }
        Ok(())
    }

    pub(super) fn hand_over_account(
        &mut self,
        user: UserId,
        identity_key: DeviceKey,
        recovery: [u8; 32],
    ) -> Authored<Reply> {
        // A store that was set back first hears what the account's log has become.
        self.begin_anew(&user)?;
        let identity = self.identity(&user)?.ok_or(Refusal::Unknown(Thing::User))?;
        let mind = &self.core.mind;
        let account = identity.account();
        if account.identity_key == identity_key && account.recovery == Some(recovery) {
            self.forget_identity_key(user);
            return Ok(Reply::Done);
        }
        let key = mind.keyring.identities.get(&user).cloned().ok_or(Refusal::TakenHome)?;
        let old = DeviceKey::from(key.public());
        if account.identity_key != old || account.recovery.is_some() {
            return Err(Refusal::TakenHome.into());
        }
        if account.class != AccountClass::Person || mind.view.owner == Some(user) {
            return Err(Refusal::MissingPermissions.into());
        }
        if PublicKey::parse(identity_key.0).is_err() {
            return Err(NO_KEY.into());
        }
        self.hand_notes_on(user, identity_key)?;
        let (space, stream) = (SpaceId(user.0), StreamId::GOVERNANCE);
        let head = self.head(&LogId { space, stream, device: old, tenure: Tenure::NONE })?;
        let reign = identity.reign();
        let keep = head.map_or(reign, |head| head.op);
        let body = IdRotate { new_key: identity_key, keep, recovery: Some(recovery) };
        let place = Place { target: Some(reign), ..identity_place(space, Kind::IdRotate) };
        let draft = self.draft(place, &key, op::open_body(&body))?;
        self.seal(draft, &key)?;
        self.forget_identity_key(user);
        Ok(Reply::Done)
    }

    pub(super) fn forget_identity_key(&mut self, user: UserId) {
        if self.core.mind.keyring.identities.remove(&user).is_some() {
            self.write(Record::SecretGone(Passing::Identity(user)));
        }
    }

    fn no_owner_yet(&self) -> Authored<()> {
        match self.core.mind.view.owner {
            Some(_) => Err(Refusal::AlreadySetUp.into()),
            None => Ok(()),
        }
    }

    fn claim_seed(&self, user: &UserId) -> Authored<Option<SecretKey>> {
        let seed = |secret| match secret {
            Secret::Claim(of, seed) if of == *user => Some(seed),
            _ => None,
        };
        Ok(self.store.secrets()?.into_iter().find_map(seed))
    }
}

const DOMAIN: &[u8] = b"nexus-claim-v1\0";
const NO_KEY: Refusal = Refusal::Invalid { field: "identity_key", reason: "no usable Ed25519 key" };
