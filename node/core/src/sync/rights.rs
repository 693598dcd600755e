//! Who may hold what. Asked of the giver's present view at every batch: who loses a right gets nothing new from then on.

use crate::core::channel_of;
use crate::view::{User, View};
use imbl::{OrdMap, OrdSet};
use nexus_crdt::body::governance::SpaceKind;
use nexus_crdt::guild::GuildView;
use nexus_crdt::id::{DeviceKey, SpaceId, StreamId, UserId};
use nexus_crdt::permissions::Permissions;
use std::collections::BTreeSet;

/// What is known of the peer at the other end of a link.
#[derive(Clone, Debug, Default)]
pub struct Rights {
    /// Accounts it speaks for, by the device that vouched.
    vouched: BTreeSet<(UserId, DeviceKey)>,
    /// The base URL this side dialed, where the peer is a relay: nobody else can be there.
    relay: Option<String>,
    /// Guilds that it was shown an invite of.
    guest_of: BTreeSet<SpaceId>,
}

/// What a peer may hold of a space.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) enum Standing {
    /// Nothing.
    Outside,
    /// The governance up to the removal that put its people out, so that they learn of it.
    Parting,
    /// Governance and membership: it was shown an invite.
    Guest,
    /// What its people may see.
    Member,
    /// All of it: a relay that the guild, or somebody in the conversation, named.
    Relay,
}

/// What a peer may hold of a stream.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) enum Share {
    /// Nothing.
    Nothing,
    /// What arrives while it is there.
    FromNowOn,
    /// All of it.
    Everything,
}

impl Rights {
    /// Of the relay at a base URL.
    #[must_use]
    pub fn of_relay(url: String) -> Self {
        Self { relay: Some(url), ..Self::default() }
    }

    /// False where it speaks for more than anybody honest.
    #[must_use]
    pub(super) fn vouch(&mut self, user: UserId, device: DeviceKey) -> bool {
        self.vouched.insert((user, device));
        self.vouched.len() <= VOUCHED_MAX
    }

    pub(super) fn invite(&mut self, space: SpaceId) {
        self.guest_of.insert(space);
    }

    /// Whether it showed an invite, and its people were not let in since.
    pub(super) fn is_a_guest(&self) -> bool {
        !self.guest_of.is_empty()
    }

    /// Its people were let in: the invite has done its work, and opens nothing once they are out again. Whether there was one.
    pub(super) fn let_in(&mut self, space: &SpaceId) -> bool {
        self.guest_of.remove(space)
    }

    pub(super) const fn relay(&self) -> Option<&String> {
        self.relay.as_ref()
    }

    /// The accounts it speaks for, while they certify the devices that vouched.
    pub(super) fn users<'a>(&'a self, view: &'a View) -> impl Iterator<Item = &'a UserId> {
        let certified = |(user, device): &&(UserId, DeviceKey)| {
            view.users.get(user).is_some_and(|user| user.devices.contains(device))
        };
        self.vouched.iter().filter(certified).map(|(user, _)| user)
    }

    /// Accounts of which it is told the log that says why its devices do not count, and nothing else: another key claims them, too,
    /// and it has devices on one side; or its device was replaced, as a copy of an older store has to hear before it goes on.
    pub(super) fn contested<'a>(&'a self, view: &'a View) -> impl Iterator<Item = &'a UserId> {
        let contends = |(user, device): &&(UserId, DeviceKey)| {
            view.users.get(user).is_some_and(|user| {
                user.contested && user.contenders.contains(device) || user.former.contains(device)
            })
        };
        self.vouched.iter().filter(contends).map(|(user, _)| user)
    }

