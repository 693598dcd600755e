//! Message history, read beside the loop.

mod lacking;
mod moved;

use crate::store::CaughtTables;
use crate::unreadable::Unreadable;
use nexus_core::store::Range;
use nexus_core::{Message, MessageRow, Snowflake, Store, StoreFault, StoredOp, Tally, View};
use nexus_crdt::guild::Channel;
use nexus_crdt::hlc::Hlc;
use nexus_crdt::id::{ChannelId, OpId, SpaceId, StreamId, UserId};
use nexus_crdt::kind::Kind;
use nexus_crdt::op::Op;
use nexus_crdt::timeline::{Deed, TimelineHash, followers};
use nexus_crdt::verdict::{Verdict, VoidReason};
use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::sync::Arc;

/// One read transaction: shows what is durable, and nothing that came after it began.
pub struct Reader {
    tables: CaughtTables,
    unreadable: Arc<Unreadable>,
}

/// Where a page of history begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Page {
    /// The newest.
    Latest,
    /// Strictly older than this number, newest first.
    Before(Snowflake),
    /// Strictly newer than this number; the oldest of those, given newest first as Discord does.
    After(Snowflake),
    /// Around it, itself included where it is to be seen.
    Around(Snowflake),
}

/// A space's numbers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SpaceStatus {
    /// Ops of all streams.
    pub ops: u64,
    /// Written here and handed to nobody yet.
    pub outbox: u64,
    /// Per channel stream: valid messages that are here and not deleted, and the timeline's hash; none where it is not held whole.
    pub timelines: BTreeMap<StreamId, (u64, Option<[u8; 32]>)>,
}

/// Rows taken from the store at a time: a page may have to step over deleted messages.
const STEP: usize = 64;

/// What waits to be handed to somebody else.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Queued {
    /// Ops.
    pub waiting: u64,
    /// The newest messages among them, at most 64.
    pub messages: Vec<(ChannelId, Snowflake)>,
}

/// Messages that [`Reader::voided`] looks at in one channel, in all, and gives back.
const VOIDED_LOOK: usize = 32;
const VOIDED_LOOK_MAX: usize = 4_096;
const VOIDED_MAX: usize = 20;
/// Messages of [`Queued`] that are named.
pub(crate) const QUEUED_MAX: usize = 64;

impl Reader {
    pub(crate) const fn new(tables: CaughtTables, unreadable: Arc<Unreadable>) -> Self {
        Self { tables, unreadable }
    }

    /// A visible message by its number, in the channel where it was written or in the thread where it is shown.
    ///
    /// # Errors
    /// [`StoreFault`].
    pub fn message(
        &self,
        view: &View,
        channel: ChannelId,
        number: Snowflake,
    ) -> Result<Option<Message>, StoreFault> {
        match self.tables.message_by_number(&channel.stream(), number)? {
            Some(id) => self.message_of(view, channel, &id),
            None => self.moved_numbered(view, channel, number),
        }
    }

    /// Visible messages that are shown in a channel, newest first, at most `limit`.
    ///
    /// # Errors
    /// [`StoreFault`].
    pub fn messages(
        &self,
        view: &View,
        channel: ChannelId,
        page: Page,
        limit: usize,
    ) -> Result<Vec<Message>, StoreFault> {
        match page {
            Page::Latest => self.older(view, channel, Some(Snowflake(u64::MAX)), limit),
            Page::Before(number) => self.older(view, channel, before(number), limit),
            Page::After(number) => self.newer(view, channel, after(number), limit),
            Page::Around(number) => {
                let mut page = self.newer(view, channel, after(number), limit / 2)?;
                let left = limit.saturating_sub(page.len());
                page.extend(self.older(view, channel, Some(number), left)?);
                Ok(page)
            }
        }
    }

    /// Pinned messages, newest pin first.
    ///
    /// # Errors
    /// [`StoreFault`].
    pub fn pins(&self, view: &View, channel: ChannelId) -> Result<Vec<Message>, StoreFault> {
        let mut pins = Vec::new();
        let own = self.tables.pinned(&channel.stream())?.into_iter().map(|id| (channel, id)).collect();
        for (home, id) in [own, self.moved_into(view, channel)?].concat() {
            let pinned = self.message_of(view, home, &id)?.filter(|message| message.pinned);
            if let Some(message) = pinned.filter(|message| message.shown_in() == channel) {
                pins.push((self.last_pin(&message)?, message));
            }
        }
        pins.sort_by_key(|(pinned, message)| Reverse((*pinned, message.id)));
        Ok(pins.into_iter().map(|(_, message)| message).collect())
    }

