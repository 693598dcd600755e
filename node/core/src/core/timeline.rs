//! Rows of messages and acts, and what a screen is told when one is written or judged anew.

use super::admit::Origin;
use super::author::publish::Published;
use super::mind::channel_of;
use super::turn::Turn;
use crate::change::Change;
use crate::message::{as_sent, read, replied, shown_in};
use crate::snowflake::Snowflake;
use crate::store::{ActRow, MessageRow, Record, Store, StoreFault, fold};
use crate::view::View;
use nexus_crdt::body::content;
use nexus_crdt::id::{ChannelId, OpId, UserId};
use nexus_crdt::op::Op;
use nexus_crdt::timeline::{Act, Deed, MessageState};
use nexus_crdt::verdict::{Verdict, VoidReason};
use std::collections::BTreeSet;
use std::sync::Arc;

impl Turn<'_> {
    pub(super) fn new_message(
        &mut self,
        op: &Op,
        body: Option<Box<content::Message>>,
        origin: Origin,
        author: UserId,
        verdict: Verdict,
    ) -> Result<(), StoreFault> {
        let (header, stream, store) = (&op.header, op.header.stream, &self.store);
        let api_id = match self.number_of_post(op, &author)? {
            Some(number) => number,
            None => Snowflake::assign(&op.id, header.hlc, |number| {
                Ok(store.message_by_number(&stream, number)?.is_some())
            })?,
        };
        let is_old = self.now_ms.saturating_sub(header.hlc.ms()) > LATE_MS;
        let is_history = is_old && self.is_history(op);
        let row = MessageRow {
            space: op.space(),
            stream,
            id: op.id,
            hlc: header.hlc,
            author,
            api_id,
            verdict: verdict.to_byte(),
            late: origin == Origin::Elsewhere && is_old && !is_history,
        };
        self.write(Record::Message(row.clone()));
        if verdict.is_valid() {
            self.count_in_thread(&row, 1, 1)?;
        }
        let is_gone = self.is_too_old(&row);
        self.erase_where_gone(&row)?;
        let is_told = verdict.is_valid() && !is_history && !is_gone;
        let Some(channel) = self.channel_shown(&row).filter(|_| is_told) else { return Ok(()) };
        let mut message = as_sent(&row, &self.core.mind.view, channel, body.map(|body| *body));
        message.replied = replied(&self.store, &self.core.mind.view, &row, message.body.reply_to)?;
        message.nonce = self.nonce.take();
        if origin == Origin::Elsewhere && !is_old {
            self.tell_caught(&message)?;
        }
        self.changes.push(Change::MessageCreated { message: Arc::new(message) });
        Ok(())
    }

    pub(super) fn new_act(
        &mut self,
        op: &Op,
        author: UserId,
        deed: Deed,
        message: &MessageRow,
        verdict: Verdict,
    ) -> Result<(), StoreFault> {
        let act = Act { op: op.id, hlc: op.header.hlc, author, deed, void: false };
        let row = ActRow {
            space: message.space,
            stream: message.stream,
            message: message.id,
            message_hlc: message.hlc,
            act,
            verdict: 0,
        };
        if row.act.deed == Deed::Publish && verdict.is_valid() && message.verdict == 0 {
            self.published.push(Published {
                space: message.space,
                act: row.act.clone(),
                row: message.clone(),
            });
        }
        let amends = verdict.is_valid() && matches!(row.act.deed, Deed::Edit | Deed::Delete);
        self.put_act(message, row.judged(verdict))?;
        if amends { self.note_amended(message) } else { Ok(()) }
    }

    /// Writes an act's row, new or judged anew, and tells what it makes of its message.
    pub(super) fn put_act(&mut self, message: &MessageRow, row: ActRow) -> Result<(), StoreFault> {
        let acts_before = self.store.acts(&message.stream, &message.id, message.hlc)?;
        let before = fold(&acts_before);
        let deed = row.act.deed.clone();
        self.write(Record::Act(row));
        let acts = self.store.acts(&message.stream, &message.id, message.hlc)?;
        if message.verdict == 0 && !self.is_too_old(message) {
            let after = fold(&acts);
            self.count_in_thread(message, i64::from(before.deleted) - i64::from(after.deleted), 0)?;
            self.tell(message, &before, &after, &deed)?;
            if matches!(deed, Deed::Vote { .. } | Deed::EndPoll) && !after.deleted {
                self.tell_ballots(message, &acts_before, &acts)?;
            }
        }
        if matches!(deed, Deed::Delete | Deed::Edit) {
            self.erase_from(message, &acts)?;
        }
        Ok(())
    }

    /// Writes a message's row with another verdict, and tells that it is there again, or gone.
    pub(super) fn put_verdict(&mut self, mut row: MessageRow, verdict: Verdict) -> Result<(), StoreFault> {
        let stood = row.verdict == 0;
        row.verdict = verdict.to_byte();
        self.write(Record::Message(row.clone()));
        if verdict.is_valid() == stood {
            return Ok(());
        }
        let state = fold(&self.store.acts(&row.stream, &row.id, row.hlc)?);
        let deleted = state.deleted;
        let step = if stood { -1 } else { 1 };
        self.count_in_thread(&row, if deleted { 0 } else { step }, step)?;
        if !stood {
            return self.tell_created(&row);
        }
        if let Some(channel) = self.shown_at(&row, &state) {
            self.changes.push(gone(&row, channel));
            // Of what was taken away on purpose nobody is told that it came to nothing.
            if let Verdict::Void(reason) = verdict
                && reason != VoidReason::Erased
            {
                let (space, api_id, author) = (row.space, row.api_id, row.author);
                self.voided.push(Change::MessageVoided { space, channel, api_id, author, reason });
            }
        }
        Ok(())
    }

    /// Says what an act changed of a message that authority lets stand.
    fn tell(
        &mut self,
        row: &MessageRow,
        before: &MessageState,
        after: &MessageState,
        deed: &Deed,
    ) -> Result<(), StoreFault> {
        let (was, is) = (self.shown_at(row, before), self.shown_at(row, after));
        let channel = match (was, is) {
            (None, None) => return Ok(()),
            (None, Some(_)) if before.deleted => return self.tell_created(row),
            (Some(was), None) => {
                self.changes.push(gone(row, was));
                return Ok(());
            }
            (was, Some(is)) if was != Some(is) => return self.tell_moved(row, was, is, after.pinned),
            (_, Some(is)) => is,
        };
        let shown = |state: &MessageState| (state.edit, state.pinned, state.published);
        if shown(before) != shown(after) {
            self.tell_updated(row)?;
        }
        if before.pinned != after.pinned {
            self.changes.push(Change::PinsUpdated { space: row.space, channel });
        }
        if before.reactions != after.reactions {
            self.changes.extend(reaction_changes(row, channel, before, after, deed));
        }
        Ok(())
    }

    fn tell_moved(
        &mut self,
        row: &MessageRow,
        was: Option<ChannelId>,
        is: ChannelId,
        pinned: bool,
    ) -> Result<(), StoreFault> {
        let Some(message) = read(&self.store, &self.core.mind.view, row)? else { return Ok(()) };
        self.changes.push(Change::MessageMoved { message: Arc::new(message), from: was });
        for channel in was.into_iter().chain([is]).filter(|_| pinned) {
            self.changes.push(Change::PinsUpdated { space: row.space, channel });
        }
        Ok(())
    }

    pub(super) fn tell_updated(&mut self, row: &MessageRow) -> Result<(), StoreFault> {
        if let Some(message) = read(&self.store, &self.core.mind.view, row)? {
            self.changes.push(Change::MessageUpdated { message: Arc::new(message) });
        }
        Ok(())
    }

    fn tell_created(&mut self, row: &MessageRow) -> Result<(), StoreFault> {
        if let Some(message) = read(&self.store, &self.core.mind.view, row)? {
            self.changes.push(Change::MessageCreated { message: Arc::new(message) });
        }
        Ok(())
    }

    fn channel_shown(&self, row: &MessageRow) -> Option<ChannelId> {
        channel_shown(&self.core.mind.view, row)
    }

    /// Where a message is to be seen, by what became of it.
    pub(super) fn shown_at(&self, row: &MessageRow, state: &MessageState) -> Option<ChannelId> {
        let view = &self.core.mind.view;
        let channel = channel_shown(view, row).filter(|_| !state.deleted)?;
        shown_in(view.guilds.get(&row.space)?, channel, state)
    }
}

