//! Messages: sending, editing, deleting.

use super::super::content::{quota_of, rate_class};
use super::alert::Heard;
use super::{Actor, Authored, Turn};
use crate::change::Change;
use crate::command::Reply;
use crate::command::message::{MessageDraft, MessageEdit};
use crate::command::refusal::{Refusal, Thing};
use crate::message::{Message, honoured, read};
use crate::store::{LogId, Store};
use nexus_crdt::body::content::{self, Embed, Pings};
use nexus_crdt::body::governance::RateClass;
use nexus_crdt::body::rich_text::{Part, Refs, RichText};
use nexus_crdt::guild::{Guild, GuildView};
use nexus_crdt::hlc::Hlc;
use nexus_crdt::id::{ChannelId, DeviceKey, OpId};
use nexus_crdt::kind::Kind;
use nexus_crdt::permissions::Permissions;
use std::sync::Arc;

impl Turn<'_> {
    pub(super) fn send_message(&mut self, actor: &Actor, draft: MessageDraft) -> Authored<Reply> {
        let channel = draft.channel;
        let guild = self.guild_with(actor, &channel)?;
        let view = guild.view();
        may(view, actor, &channel, Permissions::SEND_MESSAGES)?;
        if draft.text.is_empty() && draft.embeds.is_empty() && draft.extras.is_empty() {
            return Err(Refusal::EmptyMessage.into());
        }
        if let Some(there) = self.sent_before(actor, &draft)? {
            return Ok(Reply::Message(Arc::new(there)));
        }
        let class = rate_class(&guild, &actor.user, self.own_class(&actor.user), &guild.frontier());
        if draft.shown_at.is_some() && class != RateClass::Bulk {
            return Err(Refusal::Invalid { field: "shown_at", reason: "of rate class bulk only" }.into());
        }
        if draft.extras.poll.is_some() {
            may(view, actor, &channel, Permissions::SEND_POLLS)?;
        }
        if let Some(shown) = &draft.extras.shown_as {
            self.may_be_shown_as(actor, view, &channel, shown)?;
        }
        if let Some(target) = draft.reply_to
            && self.answerable(&channel, &target)?.is_none()
        {
            return Err(Refusal::Unknown(Thing::Message).into());
        }
        self.slow_mode(actor, view, &channel)?;
        let nonce = draft.nonce.clone();
        let body = self.body_of(actor, draft);
        let heard = Heard::of_message(&body);
        let caught = self.pass_filters(actor, view, &channel, &heard)?;
        self.enter_thread(actor, &guild, &channel)?;
        // Taken out of where it was put away, or not: what is written cites the guild as it is by now.
        let guild = self.guild_with(actor, &channel)?;
        self.quota(actor, &guild, &channel, class)?;
        self.nonce.clone_from(&nonce);
        let id = self.utter(actor, &guild, &channel, Kind::Message, None, &body)?;
        if let Some(nonce) = nonce {
            self.core.nonces.insert((actor.user, channel, nonce), id);
        }
        let told = self.told(&id)?;
        self.act_on_own(actor, &channel, Some(id), &heard, &caught)?;
        Ok(told)
    }

    pub(super) fn body_of(&self, actor: &Actor, draft: MessageDraft) -> content::Message {
        let pings = honoured(draft.pings, &draft.refs, &self.core.mind.view, &actor.user, &draft.channel);
        content::Message {
            text: draft.text,
            refs: draft.refs,
            embeds: draft.embeds,
            reply_to: draft.reply_to,
            pings,
            shown_at: draft.shown_at,
            flags: draft.flags,
            tts: draft.tts,
            components: draft.extras.components,
            answers: draft.extras.answers,
            files: draft.extras.files,
            shown_as: draft.extras.shown_as,
            poll: draft.extras.poll.map(|poll| *poll),
            copy_of: draft.extras.copy_of.map(|copy| *copy),
            notice: None,
            alert: None,
            forward: draft.extras.forward.map(|forward| *forward),
        }
    }

    pub(super) fn edit_message(
        &mut self,
        actor: &Actor,
        channel: ChannelId,
        id: OpId,
        edit: MessageEdit,
    ) -> Authored<Reply> {
        let guild = self.guild_with(actor, &channel)?;
        let now = self.visible(&channel, &id)?.ok_or(Refusal::Unknown(Thing::Message))?;
        let is_no_talk = now.body.notice.is_some() || now.body.alert.is_some();
        if now.author != actor.user || is_no_talk {
            return Err(Refusal::NotTheAuthor.into());
        }
        if now.body.poll.is_some() {
            return Err(Refusal::PollStands.into());
        }
        // But for a copy of one, which says what its message says.
        if now.body.forward.is_some() && now.body.copy_of.is_none() {
            return Err(Refusal::ForwardStands.into());
        }
        let mut body = merged(now.body, edit);
        body.pings = honoured(body.pings, &body.refs, &self.core.mind.view, &actor.user, &channel);
        let nothing_else = body.components.is_none() && body.files.is_none();
        if body.text.is_empty() && body.embeds.is_empty() && nothing_else {
            return Err(Refusal::EmptyMessage.into());
        }
        if let Some(carried) = &body.carried {
            self.may_say_again(actor, &guild, &channel, carried)?;
        }
        let heard = Heard::of_edit(&body);
        let caught = self.pass_filters(actor, guild.view(), &channel, &heard)?;
        self.act(actor, &guild, &channel, Kind::Edit, id, &body)?;
        self.act_on_own(actor, &channel, Some(id), &heard, &caught)?;
        let message = self.visible(&channel, &id)?.ok_or(Refusal::Unknown(Thing::Message))?;
        Ok(Reply::Message(Arc::new(message)))
    }

    // What a message says of itself an edit says again: who has lost the right to it takes the message away instead.
    fn may_say_again(
        &self,
        actor: &Actor,
        guild: &Guild,
        channel: &ChannelId,
        carried: &content::Carried,
    ) -> Authored<()> {
        if carried.shown_as.is_some() {
            may(guild.view(), actor, channel, Permissions::MANAGE_WEBHOOKS)?;
        }
        let class = rate_class(guild, &actor.user, self.own_class(&actor.user), &guild.frontier());
        if carried.shown_at.is_some() && class != RateClass::Bulk {
            return Err(Refusal::MissingPermissions.into());
        }
        Ok(())
    }

    /// Several at once skip those that are gone; a single one must be there.
    pub(super) fn delete_messages(
        &mut self,
        actor: &Actor,
        channel: ChannelId,
        messages: &[OpId],
    ) -> Authored<Reply> {
        let guild = self.guild_with(actor, &channel)?;
        for id in messages {
            match self.visible(&channel, id)? {
                Some(message) => {
                    if message.author != actor.user || message.body.alert.is_some() {
                        may(guild.view(), actor, &channel, Permissions::MANAGE_MESSAGES)?;
                    }
                    self.act(actor, &guild, &channel, Kind::Delete, *id, &content::Delete {})?;
                }
                None if messages.len() > 1 => {}
                None => return Err(Refusal::Unknown(Thing::Message).into()),
            }
        }
        Ok(Reply::Done)
    }

    /// A message as it stands, where it is to be seen.
    pub(super) fn visible(&self, channel: &ChannelId, id: &OpId) -> Authored<Option<Message>> {
        Ok(match self.store.message(&channel.stream(), id)? {
            Some(row) => read(&self.store, &self.core.mind.view, &row)?,
            None => None,
        })
    }

    /// Writes an act within the author's quota.
    pub(super) fn act<B: minicbor::Encode<()>>(
        &mut self,
        actor: &Actor,
        guild: &Guild,
        channel: &ChannelId,
        kind: Kind,
        target: OpId,
        body: &B,
    ) -> Authored<OpId> {
        self.within_quota(actor, guild, channel)?;
        self.utter(actor, guild, channel, kind, Some(target), body)
    }

    /// Holds back who writes faster than their class may.
    pub(super) fn within_quota(&mut self, actor: &Actor, guild: &Guild, channel: &ChannelId) -> Authored<()> {
        let class = rate_class(guild, &actor.user, self.own_class(&actor.user), &guild.frontier());
        self.quota(actor, guild, channel, class)
    }

    /// The message of a nonce that must not be sent twice.
    fn sent_before(&self, actor: &Actor, draft: &MessageDraft) -> Authored<Option<Message>> {
        let Some(nonce) = draft.nonce.as_ref().filter(|_| draft.enforce_nonce) else { return Ok(None) };
        let key = (actor.user, draft.channel, nonce.clone());
        let Some(id) = self.core.nonces.get(&key) else { return Ok(None) };
        let message = self.visible(&draft.channel, id)?;
        Ok(message.map(|message| Message { nonce: draft.nonce.clone(), ..message }))
    }

    /// The message that has just been told of.
    fn told(&self, id: &OpId) -> Authored<Reply> {
        match self.changes.last() {
            Some(Change::MessageCreated { message }) if message.id == *id => {
                Ok(Reply::Message(Arc::clone(message)))
            }
            _ => Err(Refusal::Unknown(Thing::Channel).into()),
        }
    }

    fn quota(&mut self, actor: &Actor, guild: &Guild, channel: &ChannelId, class: RateClass) -> Authored<()> {
        let Some(quota) = quota_of(guild.view(), class) else { return Ok(()) };
        let log = log_of(actor, guild.view(), channel)?;
        let Some(head) = self.head(&log)? else { return Ok(()) };
        match self.quota_wait_ms(&log, head.seq + 1, quota)? {
            0 => Ok(()),
            retry_ms => Err(Refusal::Later { retry_ms }.into()),
        }
    }

    /// Holds back who wrote less than the channel's slow mode ago. Kept by the author's own node, as Discord's
    /// servers keep it; no verdict hangs on it.
    fn slow_mode(&mut self, actor: &Actor, view: &GuildView, channel: &ChannelId) -> Authored<()> {
        let slow_ms = view.channels.get(channel).map_or(0, |channel| u64::from(channel.slowmode_s) * 1_000);
        let may = view.permissions_in(&actor.user, channel);
        let exempt = [Permissions::MANAGE_MESSAGES, Permissions::MANAGE_CHANNELS];
        if slow_ms == 0 || exempt.iter().any(|permission| may.has(*permission)) {
            return Ok(());
        }
        let now_ms = self.now_ms.max(self.core.clock.ms());
        let since = Hlc::from_ms(now_ms.saturating_sub(slow_ms));
        match self.last_message(actor, view, channel, since)? {
            Some(last) => Err(Refusal::SlowMode { retry_ms: (last.ms() + slow_ms + 1) - now_ms }.into()),
            None => Ok(()),
        }
    }

    /// When the actor last sent a message to a channel, where that is later than `since`.
    fn last_message(
        &mut self,
        actor: &Actor,
        view: &GuildView,
        channel: &ChannelId,
        since: Hlc,
    ) -> Authored<Option<Hlc>> {
        let log = log_of(actor, view, channel)?;
        let Some(mut entry) = self.head(&log)? else { return Ok(None) };
        for _ in 0..SLOW_MODE_LOOK {
            if entry.hlc <= since {
                return Ok(None);
            }
            let stored = self.store.op(&entry.op)?;
            if stored.is_some_and(|stored| stored.op.kind() == Some(Kind::Message)) {
                return Ok(Some(entry.hlc));
            }
            let before = match entry.seq.checked_sub(1) {
                Some(seq) => self.store.log_at(&log, seq)?.into_iter().next(),
                None => None,
            };
            match before {
                Some(before) => entry = before,
                None => return Ok(None),
            }
        }
        Ok(None)
    }
}

