//! Messages that are shown in a thread of the channel in which they were written.

use super::super::content::{is_beside, quota_of, rate_class};
use super::message::may;
use super::{Actor, Authored, Turn};
use crate::command::Reply;
use crate::command::refusal::{Refusal, Thing};
use crate::message::Message;
use nexus_crdt::body::content::{self, BROUGHT_MAX, Brought, Move, Notice};
use nexus_crdt::guild::{Guild, GuildView};
use nexus_crdt::id::{ChannelId, OpId};
use nexus_crdt::kind::Kind;
use nexus_crdt::permissions::Permissions;

impl Turn<'_> {
    /// All or none. What is there already stays; of what is brought the thread is told in one line, by which who holds nothing
    /// but the thread knows what to ask for.
    pub(super) fn move_messages(
        &mut self,
        actor: &Actor,
        channel: ChannelId,
        messages: &[OpId],
        to: Option<ChannelId>,
    ) -> Authored<Reply> {
        let guild = self.guild_with(actor, &channel)?;
        let most = self.most_at_once(actor, &guild);
        if messages.len() > most {
            let max = u32::try_from(most).unwrap_or(u32::MAX);
            return Err(Refusal::TooMany { what: "messages", max }.into());
        }
        may(guild.view(), actor, &channel, Permissions::MANAGE_MESSAGES)?;
        if let Some(thread) = &to {
            takes_in(guild.view(), actor, &channel, thread)?;
        }
        let brought = self.elsewhere(&channel, messages, to)?;
        if brought.is_empty() {
            return Ok(Reply::Done);
        }
        if let Some(thread) = &to {
            self.enter_thread(actor, &guild, thread)?;
        }
        // Taken out of where it was put away, or not: what is written cites the guild as it is by now.
        let guild = self.guild_with(actor, &channel)?;
        for one in &brought {
            self.act(actor, &guild, &channel, Kind::Move, one.message, &Move { to })?;
        }
        if let Some(thread) = to {
            let notice = Some(Notice::Brought(channel, brought));
            let body = content::Message { notice, ..content::Message::default() };
            self.within_quota(actor, &guild, &thread)?;
            self.utter(actor, &guild, &thread, Kind::Message, None, &body)?;
        }
        Ok(Reply::Done)
    }

    /// What the actor may ever write into one log without waiting: each message that is moved is an op of theirs.
    fn most_at_once(&self, actor: &Actor, guild: &Guild) -> usize {
        let class = rate_class(guild, &actor.user, self.own_class(&actor.user), &guild.frontier());
        let quota = quota_of(guild.view(), class).map_or(usize::MAX, |quota| quota.short as usize);
        BROUGHT_MAX.min(quota)
    }

    /// Those of the messages that are not shown there.
    fn elsewhere(
        &self,
        channel: &ChannelId,
        messages: &[OpId],
        to: Option<ChannelId>,
    ) -> Authored<Vec<Brought>> {
        let mut elsewhere: Vec<Brought> = Vec::new();
        for id in messages {
            let message = self.visible(channel, id)?.ok_or(Refusal::Unknown(Thing::Message))?;
            let is_named = elsewhere.iter().any(|one| one.message == *id);
            if message.moved != to && !is_named {
                elsewhere.push(Brought { written: message.hlc, message: *id });
            }
        }
        Ok(elsewhere)
    }

    /// A message that can be answered in a channel: one of its own, or one that is shown in it.
    pub(super) fn answerable(&self, channel: &ChannelId, id: &OpId) -> Authored<Option<Message>> {
        if let Some(message) = self.visible(channel, id)? {
            return Ok(Some(message));
        }
        let guild = self.core.mind.view.guild_of(channel);
        let parent = guild.and_then(|guild| guild.channels.get(channel)?.parent);
        let above = parent.map_or(Ok(None), |parent| self.visible(&parent, id))?;
        Ok(above.filter(|message| message.moved == Some(*channel)))
    }
}

fn takes_in(view: &GuildView, actor: &Actor, channel: &ChannelId, thread: &ChannelId) -> Authored<()> {
    if !view.channels.contains_key(thread) {
        return Err(Refusal::Unknown(Thing::Channel).into());
    }
    if !is_beside(view, &channel.stream(), thread) {
        return Err(Refusal::NotBeside.into());
    }
    may(view, actor, thread, Permissions::SEND_MESSAGES)
}
