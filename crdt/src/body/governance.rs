//! Bodies of the governance stream. Edits carry only the fields they change; each field is its own register.

mod access;
mod emoji;
mod erase;
mod event;
mod filter;
mod group;
mod limits;
mod moderation;
mod owners;
mod reach;
mod retention;
mod thread;

pub use access::{ACCESS_LINES_MAX, AccessLine, AccessTarget, OfferAccess};
pub(in crate::body) use emoji::emoji_named;
pub use emoji::{
    EMOJI_BYTES_MAX, EmojiCreate, EmojiDelete, EmojiEdit, Picture, PictureFormat, is_emoji_name,
};
pub use erase::Erase;
pub use event::{
    EventCreate, EventEdit, EventFields, EventPlace, EventStatus, Occurrence, Recurrence, Recurring, Rhythm,
    Word,
};
pub use filter::{Acts, FilterCreate, FilterDelete, FilterEdit, FilterFields, Trigger};
pub use group::{Admit, GROUP_MAX};
pub use moderation::{PAUSE_MAX_MS, Reason, Silence, Timeout};
pub use owners::{ChangeId, SetOwners, SetRules};
pub use reach::{CutTighten, GuildDeviceRevoke, Lock};
pub use retention::{RETENTION_DAYS_MAX, Retention};
pub use thread::{
    ForumCreate, ForumEdit, ForumFields, POST_TAGS_MAX, Private, Tag, ThreadCreate, ThreadEdit, ThreadFields,
    ThreadMember,
};

use super::wire_enum;
use crate::hlc::Hlc;
use crate::id::{ChannelId, DeviceKey, OpId, RoleId, StreamId, Tenure, UserId};
use crate::permissions::Permissions;
use minicbor::{Decode, Encode};

wire_enum! {
    /// What a space is for.
    SpaceKind {
        /// Many people, channels, roles.
        Guild = 0,
        /// Its participants and one channel.
        Conversation = 1,
    }
}

wire_enum! {
    /// How fast an author may write; a role carries one.
    RateClass {
        /// The default for people.
        Person = 0,
        /// The default for accounts of class bot.
        Bot = 1,
        /// Importers and load tools: no quota. Only an owner sets it.
        Bulk = 2,
    }
}

wire_enum! {
    /// What a channel is. Only what this version serves.
    ChannelKind {
        /// Text.
        Text = 0,
        /// Voice, with text of its own.
        Voice = 1,
        /// Groups others.
        Category = 2,
        /// Text that is meant to be followed.
        Announcement = 3,
        /// Posts, each a thread.
        Forum = 4,
        /// Talk that hangs on another channel, or on a message of it.
        Thread = 5,
        /// An event: nothing is said there.
        Event = 6,
        /// Posts, each a thread, whose pictures are shown first.
        Media = 7,
    }
}

/// At most `short` ops in 10 s and `long` in an hour, for each log.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Encode, Decode)]
#[cbor(array)]
pub struct Quota {
    /// Ops in any 10 s.
    #[n(0)]
    pub short: u32,
    /// Ops in any hour.
    #[n(1)]
    pub long: u32,
}

/// Begins a space. Its header's space is 32 zero bytes; its op id is the SpaceId.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
#[cbor(array)]
pub struct Genesis {
    /// Guild or conversation.
    #[n(0)]
    pub kind: SpaceKind,
    /// Whose device signs it. A guild's founder, a conversation's opener.
    #[n(1)]
    pub founder: UserId,
    /// Owners of a guild; all participants of a conversation. Founder included, ascending, at most 16.
    #[n(2)]
    pub owners: Vec<UserId>,
    /// How many owners a quorum is: 1 to as many as there are.
    #[n(3)]
    pub threshold: u32,
    /// The authority rule. 1 in this version.
    #[n(4)]
    pub rules_version: u32,
    /// 1 to 100 characters; a conversation's may be empty.
    #[n(5)]
    pub name: String,
    /// What `@everyone` may do.
    #[n(6)]
    pub everyone: Permissions,
    /// The quota of class person.
    #[n(7)]
    pub person_quota: Quota,
    /// The quota of class bot.
    #[n(8)]
    pub bot_quota: Quota,
}

