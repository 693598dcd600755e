//! Announcement channels: messages that are given to whoever follows, and how they come there.
//!
//! A channel follows by a webhook of somebody's. When a message is published, the program that holds that person's identity key (there
//! is one at a time) says it again in the following channel, as the webhook, in the very turn in which the act is taken in: no copy
//! is lost, and none is made twice.

use super::message::may;
use super::{Actor, Authored, Halt, Turn};
use crate::command::{Extras, MessageDraft, Refusal, Reply, Thing};
use crate::message::{Message, read};
use crate::store::{MessageRow, StoreFault};
use nexus_crdt::body::content::{CopyOf, Pings, Publish, ShownAs};
use nexus_crdt::body::governance::ChannelKind;
use nexus_crdt::guild::{Channel, GuildView};
use nexus_crdt::id::{ChannelId, OpId, SpaceId, UserId};
use nexus_crdt::identity::Hook;
use nexus_crdt::kind::Kind;
use nexus_crdt::permissions::Permissions;
use nexus_crdt::timeline::Act;
use std::sync::Arc;

/// A message that was given to whoever follows its channel.
pub(in crate::core) struct Published {
    pub(in crate::core) space: SpaceId,
    pub(in crate::core) act: Act,
    pub(in crate::core) row: MessageRow,
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
            for (user, webhook, hook) in self.followers_here(&published, &message) {
                match self.bring(user, webhook, &hook, &message, published.space) {
                    Ok(_) | Err(Halt::Refused(_)) => {}
                    Err(Halt::Fault(fault)) => return Err(fault),
                }
            }
        }
        Ok(())
    }

    /// Who follows it by a webhook that is older than the word that published it: what was published before is not brought.
    fn followers_here(&self, published: &Published, message: &Message) -> Vec<(UserId, OpId, Hook)> {
        let mind = &self.core.mind;
        let here = mind.view.webhooks.iter().filter(|(user, _)| mind.keyring.identities.contains_key(*user));
        let hooks = here.flat_map(|(user, hooks)| hooks.iter().map(move |(id, hook)| (*user, *id, hook)));
        let follows = hooks
            .filter(|(_, _, hook)| hook.follows == Some(message.channel) && hook.born < published.act.hlc);
        follows.map(|(user, id, hook)| (user, id, hook.clone())).take(COPIES_MAX).collect()
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
                ..Extras::default()
            },
        };
        self.send_message(&actor, draft)
    }
}

fn announcing<'a>(view: &'a GuildView, channel: &ChannelId) -> Authored<&'a Channel> {
    let channel = view.channels.get(channel).filter(|channel| channel.kind == ChannelKind::Announcement);
    channel.ok_or_else(|| NOT_HERE.into())
}

const NOT_HERE: Refusal = Refusal::Invalid { field: "channel_id", reason: "not of this kind of channel" };
/// Characters of a webhook's name.
const NAME_MAX: usize = 80;
/// Channels of one program that one message is brought to.
const COPIES_MAX: usize = 256;
