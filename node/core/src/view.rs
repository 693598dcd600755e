//! What everything but message history is read from: one value, cheap to clone, swapped in after each durable batch.

use crate::invite::InviteCode;
use crate::snowflake::Snowflakes;
use crate::store::{Gaps, Range, TokenHash};
use imbl::{OrdMap, OrdSet};
use nexus_crdt::body::content::{About, Note};
use nexus_crdt::body::governance::SpaceKind;
use nexus_crdt::body::identity::AccountClass;
use nexus_crdt::guild::{Guild, GuildView, Invite};
use nexus_crdt::hlc::Hlc;
use nexus_crdt::id::{ChannelId, DeviceKey, OpId, SpaceId, StreamId, UserId};
use nexus_crdt::identity::{Account, Device, Hook, NamedPicture, Offered};
use std::collections::BTreeMap;
use std::sync::Arc;

/// The projection that API and gateway read.
#[derive(Clone, Debug, Default)]
pub struct View {
    /// The person this node belongs to; none before the first run's setup.
    pub owner: Option<UserId>,
    /// Every account known here.
    pub users: OrdMap<UserId, User>,
    /// Of each of them, which ops of it are here: equal where they are the same.
    pub prints: OrdMap<UserId, [u8; 16]>,
    /// Every guild and conversation held here.
    pub guilds: OrdMap<SpaceId, GuildView>,
    /// What each of them follows from: shared with the core, and asked by links what decides who is in.
    pub governance: OrdMap<SpaceId, Arc<Guild>>,
    /// Who was ever let into each of them: what their accounts say decides what they wrote there, whoever is in now.
    pub let_in: OrdMap<SpaceId, OrdSet<UserId>>,
    /// What each of those views was made from: which acts of governance count, and whose they are.
    pub authority: OrdMap<SpaceId, Arc<Guild>>,
    /// Which of them a user of this program is in.
    pub guilds_of: OrdMap<UserId, OrdSet<SpaceId>>,
    /// Those that somebody here is in: asked of by every link after everything that happens.
    pub own_spaces: OrdSet<SpaceId>,
    /// Where a channel is.
    pub channels: OrdMap<ChannelId, SpaceId>,
    /// Applications whose keys this node holds.
    pub applications: OrdMap<UserId, Application>,
    /// Other names that accounts speak under, of each account that has some.
    pub webhooks: OrdMap<UserId, Arc<BTreeMap<OpId, Hook>>>,
    /// What people here keep for themselves, and whom they wish to be friends with; of others, whether they wish it too.
    pub notes: OrdMap<UserId, OrdMap<NoteKey, Noted>>,
    /// Users, guilds, channels and roles: one scope.
    pub ids: Snowflakes,
    /// Whom a token speaks for.
    pub tokens: OrdMap<TokenHash, UserId>,
    /// Open invites by their admission key.
    pub invites: OrdMap<DeviceKey, (SpaceId, OpId)>,
    /// Codes of the invites that were made or followed here.
    pub invite_codes: OrdMap<OpId, InviteCode>,
    /// Accounts whose device key is here: who can write through this node.
    pub local: OrdSet<UserId>,
    /// Those keys: what they sign was written here.
    pub local_devices: OrdSet<DeviceKey>,
    /// Who lives on a relay, by its base URL: accounts that have a device there and name it as a home.
    pub housed: OrdMap<String, OrdSet<UserId>>,
    /// Accounts here that begin a new device before they write again: this store was set back to an older copy.
    pub set_back: OrdSet<UserId>,
    /// Base URLs of the relays that this node's people use, their home.
    pub home_relays: OrdSet<String>,
    /// Streams that are not held whole, and what may be missing of them.
    pub gaps: OrdMap<(SpaceId, StreamId), Arc<Gaps>>,
    /// This store has never held more than what is viewed.
    pub holds_viewed: bool,
    /// The time before which messages are kept no longer, of each channel where some are not.
    pub gone: OrdMap<SpaceId, OrdMap<ChannelId, Hlc>>,
    /// How often something was let go of since the program began.
    pub let_go: u64,
}

/// A register of a person's.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum NoteKey {
    /// How far they have read a channel.
    Read(ChannelId),
    /// A setting, by its name.
    Setting(About, String),
    /// Whether somebody is blocked.
    Block(UserId),
    /// Whether they wish to be friends with somebody.
    Friend(UserId),
    /// What they are about to say in a channel.
    Draft(ChannelId),
}

/// What a register holds.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Noted {
    /// When it was written ..
    pub hlc: Hlc,
    /// .. by which op.
    pub op: OpId,
    /// What it says.
    pub note: Note,
}

/// An account, as shown.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct User {
    /// Its name in the ops.
    pub id: UserId,
    /// Person or bot.
    pub class: AccountClass,
    /// 1 to 32 characters.
    pub name: String,
    /// Up to 190 characters.
    pub about: String,
    /// Base URLs of its home relays.
    pub relays: Arc<[String]>,
    /// Devices that write for it now.
    pub devices: Arc<[DeviceKey]>,
    /// Devices that wrote for it and do no more: they are told what its log says, so that a copy of an old store can go on.
    pub former: Arc<[DeviceKey]>,
    /// A relay signs for it: one of its devices lives there.
    pub hosted: bool,
    /// Somebody kept an identity key of it that was handed over, and signs as it: who writes for it can turn.
    pub contested: bool,
    /// .. where so, the devices that either side certifies: both are told what the account's log says.
    pub contenders: Arc<[DeviceKey]>,
    /// When it began.
    pub born: Hlc,
}

