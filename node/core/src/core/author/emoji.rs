//! Emoji of a guild.

use super::{Actor, Authored, Turn};
use crate::command::Reply;
use crate::command::refusal::{Refusal, Thing};
use nexus_crdt::body::content::custom_emoji;
use nexus_crdt::body::governance::{EmojiCreate, EmojiDelete, EmojiEdit, is_emoji_name};
use nexus_crdt::guild::GuildView;
use nexus_crdt::id::{OpId, RoleId, SpaceId};
use nexus_crdt::kind::Kind;

impl Turn<'_> {
    pub(super) fn make_emoji(
        &mut self,
        actor: &Actor,
        guild: SpaceId,
        mut emoji: EmojiCreate,
    ) -> Authored<Reply> {
        let view = self.guild_of(actor, &guild)?.view().clone();
        called(&emoji.name)?;
        emoji.roles = fitting(&view, emoji.roles)?;
        let alike = view.emojis.values().filter(|it| it.picture.animated == emoji.picture.animated);
        if alike.count() >= EMOJIS_MAX {
            return Err(Refusal::TooMany { what: "emojis", max: 50 }.into());
        }
        Ok(Reply::Created(self.govern(actor, guild, Kind::EmojiCreate, &emoji)?))
    }

    pub(super) fn edit_emoji(
        &mut self,
        actor: &Actor,
        guild: SpaceId,
        mut edit: EmojiEdit,
    ) -> Authored<Reply> {
        let view = self.guild_of(actor, &guild)?.view().clone();
        if !view.emojis.contains_key(&edit.emoji) {
            return Err(Refusal::Unknown(Thing::Emoji).into());
        }
        edit.name.as_deref().map_or(Ok(()), called)?;
        edit.roles = edit.roles.map(|roles| fitting(&view, roles)).transpose()?;
        self.govern(actor, guild, Kind::EmojiEdit, &edit)?;
        Ok(Reply::Done)
    }

    pub(super) fn delete_emoji(&mut self, actor: &Actor, guild: SpaceId, emoji: OpId) -> Authored<Reply> {
        if !self.guild_of(actor, &guild)?.view().emojis.contains_key(&emoji) {
            return Err(Refusal::Unknown(Thing::Emoji).into());
        }
        self.govern(actor, guild, Kind::EmojiDelete, &EmojiDelete { emoji })?;
        Ok(Reply::Done)
    }
}

/// Whether somebody may react with it: Unicode, or an emoji of the guild that is for them.
pub(super) fn usable(view: &GuildView, actor: &Actor, emoji: &str) -> bool {
    match custom_emoji(emoji) {
        Some(id) => view.emojis.get(&id).is_some_and(|emoji| emoji.is_for(view, &actor.user)),
        None => (1..=EMOJI_MAX).contains(&emoji.len()),
    }
}

pub(super) fn called(name: &str) -> Authored<()> {
    if is_emoji_name(name) {
        return Ok(());
    }
    Err(Refusal::Invalid { field: "name", reason: "2 to 32 of A-Z, a-z, 0-9 and underscore" }.into())
}

/// Roles as the op carries them; each must be the guild's.
fn fitting(view: &GuildView, mut roles: Vec<RoleId>) -> Authored<Vec<RoleId>> {
    roles.sort_unstable();
    roles.dedup();
    // Whom `@everyone` is for, it is for everybody.
    roles.retain(|role| *role != view.everyone());
    if roles.iter().all(|role| view.roles.contains_key(role)) {
        Ok(roles)
    } else {
        Err(Refusal::Unknown(Thing::Role).into())
    }
}

/// Of one guild, of those that move and of those that do not; as on Discord.
const EMOJIS_MAX: usize = 50;
/// Bytes of an emoji.
const EMOJI_MAX: usize = 64;
