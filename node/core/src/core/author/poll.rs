//! Ballots, and the end of a poll.

use super::{Actor, Authored, Turn};
use crate::command::Reply;
use crate::command::refusal::{Refusal, Thing};
use crate::message::Message;
use nexus_crdt::body::content::{Poll, PollEnd, PollVote};
use nexus_crdt::id::{ChannelId, OpId};
use nexus_crdt::kind::Kind;
use nexus_crdt::timeline::Ballots;
use std::sync::Arc;

impl Turn<'_> {
    /// A ballot that says what the last one said is not written.
    pub(super) fn vote(
        &mut self,
        actor: &Actor,
        channel: ChannelId,
        id: OpId,
        mut answers: Vec<u8>,
    ) -> Authored<Reply> {
        let guild = self.guild_with(actor, &channel)?;
        let message = self.visible(&channel, &id)?.ok_or(Refusal::Unknown(Thing::Message))?;
        let (poll, ballots) = self.goes_on(&message)?;
        answers.sort_unstable();
        answers.dedup();
        let asked = answers.iter().all(|answer| (1..=poll.answers.len()).contains(&usize::from(*answer)));
        if !asked || (answers.len() > 1 && !poll.multiple) {
            return Err(Refusal::Invalid { field: "answer_ids", reason: "not what was asked" }.into());
        }
        if ballots.votes.get(&actor.user).map_or(&[][..], Vec::as_slice) != answers {
            self.act(actor, &guild, &channel, Kind::PollVote, id, &PollVote { answers })?;
        }
        Ok(Reply::Done)
    }

    pub(super) fn end_poll(&mut self, actor: &Actor, channel: ChannelId, id: OpId) -> Authored<Reply> {
        let guild = self.guild_with(actor, &channel)?;
        let message = self.visible(&channel, &id)?.ok_or(Refusal::Unknown(Thing::Message))?;
        if message.author != actor.user {
            return Err(Refusal::NotTheAuthor.into());
        }
        self.goes_on(&message)?;
        self.act(actor, &guild, &channel, Kind::PollEnd, id, &PollEnd {})?;
        let message = self.visible(&channel, &id)?.ok_or(Refusal::Unknown(Thing::Message))?;
        Ok(Reply::Message(Arc::new(message)))
    }

    /// The poll of a message, while ballots count.
    fn goes_on<'m>(&self, message: &'m Message) -> Authored<(&'m Poll, &'m Ballots)> {
        let (Some(poll), Some(ballots)) = (&message.body.poll, &message.ballots) else {
            return Err(Refusal::NoPoll.into());
        };
        if ballots.ended || self.now_ms > ballots.ends.ms() {
            return Err(Refusal::PollOver.into());
        }
        Ok((poll, ballots))
    }
}
