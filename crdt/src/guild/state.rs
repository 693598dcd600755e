//! What a set of ops means: roles, channels, members. Persistent maps, so that a clone costs nothing.

use crate::body::governance::{
    AccessLine, Acts, ChangeId, ChannelKind, CutEntry, EventStatus, OverwriteEntry, OverwriteTarget, Picture,
    Quota, RateClass, Recurrence, SpaceKind, Tag, Trigger, Word,
};
use crate::hlc::Hlc;
use crate::id::{ChannelId, DeviceKey, OpId, RoleId, SpaceId, Tenure, UserId};
use crate::permissions::Permissions;
use imbl::{OrdMap, OrdSet};
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

/// What Genesis fixed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SpaceFacts {
    /// The space.
    pub id: SpaceId,
    /// Guild or conversation.
    pub kind: SpaceKind,
    /// Whose device signed Genesis.
    pub founder: UserId,
    /// The first owners of a guild; participants of a conversation.
    pub owners: Vec<UserId>,
    /// When it began.
    pub born: Hlc,
    /// The quota of class person.
    pub person_quota: Quota,
    /// The quota of class bot.
    pub bot_quota: Quota,
}

/// Who owns a guild: by Genesis, then by the quorum's word.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Ownership {
    /// The change that made it so.
    pub change: ChangeId,
    /// Ascending.
    pub owners: Vec<UserId>,
    /// How many of them a quorum is.
    pub threshold: u32,
}

/// A change of owners that somebody has voted for.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Vote {
    /// All owners it would make.
    pub owners: Vec<UserId>,
    /// The quorum it would make.
    pub threshold: u32,
    /// Who has voted for it.
    pub by: OrdSet<UserId>,
}

/// What [`crate::body::governance::GuildEdit`] edits.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Settings {
    /// 1 to 100 characters.
    pub name: String,
    /// Up to 300 characters.
    pub description: String,
    /// Where system messages go.
    pub system_channel: Option<ChannelId>,
    /// Discord's number.
    pub verification_level: u8,
    /// Discord's number.
    pub default_notifications: u8,
    /// Until when nobody joins, Unix ms; 0 for no such time.
    pub invites_paused_until: u64,
    /// Until when members who are no friends begin no conversation, Unix ms; 0 for no such time.
    pub talks_paused_until: u64,
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

/// A channel.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Channel {
    /// Its name in the ops.
    pub id: ChannelId,
    /// What it is.
    pub kind: ChannelKind,
    /// 1 to 100 characters.
    pub name: String,
    /// Up to 1,024 characters; empty for none.
    pub topic: String,
    /// For sorting; ties by age.
    pub position: u32,
    /// Its category.
    pub parent: Option<ChannelId>,
    /// For adults.
    pub nsfw: bool,
    /// Seconds between two messages of one member.
    pub slowmode_s: u32,
    /// Voice: bits a second.
    pub bitrate: u32,
    /// Voice: 0 for no limit.
    pub user_limit: u32,
    /// Allows and denies.
    pub overwrites: OrdMap<OverwriteTarget, OverwriteEntry>,
    /// When it was made.
    pub born: Hlc,
    /// The locks on it, opened ones included: what was written in between stays shut out.
    pub locks: OrdMap<OpId, Closed>,
    /// What only a thread has; `parent` is the channel it hangs on.
    pub thread: Option<Arc<Thread>>,
    /// What only a forum has.
    pub forum: Option<Arc<Forum>>,
    /// What only an event has; `parent` is the voice channel where it takes place, if it does in one.
    pub event: Option<Arc<Event>>,
}

/// What only an event has.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Event {
    /// Who announced it.
    pub owner: UserId,
    /// Up to 1,000 characters; empty for none.
    pub about: String,
    /// When it begins, Unix ms.
    pub starts: u64,
    /// When it ends, Unix ms; 0 for open.
    pub ends: u64,
    /// Where it takes place, if not in a voice channel.
    pub elsewhere: String,
    /// How far it is.
    pub status: EventStatus,
    /// When it comes again; none for an event that takes place once.
    pub recurrence: Option<Recurrence>,
    /// What is otherwise with some of its occurrences, by when they would begin.
    pub words: OrdMap<u64, Word>,
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

