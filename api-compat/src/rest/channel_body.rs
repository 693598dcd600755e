//! What a client sends of a channel, to make one or to edit one.

use super::find;
use crate::error::{Answer, ApiError};
use crate::window::Caller;
use nexus_api_model as model;
use nexus_api_model::Number;
use nexus_core::{Snowflake, Thing};
use nexus_crdt::body::governance::{
    ChannelFields, ChannelKind, ForumFields, OverwriteEntry, OverwriteTarget, Tag, ThreadFields,
};
use nexus_crdt::guild::GuildView;
use nexus_crdt::id::ChannelId;
use nexus_crdt::permissions::Permissions;

/// Discord's GUILD_FORUM.
const FORUM: u8 = 15;
/// Discord's GUILD_MEDIA.
pub(crate) const MEDIA: u8 = 16;

/// What kind of channel is to be made.
pub(crate) fn kind(body: &model::Channel) -> Answer<ChannelKind> {
    match body.kind.unwrap_or(0) {
        0 => Ok(ChannelKind::Text),
        2 => Ok(ChannelKind::Voice),
        4 => Ok(ChannelKind::Category),
        5 => Ok(ChannelKind::Announcement),
        13 => Err(ApiError::not_implemented("create_guild_channel of this type")),
        _ => {
            Err(ApiError::invalid("type", "BASE_TYPE_CHOICES", "Value must be one of (0, 2, 4, 5, 15, 16)."))
        }
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

/// What kind of channel is to be made: a forum or a media channel, which begin with more than others do.
pub(crate) fn is_forum(body: &model::Channel) -> bool {
    matches!(body.kind, Some(FORUM | MEDIA))
}

/// What only forums have; what is absent stays as it is.
pub(crate) fn forum(body: &model::Channel) -> Answer<ForumFields> {
    let tags = body.available_tags.as_ref().map(|tags| tags.iter().map(tag).collect::<Answer<Vec<_>>>());
    let reaction = body.default_reaction_emoji.as_ref().map(|given| match given {
        Some(reaction) => unicode("default_reaction_emoji", reaction.emoji_id, reaction.emoji_name.as_ref()),
        None => Ok(None),
    });
    Ok(ForumFields {
        tags: tags.transpose()?,
        tag_required: body.flags.map(|flags| flags & TAG_REQUIRED != 0),
        reaction: reaction.transpose()?.map(Option::unwrap_or_default),
        sort_order: body.default_sort_order.flatten(),
        layout: body.default_forum_layout,
        quiet_after_min: quiet(
            "default_auto_archive_duration",
            body.default_auto_archive_duration.flatten(),
        )?,
        slowmode_s: body.default_thread_rate_limit_per_user.map(Option::unwrap_or_default),
    })
}

fn tag(given: &model::Tag) -> Answer<Tag> {
    Ok(Tag {
        id: given.id.map_or(0, |id| id.0),
        name: given.name.clone(),
        moderated: given.moderated.unwrap_or(false),
        emoji: unicode("available_tags", given.emoji_id, given.emoji_name.as_ref())?,
    })
}

/// An emoji of Unicode; there are no others yet.
fn unicode(field: &str, custom: Option<Number>, name: Option<&String>) -> Answer<Option<String>> {
    if custom.is_some_and(|id| id.0 != 0) {
        return Err(ApiError::invalid(field, "NOT_IMPLEMENTED", "This program has no custom emoji yet."));
    }
    Ok(name.filter(|name| !name.is_empty()).cloned())
}

/// Minutes of silence, as Discord allows them.
pub(crate) fn quiet(field: &str, minutes: Option<u32>) -> Answer<Option<u32>> {
    if minutes.is_some_and(|minutes| ![60, 1_440, 4_320, 10_080].contains(&minutes)) {
        let words = "Value must be one of (60, 1440, 4320, 10080).";
        return Err(ApiError::invalid(field, "BASE_TYPE_CHOICES", words));
    }
    Ok(minutes)
}

/// What only threads have; what is absent stays as it is.
pub(crate) fn thread(body: &model::Channel) -> Answer<ThreadFields> {
    Ok(ThreadFields {
        name: body.name.clone(),
        archived: body.archived,
        quiet_after_min: quiet("auto_archive_duration", body.auto_archive_duration)?,
        slowmode_s: body.rate_limit_per_user.map(Option::unwrap_or_default),
        tags: body.applied_tags.as_ref().map(|tags| tags.iter().map(|tag| tag.0).collect()),
        pinned: body.flags.map(|flags| flags & PINNED != 0),
        invitable: body.invitable,
    })
}

/// Discord's flag of a forum whose posts must have a tag.
pub(crate) const TAG_REQUIRED: u64 = 1 << 4;
/// Discord's flag of a post that is shown before the others.
pub(crate) const PINNED: u64 = 1 << 1;

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
