//! `/channels/{channel_id}/thread-members`: who follows a thread.

use super::threads::thread;
use crate::error::{Answer, ApiError};
use crate::render;
use crate::rest::users::After;
use crate::window::{Caller, Done, Json, Path, Query, Window};
use axum::extract::State;
use nexus_core::{Command, Thing};
use serde::Deserialize;
use serde_json::Value;

#[derive(Deserialize)]
pub(crate) struct Members {
    #[serde(default)]
    with_member: bool,
    after: Option<u64>,
    limit: Option<usize>,
}

/// `GET /channels/{channel_id}/thread-members`
pub(crate) async fn list(
    State(window): State<Window>,
    caller: Caller,
    Path(channel): Path<String>,
    Query(query): Query<Members>,
) -> Answer<Json<Vec<Value>>> {
    let (_, guild, channel) = thread(&caller, &channel)?;
    let followers = window.node.read()?.followers(channel)?.into_iter();
    let here = followers.filter(|(user, _)| guild.members.contains_key(user));
    let view = &caller.view;
    let drawn = here.map(|(user, since)| {
        (view.ids.of(user), render::thread_member(view, guild, channel, (&user, since), query.with_member))
    });
    let page = After { after: query.after, limit: query.limit };
    Ok(Json(page.cut(drawn.collect(), 100, 100)))
}

/// `GET /channels/{channel_id}/thread-members/{user_id}`
pub(crate) async fn get(
    State(window): State<Window>,
    caller: Caller,
    Path((channel, user)): Path<(String, String)>,
    Query(query): Query<Members>,
) -> Answer<Json<Value>> {
    let (_, guild, channel) = thread(&caller, &channel)?;
    let user = caller.user(&user)?;
    let followers = window.node.read()?.followers(channel)?;
    let since = followers.get(&user).filter(|_| guild.members.contains_key(&user));
    let since = *since.ok_or_else(|| ApiError::unknown(Thing::Member))?;
    let drawn = render::thread_member(&caller.view, guild, channel, (&user, since), query.with_member);
    Ok(Json(drawn))
}

/// `PUT /channels/{channel_id}/thread-members/@me`
pub(crate) async fn join(
    State(window): State<Window>,
    caller: Caller,
    Path(channel): Path<String>,
) -> Answer<Done> {
    follow(window, caller, &channel, "@me", true).await
}

/// `DELETE /channels/{channel_id}/thread-members/@me`
pub(crate) async fn leave(
    State(window): State<Window>,
    caller: Caller,
    Path(channel): Path<String>,
) -> Answer<Done> {
    follow(window, caller, &channel, "@me", false).await
}

/// `PUT /channels/{channel_id}/thread-members/{user_id}`
pub(crate) async fn add(
    State(window): State<Window>,
    caller: Caller,
    Path((channel, user)): Path<(String, String)>,
) -> Answer<Done> {
    follow(window, caller, &channel, &user, true).await
}

/// `DELETE /channels/{channel_id}/thread-members/{user_id}`
pub(crate) async fn remove(
    State(window): State<Window>,
    caller: Caller,
    Path((channel, user)): Path<(String, String)>,
) -> Answer<Done> {
    follow(window, caller, &channel, &user, false).await
}

async fn follow(window: Window, caller: Caller, channel: &str, user: &str, following: bool) -> Answer<Done> {
    let (thread, ..) = thread(&caller, channel)?;
    let user = caller.user(user)?;
    window.node.command(Some(caller.user), Command::Follow { thread, user, following }).await?;
    Ok(Done)
}
