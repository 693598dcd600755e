//! The space itself: what Genesis fixed, who owns it, and what it is set to.

use crate::body::governance::{ChangeId, Quota, SpaceKind};
use crate::hlc::Hlc;
use crate::id::{ChannelId, OpId, SpaceId, Tenure, UserId};
use imbl::OrdSet;

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
