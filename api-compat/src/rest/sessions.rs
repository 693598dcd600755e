//! `/auth/sessions` and `/auth/password`: a relay's people look after their logins.

use crate::error::{Answer, ApiError};
use crate::ports::{SessionFacts, Spoken};
use crate::window::{Body, Caller, Done, Json, Path, Person, Window};
use axum::extract::State;
use serde::Deserialize;
use serde_json::{Value, json};

/// `GET /auth/sessions`
pub(crate) async fn list(State(window): State<Window>, Person(caller): Person) -> Answer<Json<Value>> {
    let sessions = window.accounts.sessions(spoken(&caller)?).await?;
    Ok(Json(json!({ "sessions": sessions.iter().map(shown).collect::<Vec<_>>() })))
}

pub(super) fn shown(session: &SessionFacts) -> Value {
    json!({
        "id": hex::encode(session.id),
        "begun_ms": session.begun_ms,
        "used_ms": session.used_ms,
        "current": session.current,
    })
}

/// `DELETE /auth/sessions/{session_id}`
pub(crate) async fn end(
    State(window): State<Window>,
    Person(caller): Person,
    Path(session): Path<String>,
) -> Answer<Done> {
    let mut id = [0; 16];
    hex::decode_to_slice(session, &mut id).map_err(|_| ApiError::not_found())?;
    window.accounts.end_session(spoken(&caller)?, id).await?;
    Ok(Done)
}

#[derive(Deserialize)]
pub(crate) struct Passwords {
    password: String,
    new_password: String,
}

/// Longest body here, bytes.
const BODY_MAX: usize = 4 * 1024;

/// `POST /auth/password`
pub(crate) async fn change_password(
    State(window): State<Window>,
    Person(caller): Person,
    Body(body): Body<Passwords, BODY_MAX>,
) -> Answer<Done> {
    window.accounts.change_password(spoken(&caller)?, body.password, body.new_password).await?;
    Ok(Done)
}

pub(super) fn spoken(caller: &Caller) -> Answer<Spoken> {
    let by = caller.by.ok_or_else(ApiError::unauthorized)?;
    Ok(Spoken { user: caller.user, by })
}