    /// The number of the newest message of a channel, void and deleted and moved ones included (Discord's `last_message_id`).
    ///
    /// # Errors
    /// [`StoreFault`].
    pub fn last_message(&self, channel: ChannelId) -> Result<Option<Snowflake>, StoreFault> {
        let newest = self.tables.messages(&channel.stream(), Snowflake(u64::MAX), true, 1)?;
        let moved = self.moved_rows(channel)?.into_iter();
        Ok(newest.into_iter().chain(moved).map(|row| row.api_id).max())
    }

    /// The op behind the number of a message, void and deleted and moved ones included.
    ///
    /// # Errors
    /// [`StoreFault`].
    pub fn numbered(&self, channel: ChannelId, number: Snowflake) -> Result<Option<OpId>, StoreFault> {
        if let Some(own) = self.tables.message_by_number(&channel.stream(), number)? {
            return Ok(Some(own));
        }
        let moved = self.moved_rows(channel)?.into_iter();
        Ok(moved.filter(|row| row.api_id == number).map(|row| row.id).min())
    }

    /// The number of a message, void and deleted and moved ones included; none where it is not here.
    ///
    /// # Errors
    /// [`StoreFault`].
    pub fn number_of(&self, channel: ChannelId, message: &OpId) -> Result<Option<Snowflake>, StoreFault> {
        if let Some(own) = self.tables.message(&channel.stream(), message)? {
            return Ok(Some(own.api_id));
        }
        let mut moved = self.moved_rows(channel)?.into_iter();
        Ok(moved.find(|row| row.id == *message).map(|row| row.api_id))
    }

    /// How much was said in a thread, and moved into it.
    ///
    /// # Errors
    /// [`StoreFault`].
    pub fn tally(&self, view: &View, thread: &Channel) -> Result<Tally, StoreFault> {
        let mut tally = self.tables.tally(&thread.id.stream())?;
        for (home, id) in self.moved_into(view, thread.id)? {
            let shown = self.message_of(view, home, &id)?;
            tally.said += 1;
            tally.shown += u64::from(shown.is_some_and(|message| message.shown_in() == thread.id));
        }
        Ok(tally)
    }

    /// Who follows a thread, or is in a private one, and since when; people who are no members any more among them.
    ///
    /// # Errors
    /// [`StoreFault`].
    pub fn followers(&self, thread: &Channel) -> Result<BTreeMap<UserId, Hlc>, StoreFault> {
        if let Some(circle) = thread.thread.as_ref().and_then(|facts| facts.private.as_ref()) {
            return Ok(circle.inside.iter().map(|(user, since)| (*user, *since)).collect());
        }
        let acts = self.tables.acts(&thread.id.stream(), &OpId::from(thread.id), thread.born)?;
        Ok(followers(&acts.into_iter().map(|row| row.act).collect::<Vec<_>>()))
    }

    /// An act of governance, as it was signed.
    ///
    /// # Errors
    /// [`StoreFault`].
    pub fn act(&self, id: &OpId) -> Result<Option<Op>, StoreFault> {
        let op = self.tables.op(id)?.map(|stored| stored.op);
        Ok(op.filter(|op| op.header.stream == StreamId::GOVERNANCE))
    }

    /// Joins of a guild that were written in a short time, counting or not; at most 64.
    ///
    /// # Errors
    /// [`StoreFault`].
    pub fn joins(&self, space: &SpaceId, from: Hlc, upto: Hlc) -> Result<Vec<Op>, StoreFault> {
        let before = Some((from, OpId([0; 32])));
        let page = self.tables.stream_page(space, &StreamId::MEMBERSHIP, before, STEP)?;
        let ops = page.into_iter().map(|stored| stored.op).take_while(|op| op.header.hlc <= upto);
        Ok(ops.filter(|op| op.kind() == Some(Kind::Join)).collect())
    }

