//! Threads: what they are called, who follows them, how much is said in them.

use super::mind::channel_of;
use super::turn::Turn;
use crate::change::Change;
use crate::snowflake::Snowflake;
use crate::store::{ActRow, MessageRow, Record, Store, StoreFault, Tally};
use nexus_crdt::body::governance::ThreadCreate;
use nexus_crdt::hlc::Hlc;
use nexus_crdt::id::{ChannelId, UserId};
use nexus_crdt::op::Op;
use nexus_crdt::timeline::{Act, Deed, followers};
use nexus_crdt::verdict::Verdict;
use std::collections::BTreeMap;

impl Turn<'_> {
    /// A thread made from a message has the message's number, where that is here and free: by it Discord's libraries find
    /// the one from the other.
    pub(super) fn number_thread(&mut self, op: &Op) -> Result<(), StoreFault> {
        let body = op.read_body::<ThreadCreate>().ok();
        let starter = body.and_then(|body| Some((body.parent.stream(), body.starter?)));
        let row = match starter {
            Some((stream, starter)) => self.store.message(&stream, &starter)?,
            None => None,
        };
        let ids = &mut self.core.mind.view.ids;
        match row.map(|row| row.api_id).filter(|number| !ids.is_taken(*number)) {
            Some(number) => {
                ids.insert(number, op.id);
                self.write(Record::Snowflake(number, op.id));
            }
            None => self.number(op.id, op.header.hlc),
        }
        Ok(())
    }

    /// The first message of a forum's post by who made it has the post's number, for the same reason.
    pub(super) fn number_of_post(&self, op: &Op, author: &UserId) -> Result<Option<Snowflake>, StoreFault> {
        let view = &self.core.mind.view;
        let Some(guild) = view.guilds.get(&op.space()) else { return Ok(None) };
        let post = channel_of(guild, &op.header.stream).filter(|channel| {
            let parent = channel.parent.and_then(|parent| guild.channels.get(&parent));
            channel.thread.as_ref().is_some_and(|thread| thread.owner == *author)
                && parent.is_some_and(|parent| parent.forum.is_some())
        });
        let Some(number) = post.map(|post| view.ids.of(post.id)) else { return Ok(None) };
        let taken = self.store.message_by_number(&op.header.stream, number)?.is_some();
        Ok((!taken).then_some(number))
    }

    /// Counts a message of a thread in or out. By the op that made the stream, not by what is shown now: a thread that
    /// authority takes away and gives back has counted on.
    pub(super) fn count_in_thread(
        &mut self,
        row: &MessageRow,
        shown: i64,
        said: i64,
    ) -> Result<(), StoreFault> {
        let guild = self.core.mind.guilds.get(&row.space);
        if (shown, said) == (0, 0) || guild.is_none_or(|guild| guild.thread_of(&row.stream).is_none()) {
            return Ok(());
        }
        let now = self.store.tally(&row.stream)?;
        let tally = Tally {
            shown: now.shown.saturating_add_signed(shown),
            said: now.said.saturating_add_signed(said),
        };
        self.write(Record::Tally(row.stream, tally));
        Ok(())
    }

    /// Keeps a word on who follows a thread beside the thread itself, as acts are kept beside their message.
    pub(super) fn new_follow(
        &mut self,
        op: &Op,
        author: UserId,
        deed: Deed,
        (thread, made): (ChannelId, Hlc),
        verdict: Verdict,
    ) -> Result<(), StoreFault> {
        let act = Act { op: op.id, hlc: op.header.hlc, author, deed, void: false };
        let row = ActRow {
            space: op.space(),
            stream: op.header.stream,
            message: thread.into(),
            message_hlc: made,
            act,
            verdict: 0,
        };
        self.put_follow(row.judged(verdict))
    }

    /// Writes such a row, new or judged anew, and tells what it changes.
    pub(super) fn put_follow(&mut self, row: ActRow) -> Result<(), StoreFault> {
        let Deed::Follow { user, .. } = row.act.deed else { return Ok(()) };
        let (space, thread) = (row.space, row.message);
        let before = self.followers(&row)?.contains_key(&user);
        self.write(Record::Act(row.clone()));
        let following = self.followers(&row)?.contains_key(&user);
        if before != following {
            let thread = ChannelId::from(thread);
            self.changes.push(Change::ThreadFollowed { space, thread, user, following });
        }
        Ok(())
    }

    fn followers(&self, row: &ActRow) -> Result<BTreeMap<UserId, Hlc>, StoreFault> {
        let acts = self.store.acts(&row.stream, &row.message, row.message_hlc)?;
        Ok(followers(&acts.into_iter().map(|row| row.act).collect::<Vec<_>>()))
    }
}
