//! `/guilds/{guild_id}/members`.

pub(crate) mod add;
mod moved;

use crate::error::{Answer, ApiError};
use crate::render;
use crate::rest::users::After;
use crate::rest::{audit_reason, find, moment};
use crate::window::{Body, Caller, Done, Json, Path, Query, Window};
use axum::extract::State;
use axum::http::HeaderMap;
use moved::Move;
use nexus_api_model::{Number, given};
use nexus_core::{Command, MemberPatch, Snowflake, Thing};
use nexus_crdt::id::{SpaceId, UserId};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// `GET /guilds/{guild_id}/members`: ascending by number, at most 1,000.
pub(crate) async fn list(
    caller: Caller,
    Path(guild): Path<String>,
    Query(page): Query<After>,
) -> Answer<Json<Vec<impl Serialize>>> {
    let (_, guild) = caller.guild(&guild)?;
    let view = &caller.view;
    let all = guild.members.values().map(|member| (view.ids.of(member.user), member)).collect();
    let page = page.cut(all, 1_000, 1);
    Ok(Json(page.into_iter().map(|member| render::member(view, guild, member)).collect()))
}

#[derive(Deserialize)]
pub(crate) struct Search {
    query: String,
    limit: Option<usize>,
}

/// `GET /guilds/{guild_id}/members/search`: names and nicknames that begin so.
pub(crate) async fn search(
    caller: Caller,
    Path(guild): Path<String>,
    Query(search): Query<Search>,
) -> Answer<Json<Vec<impl Serialize>>> {
    let (_, guild) = caller.guild(&guild)?;
    let view = &caller.view;
    let wanted = search.query.to_lowercase();
    let begins = |name: &str| name.to_lowercase().starts_with(&wanted);
    let found = guild.members.values().filter(|member| {
        member.nick.as_deref().is_some_and(begins)
            || view.users.get(&member.user).is_some_and(|user| begins(&user.name))
    });
    let limit = search.limit.unwrap_or(1).clamp(1, 1_000);
    Ok(Json(found.take(limit).map(|member| render::member(view, guild, member)).collect()))
}

/// `GET /guilds/{guild_id}/members/{user_id}`
pub(crate) async fn get(caller: Caller, Path((guild, user)): Path<(String, String)>) -> Answer<Json<Value>> {
    let (_, guild) = caller.guild(&guild)?;
    let member = find::member(&caller, guild, &user)?;
    Ok(Json(json!(render::member(&caller.view, guild, member))))
}

#[derive(Deserialize)]
pub(crate) struct EditMember {
    #[serde(default, deserialize_with = "given")]
    nick: Option<Option<String>>,
    roles: Option<Vec<Number>>,
    #[serde(default, deserialize_with = "given")]
    communication_disabled_until: Option<Option<String>>,
    /// Null: out of the voice channel they are in.
    #[serde(default, deserialize_with = "given")]
    channel_id: Option<Option<Number>>,
    mute: Option<bool>,
    deaf: Option<bool>,
}

/// `PATCH /guilds/{guild_id}/members/{user_id}`
pub(crate) async fn edit(
    State(window): State<Window>,
    caller: Caller,
    Path((guild, user)): Path<(String, String)>,
    Body(body): Body<EditMember>,
) -> Answer<Json<Value>> {
    let (space, guild) = caller.guild(&guild)?;
    let user = find::member(&caller, guild, &user)?.user;
    let pause = body.communication_disabled_until.map(|until| until.map(|text| moment_of(&text)).transpose());
    let pause = pause.transpose()?;
    let role = |id: &Number| find::role(&caller, guild, Snowflake(id.0));
    let roles =
        body.roles.as_ref().map(|roles| roles.iter().map(role).collect::<Answer<Vec<_>>>()).transpose()?;
    moved::may_silence(&window, &caller, guild, &user, (body.mute, body.deaf))?;
    let to = body.channel_id.as_ref().map(Option::as_ref);
    let moved = to.map(|to| Move::read(&window, &caller, guild, user, to)).transpose()?;
    let nick = body.nick.map(Option::unwrap_or_default);
    let patch = MemberPatch { nick, roles, paused_until_ms: pause, muted: body.mute, deafened: body.deaf };
    caller.govern(&window, Command::EditMember { guild: space, user, patch }).await?;
    if let Some(moved) = moved {
        moved.carry_out(&window, guild).await;
    }
    drawn(&window, space, user)
}

fn moment_of(text: &str) -> Answer<u64> {
    let field = "communication_disabled_until";
    let words = "Could not parse. Should be ISO8601.";
    moment(text).ok_or_else(|| ApiError::invalid(field, "DATE_TIME_TYPE_PARSE", words))
}

#[derive(Deserialize)]
pub(crate) struct EditMyself {
    #[serde(default, deserialize_with = "given")]
    nick: Option<Option<String>>,
}

/// `PATCH /guilds/{guild_id}/members/@me`
pub(crate) async fn edit_me(
    State(window): State<Window>,
    caller: Caller,
    Path(guild): Path<String>,
    Body(body): Body<EditMyself>,
) -> Answer<Json<Value>> {
    let (guild, _) = caller.guild(&guild)?;
    let user = caller.user;
    let patch = MemberPatch { nick: body.nick.map(Option::unwrap_or_default), ..MemberPatch::default() };
    window.node.command(Some(user), Command::EditMember { guild, user, patch }).await?;
    drawn(&window, guild, user)
}

/// `DELETE /guilds/{guild_id}/members/{user_id}`
pub(crate) async fn kick(
    State(window): State<Window>,
    caller: Caller,
    Path((guild, user)): Path<(String, String)>,
    headers: HeaderMap,
) -> Answer<Done> {
    let (space, guild) = caller.guild(&guild)?;
    let user = find::member(&caller, guild, &user)?.user;
    let command = Command::Kick { guild: space, user, reason: audit_reason(&headers) };
    caller.govern(&window, command).await?;
    Ok(Done)
}

/// `PUT /guilds/{guild_id}/members/{user_id}/roles/{role_id}`
pub(crate) async fn add_role(
    State(window): State<Window>,
    caller: Caller,
    Path((guild, user, role)): Path<(String, String, String)>,
) -> Answer<Done> {
    let (space, guild) = caller.guild(&guild)?;
    let user = find::member(&caller, guild, &user)?.user;
    let role = find::role(&caller, guild, find::number(&role)?)?;
    caller.govern(&window, Command::AddMemberRole { guild: space, user, role }).await?;
    Ok(Done)
}

/// `DELETE /guilds/{guild_id}/members/{user_id}/roles/{role_id}`
pub(crate) async fn remove_role(
    State(window): State<Window>,
    caller: Caller,
    Path((guild, user, role)): Path<(String, String, String)>,
) -> Answer<Done> {
    let (space, guild) = caller.guild(&guild)?;
    let user = find::member(&caller, guild, &user)?.user;
    let role = find::role(&caller, guild, find::number(&role)?)?;
    caller.govern(&window, Command::RemoveMemberRole { guild: space, user, role }).await?;
    Ok(Done)
}

fn drawn(window: &Window, space: SpaceId, user: UserId) -> Answer<Json<Value>> {
    let view = window.node.view();
    let guild = view.guilds.get(&space).ok_or_else(|| ApiError::unknown(Thing::Guild))?;
    let member = guild.members.get(&user).ok_or_else(|| ApiError::unknown(Thing::Member))?;
    Ok(Json(json!(render::member(&view, guild, member))))
}