/// What only a thread has.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Thread {
    /// Who made it.
    pub owner: UserId,
    /// The message of its parent that it was made from.
    pub starter: Option<OpId>,
    /// Put away by somebody.
    pub archived: bool,
    /// When it was last put away or taken out; at first, when it was made.
    pub archived_at: Hlc,
    /// After how many minutes of silence a client may stop showing it.
    pub quiet_after_min: u32,
    /// Tags of its forum; those that the forum no longer has among them.
    pub tags: Vec<u64>,
    /// Shown before the others of its forum.
    pub pinned: bool,
    /// Who sees it, where it is private.
    pub private: Option<Circle>,
}

/// Who is in a private thread.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Circle {
    /// Whoever is in brings in others.
    pub invitable: bool,
    /// Since when; who made it from the first.
    pub inside: OrdMap<UserId, Hlc>,
}

/// What only a forum has.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Forum {
    /// In the order shown.
    pub tags: Vec<Tag>,
    /// Each post must have one.
    pub tag_required: bool,
    /// What is put forward as a reaction; empty for nothing.
    pub reaction: String,
    /// Discord's number.
    pub sort_order: Option<u8>,
    /// Discord's number.
    pub layout: u8,
    /// `quiet_after_min` of new posts.
    pub quiet_after_min: Option<u32>,
    /// `slowmode_s` of new posts.
    pub slowmode_s: u32,
}

/// A lock on a channel.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Closed {
    /// The last moment before it.
    pub cut: Hlc,
    /// When it was opened; none while it is closed.
    pub opened: Option<Hlc>,
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

/// How somebody was removed.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum RemovalKind {
    /// May come back.
    Kick,
    /// May not, until it is lifted.
    Ban,
    /// One device only, for good.
    Device,
}

/// A removal in force.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Removal {
    /// The kick or ban.
    pub op: OpId,
    /// Which of the two.
    pub kind: RemovalKind,
    /// Who did it.
    pub by: UserId,
    /// When.
    pub hlc: Hlc,
    /// What of the removed person's logs is kept.
    pub cut: Vec<CutEntry>,
    /// Further lines, each of which keeps less.
    pub tightened: OrdSet<CutEntry>,
    /// For the audit log.
    pub reason: String,
}

/// A time in which somebody does not write. Only ever gets shorter.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Pause {
    /// Who said so.
    pub by: UserId,
    /// When.
    pub from: Hlc,
    /// The last moment of it.
    pub until: Hlc,
    /// When somebody ended it before; the earliest word counts.
    pub ended: Option<Hlc>,
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

impl Channel {
    /// Whether it stands in the list of channels, with rights of its own: no thread and no event.
    #[must_use]
    pub const fn is_listed(&self) -> bool {
        self.thread.is_none() && self.event.is_none()
    }

    /// Whether a lock on it is not opened.
    #[must_use]
    pub fn is_locked(&self) -> bool {
        self.locks.values().any(|lock| lock.opened.is_none())
    }
}

impl Closed {
    /// Whether it shuts out what was written at a time by somebody who had not seen it.
    #[must_use]
    pub fn shuts_out(&self, written: Hlc) -> bool {
        written > self.cut && self.opened.is_none_or(|opened| written <= opened)
    }
}

impl Pause {
    /// The last moment of it, by what is known.
    #[must_use]
    pub fn end(&self) -> Hlc {
        self.ended.map_or(self.until, |ended| ended.min(self.until))
    }

    /// Whether something written then is written in it.
    #[must_use]
    pub fn holds(&self, written: Hlc) -> bool {
        self.from < written && written <= self.end()
    }
}

impl SpaceFacts {
    /// Who is admitted by Genesis itself: a guild's founder, all participants of a conversation.
    pub fn admitted(&self) -> impl Iterator<Item = &UserId> {
        match self.kind {
            SpaceKind::Guild => std::slice::from_ref(&self.founder).iter(),
            SpaceKind::Conversation => self.owners.iter(),
        }
    }

    /// The tenure of somebody who is admitted by Genesis, or was brought in. In a conversation each participant has their own, the head
    /// of `BLAKE3(genesis ‖ user)`, so that a log names its person.
    #[must_use]
    pub fn tenure_of(&self, user: &UserId) -> Tenure {
        match self.kind {
            SpaceKind::Guild => Tenure::of(&self.id.into()),
            SpaceKind::Conversation => Tenure::of(&OpId(nexus_crypto::hash_parts(&[&self.id.0, &user.0]))),
        }
    }
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
