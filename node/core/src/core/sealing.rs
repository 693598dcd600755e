//! Who reads what somebody keeps for themself: the keys it is sealed under, and to whom they are handed.
//!
//! A key is handed to each device of the account, to its identity key, and to its recovery key where that is known. Whoever writes
//! makes another key where the one in use is not handed to exactly those, or does not carry every key there is: so a device that was
//! revoked reads nothing that is kept afterwards, and a new one reads what was kept before.

use super::admit::Origin;
use super::content::Content;
use super::mind::{Keyring, Mind};
use super::turn::Turn;
use crate::store::{Record, Store as _, StoreFault};
use crate::view::View;
use nexus_crdt::body::content::sealing::{self, HANDED_MAX, HandedTo, Sealing};
use nexus_crdt::body::content::{self, Note};
use nexus_crdt::guild::GuildView;
use nexus_crdt::hlc::Hlc;
use nexus_crdt::id::{ChannelId, DeviceKey, OpId, SpaceId, UserId};
use nexus_crdt::identity::Account;
use nexus_crdt::kind::Kind;
use nexus_crdt::op::Op;
use nexus_crdt::verdict::Verdict;
use nexus_crypto::{Handed, PublicKey, SharedKey, hash_parts};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// A key's name.
type Name = [u8; 16];

/// The keys of one account's notes that were opened here.
#[derive(Clone, Debug, Default)]
pub(super) struct Seals {
    keys: BTreeMap<Name, SharedKey>,
    /// The valid ops that handed them on, by their place.
    words: BTreeMap<(Hlc, OpId), Word>,
}

/// What one op handed on, and to whom.
#[derive(Clone, Debug)]
struct Word {
    name: Name,
    to: BTreeSet<DeviceKey>,
    earlier: BTreeSet<Name>,
}

impl Seals {
    /// The key to write with: of the last word, where that fits.
    pub(super) fn current(&self, readers: &Readers) -> Option<SharedKey> {
        let (_, word) = self.words.last_key_value()?;
        let carried = |name: &Name| *name == word.name || word.earlier.contains(name);
        let is_whole = self.keys.keys().all(carried) || word.earlier.len() >= sealing::EARLIER_MAX;
        (readers.are(&word.to) && is_whole).then(|| self.keys.get(&word.name).cloned()).flatten()
    }

    /// Every key, those of the last words last; of too many the last ones.
    pub(super) fn all(&self) -> Vec<SharedKey> {
        let named: Vec<Name> = self.words.values().map(|word| word.name).collect();
        let unnamed = self.keys.keys().filter(|name| !named.contains(name));
        let mut seen = BTreeSet::new();
        let in_order = unnamed.chain(&named).filter(|name| seen.insert(**name));
        let all: Vec<SharedKey> = in_order.filter_map(|name| self.keys.get(name).cloned()).collect();
        all[all.len().saturating_sub(sealing::EARLIER_MAX)..].to_vec()
    }

    /// Of those a word was handed to, the ones that are the account's recovery key: it is known by its hash.
    fn recovery(&self, account: &Account) -> Option<DeviceKey> {
        let handed = self.words.values().flat_map(|word| &word.to);
        handed.copied().find(|key| is_recovery(account, key))
    }
}

/// Whom a key is handed to.
pub(super) struct Readers {
    needed: BTreeSet<DeviceKey>,
    /// BLAKE3 of the recovery key: where that is not known here, who knew it may have handed it the key.
    commitment: Option<[u8; 32]>,
}

impl Readers {
    fn are(&self, to: &BTreeSet<DeviceKey>) -> bool {
        let mut others = to.difference(&self.needed);
        self.needed.is_subset(to) && others.all(|key| self.commitment == Some(hash_parts(&[&key.0])))
    }

    pub(super) fn with(mut self, key: DeviceKey) -> Self {
        self.needed.insert(key);
        self
    }

    /// Hands them a key. `ephemeral`: 32 random bytes for each.
    pub(super) fn hand(
        self,
        space: &SpaceId,
        key: &SharedKey,
        mut ephemeral: impl FnMut() -> [u8; 32],
    ) -> Vec<HandedTo> {
        let (context, bytes) = (sealing::context(space), key.to_bytes());
        let hand = |to: DeviceKey| {
            let Handed { enc, ciphertext } =
                PublicKey::parse(to.0).ok()?.hand(&ephemeral(), &context, &*bytes);
            Some(HandedTo { to, enc, ciphertext: ciphertext.try_into().ok()? })
        };
        self.needed.into_iter().filter_map(hand).collect()
    }
}

impl Mind {
    /// Who may read what an account keeps.
    pub(super) fn readers_of(&self, user: &UserId) -> Option<Readers> {
        let account = self.accounts.get(user)?;
        let standing = account.devices.iter().filter(|(_, device)| device.revoked_after.is_none());
        let known = self.keyring.recoveries.get(user).copied().filter(|key| is_recovery(account, key));
        let told = self.keyring.seals.get(user).and_then(|seals| seals.recovery(account));
        let keys =
            [account.identity_key].into_iter().chain(known.or(told)).chain(standing.map(|(key, _)| *key));
        let usable = keys.filter(|key| PublicKey::parse(key.0).is_ok());
        Some(Readers { needed: usable.take(HANDED_MAX - 1).collect(), commitment: account.recovery })
    }

    /// What a note op says; none where it cannot be read here, or means nothing.
    pub(super) fn notes_in(&self, op: &Op) -> Option<Vec<Note>> {
        let Some(sealed) = op.read_sealed() else { return op.read_body().ok().map(|note| vec![note]) };
        let user = owner_of(self.guilds.get(&op.space())?.view())?;
        let key = self.keyring.seals.get(&user)?.keys.get(&sealed.key_epoch)?;
        let opened = key.open(&sealing::context(&op.space()), &sealed.ciphertext)?;
        sealing::unpack(&opened).ok()
    }
}