/// The channel in which a message was written, where that is to be seen.
pub(super) fn channel_shown(view: &View, row: &MessageRow) -> Option<ChannelId> {
    channel_of(view.guilds.get(&row.space)?, &row.stream).map(|channel| channel.id)
}

pub(super) const fn gone(row: &MessageRow, channel: ChannelId) -> Change {
    Change::MessageDeleted { space: row.space, channel, id: row.id, api_id: row.api_id }
}

/// Messages that one turn takes away from a channel one after the other are gone at one stroke.
pub(super) fn gather_deleted(changes: Vec<Change>) -> Vec<Change> {
    let mut gathered: Vec<Change> = Vec::with_capacity(changes.len());
    for change in changes {
        let Change::MessageDeleted { space, channel, id, api_id } = change else {
            gathered.push(change);
            continue;
        };
        match gathered.last_mut() {
            Some(Change::MessagesDeleted { channel: of, messages, .. }) if *of == channel => {
                messages.push((id, api_id));
            }
            Some(last @ Change::MessageDeleted { .. }) if deleted_in(last, &channel).is_some() => {
                let messages = deleted_in(last, &channel).into_iter().chain([(id, api_id)]).collect();
                *last = Change::MessagesDeleted { space, channel, messages };
            }
            _ => gathered.push(change),
        }
    }
    gathered
}

