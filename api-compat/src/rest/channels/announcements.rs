//! Announcement channels: `/channels/{channel_id}/followers`, and messages that are published.

use crate::error::{Answer, ApiError};
use crate::render;
use crate::window::{Body, Caller, Json, Path, Window};
use axum::extract::State;
use nexus_api_model::Number;
use nexus_core::{Command, Message, Reply, Thing};
use serde::Deserialize;
use serde_json::{Value, json};

#[derive(Deserialize)]
pub(crate) struct Follow {
    webhook_channel_id: Number,
}

/// `POST /channels/{channel_id}/followers`: what is published in it comes to another channel from now on.
pub(crate) async fn follow(
    State(window): State<Window>,
    caller: Caller,
    Path(source): Path<String>,
    Body(body): Body<Follow>,
) -> Answer<Json<Value>> {
    let (source, _) = caller.channel(&source)?;
    let (channel, _) = caller.channel(&body.webhook_channel_id.0.to_string())?;
    let reply = window.node.command(Some(caller.user), Command::FollowChannel { source, channel }).await?;
    let Reply::Created(webhook) = reply else { return Err(ApiError::unknown_webhook()) };
    let view = window.node.view();
    let (channel_id, webhook_id) = (render::number(&view, source), render::number(&view, webhook));
    Ok(Json(json!({ "channel_id": channel_id, "webhook_id": webhook_id })))
}

/// `POST /channels/{channel_id}/messages/{message_id}/crosspost`
pub(crate) async fn crosspost(
    State(window): State<Window>,
    caller: Caller,
    Path((channel, message)): Path<(String, String)>,
) -> Answer<Json<Value>> {
    let (channel, _) = caller.channel(&channel)?;
    let Message { channel, id: message, .. } = caller.message(&window.node.read()?, channel, &message)?;
    let reply = window.node.command(Some(caller.user), Command::Publish { channel, message }).await?;
    let Reply::Message(message) = reply else { return Err(ApiError::unknown(Thing::Message)) };
    Ok(Json(render::message_for(caller.drawing(), Some(&window.node.read()?), &message, &caller.user)))
}
