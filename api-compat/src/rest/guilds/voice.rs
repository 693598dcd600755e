//! `/guilds/{guild_id}/voice-states`, and where voice is served: nowhere yet.

use crate::access;
use crate::error::{Answer, ApiError};
use crate::gateway::voice;
use crate::rest::find::member;
use crate::window::{Caller, Json, Path, Window};
use axum::extract::State;
use nexus_crdt::guild::GuildView;
use nexus_crdt::id::UserId;
use serde_json::Value;

/// `GET /voice/regions`: there is no voice server yet, and so no place where one is.
pub(crate) async fn regions(_: Caller) -> Json<[Value; 0]> {
    Json([])
}

/// `GET /guilds/{guild_id}/regions`, likewise.
pub(crate) async fn guild_regions(caller: Caller, Path(guild): Path<String>) -> Answer<Json<[Value; 0]>> {
    caller.guild(&guild)?;
    Ok(Json([]))
}

/// `GET /guilds/{guild_id}/voice-states/@me`
pub(crate) async fn mine(
    State(window): State<Window>,
    caller: Caller,
    Path(guild): Path<String>,
) -> Answer<Json<Value>> {
    let (_, guild) = caller.guild(&guild)?;
    state(&window, &caller, guild, &caller.user).map(Json)
}

/// `GET /guilds/{guild_id}/voice-states/{user_id}`: of who is where the caller sees.
pub(crate) async fn of(
    State(window): State<Window>,
    caller: Caller,
    Path((guild, user)): Path<(String, String)>,
) -> Answer<Json<Value>> {
    let (_, guild) = caller.guild(&guild)?;
    let user = member(&caller, guild, &user)?.user;
    state(&window, &caller, guild, &user).map(Json)
}

fn state(window: &Window, caller: &Caller, guild: &GuildView, user: &UserId) -> Answer<Value> {
    let there = window.gateway.voice_of(user).filter(|voice| voice::may_be(guild, user, voice));
    let there = there.filter(|voice| access::sees(guild, &caller.user, &voice.channel));
    let there = there.ok_or_else(ApiError::unknown_voice_state)?;
    Ok(voice::state(&caller.view, guild, user, Some(&there), &voice::session_name(user)))
}
