//! `/nexus/.../retention`: how many days messages are kept, for which Discord has no word.

use crate::access;
use crate::error::{Answer, ApiError};
use crate::window::{Body, Caller, Done, Path, Window};
use axum::extract::State;
use nexus_core::Command;
use nexus_crdt::id::{ChannelId, SpaceId};
use serde::Deserialize;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Retention {
    /// 1 to 3,650; 0: for ever; null, of a channel: as in its guild.
    days: Option<u32>,
}

/// `PUT /nexus/channels/{channel_id}/retention`: by who may edit the channel and take messages away there.
pub(crate) async fn set_of_channel(
    State(window): State<Window>,
    caller: Caller,
    Path(channel): Path<String>,
    Body(body): Body<Retention>,
) -> Answer<Done> {
    let (channel, guild) = caller.channel(&channel)?;
    if !access::is_guild(guild) {
        return Err(ApiError::not_implemented("retention of a conversation"));
    }
    set(&window, &caller, guild.facts.id, Some(channel), body.days).await
}

/// `PUT /nexus/guilds/{guild_id}/retention`: of every channel that has no word of its own; an owner's.
pub(crate) async fn set_of_guild(
    State(window): State<Window>,
    caller: Caller,
    Path(guild): Path<String>,
    Body(body): Body<Retention>,
) -> Answer<Done> {
    let (guild, _) = caller.guild(&guild)?;
    set(&window, &caller, guild, None, body.days).await
}

async fn set(
    window: &Window,
    caller: &Caller,
    guild: SpaceId,
    channel: Option<ChannelId>,
    days: Option<u32>,
) -> Answer<Done> {
    caller.govern(window, Command::SetRetention { guild, channel, days }).await?;
    Ok(Done)
}
