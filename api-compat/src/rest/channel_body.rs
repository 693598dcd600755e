//! What a client sends of a channel, to make one or to edit one.

use super::{find, id_text};
use crate::error::{Answer, ApiError};
use crate::window::Caller;
use nexus_core::Thing;
use nexus_crdt::body::governance::{ChannelFields, ChannelKind, OverwriteEntry, OverwriteTarget};
use nexus_crdt::guild::GuildView;
use nexus_crdt::id::ChannelId;
use nexus_crdt::permissions::Permissions;
use serde::Deserialize;
use serde_json::Value;

/// A channel's fields; what is absent stays as it is.
#[derive(Deserialize)]
pub(crate) struct ChannelBody {
    #[serde(rename = "type")]
    kind: Option<u8>,
    name: Option<String>,
    #[serde(default, deserialize_with = "super::given")]
    topic: Option<Option<String>>,
    #[serde(default, deserialize_with = "super::given")]
    position: Option<Option<u32>>,
    #[serde(default, deserialize_with = "super::given")]
    parent_id: Option<Option<Value>>,
    nsfw: Option<bool>,
    #[serde(default, deserialize_with = "super::given")]
    rate_limit_per_user: Option<Option<u32>>,
    #[serde(default, deserialize_with = "super::given")]
    bitrate: Option<Option<u32>>,
    #[serde(default, deserialize_with = "super::given")]
    user_limit: Option<Option<u32>>,
    permission_overwrites: Option<Vec<OverwriteBody>>,
}

/// One line of overwrites.
#[derive(Deserialize)]
pub(crate) struct OverwriteBody {
    id: Option<Value>,
    #[serde(rename = "type")]
    kind: Option<u8>,
    allow: Option<Value>,
    deny: Option<Value>,
}

impl ChannelBody {
    pub(crate) fn kind(&self) -> Answer<ChannelKind> {
        match self.kind.unwrap_or(0) {
            0 => Ok(ChannelKind::Text),
            2 => Ok(ChannelKind::Voice),
            4 => Ok(ChannelKind::Category),
            5 => Ok(ChannelKind::Announcement),
            13 | 15 | 16 => Err(ApiError::not_implemented("create_guild_channel of this type")),
            _ => Err(ApiError::invalid("type", "BASE_TYPE_CHOICES", "Value must be one of (0, 2, 4, 5).")),
        }
    }

    pub(crate) fn fields(&self, caller: &Caller) -> Answer<ChannelFields> {
        Ok(ChannelFields {
            name: self.name.clone(),
            topic: self.topic.clone().map(Option::unwrap_or_default),
            position: self.position.flatten(),
            parent: parent(caller, self.parent_id.as_ref())?,
            nsfw: self.nsfw,
            slowmode_s: self.rate_limit_per_user.map(Option::unwrap_or_default),
            bitrate: self.bitrate.flatten(),
            user_limit: self.user_limit.map(Option::unwrap_or_default),
        })
    }

    pub(crate) fn overwrites(
        &self,
        caller: &Caller,
        guild: &GuildView,
    ) -> Answer<Option<Vec<OverwriteEntry>>> {
        let Some(lines) = &self.permission_overwrites else { return Ok(None) };
        lines.iter().map(|line| line.entry(caller, guild, None)).collect::<Answer<Vec<_>>>().map(Some)
    }
}

impl OverwriteBody {
    /// The line; its target from the path, or from the body.
    pub(crate) fn entry(
        &self,
        caller: &Caller,
        guild: &GuildView,
        path: Option<&str>,
    ) -> Answer<OverwriteEntry> {
        let id = path.map_or_else(|| self.id.as_ref().map(id_text), |path| Some(path.to_owned()));
        let id = id.ok_or_else(|| ApiError::invalid("id", "BASE_TYPE_REQUIRED", "This field is required"))?;
        let target = match self.kind {
            Some(0) => OverwriteTarget::Role(find::role(caller, guild, find::number(&id)?)?),
            Some(1) => OverwriteTarget::User(caller.user(&id)?),
            _ => return Err(ApiError::invalid("type", "BASE_TYPE_CHOICES", "Value must be one of (0, 1).")),
        };
        let set = |value: &Option<Value>| value.as_ref().map_or(Ok(Permissions::NONE), permissions);
        Ok(OverwriteEntry { target, allow: set(&self.allow)?, deny: set(&self.deny)? })
    }
}

/// A permission set as text or number.
pub(crate) fn permissions(value: &Value) -> Answer<Permissions> {
    let wrong = || ApiError::invalid("permissions", "NUMBER_TYPE_COERCE", "Not a set of permissions.");
    id_text(value).parse().map(Permissions).map_err(|_| wrong())
}

/// A category by number; null for none.
pub(crate) fn parent(caller: &Caller, given: Option<&Option<Value>>) -> Answer<Option<ChannelId>> {
    match given {
        None => Ok(None),
        Some(None) => Ok(Some(ChannelId([0; 32]))),
        Some(Some(id)) => {
            let (id, guild) = caller.channel(&id_text(id))?;
            let category =
                guild.channels.get(&id).is_some_and(|channel| channel.kind == ChannelKind::Category);
            if category { Ok(Some(id)) } else { Err(ApiError::unknown(Thing::Channel)) }
        }
    }
}
