//! An account as its own log says: current identity key, devices, name.
//!
//! The rule is a function of the *set* of ops. A log of the identity space is what one key signed there; its chain
//! (seq, prev, hlc) must be whole. A key has a *reign*: the first key's begins with IdGenesis, every other one's
//! with the IdRotate that names it ([`reign`]). What a key writes counts while it reigns, and of an ended reign
//! counts what its IdRotate keeps. Devices are added and revoked, never revived; the rest are registers in which
//! the latest (hlc, op id) wins ([`register`]).

mod begin;
mod log;
mod register;
mod reign;

pub use begin::{Founding, begin_account, device_proof, device_signed};

use crate::body::governance::Picture;
use crate::body::identity::{AccountClass, Application, DeviceClass};
use crate::hlc::Hlc;
use crate::id::{ChannelId, DeviceKey, OpId, SpaceId, UserId};
use crate::kind::Kind;
use crate::op::{Draft, Op};
use crate::verdict::{Verdict, VoidReason};
use log::{Deed, Entry, Logs};
use nexus_crypto::Verified;
use register::Registers;
use reign::{Reign, Reigns, Standing};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Most devices of an account that are certified and not revoked; the earliest count.
pub const DEVICES_MAX: usize = 64;
/// Ops in one log of an identity, at most.
pub const LOG_MAX: u64 = 8_192;

/// What a guild needs to know of accounts to judge its ops.
pub trait People {
    /// Whether `device` is certified for `user` for something written at `at`.
    fn certifies(&self, user: &UserId, device: &DeviceKey, at: Hlc) -> bool;
    /// What the account is; none where it is unknown here.
    fn class(&self, user: &UserId) -> Option<AccountClass>;
    /// The account as it is where an IdRotate of it was cited: see [`Identity::settled`].
    fn settled(&self, _user: &UserId, _rotation: &OpId) -> Option<Succession> {
        None
    }
}

/// An account: the set of ops of its identity space and what follows from it.
#[derive(Clone, Debug)]
pub struct Identity {
    logs: Logs,
    root: Reign,
    reigns: Reigns,
    registers: Registers,
    verdicts: BTreeMap<OpId, Verdict>,
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
    /// The present commitment, `BLAKE3(recovery public key)`.
    pub recovery: Option<[u8; 32]>,
    /// 1 to 32 characters; empty before the first profile.
    pub name: String,
    /// Up to 190 characters.
    pub about: String,
    /// Certified devices, ended ones included.
    pub devices: BTreeMap<DeviceKey, Device>,
    /// Home relays.
    pub relays: Vec<String>,
    /// For class bot: the application.
    pub application: Option<Application>,
    /// For class bot: what people can ask it for.
    pub offers: BTreeMap<OpId, Offered>,
    /// For class bot: its own emoji.
    pub emojis: BTreeMap<OpId, NamedPicture>,
    /// Other names it speaks under.
    pub webhooks: BTreeMap<OpId, Hook>,
    /// When it began.
    pub born: Hlc,
    /// Two IdRotates by one key claim the same reign: somebody kept a key that was handed over. Who it is follows from the
    /// rule, and whoever kept the key can turn it, until something stronger decides ([`Identity::settled`]).
    pub contested: bool,
    /// It holds an op of a critical kind that this version does not know: what is said here may be out of date.
    pub beyond_rules: bool,
}

/// What people can ask a bot for.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Offered {
    /// The guild it is made in; none: everywhere.
    pub guild: Option<SpaceId>,
    /// As in [`crate::body::identity::Offer`].
    pub definition: Arc<str>,
}

/// An emoji of a bot's own.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct NamedPicture {
    /// 2 to 32 of A-Z, a-z, 0-9 and underscore.
    pub name: String,
    /// What it looks like.
    pub picture: Picture,
}

/// Another name that an account speaks under.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Hook {
    /// Where.
    pub channel: ChannelId,
    /// 1 to 80 characters.
    pub name: Arc<str>,
    /// The announcement channel whose messages it brings.
    pub follows: Option<ChannelId>,
    /// When it was made.
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

impl Device {
    /// Whether a relay signs with it.
    #[must_use]
    pub fn is_hosted(&self) -> bool {
        self.class == DeviceClass::Hosted && self.revoked_after.is_none()
    }
}

/// An account under an IdRotate that was cited.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Succession {
    /// What it is there.
    pub account: Account,
    /// That IdRotate, and those that led to it.
    pub through: BTreeSet<OpId>,
}

