//! Pinned messages: `/channels/{channel_id}/messages/pins`, and the older `/channels/{channel_id}/pins`.

use super::fetched;
use crate::access;
use crate::error::Answer;
use crate::render;
use crate::window::{Caller, Done, Json, Path, Window};
use axum::extract::State;
use nexus_core::{Command, Message};
use nexus_node::Reader;
use serde::Serialize;
use serde_json::{Value, json};

/// `GET /channels/{channel_id}/messages/pins`: all of them on one page.
pub(crate) async fn list(
    State(window): State<Window>,
    caller: Caller,
    Path(channel): Path<String>,
) -> Answer<Json<Value>> {
    let (pins, reader) = pinned(&window, &caller, &channel)?;
    let items = pins.iter().map(|message| {
        let drawn = render::message_for(caller.drawing(), Some(&reader), message, &caller.user);
        // The op that pinned is not told apart from later words on pinning; the message's own time is.
        json!({ "pinned_at": render::timestamp(message.hlc.ms()), "message": drawn })
    });
    Ok(Json(json!({ "items": items.collect::<Vec<_>>(), "has_more": false })))
}

/// `GET /channels/{channel_id}/pins`
pub(crate) async fn list_plain(
    State(window): State<Window>,
    caller: Caller,
    Path(channel): Path<String>,
) -> Answer<Json<Vec<impl Serialize>>> {
    let (pins, reader) = pinned(&window, &caller, &channel)?;
    let drawn = |message| render::message_for(caller.drawing(), Some(&reader), message, &caller.user);
    Ok(Json(pins.iter().map(drawn).collect()))
}

/// What is pinned; nothing for who may not read what was written, as on Discord.
fn pinned(window: &Window, caller: &Caller, channel: &str) -> Answer<(Vec<Message>, Reader)> {
    let (channel, guild) = caller.channel(channel)?;
    let reader = window.node.read()?;
    if !access::reads_history(guild, &caller.user, &channel) {
        return Ok((Vec::new(), reader));
    }
    fetched::whole(caller, channel)?;
    Ok((reader.pins(&caller.view, channel)?, reader))
}

/// `PUT /channels/{channel_id}/messages/pins/{message_id}`
pub(crate) async fn pin(
    State(window): State<Window>,
    caller: Caller,
    Path((channel, message)): Path<(String, String)>,
) -> Answer<Done> {
    set(window, caller, channel, message, true).await
}

/// `DELETE /channels/{channel_id}/messages/pins/{message_id}`
pub(crate) async fn unpin(
    State(window): State<Window>,
    caller: Caller,
    Path((channel, message)): Path<(String, String)>,
) -> Answer<Done> {
    set(window, caller, channel, message, false).await
}

async fn set(window: Window, caller: Caller, channel: String, message: String, pinned: bool) -> Answer<Done> {
    let (channel, message) = fetched::target(&window, &caller, &channel, &message).await?;
    let message = message.id;
    window.node.command(Some(caller.user), Command::Pin { channel, message, pinned }).await?;
    Ok(Done)
}
