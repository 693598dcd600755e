//! `/nexus/channels/{channel_id}/moves`: messages that are shown in a thread of their channel.

use super::fetched;
use crate::error::{Answer, ApiError};
use crate::render;
use crate::window::{Body, Caller, Done, Path, Window};
use axum::extract::State;
use nexus_api_model::Number;
use nexus_core::{Command, Thing};
use nexus_crdt::id::{ChannelId, OpId};
use serde::Deserialize;
use std::collections::BTreeMap;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Moves {
    message_ids: Vec<Number>,
    /// None for their own channel.
    thread_id: Option<Number>,
}

/// `POST /nexus/channels/{channel_id}/moves`: by the channel where they were written or a thread where they are shown; 1 to 100.
pub(crate) async fn set(
    State(window): State<Window>,
    caller: Caller,
    Path(channel): Path<String>,
    Body(body): Body<Moves>,
) -> Answer<Done> {
    let (_, guild) = caller.channel(&channel)?;
    if !(1..=100).contains(&body.message_ids.len()) {
        let words = "Must be between 1 and 100 in length.";
        return Err(ApiError::invalid("message_ids", "BASE_TYPE_BAD_LENGTH", words));
    }
    let to = match body.thread_id {
        Some(thread) => Some(caller.channel(&thread.0.to_string())?.0),
        None => None,
    };
    let mut written: BTreeMap<ChannelId, Vec<OpId>> = BTreeMap::new();
    for Number(number) in body.message_ids {
        let (home, message) = fetched::target(&window, &caller, &channel, &number.to_string()).await?;
        written.entry(home).or_default().push(message.id);
    }
    // What was written in a thread stays there: only what came from its channel goes back, or on.
    let is_thread = |home: &ChannelId| render::is_thread(guild, home);
    if written.keys().any(is_thread) {
        return Err(ApiError::wrong_channel_type());
    }
    let Some((channel, messages)) = written.pop_first() else {
        return Err(ApiError::unknown(Thing::Message));
    };
    window.node.command(Some(caller.user), Command::MoveMessages { channel, messages, to }).await?;
    Ok(Done)
}
