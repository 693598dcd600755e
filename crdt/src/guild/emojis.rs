//! Emoji: who makes and edits them, and what they become.

use super::deed::Deed;
use super::derived::set::set_if;
use super::graph::{Node, RegisterKey};
use super::rule::Judge;
use super::state::Emoji;
use crate::body::governance::EmojiEdit;
use crate::id::OpId;
use crate::permissions::Permissions;
use crate::verdict::VoidReason;
use imbl::OrdMap;

const NAME: u8 = 0;
const ROLES: u8 = 1;

/// The registers that an edit writes.
pub(super) fn registers(edit: &EmojiEdit) -> Vec<RegisterKey> {
    let written = [(NAME, edit.name.is_some()), (ROLES, edit.roles.is_some())].into_iter();
    written.filter(|(_, there)| *there).map(|(number, _)| RegisterKey::Emoji(edit.emoji, number)).collect()
}

/// What an op makes, where it makes an emoji.
pub(super) fn made(node: &Node) -> Option<Emoji> {
    let Deed::EmojiCreate(body) = &node.deed else { return None };
    Some(Emoji {
        id: node.id,
        name: body.name.clone(),
        picture: body.picture,
        roles: body.roles.clone(),
        maker: node.author,
    })
}

/// What an edit sets: all of it, or one register of it.
pub(super) fn set(emojis: &mut OrdMap<OpId, Emoji>, edit: &EmojiEdit, only: Option<&RegisterKey>) {
    let Some(emoji) = emojis.get_mut(&edit.emoji) else { return };
    let wanted = |number| only.is_none_or(|only| *only == RegisterKey::Emoji(edit.emoji, number));
    set_if(wanted(NAME), &mut emoji.name, &edit.name);
    set_if(wanted(ROLES), &mut emoji.roles, &edit.roles);
}

impl Judge<'_> {
    /// One's own by CREATE_GUILD_EXPRESSIONS, every one by MANAGE_GUILD_EXPRESSIONS.
    pub(super) fn emoji(&self, emoji: &OpId) -> Result<(), VoidReason> {
        let emoji = self.view.emojis.get(emoji).ok_or(VoidReason::Target)?;
        let own = emoji.maker == *self.author && self.may(Permissions::CREATE_GUILD_EXPRESSIONS).is_ok();
        if own { Ok(()) } else { self.may(Permissions::MANAGE_GUILD_EXPRESSIONS) }
    }
}