/// Edits the guild.
#[derive(Clone, PartialEq, Eq, Debug, Default, Encode, Decode)]
#[cbor(array)]
pub struct GuildEdit {
    /// 1 to 100 characters.
    #[n(0)]
    pub name: Option<String>,
    /// Up to 300 characters.
    #[n(1)]
    pub description: Option<String>,
    /// Where system messages go; the zero id for nowhere.
    #[n(2)]
    pub system_channel: Option<ChannelId>,
    /// Discord's number, 0 to 4. Kept and shown; nothing here enforces it.
    #[n(3)]
    pub verification_level: Option<u8>,
    /// Discord's number, 0 or 1.
    #[n(4)]
    pub default_notifications: Option<u8>,
    /// Until when nobody joins: Unix ms, below 2^48; 0 for no such time.
    #[n(5)]
    pub invites_paused_until: Option<u64>,
    /// Until when members who are no friends begin no conversation, likewise. Kept and shown; programs hold themselves to it.
    #[n(6)]
    pub talks_paused_until: Option<u64>,
}

/// Makes a role. Its op id is the RoleId.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
#[cbor(array)]
pub struct RoleCreate {
    /// Until a [`RoleMove`]: the first 2^63, each next 2^40 below the lowest. Never 0, which is `@everyone`'s.
    #[n(0)]
    pub rank: u64,
    /// 1 to 100 characters.
    #[n(1)]
    pub name: String,
    /// What it allows.
    #[n(2)]
    pub permissions: Permissions,
    /// 0xRRGGBB, 0 for none.
    #[n(3)]
    pub color: u32,
    /// Shown apart in the member list.
    #[n(4)]
    pub hoist: bool,
    /// Anyone may ping it.
    #[n(5)]
    pub mentionable: bool,
    /// How fast its holders may write.
    #[n(6)]
    pub rate_class: RateClass,
    /// The bot it belongs to and comes and goes with.
    #[n(7)]
    pub managed_by: Option<UserId>,
}

/// Edits a role; `@everyone` by the id of Genesis, and of it only the permissions.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
#[cbor(array)]
pub struct RoleEdit {
    /// Which.
    #[n(0)]
    pub role: RoleId,
    /// 1 to 100 characters.
    #[n(1)]
    pub name: Option<String>,
    /// What it allows.
    #[n(2)]
    pub permissions: Option<Permissions>,
    /// 0xRRGGBB.
    #[n(3)]
    pub color: Option<u32>,
    /// Shown apart in the member list.
    #[n(4)]
    pub hoist: Option<bool>,
    /// Anyone may ping it.
    #[n(5)]
    pub mentionable: Option<bool>,
    /// How fast its holders may write.
    #[n(6)]
    pub rate_class: Option<RateClass>,
}

/// Deletes a role.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
#[cbor(array)]
pub struct RoleDelete {
    /// Which.
    #[n(0)]
    pub role: RoleId,
}

/// Moves a role. The rank a role was made with is the first value of this register.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
#[cbor(array)]
pub struct RoleMove {
    /// Which; never `@everyone`.
    #[n(0)]
    pub role: RoleId,
    /// Its rank from now on. Never 0.
    #[n(1)]
    pub rank: u64,
}

/// A person's whole list of roles, privileged or not.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
#[cbor(array)]
pub struct PrivRoles {
    /// Whose.
    #[n(0)]
    pub user: UserId,
    /// Ascending, each once, `@everyone` never among them. At most 250.
    #[n(1)]
    pub roles: Vec<RoleId>,
}

/// Makes a channel. Its op id is the ChannelId.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
#[cbor(array)]
pub struct ChannelCreate {
    /// What it is; fixed.
    #[n(0)]
    pub kind: ChannelKind,
    /// The fields that can change; `name` must be there.
    #[n(1)]
    pub fields: ChannelFields,
    /// Allows and denies it begins with, at most 250, one for each target.
    #[n(2)]
    pub overwrites: Vec<OverwriteEntry>,
}

/// Edits a channel.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
#[cbor(array)]
pub struct ChannelEdit {
    /// Which.
    #[n(0)]
    pub channel: ChannelId,
    /// What changes.
    #[n(1)]
    pub fields: ChannelFields,
}

/// What can change of a channel; `None` leaves a field as it is.
#[derive(Clone, PartialEq, Eq, Debug, Default, Encode, Decode)]
#[cbor(array)]
pub struct ChannelFields {
    /// 1 to 100 characters.
    #[n(0)]
    pub name: Option<String>,
    /// Up to 1,024 characters; empty for none.
    #[n(1)]
    pub topic: Option<String>,
    /// Sorting; equal positions are ordered by age.
    #[n(2)]
    pub position: Option<u32>,
    /// Its category; the zero id for none.
    #[n(3)]
    pub parent: Option<ChannelId>,
    /// For adults.
    #[n(4)]
    pub nsfw: Option<bool>,
    /// Seconds between two messages of one member, 0 to 21,600.
    #[n(5)]
    pub slowmode_s: Option<u32>,
    /// Voice: bits a second.
    #[n(6)]
    pub bitrate: Option<u32>,
    /// Voice: at most so many people, 0 for no limit.
    #[n(7)]
    pub user_limit: Option<u32>,
}

