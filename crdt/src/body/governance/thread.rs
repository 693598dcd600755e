//! Threads, and forums: the channels that consist of them.

use super::{ChannelFields, ChannelKind, OverwriteEntry, limits};
use crate::body::Body;
use crate::body::limit::{Limit, chars, chars_if, distinct, hold};
use crate::id::{ChannelId, OpId, UserId};
use minicbor::{Decode, Encode};

/// Makes a thread. Its op id is its ChannelId; what is said in it stands in a stream of its own, and who may see and say it
/// follows from the channel it hangs on.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
#[cbor(array)]
pub struct ThreadCreate {
    /// A text or announcement channel, or a forum.
    #[n(0)]
    pub parent: ChannelId,
    /// The message of that channel it was made from; none in a forum.
    #[n(1)]
    pub starter: Option<OpId>,
    /// What can change of it; `name` must be there, `archived` and `pinned` must not.
    #[n(2)]
    pub fields: ThreadFields,
    /// Only who is brought in sees it, and who manages threads; whether those who are in bring in others. Below a text channel, from
    /// no message.
    #[n(3)]
    pub private: Option<Private>,
}

/// How a private thread begins: with its maker alone.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Encode, Decode)]
#[cbor(array)]
pub struct Private {
    /// Whoever is in brings in others.
    #[n(0)]
    pub invitable: bool,
}

/// Brings somebody into a private thread, or puts them out.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
#[cbor(array)]
pub struct ThreadMember {
    /// Which.
    #[n(0)]
    pub thread: ChannelId,
    /// Whom.
    #[n(1)]
    pub user: UserId,
    /// Which of the two.
    #[n(2)]
    pub inside: bool,
}

/// Edits a thread.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
#[cbor(array)]
pub struct ThreadEdit {
    /// Which.
    #[n(0)]
    pub thread: ChannelId,
    /// What changes.
    #[n(1)]
    pub fields: ThreadFields,
}

/// What can change of a thread; `None` leaves a field as it is.
#[derive(Clone, PartialEq, Eq, Debug, Default, Encode, Decode)]
#[cbor(array)]
pub struct ThreadFields {
    /// 1 to 100 characters.
    #[n(0)]
    pub name: Option<String>,
    /// Put away by somebody. No clock does it.
    #[n(1)]
    pub archived: Option<bool>,
    /// After how many minutes of silence a client may stop showing it: 60, 1,440, 4,320 or 10,080.
    #[n(2)]
    pub quiet_after_min: Option<u32>,
    /// Seconds between two messages of one member, 0 to 21,600.
    #[n(3)]
    pub slowmode_s: Option<u32>,
    /// Tags of its forum, at most 5.
    #[n(4)]
    pub tags: Option<Vec<u64>>,
    /// Shown before the others of its forum.
    #[n(5)]
    pub pinned: Option<bool>,
    /// Of a private one: whoever is in brings in others.
    #[n(6)]
    pub invitable: Option<bool>,
}

/// Makes a forum, or (kind MediaCreate) a media channel. Its op id is its ChannelId.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
#[cbor(array)]
pub struct ForumCreate {
    /// What it has like every channel; `name` must be there.
    #[n(0)]
    pub fields: ChannelFields,
    /// Allows and denies it begins with, at most 250, one for each target.
    #[n(1)]
    pub overwrites: Vec<OverwriteEntry>,
    /// What only forums have.
    #[n(2)]
    pub forum: ForumFields,
}

/// Edits what only forums have.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
#[cbor(array)]
pub struct ForumEdit {
    /// Which.
    #[n(0)]
    pub channel: ChannelId,
    /// What changes.
    #[n(1)]
    pub forum: ForumFields,
}

/// What can change of a forum; `None` leaves a field as it is.
#[derive(Clone, PartialEq, Eq, Debug, Default, Encode, Decode)]
#[cbor(array)]
pub struct ForumFields {
    /// All of them, in the order shown: at most 20.
    #[n(0)]
    pub tags: Option<Vec<Tag>>,
    /// Each post must have one.
    #[n(1)]
    pub tag_required: Option<bool>,
    /// What is put forward as a reaction: Unicode, up to 64 bytes; empty for nothing.
    #[n(2)]
    pub reaction: Option<String>,
    /// Discord's number, 0 or 1. Kept and shown.
    #[n(3)]
    pub sort_order: Option<u8>,
    /// Discord's number, 0 to 2. Kept and shown.
    #[n(4)]
    pub layout: Option<u8>,
    /// `quiet_after_min` of new posts.
    #[n(5)]
    pub quiet_after_min: Option<u32>,
    /// `slowmode_s` of new posts.
    #[n(6)]
    pub slowmode_s: Option<u32>,
}

