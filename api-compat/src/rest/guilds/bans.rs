//! `/guilds/{guild_id}/bans`.

use crate::error::{Answer, ApiError};
use crate::render;
use crate::rest::users::After;
use crate::rest::{audit_reason, guilds};
use crate::window::{Body, Caller, Done, Json, Path, Query, Window};
use axum::extract::State;
use axum::http::HeaderMap;
use nexus_core::{Command, Thing};
use nexus_crdt::guild::{GuildView, Removal, RemovalKind};
use nexus_crdt::id::UserId;
use nexus_crdt::permissions::Permissions;
use serde::{Deserialize, Serialize};

/// `GET /guilds/{guild_id}/bans`: ascending by number, at most 1,000.
pub(crate) async fn list(
    caller: Caller,
    Path(guild): Path<String>,
    Query(page): Query<After>,
) -> Answer<Json<Vec<impl Serialize>>> {
    let (_, guild) = caller.guild(&guild)?;
    guilds::needs(guild, &caller.user, Permissions::BAN_MEMBERS)?;
    let view = &caller.view;
    let all =
        guild.removals.keys().filter_map(|user| Some((view.ids.of(*user), (user, ban_of(guild, user)?))));
    let page = page.cut(all.collect(), 1_000, 1_000);
    Ok(Json(page.into_iter().map(|(user, ban)| render::ban(view, user, &ban.reason)).collect()))
}

/// `GET /guilds/{guild_id}/bans/{user_id}`
pub(crate) async fn get(
    caller: Caller,
    Path((guild, user)): Path<(String, String)>,
) -> Answer<Json<impl Serialize>> {
    let (_, guild) = caller.guild(&guild)?;
    guilds::needs(guild, &caller.user, Permissions::BAN_MEMBERS)?;
    let user = caller.user(&user)?;
    let ban = ban_of(guild, &user).ok_or_else(|| ApiError::unknown(Thing::Ban))?;
    Ok(Json(render::ban(&caller.view, &user, &ban.reason)))
}

#[derive(Deserialize)]
pub(crate) struct BanBody {
    delete_message_days: Option<u32>,
    delete_message_seconds: Option<u32>,
}

/// `PUT /guilds/{guild_id}/bans/{user_id}`
pub(crate) async fn ban(
    State(window): State<Window>,
    caller: Caller,
    Path((guild, user)): Path<(String, String)>,
    headers: HeaderMap,
    Body(body): Body<BanBody>,
) -> Answer<Done> {
    let (guild, _) = caller.guild(&guild)?;
    let user = caller.user(&user)?;
    let days = body.delete_message_days.unwrap_or(0).saturating_mul(86_400);
    let delete_s = body.delete_message_seconds.unwrap_or(days);
    if delete_s > 604_800 {
        let words = "int value should be less than or equal to 604800.";
        return Err(ApiError::invalid("delete_message_seconds", "NUMBER_TYPE_MAX", words));
    }
    let command = Command::Ban { guild, user, reason: audit_reason(&headers), delete_s };
    window.node.command(Some(caller.user), command).await?;
    Ok(Done)
}

/// `DELETE /guilds/{guild_id}/bans/{user_id}`
pub(crate) async fn unban(
    State(window): State<Window>,
    caller: Caller,
    Path((guild, user)): Path<(String, String)>,
) -> Answer<Done> {
    let (guild, _) = caller.guild(&guild)?;
    let user = caller.user(&user)?;
    window.node.command(Some(caller.user), Command::Unban { guild, user }).await?;
    Ok(Done)
}

fn ban_of<'a>(guild: &'a GuildView, user: &UserId) -> Option<&'a Removal> {
    guild.removals.get(user)?.iter().find(|removal| removal.kind == RemovalKind::Ban)
}