impl Keyring {
    /// Opens what hands on a key; the names of the keys that are new here. None where it is handed to nobody here.
    pub(super) fn learn(&mut self, user: UserId, op: &Op, sealing: &Sealing) -> Option<BTreeSet<Name>> {
        let context = sealing::context(&op.space());
        let key = self.open(&user, &context, sealing)?;
        let earlier = key.open(&context, &sealing.earlier);
        let earlier = earlier.map(|opened| sealing::earlier(&opened)).unwrap_or_default();
        let word = Word {
            name: sealing.name,
            to: sealing.handed.iter().map(|handed| handed.to).collect(),
            earlier: earlier.iter().map(SharedKey::name).collect(),
        };
        let seals = Arc::make_mut(self.seals.entry(user).or_default());
        seals.words.insert((op.header.hlc, op.id), word);
        let all = earlier.into_iter().chain([key]);
        let new = all.filter_map(|key| {
            let name = key.name();
            seals.keys.insert(name, key).is_none().then_some(name)
        });
        Some(new.collect())
    }

    fn open(&self, user: &UserId, context: &[u8], sealing: &Sealing) -> Option<SharedKey> {
        let all = [&self.devices, &self.identities, &self.spent].into_iter();
        all.filter_map(|keys| keys.get(user)).find_map(|mine| {
            let own = DeviceKey::from(mine.public());
            let HandedTo { enc, ciphertext, .. } = sealing.handed.iter().find(|handed| handed.to == own)?;
            let opened = mine.take(&Handed { enc: *enc, ciphertext: ciphertext.to_vec() }, context)?;
            let key = SharedKey::new(opened.as_slice().try_into().ok()?);
            (key.name() == sealing.name).then_some(key)
        })
    }

    fn knows(&self, user: &UserId, op: &Op) -> bool {
        self.seals.get(user).is_some_and(|seals| seals.words.contains_key(&(op.header.hlc, op.id)))
    }

    fn disown(&mut self, user: &UserId, op: &Op) {
        if let Some(seals) = self.seals.get_mut(user) {
            Arc::make_mut(seals).words.remove(&(op.header.hlc, op.id));
        }
    }
}

impl Turn<'_> {
    pub(super) fn sealing_of(op: &Op) -> Content {
        op.read_body::<content::Sealing>().map_or(Content::Unknown, Content::Sealing)
    }

    /// Takes in what hands on a key, new or judged anew. What does not count hands on nothing: who had a device that was revoked cannot
    /// have others write under a key of theirs.
    pub(super) fn put_sealing(
        &mut self,
        op: &Op,
        author: UserId,
        sealing: &Sealing,
        verdict: Verdict,
        origin: Origin,
    ) -> Result<(), StoreFault> {
        let space = op.space();
        let own = self.core.mind.guilds.get(&space).and_then(|guild| owner_of(guild.view()));
        if own != Some(author) || op.header.stream != ChannelId(space.0).stream() {
            return Ok(());
        }
        let (stream, key) = (op.header.stream, row_of(&op.id));
        let keyring = &mut self.core.mind.keyring;
        match (keyring.knows(&author, op), verdict.is_valid()) {
            (true, false) => {
                keyring.disown(&author, op);
                self.write(Record::Note { stream, key, op: None });
            }
            (false, true) => {
                let Some(new) = keyring.learn(author, op, sealing) else { return Ok(()) };
                self.write(Record::Note { stream, key, op: Some((op.header.hlc, op.id)) });
                // Under a key that was made here nothing was sealed before.
                if origin != Origin::Own && !new.is_empty() {
                    self.look_again(space, |op| {
                        op.read_sealed().is_some_and(|it| new.contains(&it.key_epoch))
                    })?;
                }
            }
            _ => {}
        }
        Ok(())
    }

    /// What was handed to keys that are here only now.
    pub(super) fn open_anew(&mut self, user: UserId) -> Result<(), StoreFault> {
        let all = self.core.mind.view.guilds.values();
        let own: Vec<SpaceId> =
            all.filter(|guild| owner_of(guild) == Some(user)).map(|guild| guild.facts.id).collect();
        own.into_iter().try_for_each(|space| self.look_again(space, |op| op.kind() == Some(Kind::Sealing)))
    }

    fn look_again(&mut self, space: SpaceId, wanted: impl Fn(&Op) -> bool) -> Result<(), StoreFault> {
        let (stream, mut after) = (ChannelId(space.0).stream(), None);
        loop {
            let page = self.store.stream_page(&space, &stream, after, PAGE)?;
            for stored in &page {
                after = Some((stored.op.header.hlc, stored.op.id));
                if wanted(&stored.op) {
                    self.rejudge(&stored.op.id)?;
                }
            }
            if page.len() < PAGE {
                return Ok(());
            }
        }
    }
}

/// Ops that are looked at at once.
const PAGE: usize = 256;

/// Whose own space it is.
pub(super) fn owner_of(guild: &GuildView) -> Option<UserId> {
    View::is_of_one(guild).then(|| guild.facts.owners.first().copied()).flatten()
}

/// The name of the row that finds what hands on a key, at a start.
fn row_of(op: &OpId) -> [u8; 16] {
    let hash = hash_parts(&[b"nexus sealing", &op.0]);
    let mut row = [0; 16];
    row.copy_from_slice(&hash[..16]);
    row
}

fn is_recovery(account: &Account, key: &DeviceKey) -> bool {
    account.recovery == Some(hash_parts(&[&key.0]))
}