    /// What `status` prints of a space: ops, outbox, and per stream messages and hash. Reads every message's row.
    ///
    /// # Errors
    /// [`StoreFault`].
    pub fn space_status(&self, view: &View, space: SpaceId) -> Result<SpaceStatus, StoreFault> {
        let count = self.tables.count(&space)?;
        let channels = view.guilds.get(&space).into_iter().flat_map(|guild| guild.channels.keys());
        let timelines = channels.map(|channel| {
            let stream = channel.stream();
            let (messages, hash) = self.timeline(&stream)?;
            let whole = view.holds(&space, &stream, &Range::ALL);
            Ok((stream, (messages, whole.then_some(hash))))
        });
        Ok(SpaceStatus {
            ops: count.ops,
            outbox: count.outbox,
            timelines: timelines.collect::<Result<_, _>>()?,
        })
    }

    /// Somebody's newest messages that authority took away, and why, the oldest first; at most 20, and of the newest 32 of
    /// each channel only.
    ///
    /// # Errors
    /// [`StoreFault`].
    pub fn voided(&self, view: &View, user: &UserId) -> Result<Vec<(Message, VoidReason)>, StoreFault> {
        let (mut voided, mut looked) = (Vec::new(), 0);
        for channel in view.guilds.values().flat_map(|guild| guild.channels.keys()) {
            let rows = self.tables.messages(&channel.stream(), Snowflake(u64::MAX), true, VOIDED_LOOK)?;
            looked += rows.len();
            for row in rows.iter().filter(|row| row.author == *user) {
                let Verdict::Void(reason) = Verdict::from_byte(row.verdict) else { continue };
                let stood = MessageRow { verdict: 0, ..row.clone() };
                voided.extend(self.visible(view, *channel, &stood)?.map(|message| (message, reason)));
            }
            if looked >= VOIDED_LOOK_MAX {
                break;
            }
        }
        voided.sort_by_key(|(message, _)| message.hlc);
        Ok(voided.split_off(voided.len().saturating_sub(VOIDED_MAX)))
    }

    /// The ops of an account's own log, as they go on the wire, in order of writing.
    ///
    /// # Errors
    /// [`StoreFault`].
    pub fn identity_log(&self, user: &UserId) -> Result<Vec<Vec<u8>>, StoreFault> {
        let ops = self.tables.stream_ops(&user.space(), &StreamId::GOVERNANCE)?;
        Ok(ops.iter().map(StoredOp::encode).collect())
    }

    /// What was written here and nobody else has, of the spaces that somebody else is to have.
    ///
    /// # Errors
    /// [`StoreFault`].
    pub fn queued(&self, view: &View) -> Result<Queued, StoreFault> {
        let mut queued = Queued::default();
        for (space, guild) in &view.guilds {
            let alone = guild.relays.is_empty() && guild.members.keys().all(|user| view.local.contains(user));
            let waiting = if alone { 0 } else { self.tables.count(space)?.outbox };
            queued.waiting += waiting;
            if waiting == 0 || queued.messages.len() >= QUEUED_MAX {
                continue;
            }
            for id in self.tables.queued(space, QUEUED_MAX)? {
                let op = self.tables.op(&id)?;
                let message = op.filter(|stored| stored.op.kind() == Some(Kind::Message));
                let Some(stream) = message.map(|stored| stored.op.header.stream) else { continue };
                let channel = guild.channels.keys().find(|channel| channel.stream() == stream);
                if let (Some(channel), Some(row)) = (channel, self.tables.message(&stream, &id)?) {
                    queued.messages.push((*channel, row.api_id));
                }
            }
        }
        queued.messages.truncate(QUEUED_MAX);
        Ok(queued)
    }

    /// Whether something that was written here of a space is held by nobody else.
    ///
    /// # Errors
    /// [`StoreFault`].
    pub fn waits(&self, space: &SpaceId) -> Result<bool, StoreFault> {
        Ok(self.tables.count(space)?.outbox > 0)
    }

    /// A visible message by its op.
    ///
    /// # Errors
    /// [`StoreFault`].
    pub fn message_of(
        &self,
        view: &View,
        channel: ChannelId,
        id: &OpId,
    ) -> Result<Option<Message>, StoreFault> {
        let row = self.tables.message(&channel.stream(), id)?;
        row.map_or(Ok(None), |row| self.visible(view, channel, &row))
    }

