//! A webhook by its link: whoever has it may see, edit and delete it.

use super::{Edit, Known, change, described, numbered, remove};
use crate::error::{Answer, ApiError};
use crate::window::{Body, Done, Json, Path, Window};
use axum::extract::State;
use nexus_core::{Command, View};
use serde_json::{Value, json};

/// Number and token.
type Link = Path<(u64, String)>;

/// `GET /webhooks/{webhook_id}/{webhook_token}`: without its maker, as on Discord.
pub(crate) async fn get_by_token(
    State(window): State<Window>,
    Path((id, token)): Link,
) -> Answer<Json<Value>> {
    let view = window.node.view();
    let known = opened(&window, &view, id, &token).await?;
    let mut shown = described(&view, &known);
    shown["token"] = json!(token);
    if let Some(shown) = shown.as_object_mut() {
        shown.remove("user");
    }
    Ok(Json(shown))
}

/// `PATCH /webhooks/{webhook_id}/{webhook_token}`: its name; its channel stays.
pub(crate) async fn edit_by_token(
    State(window): State<Window>,
    Path((id, token)): Link,
    Body(body): Body<Edit>,
) -> Answer<Json<Value>> {
    let view = window.node.view();
    let known = opened(&window, &view, id, &token).await?;
    let mut shown = change(&window, &known, None, body.name).await?;
    if let Some(shown) = shown.as_object_mut() {
        shown.remove("user");
    }
    Ok(Json(shown))
}

/// `DELETE /webhooks/{webhook_id}/{webhook_token}`
pub(crate) async fn delete_by_token(State(window): State<Window>, Path((id, token)): Link) -> Answer<Done> {
    let view = window.node.view();
    let known = opened(&window, &view, id, &token).await?;
    remove(&window, &known).await
}

/// The webhook of a link that is the right one, and whose key is here.
pub(super) async fn opened<'a>(window: &Window, view: &'a View, id: u64, token: &str) -> Answer<Known<'a>> {
    let known = numbered(view, id)?;
    // What follows a channel has no link.
    if known.hook.follows.is_some() || !view.local.contains(&known.maker) {
        return Err(ApiError::unknown_webhook());
    }
    let command = Command::OpenWebhook { webhook: known.id, token: token.chars().take(128).collect() };
    window.node.command(Some(known.maker), command).await?;
    Ok(known)
}
