//! `/guilds/{guild_id}/bans`.

use crate::error::{Answer, ApiError};
use crate::render;
use crate::rest::users::After;
use crate::rest::{audit_reason, guilds};
use crate::window::{Body, Caller, Done, Json, Path, Query, Window};
use axum::extract::State;
use axum::http::HeaderMap;
use nexus_api_model::Number;
use nexus_core::{Command, Refusal, Thing};
use nexus_crdt::guild::{GuildView, Removal, RemovalKind};
use nexus_crdt::id::UserId;
use nexus_crdt::permissions::Permissions;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

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
    caller.govern(&window, command).await?;
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
    caller.govern(&window, Command::Unban { guild, user }).await?;
    Ok(Done)
}

#[derive(Deserialize)]
pub(crate) struct BulkBan {
    user_ids: Vec<Number>,
    delete_message_seconds: Option<u32>,
}

/// Most people of one bulk ban, as on Discord.
const BULK_MAX: usize = 200;

/// `POST /guilds/{guild_id}/bulk-ban`: who cannot be banned is named, and the others are.
pub(crate) async fn bulk_ban(
    State(window): State<Window>,
    caller: Caller,
    Path(guild): Path<String>,
    headers: HeaderMap,
    Body(body): Body<BulkBan>,
) -> Answer<Json<Value>> {
    let (guild, shown) = caller.guild(&guild)?;
    guilds::needs(shown, &caller.user, Permissions::BAN_MEMBERS)?;
    guilds::needs(shown, &caller.user, Permissions::MANAGE_GUILD)?;
    if !(1..=BULK_MAX).contains(&body.user_ids.len()) {
        return Err(ApiError::invalid(
            "user_ids",
            "BASE_TYPE_BAD_LENGTH",
            "Must be between 1 and 200 in length.",
        ));
    }
    let delete_s = body.delete_message_seconds.unwrap_or(0);
    if delete_s > 604_800 {
        let words = "int value should be less than or equal to 604800.";
        return Err(ApiError::invalid("delete_message_seconds", "NUMBER_TYPE_MAX", words));
    }
    let (mut banned, mut failed) = (Vec::new(), Vec::new());
    for number in body.user_ids {
        let text = number.0.to_string();
        let Ok(user) = caller.user(&text) else {
            failed.push(text);
            continue;
        };
        let command = Command::Ban { guild, user, reason: audit_reason(&headers), delete_s };
        match caller.govern(&window, command).await {
            Ok(_) => banned.push(text),
            // What stands in everybody's way ends it; what is in one person's way is theirs.
            Err(refusal @ (Refusal::Unavailable | Refusal::ReadOnly)) => return Err(refusal.into()),
            Err(_) => failed.push(text),
        }
    }
    if banned.is_empty() {
        return Err(ApiError::nobody_banned());
    }
    Ok(Json(json!({ "banned_users": banned, "failed_users": failed })))
}

fn ban_of<'a>(guild: &'a GuildView, user: &UserId) -> Option<&'a Removal> {
    guild.removals.get(user)?.iter().find(|removal| removal.kind == RemovalKind::Ban)
}