fn deleted_in(change: &Change, place: &ChannelId) -> Option<(OpId, Snowflake)> {
    match change {
        Change::MessageDeleted { channel, id, api_id, .. } if channel == place => Some((*id, *api_id)),
        _ => None,
    }
}

/// One change for each reaction that came or went; where a moderator cleared all, or all of an emoji, one for it.
fn reaction_changes(
    row: &MessageRow,
    channel: ChannelId,
    before: &MessageState,
    after: &MessageState,
    deed: &Deed,
) -> Vec<Change> {
    let (space, message, message_author) = (row.space, row.api_id, row.author);
    let pairs = |state: &MessageState| -> BTreeSet<(String, UserId)> {
        let of = |reaction: &nexus_crdt::timeline::Reaction| {
            let emoji = reaction.emoji.clone();
            reaction.users.iter().map(move |user| (emoji.clone(), *user)).collect::<Vec<_>>()
        };
        state.reactions.iter().flat_map(of).collect()
    };
    let (before, after) = (pairs(before), pairs(after));
    let mut changes = Vec::new();
    for (emoji, user) in after.difference(&before).cloned() {
        changes.push(Change::ReactionAdded { space, channel, message, message_author, user, emoji });
    }
    let lost: Vec<(String, UserId)> = before.difference(&after).cloned().collect();
    if let Deed::Unreact { emoji, user: None } = deed
        && lost.iter().all(|(each, _)| emoji.as_ref().is_none_or(|emoji| emoji == each))
        && !after.iter().any(|(each, _)| emoji.as_ref().is_none_or(|emoji| emoji == each))
    {
        changes.push(Change::ReactionsCleared { space, channel, message, emoji: emoji.clone() });
        return changes;
    }
    let removed = |(emoji, user)| Change::ReactionRemoved { space, channel, message, user, emoji };
    changes.extend(lost.into_iter().map(removed));
    changes
}

/// What arrives later than this after it was written says so.
pub(super) const LATE_MS: u64 = 600_000;