/// Deletes a channel.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
#[cbor(array)]
pub struct ChannelDelete {
    /// Which.
    #[n(0)]
    pub channel: ChannelId,
}

/// Whom an overwrite is about.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Encode, Decode)]
pub enum OverwriteTarget {
    /// A role, `@everyone` included.
    #[n(0)]
    Role(#[n(0)] RoleId),
    /// A person.
    #[n(1)]
    User(#[n(0)] UserId),
}

/// One line of a channel's overwrites.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
#[cbor(array)]
pub struct OverwriteEntry {
    /// Whom it is about.
    #[n(0)]
    pub target: OverwriteTarget,
    /// Granted here.
    #[n(1)]
    pub allow: Permissions,
    /// Withheld here.
    #[n(2)]
    pub deny: Permissions,
}

/// Sets one line of a channel's overwrites; both sets empty and `clear` removes it.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
#[cbor(array)]
pub struct Overwrite {
    /// Where.
    #[n(0)]
    pub channel: ChannelId,
    /// What.
    #[n(1)]
    pub entry: OverwriteEntry,
    /// Remove the line instead.
    #[n(2)]
    pub clear: bool,
}

/// Makes an invite: whoever holds the secret of `admission` may join. Its op id names the invite.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
#[cbor(array)]
pub struct InviteKey {
    /// The key that signs joins.
    #[n(0)]
    pub admission: DeviceKey,
    /// Joins written after it do not count; none for no end.
    #[n(1)]
    pub expires: Option<Hlc>,
    /// The channel shown to who follows it.
    #[n(2)]
    pub channel: ChannelId,
}

/// Ends an invite for joins that had seen this op.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
#[cbor(array)]
pub struct InviteRevoke {
    /// Which.
    #[n(0)]
    pub invite: OpId,
}

/// How much of one log of a removed author is kept.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Encode, Decode)]
#[cbor(array)]
pub struct CutEntry {
    /// Where.
    #[n(0)]
    pub stream: StreamId,
    /// Whose device.
    #[n(1)]
    pub device: DeviceKey,
    /// Under which admission.
    #[n(2)]
    pub tenure: Tenure,
    /// The last op that is kept ..
    #[n(3)]
    pub seq: u64,
    /// .. by id: a sibling branch of a fork is not.
    #[n(4)]
    pub head: OpId,
}

/// Removes a member, who may come back.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
#[cbor(array)]
pub struct Kick {
    /// Whom.
    #[n(0)]
    pub user: UserId,
    /// What is kept; logs that are not listed keep what is no later than this op. Ascending, at most 64.
    #[n(1)]
    pub cut: Vec<CutEntry>,
    /// For the audit log, up to 512 characters.
    #[n(2)]
    pub reason: String,
}

/// Removes a person until the ban is lifted.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
#[cbor(array)]
pub struct Ban {
    /// Whom; they need not be a member.
    #[n(0)]
    pub user: UserId,
    /// As in [`Kick`].
    #[n(1)]
    pub cut: Vec<CutEntry>,
    /// For the audit log, up to 512 characters.
    #[n(2)]
    pub reason: String,
}

/// Lifts exactly the bans it names; a concurrent one it had not seen stands.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
#[cbor(array)]
pub struct Unban {
    /// Whom.
    #[n(0)]
    pub user: UserId,
    /// Ascending, at most 64.
    #[n(1)]
    pub bans: Vec<OpId>,
}

/// The guild's relays; an owner's word.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
#[cbor(array)]
pub struct Relays {
    /// Base URLs, at most 8.
    #[n(0)]
    pub urls: Vec<String>,
}

/// An owner's causal barrier: what had not seen it, nor was seen by it, is stale.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
#[cbor(array)]
pub struct Checkpoint {
    /// One more than there were for its author. No verdict hangs on it, nor on the hash.
    #[n(0)]
    pub height: u64,
    /// The canonical governance state of its past, as its author held it.
    #[cbor(n(1), with = "minicbor::bytes")]
    pub gov_hash: [u8; 32],
}
