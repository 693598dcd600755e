//! `/users/@me/connections`: who somebody is elsewhere, as far as they show it.

use super::sessions::spoken;
use crate::bearer::Scoped;
use crate::error::{Answer, ApiError};
use crate::ports::connections::{Connection, Connections};
use crate::ports::oauth::Scope;
use crate::window::{Body, Json, Path, Person, Window};
use axum::extract::State;
use serde::Deserialize;
use serde_json::{Value, json};

#[derive(Deserialize)]
pub(crate) struct Shown {
    visibility: u8,
}

/// `GET /users/@me/connections`: all to oneself, to an application those that are shown.
pub(crate) async fn list(
    State(window): State<Window>,
    asker: Scoped<{ Scope::Connections.bit() }>,
) -> Answer<Json<Vec<Value>>> {
    let Some(connections) = window.accounts.connections() else { return Ok(Json(Vec::new())) };
    let mut all = connections.connections(asker.caller.user).await?;
    all.retain(|one| one.shown || asker.application.is_none());
    Ok(Json(all.iter().map(drawn).collect()))
}

/// `PATCH /users/@me/connections/{service}/{connection_id}`: `visibility` 1 shows it, 0 does not.
pub(crate) async fn show(
    State(window): State<Window>,
    Person(caller): Person,
    Path((service, id)): Path<(String, String)>,
    Body(body): Body<Shown>,
) -> Answer<Json<Value>> {
    let connections = of(&window)?;
    let known = connections.connections(caller.user).await?;
    let one = known.into_iter().find(|one| one.service == service && one.id == id);
    let mut one = one.ok_or_else(ApiError::not_found)?;
    one.shown = match body.visibility {
        0 => false,
        1 => true,
        _ => {
            return Err(ApiError::invalid("visibility", "BASE_TYPE_CHOICES", "Value must be one of (0, 1)."));
        }
    };
    if connections.show(spoken(&caller)?, service, one.shown).await? {
        Ok(Json(drawn(&one)))
    } else {
        Err(ApiError::not_found())
    }
}

pub(super) fn of(window: &Window) -> Answer<&dyn Connections> {
    let none = || ApiError::not_implemented("connections: this is one person's node");
    window.accounts.connections().ok_or_else(none)
}

/// What they are called there is not kept.
fn drawn(one: &Connection) -> Value {
    json!({
        "id": one.id,
        "name": null,
        "type": one.service,
        "friend_sync": false,
        "integrations": [],
        "show_activity": false,
        "two_way_link": false,
        "verified": true,
        "visibility": u8::from(one.shown),
    })
}