/// A tag of a forum.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
#[cbor(array)]
pub struct Tag {
    /// Its name in posts: whoever makes it chooses one that the forum does not have. The API shows it as it is. Never 0.
    #[n(0)]
    pub id: u64,
    /// 1 to 50 characters.
    #[n(1)]
    pub name: String,
    /// Only who manages threads gives it.
    #[n(2)]
    pub moderated: bool,
    /// Unicode, 1 to 64 bytes.
    #[n(3)]
    pub emoji: Option<String>,
}

/// Tags of one post.
pub const POST_TAGS_MAX: usize = 5;
const FORUM_TAGS_MAX: usize = 20;
const EMOJI_MAX: usize = 64;
const NAME: &str = "a name has 1 to 100 characters";

impl Body for ThreadCreate {
    fn check(&self) -> Limit {
        hold(self.fields.name.is_some(), "a thread has a name")?;
        let fresh = self.fields.archived.is_none() && self.fields.pinned.is_none();
        hold(fresh, "a new thread is neither put away nor pinned")?;
        hold(self.fields.invitable.is_none(), "who brings in others stands where it is made private")?;
        hold(self.private.is_none() || self.starter.is_none(), "a private thread hangs on no message")?;
        self.fields.check()
    }
}

impl Body for ThreadMember {
    fn check(&self) -> Limit {
        Ok(())
    }
}

impl Body for ThreadEdit {
    fn check(&self) -> Limit {
        self.fields.check()
    }
}

impl Body for ForumCreate {
    fn check(&self) -> Limit {
        limits::made(&self.fields, &self.overwrites)?;
        self.forum.check()
    }
}

impl Body for ForumEdit {
    fn check(&self) -> Limit {
        self.forum.check()
    }
}

impl ThreadFields {
    fn check(&self) -> Limit {
        chars_if(self.name.as_ref(), 1..=100, NAME)?;
        quiet(self.quiet_after_min)?;
        limits::slowmode(self.slowmode_s)?;
        let Some(tags) = &self.tags else { return Ok(()) };
        distinct(tags.iter(), POST_TAGS_MAX, "a post has at most 5 tags, each once")
    }
}

impl ForumFields {
    fn check(&self) -> Limit {
        quiet(self.quiet_after_min)?;
        limits::slowmode(self.slowmode_s)?;
        let reaction = self.reaction.as_ref();
        hold(reaction.is_none_or(|emoji| emoji.len() <= EMOJI_MAX), "an emoji has up to 64 bytes")?;
        hold(self.sort_order.is_none_or(|order| order <= 1), "sort orders are 0 and 1")?;
        hold(self.layout.is_none_or(|layout| layout <= 2), "layouts are 0 to 2")?;
        let Some(tags) = &self.tags else { return Ok(()) };
        distinct(tags.iter().map(|tag| tag.id), FORUM_TAGS_MAX, "a forum has at most 20 tags, each once")?;
        tags.iter().try_for_each(Tag::check)
    }
}

impl Tag {
    fn check(&self) -> Limit {
        hold(self.id != 0, "a tag has a number")?;
        chars(&self.name, 1..=50, "a tag's name has 1 to 50 characters")?;
        let emoji = self.emoji.as_ref();
        hold(emoji.is_none_or(|emoji| (1..=EMOJI_MAX).contains(&emoji.len())), "an emoji has 1 to 64 bytes")
    }
}

impl ChannelKind {
    /// Whether an op of kind ChannelCreate may make it: the others have a kind of their own, so that older versions of the
    /// program know that they must not guess.
    pub(super) const fn is_plain(self) -> bool {
        matches!(self, Self::Text | Self::Voice | Self::Category | Self::Announcement)
    }
}

fn quiet(minutes: Option<u32>) -> Limit {
    let known = minutes.is_none_or(|minutes| [60, 1_440, 4_320, 10_080].contains(&minutes));
    hold(known, "threads go quiet after 60, 1440, 4320 or 10080 minutes")
}
