//! Reactions and pins.

use super::emoji::usable;
use super::message::may;
use super::{Actor, Authored, Turn};
use crate::command::Reply;
use crate::command::refusal::{Refusal, Thing};
use crate::message::Message;
use crate::store::Store;
use nexus_crdt::body::content;
use nexus_crdt::body::governance::SpaceKind;
use nexus_crdt::id::{ChannelId, OpId, UserId};
use nexus_crdt::kind::Kind;
use nexus_crdt::permissions::Permissions;

impl Turn<'_> {
    pub(super) fn react(
        &mut self,
        actor: &Actor,
        channel: ChannelId,
        id: OpId,
        emoji: String,
    ) -> Authored<Reply> {
        let guild = self.guild_with(actor, &channel)?;
        may(guild.view(), actor, &channel, Permissions::ADD_REACTIONS)?;
        let message = self.visible(&channel, &id)?.ok_or(Refusal::Unknown(Thing::Message))?;
        if !usable(guild.view(), actor, &emoji) {
            return Err(Refusal::Unknown(Thing::Emoji).into());
        }
        match message.reactions.iter().find(|reaction| reaction.emoji == emoji) {
            Some(reaction) if reaction.users.contains(&actor.user) => return Ok(Reply::Done),
            None if message.reactions.len() >= EMOJIS_MAX => {
                return Err(Refusal::TooMany { what: "reactions", max: 20 }.into());
            }
            _ => {}
        }
        self.act(actor, &guild, &channel, Kind::React, id, &content::React { emoji })?;
        Ok(Reply::Done)
    }

    pub(super) fn unreact(
        &mut self,
        actor: &Actor,
        channel: ChannelId,
        id: OpId,
        emoji: Option<String>,
        user: Option<UserId>,
    ) -> Authored<Reply> {
        let guild = self.guild_with(actor, &channel)?;
        let message = self.visible(&channel, &id)?.ok_or(Refusal::Unknown(Thing::Message))?;
        if user != Some(actor.user) {
            may(guild.view(), actor, &channel, Permissions::MANAGE_MESSAGES)?;
        }
        if there(&message, emoji.as_deref(), user.as_ref()) {
            self.act(actor, &guild, &channel, Kind::Unreact, id, &content::Unreact { emoji, user })?;
        }
        Ok(Reply::Done)
    }

    pub(super) fn pin(
        &mut self,
        actor: &Actor,
        channel: ChannelId,
        id: OpId,
        pinned: bool,
    ) -> Authored<Reply> {
        let guild = self.guild_with(actor, &channel)?;
        if guild.view().facts.kind == SpaceKind::Guild {
            let pins = may(guild.view(), actor, &channel, Permissions::PIN_MESSAGES);
            pins.or_else(|_| may(guild.view(), actor, &channel, Permissions::MANAGE_MESSAGES))?;
        }
        let message = self.visible(&channel, &id)?.ok_or(Refusal::Unknown(Thing::Message))?;
        if message.pinned == pinned {
            return Ok(Reply::Done);
        }
        if pinned && self.pins_in(&channel)? >= PINS_MAX {
            return Err(Refusal::TooMany { what: "pins", max: 50 }.into());
        }
        self.act(actor, &guild, &channel, Kind::Pin, id, &content::Pin { pinned })?;
        Ok(Reply::Done)
    }

    fn pins_in(&self, channel: &ChannelId) -> Authored<usize> {
        let mut count = 0;
        for id in self.store.pinned(&channel.stream())? {
            count += usize::from(self.visible(channel, &id)?.is_some_and(|message| message.pinned));
        }
        Ok(count)
    }
}

fn there(message: &Message, emoji: Option<&str>, user: Option<&UserId>) -> bool {
    message
        .reactions
        .iter()
        .filter(|reaction| emoji.is_none_or(|emoji| emoji == reaction.emoji))
        .any(|reaction| user.is_none_or(|user| reaction.users.contains(user)))
}

/// Different emoji on one message.
const EMOJIS_MAX: usize = 20;
/// Of one channel.
const PINS_MAX: usize = 50;
