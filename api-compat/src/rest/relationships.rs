//! `/users/@me/relationships`: friends, who wishes to be one, and who is blocked.

use crate::error::{Answer, ApiError};
use crate::render;
use crate::window::{Body, Caller, Done, Json, Path, Person, Window};
use axum::extract::State;
use nexus_core::Command;
use nexus_crdt::body::content::Note;
use nexus_crdt::id::UserId;
use serde::Deserialize;
use serde_json::Value;

/// `GET /users/@me/relationships`
pub(crate) async fn list(Person(caller): Person) -> Json<Vec<Value>> {
    Json(render::relationships(&caller.view, &caller.user))
}

#[derive(Deserialize)]
pub(crate) struct Named {
    username: String,
}

/// `POST /users/@me/relationships`: asks the one who is known here by that name.
pub(crate) async fn ask(
    State(window): State<Window>,
    Person(caller): Person,
    Body(body): Body<Named>,
) -> Answer<Done> {
    let alike = caller
        .view
        .users
        .values()
        .filter(|user| user.name.eq_ignore_ascii_case(&body.username) && user.id != caller.user);
    // With two of one name nobody can tell who is meant.
    let found: Vec<UserId> = alike.map(|user| user.id).take(2).collect();
    let [user] = found.as_slice() else { return Err(ApiError::no_such_person()) };
    befriend(&window, &caller, *user).await
}

#[derive(Deserialize)]
pub(crate) struct Kind {
    r#type: Option<u8>,
}

/// `PUT /users/@me/relationships/{user_id}`: type 2 blocks; else a wish, which answers theirs.
pub(crate) async fn set(
    State(window): State<Window>,
    Person(caller): Person,
    Path(user): Path<String>,
    Body(body): Body<Kind>,
) -> Answer<Done> {
    let user = caller.user(&user)?;
    match body.r#type {
        Some(2) => {
            // Who is blocked is no friend.
            let command = Command::Befriend { user, wished: false };
            window.node.command(Some(caller.user), command).await?;
            block(&window, &caller, user, true).await
        }
        None | Some(1 | 4) => {
            block(&window, &caller, user, false).await?;
            befriend(&window, &caller, user).await
        }
        Some(_) => Err(ApiError::invalid("type", "BASE_TYPE_CHOICES", "Value must be one of {1, 2, 4}.")),
    }
}

/// `DELETE /users/@me/relationships/{user_id}`: no friend and not blocked any more.
pub(crate) async fn end(
    State(window): State<Window>,
    Person(caller): Person,
    Path(user): Path<String>,
) -> Answer<Done> {
    let user = caller.user(&user)?;
    let command = Command::Befriend { user, wished: false };
    window.node.command(Some(caller.user), command).await?;
    block(&window, &caller, user, false).await
}

async fn befriend(window: &Window, caller: &Caller, user: UserId) -> Answer<Done> {
    window.node.command(Some(caller.user), Command::Befriend { user, wished: true }).await?;
    Ok(Done)
}

async fn block(window: &Window, caller: &Caller, user: UserId, blocked: bool) -> Answer<Done> {
    let notes = vec![Note::Block { user, blocked }];
    window.node.command(Some(caller.user), Command::Keep { notes }).await?;
    Ok(Done)
}
