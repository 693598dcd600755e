//! A channel to be made or edited.

use crate::{Number, given};
use serde::Deserialize;

/// What a client sends of a channel; what is absent stays as it is. See [Discord Docs/Channel/Modify Channel].
#[derive(Clone, PartialEq, Eq, Debug, Default, Deserialize)]
#[serde(default)]
pub struct Channel {
    /// Voice: bits a second.
    #[serde(deserialize_with = "given")]
    pub bitrate: Option<Option<u32>>,
    /// Discord's channel type; 0 (text) where absent.
    #[serde(rename = "type")]
    pub kind: Option<u8>,
    /// 1 to 100 characters.
    pub name: Option<String>,
    /// For adults.
    #[serde(deserialize_with = "given")]
    pub nsfw: Option<Option<bool>>,
    /// Its category; null for none.
    #[serde(deserialize_with = "given")]
    pub parent_id: Option<Option<Number>>,
    /// The whole list.
    #[serde(deserialize_with = "given")]
    pub permission_overwrites: Option<Option<Vec<Overwrite>>>,
    /// For sorting.
    #[serde(deserialize_with = "given")]
    pub position: Option<Option<u32>>,
    /// Seconds between two messages of one member.
    #[serde(deserialize_with = "given")]
    pub rate_limit_per_user: Option<Option<u32>>,
    /// Up to 1,024 characters.
    #[serde(deserialize_with = "given")]
    pub topic: Option<Option<String>>,
    /// Voice: people, 0 for no limit.
    #[serde(deserialize_with = "given")]
    pub user_limit: Option<Option<u32>>,
    /// Discord's channel flags: of a forum 1 << 4 (each post must have a tag), of a thread 1 << 1 (pinned).
    pub flags: Option<u64>,
    /// Of a forum: all of them.
    pub available_tags: Option<Vec<Tag>>,
    /// Of a forum: what is put forward as a reaction; null for nothing.
    #[serde(deserialize_with = "given")]
    pub default_reaction_emoji: Option<Option<Reaction>>,
    /// Of a forum: 0 by the latest message, 1 by when a post was made.
    #[serde(deserialize_with = "given")]
    pub default_sort_order: Option<Option<u8>>,
    /// Of a forum: 0 unset, 1 a list, 2 a gallery.
    pub default_forum_layout: Option<u8>,
    /// Of a forum: minutes of silence after which its posts may be hidden.
    #[serde(deserialize_with = "given")]
    pub default_auto_archive_duration: Option<Option<u32>>,
    /// Of a forum: slow mode of its posts.
    #[serde(deserialize_with = "given")]
    pub default_thread_rate_limit_per_user: Option<Option<u32>>,
    /// Of a thread: put away.
    pub archived: Option<bool>,
    /// Of a thread: closed to who may not manage threads.
    pub locked: Option<bool>,
    /// Of a private thread: whoever is in brings in others.
    pub invitable: Option<bool>,
    /// Of a thread: minutes of silence after which it may be hidden.
    pub auto_archive_duration: Option<u32>,
    /// Of a post: tags of its forum.
    pub applied_tags: Option<Vec<Number>>,
}

/// A tag of a forum. See [Discord Docs/Channel/Forum Tag Object].
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
pub struct Tag {
    /// Absent or null for a new one.
    pub id: Option<Number>,
    /// 1 to 50 characters.
    pub name: String,
    /// Only who manages threads gives it.
    pub moderated: Option<bool>,
    /// A custom emoji.
    pub emoji_id: Option<Number>,
    /// A Unicode emoji.
    pub emoji_name: Option<String>,
}

/// What is put forward as a reaction. See [Discord Docs/Channel/Default Reaction Object].
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
pub struct Reaction {
    /// A custom emoji.
    pub emoji_id: Option<Number>,
    /// A Unicode emoji.
    pub emoji_name: Option<String>,
}

/// One line of a channel's overwrites. See [Discord Docs/Channel/Overwrite Object].
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
pub struct Overwrite {
    /// Granted here.
    pub allow: Option<Number>,
    /// Withheld here.
    pub deny: Option<Number>,
    /// A role's or a person's; absent where the path names it.
    pub id: Option<Number>,
    /// 0 a role, 1 a person.
    #[serde(rename = "type")]
    pub kind: Option<u8>,
}
