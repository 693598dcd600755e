//! Channels and their overwrites.

use super::{Actor, Authored, Turn, within};
use crate::change::Change;
use crate::command::Reply;
use crate::command::draft::{ChannelDraft, ChannelPatch};
use crate::command::refusal::{Refusal, Thing};
use nexus_crdt::body::governance::{
    ChannelCreate, ChannelDelete, ChannelEdit, ChannelFields, Overwrite, OverwriteEntry, OverwriteTarget,
};
use nexus_crdt::hlc::Hlc;
use nexus_crdt::id::{ChannelId, SpaceId};
use nexus_crdt::kind::Kind;
use nexus_crdt::permissions::Permissions;

impl Turn<'_> {
    pub(super) fn create_channel(
        &mut self,
        actor: &Actor,
        guild: SpaceId,
        draft: ChannelDraft,
    ) -> Authored<Reply> {
        if draft.fields.name.is_none() {
            return Err(Refusal::Invalid { field: "name", reason: "is required" }.into());
        }
        fits(&draft.fields)?;
        self.room_for_a_channel(actor, &guild)?;
        let ChannelDraft { kind, fields, overwrites } = draft;
        let body = ChannelCreate { kind, fields, overwrites };
        Ok(Reply::Created(self.govern(actor, guild, Kind::ChannelCreate, &body)?))
    }

    pub(super) fn edit_channel(
        &mut self,
        actor: &Actor,
        channel: ChannelId,
        patch: ChannelPatch,
    ) -> Authored<Reply> {
        fits(&patch.fields)?;
        let guild = self.guild_with(actor, &channel)?;
        let space = guild.view().facts.id;
        if patch.fields != ChannelFields::default() {
            self.govern(actor, space, Kind::ChannelEdit, &ChannelEdit { channel, fields: patch.fields })?;
        }
        let Some(wanted) = patch.overwrites else { return Ok(Reply::Done) };
        let shown = guild.view().channels.get(&channel).ok_or(Refusal::Unknown(Thing::Channel))?;
        for (target, entry) in &shown.overwrites {
            if !wanted.iter().any(|each| each.target == *target) {
                self.overwrite(actor, space, channel, entry.clone(), true)?;
            }
        }
        for entry in wanted {
            if shown.overwrites.get(&entry.target) != Some(&entry) {
                self.overwrite(actor, space, channel, entry, false)?;
            }
        }
        Ok(Reply::Done)
    }

    pub(super) fn move_channels(
        &mut self,
        actor: &Actor,
        guild: SpaceId,
        positions: Vec<(ChannelId, ChannelFields)>,
    ) -> Authored<Reply> {
        let view = self.guild_of(actor, &guild)?.view().clone();
        for (channel, fields) in positions {
            fits(&fields)?;
            let shown = view.channels.get(&channel).ok_or(Refusal::Unknown(Thing::Channel))?;
            let stays = fields.position.is_none_or(|position| position == shown.position)
                && fields.parent.is_none_or(|parent| shown.parent.unwrap_or(ChannelId([0; 32])) == parent);
            if !stays {
                self.govern(actor, guild, Kind::ChannelEdit, &ChannelEdit { channel, fields })?;
            }
        }
        Ok(Reply::Done)
    }

    pub(super) fn delete_channel(&mut self, actor: &Actor, channel: ChannelId) -> Authored<Reply> {
        let space = self.guild_with(actor, &channel)?.view().facts.id;
        self.govern(actor, space, Kind::ChannelDelete, &ChannelDelete { channel })?;
        Ok(Reply::Done)
    }

    pub(super) fn set_overwrite(
        &mut self,
        actor: &Actor,
        channel: ChannelId,
        entry: OverwriteEntry,
    ) -> Authored<Reply> {
        let space = self.guild_with(actor, &channel)?.view().facts.id;
        self.overwrite(actor, space, channel, entry, false)?;
        Ok(Reply::Done)
    }

    pub(super) fn clear_overwrite(
        &mut self,
        actor: &Actor,
        channel: ChannelId,
        target: OverwriteTarget,
    ) -> Authored<Reply> {
        let guild = self.guild_with(actor, &channel)?;
        let shown = guild.view().channels.get(&channel).ok_or(Refusal::Unknown(Thing::Channel))?;
        let entry = shown.overwrites.get(&target).ok_or(Refusal::Unknown(Thing::Overwrite))?;
        self.overwrite(actor, guild.view().facts.id, channel, entry.clone(), true)?;
        Ok(Reply::Done)
    }

    pub(super) fn type_in(&mut self, actor: &Actor, channel: ChannelId) -> Authored<Reply> {
        let guild = self.guild_with(actor, &channel)?;
        let space = guild.view().facts.id;
        let paused = guild.view().paused_until(&actor.user, Hlc::from_ms(self.now_ms)).is_some();
        if paused || !guild.view().permissions_in(&actor.user, &channel).has(Permissions::SEND_MESSAGES) {
            return Err(Refusal::MissingPermissions.into());
        }
        self.changes.push(Change::Typing { space, channel, user: actor.user, at_ms: self.now_ms });
        Ok(Reply::Done)
    }

    fn overwrite(
        &mut self,
        actor: &Actor,
        space: SpaceId,
        channel: ChannelId,
        mut entry: OverwriteEntry,
        clear: bool,
    ) -> Authored<()> {
        if clear {
            (entry.allow, entry.deny) = (Permissions::NONE, Permissions::NONE);
        }
        self.govern(actor, space, Kind::Overwrite, &Overwrite { channel, entry, clear })?;
        Ok(())
    }
}

pub(super) fn fits(fields: &ChannelFields) -> Authored<()> {
    if let Some(name) = &fields.name {
        within("name", name, 1, 100)?;
    }
    if let Some(topic) = &fields.topic {
        within("topic", topic, 0, 1_024)?;
    }
    if fields.slowmode_s.is_some_and(|seconds| seconds > 21_600) {
        return Err(Refusal::Invalid { field: "rate_limit_per_user", reason: "at most 21600 s" }.into());
    }
    Ok(())
}

/// Of one guild, as on Discord.
pub(super) const CHANNELS_MAX: usize = 500;