    pub(super) fn standing(&self, view: &View, space: &SpaceId) -> Standing {
        let Some(guild) = view.guilds.get(space) else { return Standing::Outside };
        if self.relay.as_ref().is_some_and(|url| names(view, guild, url)) {
            Standing::Relay
        } else if self.users(view).any(|user| guild.members.contains_key(user))
            || self.housed(view, guild).next().is_some()
        {
            Standing::Member
        } else if self.guest_of.contains(space) && !self.users(view).any(|user| guild.is_banned(user)) {
            Standing::Guest
        } else if self.is_removed(view, space, guild) {
            Standing::Parting
        } else {
            Standing::Outside
        }
    }

    /// Members who live on the relay at the other end, as their own identity keys say: it holds what they may see, whether
    /// the guild names it or not. Those of most guilds are few; so many are looked at.
    fn housed<'a>(&'a self, view: &'a View, guild: &'a GuildView) -> impl Iterator<Item = &'a UserId> {
        let people = self.relay.as_ref().and_then(|url| view.housed.get(url));
        let (few, many): (Box<dyn Iterator<Item = &'a UserId>>, _) = match people {
            None => (Box::new(std::iter::empty()), Among::Guild(guild)),
            Some(people) if people.len() < guild.members.len() => {
                (Box::new(people.iter()), Among::Guild(guild))
            }
            Some(people) => (Box::new(guild.members.keys()), Among::Housed(people)),
        };
        few.filter(move |user| many.has(user)).take(HOUSED_MAX)
    }

    fn is_removed(&self, view: &View, space: &SpaceId, guild: &GuildView) -> bool {
        let governance = view.governance.get(space);
        let is_out = |user: &UserId| {
            guild.removals.contains_key(user)
                || governance.is_some_and(|governance| governance.was_put_out(user))
        };
        self.users(view).any(is_out) || self.was_named(guild)
    }

    /// Whether it is a relay that kept the guild before: its members may look for the next one there.
    pub(super) fn was_named(&self, guild: &GuildView) -> bool {
        self.relay.as_ref().is_some_and(|url| guild.relays_ever.contains(url) && !guild.relays.contains(url))
    }

    /// Whether it vouched for anybody, certified or not.
    pub(super) fn speaks_for_somebody(&self) -> bool {
        !self.vouched.is_empty()
    }

    pub(super) fn share(&self, view: &View, space: &SpaceId, stream: &StreamId) -> Share {
        match self.standing(view, space) {
            Standing::Outside | Standing::Parting => Share::Nothing,
            _ if !stream.is_channel() => Share::Everything,
            Standing::Guest => Share::Nothing,
            Standing::Relay => Share::Everything,
            Standing::Member => self.share_of_channel(view, space, stream),
        }
    }

    /// The channels of a space that the peer may have all of.
    pub(super) fn open_channels(&self, view: &View, space: &SpaceId) -> OpenChannels {
        let channels = view.guilds.get(space).into_iter().flat_map(|guild| guild.channels.keys());
        let open = channels.map(|channel| channel.stream());
        OpenChannels {
            streams: open.filter(|stream| self.share(view, space, stream) == Share::Everything).collect(),
            guilds: view.guilds.clone(),
            users: view.users.clone(),
            housed: view.housed.clone(),
            vouched: self.vouched.len(),
        }
    }

    // A channel that is gone, or not known yet, is seen by nobody. (What was written in it is given when it is known.)
    fn share_of_channel(&self, view: &View, space: &SpaceId, stream: &StreamId) -> Share {
        let Some(guild) = view.guilds.get(space) else { return Share::Nothing };
        let Some(channel) = channel_of(guild, stream) else { return Share::Nothing };
        let of_user = |user| {
            let may = guild.permissions_in(user, &channel.id);
            match (may.has(Permissions::VIEW_CHANNEL), may.has(Permissions::READ_MESSAGE_HISTORY)) {
                (false, _) => Share::Nothing,
                (true, false) => Share::FromNowOn,
                (true, true) => Share::Everything,
            }
        };
        let mut most = Share::Nothing;
        // Of a program's many bots mostly the first may have all: the rest need not be asked, with each op for each channel.
        for user in self.users(view).chain(self.housed(view, guild)) {
            most = most.max(of_user(user));
            if most == Share::Everything {
                break;
            }
        }
        most
    }

    /// Whether the peer may know an account: one of its own, or of somebody who is or was in a space it holds. What they say later of
    /// their devices decides what they wrote there.
    pub(super) fn may_know(&self, view: &View, user: &UserId) -> bool {
        let own = self.users(view).chain(self.contested(view)).any(|own| own == user);
        let shares = |(space, people): (&SpaceId, &OrdSet<UserId>)| {
            people.contains(user) && self.standing(view, space) > Standing::Parting
        };
        // A relay that somebody names as their home knows them.
        let at_home = |url: &String| view.users.get(user).is_some_and(|user| user.relays.contains(url));
        own || self.relay.as_ref().is_some_and(at_home) || view.let_in.iter().any(shares)
    }
}

