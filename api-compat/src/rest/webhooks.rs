//! `/webhooks/{webhook_id}/{webhook_token}`: what needs a token in its path and no account.

use super::interactions::answer;
use crate::error::{Answer, ApiError};
use crate::interactions::{Asked, Deferred, Said};
use crate::rest::channels::messages::{CreateMessage, EditMessage, MESSAGE_MAX};
use crate::window::{Body, Done, Json, Path, Window};
use axum::extract::State;
use nexus_core::{Snowflake, Thing};
use nexus_crdt::id::UserId;
use serde_json::Value;

/// Number and token.
type Link = Path<(u64, String)>;

/// `POST /webhooks/{webhook_id}/{webhook_token}`: a bot says more to an interaction. What it owes comes first.
pub(crate) async fn execute(
    State(window): State<Window>,
    Path((id, token)): Link,
    Body(body): Body<CreateMessage, MESSAGE_MAX>,
) -> Answer<Json<Value>> {
    let asked = holder(&window, id, &token)?;
    let owed = window.interactions().owed(asked.id);
    let whispered = match owed {
        Some(how) => how == Deferred::Whisper,
        None => body.flags() & answer::EPHEMERAL != 0,
    };
    let (said, message) = answer::say(&window, &asked, body, whispered).await?;
    if owed.is_some() {
        window.interactions().answered(asked.id, Some(said));
    }
    Ok(Json(message))
}

/// `GET /webhooks/{webhook_id}/{webhook_token}/messages/@original`
pub(crate) async fn get_original(
    State(window): State<Window>,
    Path((id, token)): Link,
) -> Answer<Json<Value>> {
    let asked = holder(&window, id, &token)?;
    let owed = window.interactions().owed(asked.id);
    if let Some(how) = owed {
        return Ok(Json(answer::owed(&window, &asked, how)));
    }
    let said = original(&window, &asked)?;
    answer::look(&window, &asked, said).map(Json)
}

/// `PATCH /webhooks/{webhook_id}/{webhook_token}/messages/@original`: changes the first answer, or gives the one that is owed.
pub(crate) async fn edit_original(
    State(window): State<Window>,
    Path((id, token)): Link,
    Body(body): Body<EditMessage, MESSAGE_MAX>,
) -> Answer<Json<Value>> {
    let asked = holder(&window, id, &token)?;
    let owed = window.interactions().owed(asked.id);
    if let Some(how) = owed {
        let (said, message) = answer::say(&window, &asked, body.into(), how == Deferred::Whisper).await?;
        window.interactions().answered(asked.id, Some(said));
        return Ok(Json(message));
    }
    let said = original(&window, &asked)?;
    answer::change(&window, &asked, said, body).await.map(Json)
}

/// `DELETE /webhooks/{webhook_id}/{webhook_token}/messages/@original`
pub(crate) async fn delete_original(State(window): State<Window>, Path((id, token)): Link) -> Answer<Done> {
    let asked = holder(&window, id, &token)?;
    if window.interactions().owed(asked.id).is_some() {
        window.interactions().answered(asked.id, None);
        return Ok(Done);
    }
    let said = original(&window, &asked)?;
    answer::unsay(&window, &asked, said).await?;
    Ok(Done)
}

/// `GET /webhooks/{webhook_id}/{webhook_token}/messages/{message_id}`
pub(crate) async fn get_message(
    State(window): State<Window>,
    Path((id, token, message)): Path<(u64, String, String)>,
) -> Answer<Json<Value>> {
    let asked = holder(&window, id, &token)?;
    answer::look(&window, &asked, answer::named(&window, &asked, &message)?).map(Json)
}

/// `PATCH /webhooks/{webhook_id}/{webhook_token}/messages/{message_id}`
pub(crate) async fn edit_message(
    State(window): State<Window>,
    Path((id, token, message)): Path<(u64, String, String)>,
    Body(body): Body<EditMessage, MESSAGE_MAX>,
) -> Answer<Json<Value>> {
    let asked = holder(&window, id, &token)?;
    let said = answer::named(&window, &asked, &message)?;
    answer::change(&window, &asked, said, body).await.map(Json)
}

/// `DELETE /webhooks/{webhook_id}/{webhook_token}/messages/{message_id}`
pub(crate) async fn delete_message(
    State(window): State<Window>,
    Path((id, token, message)): Path<(u64, String, String)>,
) -> Answer<Done> {
    let asked = holder(&window, id, &token)?;
    answer::unsay(&window, &asked, answer::named(&window, &asked, &message)?).await?;
    Ok(Done)
}

/// The interaction behind a link, answered and not older than its token.
fn holder(window: &Window, id: u64, token: &str) -> Answer<Asked> {
    let application = window.node.view().ids.op(Snowflake(id)).map(UserId::from);
    let now_ms = window.gateway.now_ms();
    let found = application.and_then(|application| window.interactions().follow(&application, token, now_ms));
    found.ok_or_else(ApiError::unknown_webhook)
}

fn original(window: &Window, asked: &Asked) -> Answer<Said> {
    let said = window.interactions().original(asked.id);
    said.ok_or_else(|| ApiError::unknown(Thing::Message))
}
