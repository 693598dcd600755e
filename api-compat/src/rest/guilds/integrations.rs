//! `/guilds/{guild_id}/integrations`: the bots that were let in, each with its managed role or without.

use super::needs;
use crate::error::{Answer, ApiError};
use crate::render;
use crate::rest::find::number;
use crate::window::{Caller, Done, Json, Path, Window};
use axum::extract::State;
use axum::http::HeaderMap;
use nexus_core::{Command, View};
use nexus_crdt::body::identity::AccountClass;
use nexus_crdt::guild::GuildView;
use nexus_crdt::id::UserId;
use nexus_crdt::permissions::Permissions;
use serde_json::Value;

/// `GET /guilds/{guild_id}/integrations`
pub(crate) async fn list(caller: Caller, Path(guild): Path<String>) -> Answer<Json<Vec<Value>>> {
    let (_, guild) = caller.guild(&guild)?;
    needs(guild, &caller.user, Permissions::MANAGE_GUILD)?;
    let view = &caller.view;
    Ok(Json(bots(view, guild).map(|bot| render::integration(view, &bot)).collect()))
}

/// `DELETE /guilds/{guild_id}/integrations/{integration_id}`: the bot is put out, and may be let in again.
pub(crate) async fn delete(
    State(window): State<Window>,
    caller: Caller,
    Path((guild, integration)): Path<(String, String)>,
    headers: HeaderMap,
) -> Answer<Done> {
    let (space, guild) = caller.guild(&guild)?;
    needs(guild, &caller.user, Permissions::MANAGE_GUILD)?;
    let id = caller.view.ids.op(number(&integration)?).map(UserId::from);
    let bot = bots(&caller.view, guild).find(|bot| Some(*bot) == id);
    let user = bot.ok_or_else(ApiError::unknown_integration)?;
    let reason = crate::rest::audit_reason(&headers);
    window.node.command(Some(caller.user), Command::Kick { guild: space, user, reason }).await?;
    Ok(Done)
}

fn bots<'a>(view: &'a View, guild: &'a GuildView) -> impl Iterator<Item = UserId> + 'a {
    let is_bot = |user: &&UserId| view.users.get(*user).is_some_and(|user| user.class == AccountClass::Bot);
    guild.members.keys().filter(is_bot).copied()
}