/// Channels that a peer may have all of, and what they follow from: between two acts of governance many messages arrive, and each
/// asks for them on each link.
#[derive(Debug)]
pub(super) struct OpenChannels {
    streams: BTreeSet<StreamId>,
    guilds: OrdMap<SpaceId, GuildView>,
    users: OrdMap<UserId, User>,
    housed: OrdMap<String, OrdSet<UserId>>,
    /// Only ever more.
    vouched: usize,
}

impl OpenChannels {
    /// Whether nothing that they follow from is another. (That it is the same, and not only equal, is quick to see.)
    pub(super) fn still_hold(&self, view: &View, rights: &Rights) -> bool {
        self.guilds.ptr_eq(&view.guilds)
            && self.users.ptr_eq(&view.users)
            && self.housed.ptr_eq(&view.housed)
            && self.vouched == rights.vouched.len()
    }

    /// Those that were not open before.
    pub(super) fn since(&self, before: &Self) -> Vec<StreamId> {
        self.streams.difference(&before.streams).copied().collect()
    }
}

/// The larger of two sets of people.
enum Among<'a> {
    Guild(&'a GuildView),
    Housed(&'a OrdSet<UserId>),
}

impl Among<'_> {
    fn has(&self, user: &UserId) -> bool {
        match self {
            Self::Guild(guild) => guild.members.contains_key(user),
            Self::Housed(people) => people.contains(user),
        }
    }
}

/// Members on one relay whose rights are looked at.
const HOUSED_MAX: usize = crate::PROOFS_MAX;
/// Accounts that a peer may speak for in the life of a link.
pub(super) const VOUCHED_MAX: usize = 4 * crate::PROOFS_MAX;

/// Whether a space names the relay at a base URL.
pub(super) fn names_relay(view: &View, space: &SpaceId, url: &String) -> bool {
    view.guilds.get(space).is_some_and(|guild| names(view, guild, url))
}

/// Whether people here may have all of a stream, so that who keeps the space must show it to them.
pub(super) fn is_ours(view: &View, space: &SpaceId, stream: &StreamId) -> bool {
    let Some(guild) = view.guilds.get(space) else { return false };
    let mut people = view.local.iter().filter(|user| guild.members.contains_key(*user));
    if !stream.is_channel() {
        return people.next().is_some();
    }
    let Some(channel) = channel_of(guild, stream) else { return false };
    people.any(|user| {
        let may = guild.permissions_in(user, &channel.id);
        may.has(Permissions::VIEW_CHANNEL) && may.has(Permissions::READ_MESSAGE_HISTORY)
    })
}

fn names(view: &View, guild: &GuildView, url: &String) -> bool {
    match guild.facts.kind {
        SpaceKind::Guild => guild.relays.contains(url),
        SpaceKind::Conversation => {
            let mut people = guild.members.keys().filter_map(|user| view.users.get(user));
            people.any(|user| user.relays.contains(url))
        }
    }
}
