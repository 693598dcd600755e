//! Messages that are passed on: `message_reference` of type 1.

use super::fetched;
use crate::error::{Answer, ApiError};
use crate::render::forward::SHAPING;
use crate::window::{Caller, Window};
use nexus_api_model::MessageReference;
use nexus_core::{Message, MessageDraft, Thing};
use nexus_crdt::body::content::{Forward, Pings};

/// The message that is to be passed on, of which the caller reads the whole.
pub(super) async fn source(
    window: &Window,
    caller: &Caller,
    reference: &MessageReference,
) -> Answer<Message> {
    let channel = reference.channel_id.ok_or_else(|| {
        ApiError::invalid("message_reference.channel_id", "BASE_TYPE_REQUIRED", "This field is required")
    })?;
    let (channel, number) = (channel.0.to_string(), reference.message_id.0.to_string());
    let (_, message, _) = fetched::message(window, caller, &channel, &number).await?;
    if message.unreadable {
        return Err(ApiError::unknown(Thing::Message));
    }
    let body = &message.body;
    if body.poll.is_some() || body.notice.is_some() || body.alert.is_some() {
        return Err(ApiError::not_passed_on());
    }
    Ok(message)
}

/// Makes a draft pass it on as it stands. Of what is passed on already, that is passed on. Nobody is pinged.
pub(super) fn pass_on(draft: &mut MessageDraft, message: Message) {
    let body = message.body;
    let itself = Forward {
        space: message.space,
        channel: message.channel,
        message: message.id,
        written: body.shown_at.unwrap_or(message.hlc.ms()),
        edited: message.edited.map(|edited| edited.ms()),
    };
    draft.text = body.text;
    draft.refs = body.refs;
    draft.embeds = body.embeds;
    draft.pings = Pings::default();
    draft.flags |= body.flags & SHAPING;
    draft.extras.components = body.components;
    draft.extras.files = body.files;
    draft.extras.forward = Some(Box::new(body.forward.unwrap_or(itself)));
}
