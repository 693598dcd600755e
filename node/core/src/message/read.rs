//! From rows to a message, by one rule for the core that tells of it and the window that reads it.

use super::{Message, Replied, honoured};
use crate::core::channel_of;
use crate::store::{MessageRow, Store, StoreFault, fold};
use crate::view::View;
use nexus_crdt::body::content;
use nexus_crdt::id::{ChannelId, OpId, StreamId};
use nexus_crdt::op::Op;
use nexus_crdt::timeline::MessageState;

/// The message behind a row, as it stands now; none where it is void or deleted, or its channel is gone.
///
/// # Errors
/// [`StoreFault`] where the store fails or lacks the row's op.
pub fn read(store: &dyn Store, view: &View, row: &MessageRow) -> Result<Option<Message>, StoreFault> {
    let Some(guild) = view.guilds.get(&row.space) else { return Ok(None) };
    let Some(channel) = channel_of(guild, &row.stream) else { return Ok(None) };
    if row.verdict != 0 {
        return Ok(None);
    }
    let state = fold(&store.acts(&row.stream, &row.id, row.hlc)?);
    if state.deleted {
        return Ok(None);
    }
    let sent = op_of(store, &row.id)?;
    let mut message = as_sent(row, view, channel.id, sent.read_body().ok());
    message.replied = replied(store, &row.stream, message.body.reply_to)?;
    become_of(store, view, &mut message, state)?;
    Ok(Some(message))
}

/// A message nothing has acted on yet; `body` is none where it is sealed or was destroyed.
pub(crate) fn as_sent(
    row: &MessageRow,
    view: &View,
    channel: ChannelId,
    body: Option<content::Message>,
) -> Message {
    let unreadable = body.is_none();
    let mut body = body.unwrap_or_default();
    body.pings = honoured(body.pings, &body.refs, view, &row.author, &channel);
    Message {
        id: row.id,
        api_id: row.api_id,
        space: row.space,
        channel,
        author: row.author,
        hlc: row.hlc,
        unreadable,
        body,
        edited: None,
        replied: None,
        pinned: false,
        reactions: Vec::new(),
        nonce: None,
        late: row.late,
    }
}

/// What a message answers, while that is still to be seen.
pub(crate) fn replied(
    store: &dyn Store,
    stream: &StreamId,
    reply_to: Option<OpId>,
) -> Result<Option<Replied>, StoreFault> {
    let Some(id) = reply_to else { return Ok(None) };
    let Some(row) = store.message(stream, &id)?.filter(|row| row.verdict == 0) else { return Ok(None) };
    if fold(&store.acts(stream, &id, row.hlc)?).deleted {
        return Ok(None);
    }
    Ok(Some(Replied { id, api_id: row.api_id, author: row.author }))
}

fn become_of(
    store: &dyn Store,
    view: &View,
    message: &mut Message,
    state: MessageState,
) -> Result<(), StoreFault> {
    message.pinned = state.pinned;
    message.reactions = state.reactions;
    let Some((hlc, edit)) = state.edit else { return Ok(()) };
    message.edited = Some(hlc);
    match op_of(store, &edit)?.read_body::<content::Edit>() {
        Ok(mut edit) => {
            edit.pings = honoured(edit.pings, &edit.refs, view, &message.author, &message.channel);
            apply(&mut message.body, edit);
        }
        Err(_) => message.unreadable = true,
    }
    Ok(())
}

fn apply(body: &mut content::Message, edit: content::Edit) {
    body.text = edit.text;
    body.refs = edit.refs;
    body.embeds = edit.embeds;
    body.pings = edit.pings;
    body.flags = edit.flags;
}

fn op_of(store: &dyn Store, id: &OpId) -> Result<Op, StoreFault> {
    let stored = store.op(id)?.ok_or_else(|| StoreFault(format!("a row without its op {}", id.to_hex())))?;
    Ok(stored.op)
}
