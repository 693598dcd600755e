//! What is to be made of a guild, a bot, a channel, a thread, a role or a member, and what is to change of it.

use super::message::MessageDraft;
use nexus_crdt::body::governance::{
    ChannelFields, ChannelKind, ForumFields, OverwriteEntry, RateClass, ThreadFields,
};
use nexus_crdt::id::{OpId, RoleId, SpaceId, UserId};
use nexus_crdt::permissions::Permissions;

/// What becomes of one offer.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct OfferDraft {
    /// Which; none: a new one.
    pub offer: Option<OpId>,
    /// What it is from now on; none: it goes.
    pub definition: Option<String>,
}

/// Lets a bot into a guild.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct BotInstall {
    /// Where.
    pub guild: SpaceId,
    /// Which.
    pub application: UserId,
    /// What its managed role allows; none: nothing, and where the bot is in already, what it allows now.
    pub permissions: Option<Permissions>,
}

/// A channel to be made.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ChannelDraft {
    /// What it is.
    pub kind: ChannelKind,
    /// Its fields; `name` is there.
    pub fields: ChannelFields,
    /// What it begins with.
    pub overwrites: Vec<OverwriteEntry>,
}

/// What changes of a channel.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct ChannelPatch {
    /// Its fields.
    pub fields: ChannelFields,
    /// The whole list of overwrites, where given: lines that are missing in it are cleared.
    pub overwrites: Option<Vec<OverwriteEntry>>,
}

/// A thread to be made.
#[derive(Clone, PartialEq, Debug)]
pub struct ThreadDraft {
    /// The message of its parent that it hangs on.
    pub starter: Option<OpId>,
    /// Its fields; `name` is there.
    pub fields: ThreadFields,
    /// Only who is brought in sees it; whether those bring in others.
    pub private: Option<bool>,
    /// What a post of a forum begins with; its channel is the post's.
    pub first: Option<Box<MessageDraft>>,
}

/// A forum, or a media channel, to be made.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ForumDraft {
    /// What it has like every channel; `name` is there.
    pub fields: ChannelFields,
    /// What it begins with.
    pub overwrites: Vec<OverwriteEntry>,
    /// What only forums have. Its tags have the number 0.
    pub forum: ForumFields,
    /// Pictures first.
    pub media: bool,
}

/// A role to be made.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RoleDraft {
    /// 1 to 100 characters.
    pub name: String,
    /// What it allows; none: what `@everyone` may, as Discord does.
    pub permissions: Option<Permissions>,
    /// 0xRRGGBB.
    pub color: u32,
    /// Shown apart.
    pub hoist: bool,
    /// Anyone may ping it.
    pub mentionable: bool,
    /// Other than person: owners only.
    pub rate_class: RateClass,
}

/// What changes of a role.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct RolePatch {
    /// 1 to 100 characters.
    pub name: Option<String>,
    /// What it allows.
    pub permissions: Option<Permissions>,
    /// 0xRRGGBB.
    pub color: Option<u32>,
    /// Shown apart.
    pub hoist: Option<bool>,
    /// Anyone may ping it.
    pub mentionable: Option<bool>,
    /// Other than person: owners only.
    pub rate_class: Option<RateClass>,
}

/// What changes of a member.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct MemberPatch {
    /// Empty: none.
    pub nick: Option<String>,
    /// The whole list.
    pub roles: Option<Vec<RoleId>>,
    /// Kept from writing until a time (Unix ms), at most 28 days from now; none ends it, as one that is over does.
    pub paused_until_ms: Option<Option<u64>>,
    /// Nobody hears them in voice channels.
    pub muted: Option<bool>,
    /// They hear nobody there.
    pub deafened: Option<bool>,
}
