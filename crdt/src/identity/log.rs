//! The ops of an identity, as chains: one log for each key that signs in it.

use super::{Account, IdentityError, LOG_MAX, device_signed};
use crate::body::identity as body;
use crate::hlc::Hlc;
use crate::id::{DeviceKey, OpId, UserId};
use crate::kind::Kind;
use crate::op::Op;
use nexus_crypto::{PublicKey, hash_parts};
use std::collections::{BTreeMap, BTreeSet};

/// What is kept of an op: its place and its parsed body.
#[derive(Clone, Debug)]
pub(super) struct Entry {
    pub(super) author: DeviceKey,
    pub(super) seq: u64,
    pub(super) prev: Option<OpId>,
    pub(super) hlc: Hlc,
    pub(super) deed: Deed,
}

#[derive(Clone, Debug)]
pub(super) enum Deed {
    Begin(body::IdGenesis),
    /// With its target: the op that began the reign it ends.
    Rotate(OpId, body::IdRotate),
    DeviceAdd(body::DeviceAdd),
    DeviceRevoke(body::DeviceRevoke),
    Profile(body::Profile),
    Relays(body::IdRelays),
    Application(body::Application),
    Offer(body::Offer),
    Webhook(body::Webhook),
    OwnEmoji(body::OwnEmoji),
    /// A kind without effect here: its place in the chain is all that counts.
    Other,
    /// A critical kind of a later version.
    BeyondRules,
}

impl Entry {
    pub(super) fn read(op: &Op) -> Result<Self, IdentityError> {
        let header = &op.header;
        let deed = Deed::read(op)?;
        Ok(Self { author: header.author, seq: header.seq, prev: header.prev, hlc: header.hlc, deed })
    }
}

impl Deed {
    fn read(op: &Op) -> Result<Self, IdentityError> {
        let bad = |_| IdentityError::Structure("the body is missing or not of its kind");
        Ok(match op.kind() {
            Some(Kind::IdGenesis) => Self::Begin(op.read_body().map_err(bad)?),
            Some(Kind::IdRotate) => {
                let target =
                    op.header.target.ok_or(IdentityError::Structure("an IdRotate names what it ends"))?;
                Self::Rotate(target, op.read_body().map_err(bad)?)
            }
            Some(Kind::DeviceAdd) => Self::DeviceAdd(op.read_body().map_err(bad)?),
            Some(Kind::DeviceRevoke) => Self::DeviceRevoke(op.read_body().map_err(bad)?),
            Some(Kind::Profile) => Self::Profile(op.read_body().map_err(bad)?),
            Some(Kind::IdRelays) => Self::Relays(op.read_body().map_err(bad)?),
            Some(Kind::Application) => Self::Application(op.read_body().map_err(bad)?),
            Some(Kind::Offer) => Self::Offer(op.read_body().map_err(bad)?),
            Some(Kind::Webhook) => Self::Webhook(op.read_body().map_err(bad)?),
            Some(Kind::OwnEmoji) => Self::OwnEmoji(op.read_body().map_err(bad)?),
            Some(Kind::Prekeys) => Self::Other,
            Some(_) => return Err(IdentityError::Structure("not a kind of an identity")),
            None if op.header.is_beyond_rules() => Self::BeyondRules,
            None => Self::Other,
        })
    }
}

/// Every op of an identity, and the keys that may write in it.
#[derive(Clone, Debug)]
pub(super) struct Logs {
    entries: BTreeMap<OpId, Entry>,
    /// Of each log the op of the highest (seq, id).
    heads: BTreeMap<DeviceKey, (u64, OpId)>,
    /// Keys that some op here names. It only grows, so what is taken in does not depend on the order of arrival.
    named: BTreeSet<DeviceKey>,
    /// Commitments to recovery keys, past ones included.
    commitments: BTreeSet<[u8; 32]>,
    latest: Hlc,
}

