//! A channel, and what only some have: a thread's circle, a forum's tags, an event's times.

use crate::body::governance::{
    ChannelKind, EventStatus, OverwriteEntry, OverwriteTarget, Recurrence, Tag, Word,
};
use crate::hlc::Hlc;
use crate::id::{ChannelId, OpId, UserId};
use imbl::OrdMap;
use std::sync::Arc;

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

/// A lock on a channel.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Closed {
    /// The last moment before it.
    pub cut: Hlc,
    /// When it was opened; none while it is closed.
    pub opened: Option<Hlc>,
}

impl Closed {
    /// Whether it shuts out what was written at a time by somebody who had not seen it.
    #[must_use]
    pub fn shuts_out(&self, written: Hlc) -> bool {
        written > self.cut && self.opened.is_none_or(|opened| written <= opened)
    }
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
