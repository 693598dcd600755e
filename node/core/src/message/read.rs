//! From rows to a message, by one rule for the core that tells of it and the window that reads it.

use super::{Message, Replied, honoured};
use crate::core::channel_of;
use crate::store::{MessageRow, Store, StoreFault, fold};
use crate::view::View;
use nexus_crdt::body::content;
use nexus_crdt::guild::GuildView;
use nexus_crdt::id::{ChannelId, OpId};
use nexus_crdt::op::Op;
use nexus_crdt::timeline::{MessageState, ballots};
use std::borrow::Cow;

/// The message behind a row, as it stands now; none where it is void or deleted or kept no longer, or its channel is gone, or the
/// thread that it was moved into: it goes with what was said there.
///
/// # Errors
/// [`StoreFault`] where the store fails. An op that the disk lost or changed is a message that cannot be read.
pub fn read(store: &dyn Store, view: &View, row: &MessageRow) -> Result<Option<Message>, StoreFault> {
    let Some(guild) = view.guilds.get(&row.space) else { return Ok(None) };
    let Some(channel) = channel_of(guild, &row.stream) else { return Ok(None) };
    if row.verdict != 0 || view.is_gone(&row.space, &channel.id, row.hlc) {
        return Ok(None);
    }
    let acts = store.acts(&row.stream, &row.id, row.hlc)?;
    let state = fold(&acts);
    if state.deleted || shown_in(guild, channel.id, &state).is_none() {
        return Ok(None);
    }
    let sent = store.op(&row.id)?.map(|sent| sent.op);
    let row = &signed_row(view, row, sent.as_ref());
    let mut message = as_sent(row, view, channel.id, sent.and_then(|sent| sent.read_body().ok()));
    if let Some(poll) = &message.body.poll {
        let acts: Vec<_> = acts.into_iter().map(|row| row.act).collect();
        message.ballots = Some(ballots(poll, row.hlc, &acts));
    }
    become_of(store, view, &mut message, state)?;
    message.replied = replied(store, view, row, message.body.reply_to)?;
    Ok(Some(message))
}

/// Where a message of a channel is shown, by what became of it; none where that thread is gone.
pub(crate) fn shown_in(guild: &GuildView, channel: ChannelId, state: &MessageState) -> Option<ChannelId> {
    match state.moved {
        None => Some(channel),
        Some(thread) => guild.channels.contains_key(&thread).then_some(thread),
    }
}

/// A row as the op behind it was signed: the disk may have changed whose it says that the message is.
fn signed_row<'a>(view: &View, row: &'a MessageRow, sent: Option<&Op>) -> Cow<'a, MessageRow> {
    let author = sent.and_then(|sent| view.governance.get(&row.space)?.author_of(sent));
    match author.filter(|author| *author != row.author) {
        Some(author) => Cow::Owned(MessageRow { author, ..row.clone() }),
        None => Cow::Borrowed(row),
    }
}

/// The op that says what is to be read of a message, where its body, or all of it, is not here as it was signed.
///
/// # Errors
/// [`StoreFault`] where the store fails.
pub fn unreadable(store: &dyn Store, row: &MessageRow) -> Result<Option<OpId>, StoreFault> {
    let state = fold(&store.acts(&row.stream, &row.id, row.hlc)?);
    let said = state.edit.map_or(row.id, |(_, edit)| edit);
    let is_here = store.op(&said)?.is_some_and(|stored| stored.op.body.is_some());
    Ok((!is_here && !state.deleted).then_some(said))
}

/// A message nothing has acted on yet; `body` is none where it is sealed, was destroyed, or is not what was signed.
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
        moved: None,
        author: row.author,
        hlc: row.hlc,
        unreadable,
        ballots: body.poll.as_ref().map(|poll| ballots(poll, row.hlc, &[])),
        body,
        edited: None,
        replied: None,
        pinned: false,
        published: false,
        reactions: Vec::new(),
        nonce: None,
        late: row.late,
    }
}

/// What a message answers, while that is still to be seen.
pub(crate) fn replied(
    store: &dyn Store,
    view: &View,
    answer: &MessageRow,
    reply_to: Option<OpId>,
) -> Result<Option<Replied>, StoreFault> {
    let Some(id) = reply_to else { return Ok(None) };
    let Some(row) = row_answered(store, view, answer, &id)?.filter(|row| row.verdict == 0) else {
        return Ok(None);
    };
    let Some(guild) = view.guilds.get(&row.space) else { return Ok(None) };
    let Some(channel) = channel_of(guild, &row.stream).map(|channel| channel.id) else { return Ok(None) };
    let state = fold(&store.acts(&row.stream, &id, row.hlc)?);
    let is_gone = state.deleted || view.is_gone(&row.space, &channel, row.hlc);
    if is_gone || shown_in(guild, channel, &state).is_none() {
        return Ok(None);
    }
    let sent = store.op(&id)?.map(|sent| sent.op);
    let author = signed_row(view, &row, sent.as_ref()).author;
    Ok(Some(Replied { channel, id, api_id: row.api_id, author }))
}

/// Of its channel, or of the one that its thread hangs on: what was moved is answered where it is read.
fn row_answered(
    store: &dyn Store,
    view: &View,
    answer: &MessageRow,
    id: &OpId,
) -> Result<Option<MessageRow>, StoreFault> {
    if let Some(row) = store.message(&answer.stream, id)? {
        return Ok(Some(row));
    }
    let guild = view.guilds.get(&answer.space);
    let thread = guild.and_then(|guild| channel_of(guild, &answer.stream)?.thread.is_some().then_some(guild));
    let parent = thread.and_then(|guild| channel_of(guild, &answer.stream)?.parent);
    parent.map_or(Ok(None), |parent| store.message(&parent.stream(), id))
}

fn become_of(
    store: &dyn Store,
    view: &View,
    message: &mut Message,
    state: MessageState,
) -> Result<(), StoreFault> {
    message.moved = state.moved;
    message.pinned = state.pinned;
    message.published = state.published;
    message.reactions = state.reactions;
    let Some((hlc, edit)) = state.edit else { return Ok(()) };
    message.edited = Some(hlc);
    match store.op(&edit)?.and_then(|edit| edit.op.read_body::<content::Edit>().ok()) {
        Some(mut edit) => {
            edit.pings = honoured(edit.pings, &edit.refs, view, &message.author, &message.channel);
            apply(&mut message.body, edit);
            // What it was edited from may be gone: an edit says all that is to be read.
            message.unreadable = false;
        }
        None => message.unreadable = true,
    }
    Ok(())
}

fn apply(body: &mut content::Message, edit: content::Edit) {
    body.text = edit.text;
    body.refs = edit.refs;
    body.embeds = edit.embeds;
    body.pings = edit.pings;
    body.flags = edit.flags;
    body.components = edit.components;
    body.files = edit.files;
    if let Some(carried) = edit.carried {
        body.reply_to = carried.reply_to;
        body.shown_at = carried.shown_at;
        body.tts = carried.tts;
        body.answers = carried.answers;
        body.shown_as = carried.shown_as;
        // Edits by earlier versions do not say it.
        body.copy_of = carried.copy_of.or(body.copy_of);
        body.forward = carried.forward.or(body.forward);
    }
}
