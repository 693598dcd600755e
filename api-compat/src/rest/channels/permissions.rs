//! `/channels/{channel_id}/permissions`.

use crate::error::{Answer, ApiError};
use crate::rest::{channel_body, find};
use crate::window::{Body, Caller, Done, Path, Window};
use axum::extract::State;
use nexus_api_model as model;
use nexus_api_model::Number;
use nexus_core::{Command, Thing};
use nexus_crdt::body::governance::OverwriteTarget;
use nexus_crdt::id::{RoleId, UserId};

/// `PUT /channels/{channel_id}/permissions/{overwrite_id}`
pub(crate) async fn set(
    State(window): State<Window>,
    caller: Caller,
    Path((channel, target)): Path<(String, String)>,
    Body(body): Body<model::Overwrite>,
) -> Answer<Done> {
    let (channel, guild) = caller.channel(&channel)?;
    let entry = channel_body::overwrite(&caller, guild, &body, Some(Number(find::number(&target)?.0)))?;
    caller.govern(&window, Command::SetOverwrite { channel, entry }).await?;
    Ok(Done)
}

/// `DELETE /channels/{channel_id}/permissions/{overwrite_id}`
pub(crate) async fn clear(
    State(window): State<Window>,
    caller: Caller,
    Path((channel, target)): Path<(String, String)>,
) -> Answer<Done> {
    let (channel, guild) = caller.channel(&channel)?;
    let unknown = || ApiError::unknown(Thing::Overwrite);
    let id = caller.view.ids.op(find::number(&target)?).ok_or_else(unknown)?;
    let lines = guild.channels.get(&channel).map(|channel| &channel.overwrites).ok_or_else(unknown)?;
    let targets = [OverwriteTarget::Role(RoleId::from(id)), OverwriteTarget::User(UserId::from(id))];
    let target = targets.into_iter().find(|target| lines.contains_key(target)).ok_or_else(unknown)?;
    caller.govern(&window, Command::ClearOverwrite { channel, target }).await?;
    Ok(Done)
}