    // A row of another space under this channel's name (made to confuse) is not this channel's message.
    fn visible(
        &self,
        view: &View,
        channel: ChannelId,
        row: &MessageRow,
    ) -> Result<Option<Message>, StoreFault> {
        let message = nexus_core::read(&self.tables, view, row)?;
        if message.as_ref().is_some_and(|message| message.unreadable)
            && let Some(op) = nexus_core::unreadable(&self.tables, row)?
        {
            self.unreadable.note(row.space, op);
        }
        Ok(message.filter(|message| message.channel == channel))
    }

    fn older(
        &self,
        view: &View,
        channel: ChannelId,
        from: Option<Snowflake>,
        limit: usize,
    ) -> Result<Vec<Message>, StoreFault> {
        self.walk(view, channel, from, true, limit)
    }

    fn newer(
        &self,
        view: &View,
        channel: ChannelId,
        from: Option<Snowflake>,
        limit: usize,
    ) -> Result<Vec<Message>, StoreFault> {
        let mut page = self.walk(view, channel, from, false, limit)?;
        page.reverse();
        Ok(page)
    }

    // What is shown in the channel of what was written in it, and what was moved there.
    fn walk(
        &self,
        view: &View,
        channel: ChannelId,
        from: Option<Snowflake>,
        older: bool,
        limit: usize,
    ) -> Result<Vec<Message>, StoreFault> {
        let mut page = self.walk_own(view, channel, from, older, limit)?;
        let Some(from) = from else { return Ok(page) };
        let moved = self.moved_page(view, channel, from, older, limit)?;
        if moved.is_empty() {
            return Ok(page);
        }
        page.extend(moved);
        page.sort_by_key(|message| message.api_id);
        if older {
            page.reverse();
        }
        page.truncate(limit);
        Ok(page)
    }

    fn walk_own(
        &self,
        view: &View,
        channel: ChannelId,
        mut from: Option<Snowflake>,
        older: bool,
        limit: usize,
    ) -> Result<Vec<Message>, StoreFault> {
        let mut page = Vec::new();
        let gone = view.channels.get(&channel).and_then(|space| view.gone.get(space)?.get(&channel)).copied();
        // What is kept no longer is not gone through.
        let kept_from = gone.map(|gone| Snowflake::first_at(gone.ms()));
        if !older {
            from = from.max(kept_from.filter(|_| from.is_some()));
        }
        while let Some(number) = from.filter(|_| page.len() < limit) {
            let step = STEP.min(limit - page.len());
            let rows = self.tables.messages(&channel.stream(), number, older, step)?;
            for row in &rows {
                page.extend(self.visible(view, channel, row)?.filter(|message| message.moved.is_none()));
            }
            let last = rows.last().filter(|_| rows.len() == step).map(|row| row.api_id);
            from = last.and_then(if older { before } else { after });
            from = from.filter(|from| !older || kept_from.is_none_or(|kept_from| *from >= kept_from));
        }
        Ok(page)
    }

    fn last_pin(&self, message: &Message) -> Result<Hlc, StoreFault> {
        let acts = self.tables.acts(&message.channel.stream(), &message.id, message.hlc)?;
        let pins = acts.iter().map(|row| &row.act);
        let pins = pins.filter(|act| !act.void && matches!(act.deed, Deed::Pin { pinned: true }));
        Ok(pins.map(|act| act.hlc).max().unwrap_or(Hlc::ZERO))
    }

    fn timeline(&self, stream: &StreamId) -> Result<(u64, [u8; 32]), StoreFault> {
        let (mut messages, mut hash) = (0, TimelineHash::default());
        self.tables.timeline(stream, &mut |entry| {
            messages += u64::from(!entry.deleted);
            hash.add(&entry);
        })?;
        Ok((messages, hash.finish()))
    }
}

fn before(number: Snowflake) -> Option<Snowflake> {
    number.0.checked_sub(1).map(Snowflake)
}

fn after(number: Snowflake) -> Option<Snowflake> {
    number.0.checked_add(1).map(Snowflake)
}