/// Why an op cannot be part of an identity. `Missing` and `UnknownKey` may pass later, the others never do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum IdentityError {
    /// The first op is no IdGenesis, or a later one is.
    #[error("an identity begins with one IdGenesis")]
    Genesis,
    /// Another space.
    #[error("of another space")]
    Space,
    /// The op before it in its log, or one that it acts on, is not here yet.
    #[error("an op that it builds on is missing")]
    Missing(OpId),
    /// Its author is no key that an op here names: neither an identity key nor a recovery key. An IdRotate may
    /// name it later.
    #[error("signed by a key that the identity has not named")]
    UnknownKey,
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
        let entry = Entry::read(genesis)?;
        let Deed::Begin(body) = &entry.deed else { return Err(IdentityError::Genesis) };
        let facts = Account {
            id: genesis.id.into(),
            class: body.class,
            identity_key: entry.author,
            recovery: body.recovery,
            name: String::new(),
            about: String::new(),
            devices: BTreeMap::new(),
            relays: Vec::new(),
            application: None,
            offers: BTreeMap::new(),
            webhooks: BTreeMap::new(),
            emojis: BTreeMap::new(),
            born: entry.hlc,
            contested: false,
            beyond_rules: false,
        };
        let root = Reign { begin: genesis.id, key: entry.author, recovery: body.recovery };
        let logs = Logs::begin(genesis.id, entry);
        let reigns = Reigns::derive(root, &logs, &Standing::default());
        let verdicts = BTreeMap::from([(genesis.id, Verdict::Valid)]);
        Ok(Self { logs, root, reigns, registers: Registers::default(), verdicts, facts })
    }

    /// Takes an op in; one that is here already changes nothing. Void ops are taken in as well.
    ///
    /// # Errors
    /// [`IdentityError`]; nothing has changed then.
    pub fn integrate(&mut self, op: &Verified<Op>) -> Result<(), IdentityError> {
        self.take(op, false)
    }

    /// Takes in again what was taken in before, elsewhere or earlier: what a device signed in it is not checked once more.
    ///
    /// # Errors
    /// [`IdentityError`]; nothing has changed then.
    pub fn integrate_again(&mut self, op: &Verified<Op>) -> Result<(), IdentityError> {
        self.take(op, true)
    }

    fn take(&mut self, op: &Verified<Op>, again: bool) -> Result<(), IdentityError> {
        if self.logs.has(&op.id) {
            return Ok(());
        }
        if op.header.space != self.facts.id.space() {
            return Err(if op.kind() == Some(Kind::IdGenesis) {
                IdentityError::Genesis
            } else {
                IdentityError::Space
            });
        }
        let entry = Entry::read(op)?;
        self.logs.check(&entry, &self.facts, again)?;
        let rotates = matches!(entry.deed, Deed::Rotate(..));
        self.logs.insert(op.id, entry);
        if rotates {
            self.derive_anew();
        } else {
            self.count(op.id);
        }
        Ok(())
    }

    /// What follows from the ops so far.
    #[must_use]
    pub const fn account(&self) -> &Account {
        &self.facts
    }

    /// What the identity's own rule says of an op of it; none where it is not here.
    #[must_use]
    pub fn verdict(&self, op: &OpId) -> Option<Verdict> {
        self.verdicts.get(op).copied()
    }

    /// The first 16 bytes of BLAKE3 (key derivation, `"nexus 2026 account print v1"`) over the ids of its ops, ascending: the same
    /// at everybody who holds the same ops of it.
    #[must_use]
    pub fn print(&self) -> [u8; 16] {
        let ids: Vec<u8> = self.verdicts.keys().flat_map(|id| id.0).collect();
        let hash = nexus_crypto::derive_id("nexus 2026 account print v1", &ids);
        hash.first_chunk().copied().unwrap_or_default()
    }

    /// Every device that an op here certifies, whatever the op counts for: whose words may turn when it changes hands.
    #[must_use]
    pub fn devices_named(&self) -> BTreeSet<DeviceKey> {
        let named = self.logs.iter().filter_map(|(_, entry)| match &entry.deed {
            Deed::DeviceAdd(certificate) => Some(certificate.device),
            _ => None,
        });
        named.collect()
    }

    /// The next op of `author`'s log here, to be sealed by that key: later than everything here, by all keys, so
    /// that its registers win. `body` as of `op::open_body`; an IdRotate still needs its `target`.
    #[must_use]
    pub fn draft(&self, author: &DeviceKey, kind: Kind, body: Vec<u8>, now_ms: u64) -> Draft {
        let head = self.logs.head(author);
        Draft {
            space: self.facts.id.space(),
            seq: head.map_or(0, |(_, entry)| entry.seq + 1),
            prev: head.map(|(id, _)| id),
            hlc: Hlc::next(now_ms, self.logs.latest(), self.facts.born),
            kind,
            ..begin::empty_draft(body)
        }
    }

    /// The op that began the present reign: the `target` of the IdRotate that will end it.
    #[must_use]
    pub fn reign(&self) -> OpId {
        self.reigns.present().begin
    }

    /// The account where this IdRotate was cited, by a guild's checkpoint: rivals of it signed by the same key count for
    /// nothing. None where it is no IdRotate of this account that could count.
    #[must_use]
    pub fn settled(&self, rotation: &OpId) -> Option<Succession> {
        let entry = self.logs.get(rotation)?;
        let standing = Standing::of(*rotation, &self.logs);
        let reigns = Reigns::derive(self.root, &self.logs, &standing);
        if !matches!(entry.deed, Deed::Rotate(..)) || !reigns.judge(rotation, entry).is_valid() {
            return None;
        }
        let mut settled = Self { reigns, verdicts: BTreeMap::new(), ..self.clone() };
        settled.judge_all();
        Some(Succession { account: settled.facts, through: standing.into_ops() })
    }

    /// The devices that the account has under any of its IdRotates: where it is contested, those of either side. Of more than 64
    /// IdRotates that anybody signed, the first by id.
    #[must_use]
    pub fn contenders(&self) -> BTreeSet<DeviceKey> {
        let rotations = self.logs.iter().filter(|(_, entry)| matches!(entry.deed, Deed::Rotate(..)));
        let accounts = rotations.take(CONTENDERS_MAX).filter_map(|(id, _)| Some(self.settled(id)?.account));
        let devices = accounts.flat_map(|account| account.devices);
        devices.filter(|(_, device)| device.revoked_after.is_none()).map(|(key, _)| key).collect()
    }

    /// Who reigns has changed, perhaps: every verdict is decided again.
    fn derive_anew(&mut self) {
        self.reigns = Reigns::derive(self.root, &self.logs, &Standing::default());
        self.judge_all();
    }

    fn judge_all(&mut self) {
        self.registers = Registers::default();
        self.verdicts.clear();
        for (id, entry) in self.logs.iter() {
            let verdict = judge(&self.reigns, &self.facts, id, entry);
            if verdict.is_valid() {
                self.registers.take(*id, entry);
            }
            self.verdicts.insert(*id, verdict);
        }
        self.show();
    }

    /// An op that is no IdRotate changes no reign, so nothing said of another op turns. (What an ended reign keeps
    /// was here, whole, before the IdRotate that ended it was taken in.)
    fn count(&mut self, id: OpId) {
        let Some(entry) = self.logs.get(&id) else { return };
        let verdict = judge(&self.reigns, &self.facts, &id, entry);
        if verdict.is_valid() {
            self.registers.take(id, entry);
        }
        self.verdicts.insert(id, verdict);
        self.show();
    }

    fn show(&mut self) {
        let present = self.reigns.present();
        self.facts.identity_key = present.key;
        self.facts.recovery = present.recovery;
        self.facts.contested = self.reigns.contested();
        self.registers.show(&mut self.facts);
    }
}

fn judge(reigns: &Reigns, facts: &Account, id: &OpId, entry: &Entry) -> Verdict {
    let fits = facts.class == AccountClass::Bot
        || !matches!(entry.deed, Deed::Application(_) | Deed::Offer(_) | Deed::OwnEmoji(_));
    match reigns.judge(id, entry) {
        Verdict::Valid if !fits => Verdict::Void(VoidReason::Target),
        verdict => verdict,
    }
}

impl Account {
    /// Whether `device` is certified for something written at `at`.
    #[must_use]
    pub fn certifies(&self, device: &DeviceKey, at: Hlc) -> bool {
        self.devices.get(device).is_some_and(|device| device.revoked_after.is_none_or(|end| at <= end))
    }
}

impl UserId {
    /// The identity space, which has the account's name.
    #[must_use]
    pub const fn space(&self) -> crate::id::SpaceId {
        crate::id::SpaceId(self.0)
    }
}

/// IdRotates of a contested account that are looked at.
const CONTENDERS_MAX: usize = 64;

#[cfg(test)]
mod tests;
