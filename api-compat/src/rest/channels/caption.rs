//! `/channels/{channel_id}/voice-status`: what a voice channel is about while people are in it.

use crate::error::{Answer, ApiError};
use crate::gateway::caption;
use crate::rest::unix_ms;
use crate::window::{Body, Caller, Done, Path, Window};
use axum::extract::State;
use nexus_core::sync::caption::CAPTION_MAX;
use nexus_crdt::permissions::Permissions;
use serde::Deserialize;

#[derive(Deserialize)]
pub(crate) struct VoiceStatus {
    /// Up to [`CAPTION_MAX`] characters; null, empty or absent: none.
    status: Option<String>,
}

/// `PUT /channels/{channel_id}/voice-status`: no op, and so nothing that is refused later: it is told, and ends with the last who goes.
pub(crate) async fn set(
    State(window): State<Window>,
    caller: Caller,
    Path(channel): Path<String>,
    Body(body): Body<VoiceStatus>,
) -> Answer<Done> {
    let (channel, guild) = caller.channel(&channel)?;
    if !caption::is_voice(guild, &channel) {
        return Err(ApiError::wrong_channel_type());
    }
    let text = body.status.unwrap_or_default();
    if text.chars().nth(CAPTION_MAX).is_some() {
        let words = "Must be 500 or fewer in length.";
        return Err(ApiError::invalid("status", "BASE_TYPE_MAX_LENGTH", words));
    }
    let is_there = window.gateway.voice_of(&caller.user).is_some_and(|voice| voice.channel == channel);
    let manages = guild.permissions_in(&caller.user, &channel).has(Permissions::MANAGE_CHANNELS);
    if !caption::may_say(guild, &caller.user, &channel) || !(is_there || manages) {
        return Err(ApiError::forbidden());
    }
    window.gateway.caption(caller.user, (guild.facts.id, channel), text, unix_ms());
    Ok(Done)
}