impl Logs {
    pub(super) fn begin(id: OpId, genesis: Entry) -> Self {
        let named = BTreeSet::from([genesis.author]);
        let mut logs = Self {
            entries: BTreeMap::new(),
            heads: BTreeMap::new(),
            named,
            commitments: BTreeSet::new(),
            latest: genesis.hlc,
        };
        logs.insert(id, genesis);
        logs
    }

    /// When the latest op here was written.
    pub(super) const fn latest(&self) -> Hlc {
        self.latest
    }

    pub(super) fn has(&self, id: &OpId) -> bool {
        self.entries.contains_key(id)
    }

    pub(super) fn get(&self, id: &OpId) -> Option<&Entry> {
        self.entries.get(id)
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (&OpId, &Entry)> {
        self.entries.iter()
    }

    pub(super) fn head(&self, author: &DeviceKey) -> Option<(OpId, &Entry)> {
        let (_, id) = self.heads.get(author)?;
        Some((*id, self.get(id)?))
    }

    /// Whether an op fits its log: form first, then the key, then the chain. `again`: a device that it names was seen to have signed.
    pub(super) fn check(&self, entry: &Entry, account: &Account, again: bool) -> Result<(), IdentityError> {
        check_form(entry, &account.id, again)?;
        if !self.named.contains(&entry.author) && !self.commitments.contains(&commitment(&entry.author)) {
            return Err(IdentityError::UnknownKey);
        }
        self.check_chain(entry, account.born)?;
        match &entry.deed {
            Deed::Rotate(target, body) => {
                let missing = [*target, body.keep].into_iter().find(|op| !self.has(op));
                missing.map_or(Ok(()), |op| Err(IdentityError::Missing(op)))
            }
            _ => Ok(()),
        }
    }

    fn check_chain(&self, entry: &Entry, born: Hlc) -> Result<(), IdentityError> {
        let wrong = |what| Err(IdentityError::Structure(what));
        let Some(prev) = entry.prev else {
            // `op::decode` has seen to it that no prev means seq 0. In order of time IdGenesis is always first.
            return if entry.hlc <= born { wrong("not written after the account began") } else { Ok(()) };
        };
        let Some(prev) = self.get(&prev) else { return Err(IdentityError::Missing(prev)) };
        if prev.author != entry.author || entry.seq != prev.seq.saturating_add(1) {
            return wrong("seq and prev do not continue the log");
        }
        if entry.hlc <= prev.hlc {
            return wrong("the clock does not rise along the log");
        }
        Ok(())
    }

    pub(super) fn insert(&mut self, id: OpId, entry: Entry) {
        match &entry.deed {
            Deed::Begin(body) => self.commitments.extend(body.recovery),
            Deed::Rotate(_, body) => {
                self.named.insert(body.new_key);
                self.commitments.extend(body.recovery);
            }
            _ => {}
        }
        let head = self.heads.entry(entry.author).or_insert((entry.seq, id));
        *head = (*head).max((entry.seq, id));
        self.latest = self.latest.max(entry.hlc);
        self.entries.insert(id, entry);
    }
}

fn check_form(entry: &Entry, user: &UserId, again: bool) -> Result<(), IdentityError> {
    let wrong = |what| Err(IdentityError::Structure(what));
    if entry.seq >= LOG_MAX {
        return wrong("the log is longer than a log may be");
    }
    match &entry.deed {
        Deed::Begin(_) => Err(IdentityError::Genesis),
        Deed::Rotate(_, body) if PublicKey::parse(body.new_key.0).is_err() => {
            wrong("the new identity key is no usable key")
        }
        Deed::DeviceAdd(body) if !again && !device_signed(body, user) => {
            wrong("the device did not sign for this account")
        }
        _ => Ok(()),
    }
}

/// What an IdGenesis or IdRotate says of a recovery key without showing it.
pub(super) fn commitment(key: &DeviceKey) -> [u8; 32] {
    hash_parts(&[&key.0])
}
