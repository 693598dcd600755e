//! What has been granted: to the application that has it, and to whoever granted it.

use super::unknown;
use crate::bearer::{Bearer, oauth};
use crate::error::{Answer, ApiError};
use crate::ports::oauth::{OAuthRefusal, Scope};
use crate::render::{self, timestamp};
use crate::rest::find;
use crate::rest::sessions::spoken;
use crate::window::{Caller, Done, Json, Path, Person, Window};
use axum::extract::State;
use nexus_crdt::id::UserId;
use serde_json::{Value, json};

/// `GET /oauth2/@me`: how far a token goes, and until when.
pub(crate) async fn mine(State(window): State<Window>, Bearer(known): Bearer) -> Answer<Json<Value>> {
    let view = window.node.view();
    let application = view.applications.get(&known.application).ok_or_else(unknown)?;
    let mut shown = json!({
        "application": render::public_application(&view, application),
        "scopes": known.scopes.words(),
        "expires": timestamp(known.expires_ms),
    });
    if known.scopes.has(Scope::Identify) {
        shown["user"] = render::user(&view, &known.user);
    }
    Ok(Json(shown))
}

/// `GET /oauth2/tokens`
pub(crate) async fn list(State(window): State<Window>, Person(caller): Person) -> Answer<Json<Vec<Value>>> {
    all(&window, &caller).await.map(Json)
}

/// Applications that a person lets act for them.
pub(crate) async fn all(window: &Window, caller: &Caller) -> Answer<Vec<Value>> {
    let all = oauth(window)?.authorized(spoken(caller)?).await?;
    let view = &caller.view;
    let shown = all.iter().filter_map(|known| {
        let application = view.applications.get(&known.application)?;
        Some(json!({
            "id": view.ids.of(known.application).0.to_string(),
            "application": render::asking_application(view, application),
            "scopes": known.scopes.words(),
            "since_ms": known.since_ms,
            "used_ms": known.used_ms,
        }))
    });
    Ok(shown.collect())
}

/// `DELETE /oauth2/tokens/{id}`: one of them may nothing any more.
pub(crate) async fn end(
    State(window): State<Window>,
    Person(caller): Person,
    Path(id): Path<String>,
) -> Answer<Done> {
    let oauth = oauth(&window)?;
    let application = caller.view.ids.op(find::number(&id)?).map(UserId::from).ok_or_else(unknown)?;
    match oauth.part(spoken(&caller)?, application).await {
        Ok(()) => Ok(Done),
        Err(OAuthRefusal::Grant) => Err(unknown()),
        Err(refusal) => Err(ApiError::from(refusal)),
    }
}
