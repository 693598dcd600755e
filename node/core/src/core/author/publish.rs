//! Announcement channels: messages that are given to whoever follows, and how they come there.
//!
//! A channel follows by a webhook of somebody's. When a message is published, the program that holds that person's identity key (there
//! is one at a time) says it again in the following channel, as the webhook, in the very turn in which the act is taken in: no copy
//! is lost, and none is made twice. When the message is edited or taken away later, the same program edits the copy.

use super::super::channel_of;
use super::message::may;
use super::{Actor, Authored, Halt, Turn};
use crate::command::Reply;
use crate::command::message::{Extras, MessageDraft, MessageEdit};
use crate::command::refusal::{Refusal, Thing};
use crate::message::{Message, read};
use crate::snowflake::Snowflake;
use crate::store::{MessageRow, Store, StoreFault};
use nexus_crdt::body::content::{CopyOf, Pings, Publish, ShownAs};
use nexus_crdt::body::governance::ChannelKind;
use nexus_crdt::body::rich_text::RichText;
use nexus_crdt::guild::{Channel, GuildView};
use nexus_crdt::id::{ChannelId, OpId, SpaceId, UserId};
use nexus_crdt::identity::Hook;
use nexus_crdt::kind::Kind;
use nexus_crdt::permissions::Permissions;
use nexus_crdt::timeline::{Act, Deed};
use std::sync::Arc;

/// A message that was given to whoever follows its channel.
pub(in crate::core) struct Published {
    pub(in crate::core) space: SpaceId,
    pub(in crate::core) act: Act,
    pub(in crate::core) row: MessageRow,
}

/// Such a message that says something else than when it was given, or nothing any more.
pub(in crate::core) struct Amended {
    act: Act,
    row: MessageRow,
}

