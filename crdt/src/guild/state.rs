//! What a set of ops means: roles, channels, members. Persistent maps, so that a clone costs nothing.

pub(super) mod channel;
pub(super) mod removal;
pub(super) mod space;

use crate::body::governance::{AccessLine, Acts, ChangeId, Picture, RateClass, SpaceKind, Trigger};
use crate::hlc::Hlc;
use crate::id::{ChannelId, DeviceKey, OpId, RoleId, Tenure, UserId};
use crate::permissions::Permissions;
use channel::Channel;
use imbl::{OrdMap, OrdSet};
use removal::{Pause, Removal, RemovalKind};
use space::{Ownership, Settings, SpaceFacts, Vote};
use std::sync::Arc;

/// A guild or conversation as everybody who holds the same ops sees it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct GuildView {
    /// What Genesis fixed.
    pub facts: Arc<SpaceFacts>,
    /// Name and the like.
    pub settings: Settings,
    /// Roles that are not deleted, `@everyone` among them.
    pub roles: OrdMap<RoleId, Role>,
    /// Channels that are not deleted.
    pub channels: OrdMap<ChannelId, Channel>,
    /// Invites that are not revoked (expired ones included: expiry is a matter of the clock).
    pub invites: OrdMap<OpId, Invite>,
    /// Emoji that are not deleted.
    pub emojis: OrdMap<OpId, Emoji>,
    /// Who may ask a bot for one of its offers, or for all of them (none): the lines of each that has some.
    pub access: OrdMap<(UserId, Option<OpId>), Arc<[AccessLine]>>,
    /// What nobody may say there.
    pub filters: OrdMap<OpId, Filter>,
    /// How long messages are kept, in a channel or in the guild (none).
    pub retention: OrdMap<Option<ChannelId>, Kept>,
    /// Of whom all that they said was taken away, by which words.
    pub erased: OrdMap<UserId, OrdMap<OpId, Erased>>,
    /// Who is in it.
    pub members: OrdMap<UserId, Member>,
    /// Everybody's assigned roles, ascending, members or not. `@everyone` is never among them.
    pub assigned: OrdMap<UserId, Arc<[RoleId]>>,
    /// Who was brought into a conversation, and not put out since: since when.
    pub brought: OrdMap<UserId, Hlc>,
    /// Valid kicks and bans that no higher word overrides and no unban lifts.
    pub removals: OrdMap<UserId, OrdSet<Removal>>,
    /// Devices that were ended in this guild, with what is kept of them.
    pub ended_devices: OrdMap<(UserId, DeviceKey), OrdSet<Removal>>,
    /// Who was ever kept from writing, when and how long; times that are over among them: what was written then stays void.
    pub timeouts: OrdMap<UserId, OrdMap<OpId, Pause>>,
    /// Whose voice or hearing was taken in voice channels, members or not: who goes and comes back is no freer.
    pub silenced: OrdMap<UserId, Silenced>,
    /// Base URLs of the guild's relays.
    pub relays: Arc<[String]>,
    /// Every one that was ever named: who keeps the guild no more is told so.
    pub relays_ever: OrdSet<String>,
    /// Who owns a guild.
    pub ownership: Arc<Ownership>,
    /// Changes of owners that are voted for and that no quorum carries yet.
    pub votes: OrdMap<ChangeId, Vote>,
    /// The rules that hold.
    pub rules_version: u32,
    /// Checkpoints that count.
    pub height: u64,
    /// Ops whose rule this version does not carry: while there is one, nothing may be written here.
    pub beyond_rules: OrdSet<OpId>,
}

/// A role.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Role {
    /// Its name in the ops.
    pub id: RoleId,
    /// Who is above whom; 0 for `@everyone`.
    pub rank: u64,
    /// 1 to 100 characters.
    pub name: String,
    /// What it allows.
    pub permissions: Permissions,
    /// 0xRRGGBB.
    pub color: u32,
    /// Shown apart.
    pub hoist: bool,
    /// Anyone may ping it.
    pub mentionable: bool,
    /// How fast its holders may write; none for `@everyone`, which leaves each account its own class.
    pub rate_class: Option<RateClass>,
    /// The bot it belongs to.
    pub managed_by: Option<UserId>,
}

/// A filter.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Filter {
    /// Its name in the ops.
    pub id: OpId,
    /// Who made it.
    pub maker: UserId,
    /// 1 to 100 characters.
    pub name: String,
    /// What it stops.
    pub trigger: Trigger,
    /// It acts.
    pub enabled: bool,
    /// Whom it leaves alone.
    pub exempt_roles: Vec<RoleId>,
    /// Where it leaves everybody alone, threads there included.
    pub exempt_channels: Vec<ChannelId>,
    /// What is said to whom it stops; empty for nothing.
    pub words: String,
    /// What it does.
    pub acts: Acts,
    /// Who has it do so: in their name it acts on who gets past their own program.
    pub acts_for: UserId,
}