/// An application whose keys this node holds.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Application {
    /// Its id, and its bot's.
    pub id: UserId,
    /// Who made it.
    pub owner: UserId,
    /// Up to 400 characters.
    pub description: String,
    /// Discord's application flags.
    pub flags: u64,
    /// The URL at which it is asked, in place of its gateway sessions.
    pub endpoint: Option<String>,
    /// What it is asked there is signed by this key.
    pub verify_key: DeviceKey,
    /// What people can ask it for.
    pub offers: Arc<BTreeMap<OpId, Offered>>,
    /// Its own emoji.
    pub emojis: Arc<BTreeMap<OpId, NamedPicture>>,
}

impl User {
    /// What is shown of an account.
    #[must_use]
    pub fn of(account: &Account) -> Self {
        Self {
            id: account.id,
            class: account.class,
            name: account.name.clone(),
            about: account.about.clone(),
            relays: account.relays.as_slice().into(),
            devices: account
                .devices
                .iter()
                .filter(|(_, device)| device.revoked_after.is_none())
                .map(|(key, _)| *key)
                .collect(),
            former: account
                .devices
                .iter()
                .filter(|(_, device)| device.revoked_after.is_some())
                .map(|(key, _)| *key)
                .collect(),
            contested: account.contested,
            contenders: Arc::default(),
            hosted: account.devices.values().any(Device::is_hosted),
            born: account.born,
        }
    }
}

impl User {
    /// A person of that name, and nothing else said of them.
    #[must_use]
    pub fn named(id: UserId, name: String) -> Self {
        Self {
            id,
            class: AccountClass::Person,
            name,
            about: String::new(),
            relays: Arc::default(),
            devices: Arc::default(),
            former: Arc::default(),
            hosted: false,
            contested: false,
            contenders: Arc::default(),
            born: Hlc::ZERO,
        }
    }
}

impl View {
    /// Shows an account as it is now; gives what was shown before.
    pub(crate) fn show_user(&mut self, user: User) -> Option<User> {
        let before = self.users.get(&user.id).cloned();
        let lived = before.iter().filter(|before| before.hosted).flat_map(|before| before.relays.iter());
        for url in lived {
            if let Some(people) = self.housed.get_mut(url) {
                people.remove(&user.id);
                if people.is_empty() {
                    self.housed.remove(url);
                }
            }
        }
        for url in user.relays.iter().filter(|_| user.hosted) {
            self.housed.entry(url.clone()).or_default().insert(user.id);
        }
        self.users.insert(user.id, user);
        before
    }

    /// The invite of a code, where its guild is held here; expired ones included.
    #[must_use]
    pub fn invite(&self, code: InviteCode) -> Option<(&GuildView, &Invite)> {
        let (space, invite) = self.invites.get(&code.admission_key())?;
        let guild = self.guilds.get(space)?;
        Some((guild, guild.invites.get(invite)?))
    }

    /// Whether all of a stream's ops in a range are here, as far as is known.
    #[must_use]
    pub fn holds(&self, space: &SpaceId, stream: &StreamId, range: &Range) -> bool {
        !self.gaps.get(&(*space, *stream)).is_some_and(|gaps| gaps.meet(range))
    }

    /// Whether what was said in a channel at a time is kept no longer.
    #[must_use]
    pub fn is_gone(&self, space: &SpaceId, channel: &ChannelId, written: Hlc) -> bool {
        self.gone.get(space).and_then(|gone| gone.get(channel)).is_some_and(|upto| written < *upto)
    }

    /// What somebody's register holds.
    #[must_use]
    pub fn note(&self, user: &UserId, key: &NoteKey) -> Option<&Noted> {
        self.notes.get(user)?.get(key)
    }

    /// Everything that somebody keeps.
    pub fn notes_of(&self, user: &UserId) -> impl Iterator<Item = (&NoteKey, &Note)> {
        self.notes.get(user).into_iter().flatten().map(|(key, noted)| (key, &noted.note))
    }

    /// Guilds and conversations that an account leaves when it ends. One of its own where nobody else is stays as it is; none:
    /// somebody else is in one.
    #[must_use]
    pub fn left_at_the_end(&self, user: &UserId) -> Option<Vec<SpaceId>> {
        let is_another = |other: &UserId| {
            other != user && self.users.get(other).is_none_or(|other| other.class == AccountClass::Person)
        };
        let mut left = Vec::new();
        for space in self.guilds_of.get(user).into_iter().flatten() {
            let Some(guild) = self.guilds.get(space) else { continue };
            if guild.is_owner(user) {
                if guild.members.keys().any(is_another) {
                    return None;
                }
            } else if guild.facts.kind != SpaceKind::Conversation || guild.is_group() {
                left.push(*space);
            }
        }
        Some(left)
    }

    /// Whether a space is somebody's own: a conversation with nobody else, which holds what they keep for themselves.
    #[must_use]
    pub fn is_of_one(guild: &GuildView) -> bool {
        guild.facts.kind == SpaceKind::Conversation && guild.facts.owners.len() == 1
    }

    /// The guild a channel belongs to.
    #[must_use]
    pub fn guild_of(&self, channel: &ChannelId) -> Option<&GuildView> {
        self.guilds.get(self.channels.get(channel)?)
    }
}