/// Refuses who lacks a permission in a channel.
pub(super) fn may(
    view: &GuildView,
    actor: &Actor,
    channel: &ChannelId,
    permission: Permissions,
) -> Authored<()> {
    if view.permissions_in(&actor.user, channel).has(permission) {
        return Ok(());
    }
    Err(Refusal::MissingPermissions.into())
}

fn log_of(actor: &Actor, view: &GuildView, channel: &ChannelId) -> Authored<LogId> {
    Ok(LogId {
        space: view.facts.id,
        stream: channel.stream(),
        device: DeviceKey::from(actor.key.public()),
        tenure: super::tenure_of(view, &actor.user)?,
    })
}

/// The whole of an edited message: what the edit gives, and what it keeps with the places of its mentions moved
/// into the new table.
#[must_use]
pub fn merged(now: content::Message, edit: MessageEdit) -> content::Edit {
    let carried = now.carried();
    let mut refs = edit.refs;
    let replied = now.pings.replied || edit.pings.replied;
    // Pings are of the text: an edit that leaves it alone takes nobody's away.
    let (text, pings) = match edit.text {
        Some(text) => (text, edit.pings),
        None => (moved(now.text, &now.refs, &mut refs), moved_pings(now.pings, &now.refs, &mut refs)),
    };
    let embeds = edit.embeds.unwrap_or_else(|| {
        now.embeds.into_iter().map(|embed| moved_embed(embed, &now.refs, &mut refs)).collect()
    });
    content::Edit {
        text,
        refs,
        embeds,
        pings: Pings { replied, ..pings },
        flags: edit.flags.unwrap_or(now.flags),
        components: edit.components.unwrap_or(now.components),
        files: edit.files.unwrap_or(now.files),
        carried,
    }
}

fn moved_pings(pings: Pings, from: &Refs, to: &mut Refs) -> Pings {
    let places = pings.refs.iter().filter_map(|index| from.get(*index)).map(|id| to.index_of(id));
    Pings { refs: places.collect(), ..pings }
}

fn moved_embed(embed: Embed, from: &Refs, to: &mut Refs) -> Embed {
    Embed {
        description: embed.description.map(|text| moved(text, from, to)),
        fields: embed
            .fields
            .into_iter()
            .map(|(name, value, inline)| (name, moved(value, from, to), inline))
            .collect(),
        ..embed
    }
}

fn moved(text: RichText, from: &Refs, to: &mut Refs) -> RichText {
    let mut place = |index: u32| from.get(index).map(|id| to.index_of(id));
    let parts = text.0.into_iter().filter_map(|part| {
        Some(match part {
            Part::User(index) => Part::User(place(index)?),
            Part::Channel(index) => Part::Channel(place(index)?),
            Part::Role(index) => Part::Role(place(index)?),
            Part::Emoji(index, name, animated) => Part::Emoji(place(index)?, name, animated),
            text => text,
        })
    });
    RichText(parts.collect())
}

/// Ops of a log that are looked through for the last message.
const SLOW_MODE_LOOK: usize = 64;
