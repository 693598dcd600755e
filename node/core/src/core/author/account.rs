//! Accounts: the owner's, and those of their applications.

use super::super::admit::application_of;
use super::super::entropy::Purpose;
use super::super::reduce;
use super::{Actor, Authored, Place, Turn, within};
use crate::command::Reply;
use crate::command::refusal::{Refusal, Thing};
use crate::store::{Record, Secret};
use minicbor::Encode;
use nexus_crdt::body::identity::{AccountClass, Application, DeviceAdd, DeviceClass, IdGenesis, Profile};
use nexus_crdt::id::{OpId, SpaceId, StreamId, Tenure, UserId};
use nexus_crdt::identity::device_proof;
use nexus_crdt::kind::Kind;
use nexus_crdt::op;
use nexus_crypto::SecretKey;
use std::sync::Arc;

impl Turn<'_> {
    pub(super) fn setup(&mut self, name: &str) -> Authored<Reply> {
        if self.core.mind.view.owner.is_some() {
            return Err(Refusal::AlreadySetUp.into());
        }
        within("name", name, 1, NAME_MAX)?;
        let recovery = SecretKey::from_seed(&self.entropy.draw(Purpose::RecoveryKey));
        let commitment = nexus_crypto::hash_parts(&[recovery.public().as_bytes()]);
        let user = self.make_account(AccountClass::Person, DeviceClass::Own, Some(commitment), name)?;
        self.keep_recovery_key(user, recovery);
        self.write(Record::Owner(user));
        self.core.mind.view.owner = Some(user);
        let token = self.make_token(user);
        Ok(Reply::Setup { user, token })
    }

    /// An account made by plain REST has no recovery key yet: its owner sets the first when they take it home.
    pub(super) fn host(&mut self, name: &str) -> Authored<Reply> {
        within("name", name, 1, NAME_MAX)?;
        let user = self.make_account(AccountClass::Person, DeviceClass::Hosted, None, name)?;
        Ok(Reply::Created(user.into()))
    }

    pub(super) fn edit_profile(
        &mut self,
        actor: &Actor,
        name: Option<String>,
        about: Option<String>,
    ) -> Authored<Reply> {
        self.rename(actor.user, name, about)?;
        Ok(Reply::Done)
    }

    pub(super) fn create_application(
        &mut self,
        actor: &Actor,
        name: &str,
        description: String,
    ) -> Authored<Reply> {
        self.only_person(actor)?;
        within("name", name, 1, NAME_MAX)?;
        within("description", &description, 0, DESCRIPTION_MAX)?;
        let user = self.make_account(AccountClass::Bot, DeviceClass::Bot, None, name)?;
        let application = Application { owner: actor.user, description, flags: 0, endpoint: None };
        self.attest(user, Kind::Application, &application)?;
        Ok(Reply::Created(user.into()))
    }

    pub(super) fn edit_application(
        &mut self,
        actor: &Actor,
        application: UserId,
        name: Option<String>,
        description: Option<String>,
        flags: Option<u64>,
    ) -> Authored<Reply> {
        let shown = application_of(&self.core.mind, &application);
        let shown = shown.ok_or(Refusal::Unknown(Thing::Application))?;
        if !self.speaks_for(actor, &application) {
            return Err(Refusal::MissingPermissions.into());
        }
        if name.is_some() {
            self.rename(application, name, None)?;
        }
        let body = Application {
            owner: shown.owner,
            description: description.unwrap_or_else(|| shown.description.clone()),
            flags: flags.unwrap_or(shown.flags),
            endpoint: shown.endpoint,
        };
        within("description", &body.description, 0, DESCRIPTION_MAX)?;
        if (&body.description, body.flags) != (&shown.description, shown.flags) {
            self.attest(application, Kind::Application, &body)?;
        }
        Ok(Reply::Done)
    }

    /// Whether somebody is the account, or the maker of the application it is.
    pub(super) fn speaks_for(&self, actor: &Actor, user: &UserId) -> bool {
        let made_by = self.core.mind.view.applications.get(user).map(|application| application.owner);
        actor.user == *user || made_by == Some(actor.user)
    }

    fn only_person(&self, actor: &Actor) -> Authored<()> {
        match self.core.mind.accounts.get(&actor.user).map(|account| account.class) {
            Some(AccountClass::Person) => Ok(()),
            _ => Err(Refusal::MissingPermissions.into()),
        }
    }

    fn rename(&mut self, user: UserId, name: Option<String>, about: Option<String>) -> Authored<()> {
        let account = self.core.mind.accounts.get(&user).ok_or(Refusal::Unknown(Thing::User))?;
        let (old_name, old_about) = (account.name.clone(), account.about.clone());
        let body = Profile { name: name.unwrap_or(old_name), about: about.unwrap_or(old_about) };
        within("name", &body.name, 1, NAME_MAX)?;
        within("about", &body.about, 0, ABOUT_MAX)?;
        let account = self.core.mind.accounts.get(&user).ok_or(Refusal::Unknown(Thing::User))?;
        if (&body.name, &body.about) != (&account.name, &account.about) {
            self.attest(user, Kind::Profile, &body)?;
        }
        Ok(())
    }

    /// Makes keys, and the ops that begin an account with one device.
    fn make_account(
        &mut self,
        class: AccountClass,
        device_class: DeviceClass,
        recovery: Option<[u8; 32]>,
        name: &str,
    ) -> Authored<UserId> {
        let identity = SecretKey::from_seed(&self.entropy.draw(Purpose::IdentityKey));
        let device = SecretKey::from_seed(&self.entropy.draw(Purpose::DeviceKey));
        let genesis = self.draft(
            identity_place(SpaceId::NONE, Kind::IdGenesis),
            &identity,
            op::open_body(&IdGenesis { class, recovery }),
        )?;
        let user = UserId(self.seal(genesis, &identity)?.0);
        let proof = device_proof(&device, &user);
        let certificate = DeviceAdd { device: device.public().into(), class: device_class, proof };
        self.keep_keys(user, identity, device)?;
        self.attest(user, Kind::DeviceAdd, &certificate)?;
        self.attest(user, Kind::Profile, &Profile { name: name.to_owned(), about: String::new() })?;
        self.name_home_relays(user)?;
        Ok(user)
    }

    pub(super) fn keep_keys(&mut self, user: UserId, identity: SecretKey, device: SecretKey) -> Authored<()> {
        self.write(Record::Secret(Secret::Identity(user, identity.clone())));
        self.write(Record::Secret(Secret::Device(user, device.clone())));
        let mind = &mut self.core.mind;
        mind.keyring.identities.insert(user, Arc::new(identity));
        mind.view.local.insert(user);
        mind.view.local_devices.insert(device.public().into());
        mind.keyring.devices.insert(user, Arc::new(device));
        reduce::index_account(&mut mind.view, user);
        self.open_anew(user)?;
        Ok(())
    }

    /// Keeps a recovery key until its owner has taken it away.
    pub(super) fn keep_recovery_key(&mut self, user: UserId, key: SecretKey) {
        self.core.mind.keyring.recoveries.insert(user, key.public().into());
        self.write(Record::Secret(Secret::Recovery(user, key)));
    }

    /// Writes an op of an account's own log with its identity key.
    pub(in crate::core) fn attest<B: Encode<()>>(
        &mut self,
        user: UserId,
        kind: Kind,
        body: &B,
    ) -> Authored<()> {
        self.attested(user, kind, body).map(drop)
    }

    /// The same, and its id.
    pub(super) fn attested<B: Encode<()>>(&mut self, user: UserId, kind: Kind, body: &B) -> Authored<OpId> {
        self.begin_anew(&user)?;
        let key = self.core.mind.keyring.identities.get(&user).ok_or(Refusal::MissingAccess)?;
        let key = Arc::clone(key);
        let draft = self.draft(identity_place(SpaceId(user.0), kind), &key, op::open_body(body))?;
        self.seal(draft, &key)
    }
}

pub(super) const fn identity_place(space: SpaceId, kind: Kind) -> Place {
    Place { space, stream: StreamId::GOVERNANCE, tenure: Tenure::NONE, kind, deps: Vec::new(), target: None }
}

const NAME_MAX: usize = 32;
const ABOUT_MAX: usize = 190;
const DESCRIPTION_MAX: usize = 400;
