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
