//! `/channels/{channel_id}/recipients`: who is in a conversation of several, and what it is called.

use crate::access;
use crate::error::{Answer, ApiError};
use crate::window::{Caller, Done, Path, Window};
use axum::extract::State;
use nexus_core::{Command, Thing};
use nexus_crdt::guild::GuildView;
use nexus_crdt::id::SpaceId;

/// `PUT ../recipients/{user_id}`: who comes in reads all that was said.
pub(crate) async fn add(
    State(window): State<Window>,
    caller: Caller,
    Path((channel, user)): Path<(String, String)>,
) -> Answer<Done> {
    let conversation = group(&caller, &channel)?;
    let user = caller.user(&user)?;
    caller.govern(&window, Command::BringIn { conversation, user }).await?;
    Ok(Done)
}

/// `DELETE ../recipients/{user_id}`
pub(crate) async fn remove(
    State(window): State<Window>,
    caller: Caller,
    Path((channel, user)): Path<(String, String)>,
) -> Answer<Done> {
    let conversation = group(&caller, &channel)?;
    let user = caller.user(&user)?;
    caller.govern(&window, Command::PutOut { conversation, user }).await?;
    Ok(Done)
}

/// `PATCH /channels/{channel_id}` of a conversation.
pub(super) async fn name(
    window: &Window,
    caller: &Caller,
    guild: &GuildView,
    name: Option<String>,
) -> Answer<()> {
    let conversation = several(guild)?;
    if let Some(name) = name {
        caller.govern(window, Command::NameConversation { conversation, name }).await?;
    }
    Ok(())
}

/// `DELETE /channels/{channel_id}` of a conversation: the caller goes.
pub(super) async fn leave(window: &Window, caller: &Caller, guild: &GuildView) -> Answer<()> {
    let conversation = several(guild)?;
    caller.govern(window, Command::PutOut { conversation, user: caller.user }).await?;
    Ok(())
}

fn group(caller: &Caller, channel: &str) -> Answer<SpaceId> {
    let (_, guild) = caller.channel(channel)?;
    if access::is_guild(guild) {
        return Err(ApiError::unknown(Thing::Channel));
    }
    several(guild)
}

/// Of two nobody goes, and nobody comes: that would be another conversation.
fn several(guild: &GuildView) -> Answer<SpaceId> {
    if guild.is_group() { Ok(guild.facts.id) } else { Err(ApiError::wrong_channel_type()) }
}