impl Turn<'_> {
    pub(super) fn follow_channel(
        &mut self,
        actor: &Actor,
        source: ChannelId,
        channel: ChannelId,
    ) -> Authored<Reply> {
        let news = self.guild_with(actor, &source)?;
        let announcing = announcing(news.view(), &source)?;
        let title = format!("{} #{}", news.view().settings.name, announcing.name);
        let guild = self.guild_with(actor, &channel)?;
        may(guild.view(), actor, &channel, Permissions::MANAGE_WEBHOOKS)?;
        let is_text =
            guild.view().channels.get(&channel).is_some_and(|channel| {
                [ChannelKind::Text, ChannelKind::Announcement].contains(&channel.kind)
            });
        if !is_text {
            return Err(NOT_HERE.into());
        }
        self.hang_webhook(actor, channel, title.chars().take(NAME_MAX).collect(), Some(source))
    }

    /// What is published is so for good: once more changes nothing.
    pub(super) fn publish(&mut self, actor: &Actor, channel: ChannelId, id: OpId) -> Authored<Reply> {
        let guild = self.guild_with(actor, &channel)?;
        let view = guild.view();
        announcing(view, &channel)?;
        may(view, actor, &channel, Permissions::SEND_MESSAGES)?;
        let unknown = Refusal::Unknown(Thing::Message);
        let message = self.visible(&channel, &id)?.ok_or(unknown.clone())?;
        if message.author != actor.user {
            may(view, actor, &channel, Permissions::MANAGE_MESSAGES)?;
        }
        if !message.published {
            self.act(actor, &guild, &channel, Kind::Publish, id, &Publish {})?;
        }
        let message = self.visible(&channel, &id)?.ok_or(unknown)?;
        Ok(Reply::Message(Arc::new(message)))
    }

    /// Says again, where this program does that, what was published in this turn.
    pub(in super::super) fn bring_copies(&mut self) -> Result<(), StoreFault> {
        for published in std::mem::take(&mut self.published) {
            let Some(message) = read(&self.store, &self.core.mind.view, &published.row)? else { continue };
            let followers = self.followers_here(&published.act, &message.channel);
            for (user, webhook, hook) in followers {
                match self.bring(user, webhook, &hook, &message, published.space) {
                    Ok(_) | Err(Halt::Refused(_) | Halt::Caught(_)) => {}
                    Err(Halt::Fault(fault)) => return Err(fault),
                }
            }
        }
        Ok(())
    }

    /// Who follows it by a webhook that is older than the word that published it: what was published before is not brought.
    fn followers_here(&self, published: &Act, channel: &ChannelId) -> Vec<(UserId, OpId, Hook)> {
        let mind = &self.core.mind;
        let here = mind.view.webhooks.iter().filter(|(user, _)| mind.keyring.identities.contains_key(*user));
        let hooks = here.flat_map(|(user, hooks)| hooks.iter().map(move |(id, hook)| (*user, *id, hook)));
        let follows =
            hooks.filter(|(_, _, hook)| hook.follows == Some(*channel) && hook.born < published.hlc);
        follows.map(|(user, id, hook)| (user, id, hook.clone())).take(COPIES_MAX).collect()
    }

    /// Notes a message that was given to whoever follows and was edited or taken away since.
    pub(in super::super) fn note_amended(&mut self, row: &MessageRow) -> Result<(), StoreFault> {
        if row.verdict != 0
            || !self.core.mind.view.webhooks.values().flat_map(|all| all.values()).any(follows)
        {
            return Ok(());
        }
        let acts = self.store.acts(&row.stream, &row.id, row.hlc)?;
        let given = acts.into_iter().filter(|row| !row.act.void && row.act.deed == Deed::Publish);
        if let Some(first) = given.map(|row| row.act).min_by_key(|act| act.hlc) {
            self.amended.push(Amended { act: first, row: row.clone() });
        }
        Ok(())
    }

    /// Has the copies that this program made say what their messages say now.
    pub(in super::super) fn amend_copies(&mut self) -> Result<(), StoreFault> {
        for Amended { act, row } in std::mem::take(&mut self.amended) {
            let news = self.core.mind.view.guilds.get(&row.space);
            let Some(news) = news.and_then(|guild| channel_of(guild, &row.stream)).map(|news| news.id) else {
                continue;
            };
            let message = read(&self.store, &self.core.mind.view, &row)?;
            if message.as_ref().is_some_and(|message| message.unreadable) {
                continue;
            }
            for (user, _, hook) in self.followers_here(&act, &news) {
                let Some(copy) = self.copy_in(&hook.channel, &user, &act, &row.id)? else { continue };
                match self.amend(user, &copy, message.as_ref()) {
                    Ok(_) | Err(Halt::Refused(_) | Halt::Caught(_)) => {}
                    Err(Halt::Fault(fault)) => return Err(fault),
                }
            }
        }
        Ok(())
    }

    /// The copy of a message that somebody's program made here: it was written soon after the act that gave the message was here.
    fn copy_in(
        &self,
        channel: &ChannelId,
        user: &UserId,
        given: &Act,
        of: &OpId,
    ) -> Result<Option<Message>, StoreFault> {
        let from = Snowflake::first_at(given.hlc.ms());
        for row in self.store.messages(&channel.stream(), from, false, COPY_LOOK)? {
            if row.author == *user
                && let Some(message) = read(&self.store, &self.core.mind.view, &row)?
                && message.body.copy_of.is_some_and(|copy| copy.message == *of)
            {
                return Ok(Some(message));
            }
        }
        Ok(None)
    }

    fn amend(&mut self, user: UserId, copy: &Message, now: Option<&Message>) -> Authored<Reply> {
        let actor = self.actor(Some(user))?;
        let edit = match now.map(|now| now.body.clone()) {
            Some(body) => MessageEdit {
                text: Some(body.text),
                embeds: Some(body.embeds),
                refs: body.refs,
                pings: Pings::default(),
                flags: Some(body.flags),
                components: Some(body.components),
                files: Some(body.files),
            },
            None => MessageEdit {
                text: Some(RichText::plain(GONE)),
                embeds: Some(Vec::new()),
                flags: Some(copy.body.flags | SOURCE_MESSAGE_DELETED),
                components: Some(None),
                files: Some(None),
                ..MessageEdit::default()
            },
        };
        self.edit_message(&actor, copy.channel, copy.id, edit)
    }

    fn bring(
        &mut self,
        user: UserId,
        webhook: OpId,
        hook: &Hook,
        message: &Message,
        space: SpaceId,
    ) -> Authored<Reply> {
        let actor = self.actor(Some(user))?;
        // Who sees the channel no more follows it no more.
        let news = self.guild_with(&actor, &message.channel)?;
        may(news.view(), &actor, &message.channel, Permissions::READ_MESSAGE_HISTORY)?;
        let body = message.body.clone();
        let name = hook.name.to_string();
        let copy_of = CopyOf { space, channel: message.channel, message: message.id };
        let draft = MessageDraft {
            channel: hook.channel,
            text: body.text,
            refs: body.refs,
            embeds: body.embeds,
            reply_to: None,
            pings: Pings::default(),
            shown_at: None,
            flags: body.flags,
            tts: false,
            nonce: None,
            enforce_nonce: false,
            extras: Extras {
                components: body.components,
                files: body.files,
                shown_as: Some(ShownAs { webhook, name, avatar: None }),
                copy_of: Some(Box::new(copy_of)),
                forward: body.forward.map(Box::new),
                ..Extras::default()
            },
        };
        self.send_message(&actor, draft)
    }
}

const fn follows(hook: &Hook) -> bool {
    hook.follows.is_some()
}

fn announcing<'a>(view: &'a GuildView, channel: &ChannelId) -> Authored<&'a Channel> {
    let channel = view.channels.get(channel).filter(|channel| channel.kind == ChannelKind::Announcement);
    channel.ok_or_else(|| NOT_HERE.into())
}

const NOT_HERE: Refusal = Refusal::Invalid { field: "channel_id", reason: "not of this kind of channel" };
/// What a copy says whose message was taken away, and the flag it has then; as on Discord.
const GONE: &str = "[Original Message Deleted]";
const SOURCE_MESSAGE_DELETED: u32 = 1 << 3;
/// Messages after the act that gave a message that are looked through for its copy.
const COPY_LOOK: usize = 128;
/// Characters of a webhook's name.
const NAME_MAX: usize = 80;
/// Channels of one program that one message is brought to.
const COPIES_MAX: usize = 256;
