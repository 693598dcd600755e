//! `/invites`.

use crate::error::{Answer, ApiError};
use crate::render;
use crate::window::{Caller, Json, Path, Person, Window};
use axum::extract::State;
use nexus_core::{Command, InviteCode, Thing};
use serde_json::{Value, json};

/// `GET /invites/{code}`: whoever has the code may look, member or not, logged in or not.
pub(crate) async fn get(State(window): State<Window>, Path(code): Path<String>) -> Answer<Json<Value>> {
    let view = window.node.view();
    let (guild, invite) =
        render::invite_by_code(&view, &code).ok_or_else(|| ApiError::unknown(Thing::Invite))?;
    let mut shown = json!(render::invite(&view, guild, invite, &code));
    shown["approximate_presence_count"] = json!(window.gateway.online_in(guild));
    Ok(Json(shown))
}

/// `POST /invites/{code}`: joins.
pub(crate) async fn join(
    State(window): State<Window>,
    Person(caller): Person,
    Path(code): Path<String>,
) -> Answer<Json<Value>> {
    let unknown = || ApiError::unknown(Thing::Invite);
    let (guild, invite) = render::invite_by_code(&caller.view, &code).ok_or_else(unknown)?;
    let (space, id) = (guild.facts.id, invite.id);
    let key = InviteCode::parse(&code).ok_or_else(unknown)?;
    caller.govern(&window, Command::Join { code: key }).await?;
    let view = window.node.view();
    let guild = view.guilds.get(&space).ok_or_else(unknown)?;
    let invite = guild.invites.get(&id).ok_or_else(unknown)?;
    Ok(Json(json!(render::invite(&view, guild, invite, &code))))
}

/// `DELETE /invites/{code}`: answers with what it was.
pub(crate) async fn revoke(
    State(window): State<Window>,
    caller: Caller,
    Path(code): Path<String>,
) -> Answer<Json<Value>> {
    let unknown = || ApiError::unknown(Thing::Invite);
    let (guild, invite) = render::invite_by_code(&caller.view, &code).ok_or_else(unknown)?;
    let was = json!(render::invite(&caller.view, guild, invite, &code));
    let command = Command::RevokeInvite { guild: guild.facts.id, invite: invite.id };
    caller.govern(&window, command).await?;
    Ok(Json(was))
}
