//! What a client sends of a channel, to make one or to edit one.

use super::find;
use crate::error::{Answer, ApiError};
use crate::window::Caller;
use nexus_api_model as model;
use nexus_api_model::Number;
use nexus_core::{Snowflake, Thing};
use nexus_crdt::body::governance::{ChannelFields, ChannelKind, OverwriteEntry, OverwriteTarget};
use nexus_crdt::guild::GuildView;
use nexus_crdt::id::ChannelId;
use nexus_crdt::permissions::Permissions;

/// What kind of channel is to be made.
pub(crate) fn kind(body: &model::Channel) -> Answer<ChannelKind> {
    match body.kind.unwrap_or(0) {
        0 => Ok(ChannelKind::Text),
        2 => Ok(ChannelKind::Voice),
        4 => Ok(ChannelKind::Category),
        5 => Ok(ChannelKind::Announcement),
        13 | 15 | 16 => Err(ApiError::not_implemented("create_guild_channel of this type")),
        _ => Err(ApiError::invalid("type", "BASE_TYPE_CHOICES", "Value must be one of (0, 2, 4, 5).")),
    }
}

/// A channel's fields; what is absent stays as it is.
pub(crate) fn fields(caller: &Caller, body: &model::Channel) -> Answer<ChannelFields> {
    Ok(ChannelFields {
        name: body.name.clone(),
        topic: body.topic.clone().map(Option::unwrap_or_default),
        position: body.position.flatten(),
        parent: parent(caller, body.parent_id)?,
        nsfw: body.nsfw.flatten(),
        slowmode_s: body.rate_limit_per_user.map(Option::unwrap_or_default),
        bitrate: body.bitrate.flatten(),
        user_limit: body.user_limit.map(Option::unwrap_or_default),
    })
}

/// The whole list of overwrites, where one is given.
pub(crate) fn overwrites(
    caller: &Caller,
    guild: &GuildView,
    body: &model::Channel,
) -> Answer<Option<Vec<OverwriteEntry>>> {
    let Some(lines) = body.permission_overwrites.iter().flatten().next() else { return Ok(None) };
    lines.iter().map(|line| overwrite(caller, guild, line, line.id)).collect::<Answer<Vec<_>>>().map(Some)
}

/// One line of overwrites, about the thing of a number.
pub(crate) fn overwrite(
    caller: &Caller,
    guild: &GuildView,
    line: &model::Overwrite,
    about: Option<Number>,
) -> Answer<OverwriteEntry> {
    let about =
        about.ok_or_else(|| ApiError::invalid("id", "BASE_TYPE_REQUIRED", "This field is required"))?;
    let target = match line.kind {
        Some(0) => OverwriteTarget::Role(find::role(caller, guild, Snowflake(about.0))?),
        Some(1) => OverwriteTarget::User(caller.user(&about.0.to_string())?),
        _ => return Err(ApiError::invalid("type", "BASE_TYPE_CHOICES", "Value must be one of (0, 1).")),
    };
    let set = |bits: Option<Number>| Permissions(bits.map_or(0, |bits| bits.0));
    Ok(OverwriteEntry { target, allow: set(line.allow), deny: set(line.deny) })
}

/// A category by number; null for none.
pub(crate) fn parent(caller: &Caller, given: Option<Option<Number>>) -> Answer<Option<ChannelId>> {
    match given {
        None => Ok(None),
        Some(None) => Ok(Some(ChannelId([0; 32]))),
        Some(Some(id)) => {
            let (id, guild) = caller.channel(&id.0.to_string())?;
            let category =
                guild.channels.get(&id).is_some_and(|channel| channel.kind == ChannelKind::Category);
            if category { Ok(Some(id)) } else { Err(ApiError::unknown(Thing::Channel)) }
        }
    }
}