/// How long messages are kept.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Kept {
    /// The op that says so.
    pub op: OpId,
    /// 1 to 3,650; 0: for ever; none, of a channel: as in the guild.
    pub days: Option<u32>,
    /// What is older than this was gone before, and stays so.
    pub gone: Hlc,
}

/// What somebody lacks in voice channels, by another's word.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Silenced {
    /// Nobody hears them.
    pub muted: bool,
    /// They hear nobody.
    pub deafened: bool,
}

/// A word by which all that somebody said is taken away.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Erased {
    /// Whose word.
    pub by: UserId,
    /// Whatever they wrote no later than this.
    pub upto: Hlc,
}

/// An emoji.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Emoji {
    /// Its name in the ops.
    pub id: OpId,
    /// 2 to 32 of A-Z, a-z, 0-9 and underscore.
    pub name: String,
    /// What it looks like.
    pub picture: Picture,
    /// Who may use it; everybody where there is none. Roles that are gone among them.
    pub roles: Vec<RoleId>,
    /// Who made it.
    pub maker: UserId,
}

/// An invite.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Invite {
    /// The op that made it.
    pub id: OpId,
    /// Who made it.
    pub inviter: UserId,
    /// The key that signs joins.
    pub admission: DeviceKey,
    /// The channel shown to who follows it.
    pub channel: ChannelId,
    /// When it was made.
    pub born: Hlc,
    /// Joins written after it do not count.
    pub expires: Option<Hlc>,
}

/// Somebody who is in.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Member {
    /// Who.
    pub user: UserId,
    /// The oldest admission that has not ended.
    pub tenure: Tenure,
    /// When that was.
    pub joined: Hlc,
    /// Up to 32 characters.
    pub nick: Option<String>,
}

/// Authority as a number: who is above whom.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Rank {
    /// Not a member.
    Outside,
    /// A member, with the rank of their highest role; 0 without one.
    Member(u64),
    /// Above every role.
    Owner,
}

impl Emoji {
    /// Whether somebody may use it: a member with one of its roles, where it has some.
    #[must_use]
    pub fn is_for(&self, guild: &GuildView, user: &UserId) -> bool {
        let roles = self.roles.iter().filter(|role| guild.roles.contains_key(*role)).collect::<Vec<_>>();
        guild.members.contains_key(user)
            && (roles.is_empty() || guild.roles_of(user).any(|role| roles.contains(&&role.id)))
    }
}

impl GuildView {
    /// The `@everyone` role's id.
    #[must_use]
    pub fn everyone(&self) -> RoleId {
        RoleId(self.facts.id.0)
    }

    /// Whether somebody is an owner (for a conversation: nobody is).
    #[must_use]
    pub fn is_owner(&self, user: &UserId) -> bool {
        self.facts.kind == SpaceKind::Guild && self.ownership.owners.binary_search(user).is_ok()
    }

    /// The roles a member holds, those that still exist, `@everyone` left out. Ascending by id.
    pub fn roles_of<'a>(&'a self, user: &UserId) -> impl Iterator<Item = &'a Role> + 'a {
        self.assigned.get(user).into_iter().flat_map(|roles| roles.iter()).filter_map(|id| self.roles.get(id))
    }

    /// Whether somebody is in without having joined. Whom Genesis admits: owners always, participants of a conversation and a
    /// founder who owns the guild no longer until they are removed. And who was brought into a conversation.
    #[must_use]
    pub fn genesis_holds(&self, user: &UserId) -> bool {
        let admitted = self.facts.admitted().any(|admitted| admitted == user);
        let stays = admitted && (self.is_owner(user) || !self.removals.contains_key(user));
        stays || self.brought.contains_key(user)
    }

    /// Rank of a person among the members of now.
    #[must_use]
    pub fn rank(&self, user: &UserId) -> Rank {
        if self.is_owner(user) {
            Rank::Owner
        } else if self.members.contains_key(user) {
            Rank::Member(self.roles_of(user).map(|role| role.rank).max().unwrap_or(0))
        } else {
            Rank::Outside
        }
    }

    /// Until when somebody is kept from writing at a time; none where they are not. Owners and administrators never are.
    #[must_use]
    pub fn paused_until(&self, user: &UserId, at: Hlc) -> Option<Hlc> {
        let pauses = self.timeouts.get(user)?.values();
        let until = pauses.filter(|pause| pause.holds(at)).map(Pause::end).max()?;
        (!self.is_above_timeouts(user)).then_some(until)
    }

    /// Whether an unlifted ban names somebody.
    #[must_use]
    pub fn is_banned(&self, user: &UserId) -> bool {
        self.removals.get(user).is_some_and(|all| all.iter().any(|removal| removal.kind == RemovalKind::Ban))
    }
}
