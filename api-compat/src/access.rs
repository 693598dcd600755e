//! Who may see what: asked by reads at the window. Writes ask the core.

use nexus_crdt::body::governance::SpaceKind;
use nexus_crdt::guild::GuildView;
use nexus_crdt::id::{ChannelId, UserId};
use nexus_crdt::permissions::Permissions;

/// Whether somebody sees a channel.
pub(crate) fn sees(guild: &GuildView, user: &UserId, channel: &ChannelId) -> bool {
    guild.permissions_in(user, channel).has(Permissions::VIEW_CHANNEL)
}

/// Whether somebody reads what was written in a channel before.
pub(crate) fn reads_history(guild: &GuildView, user: &UserId, channel: &ChannelId) -> bool {
    let needs = Permissions::VIEW_CHANNEL.with(Permissions::READ_MESSAGE_HISTORY);
    guild.permissions_in(user, channel).has(needs)
}

/// Whether it is a guild, with roles and channels, and no conversation.
pub(crate) fn is_guild(guild: &GuildView) -> bool {
    guild.facts.kind == SpaceKind::Guild
}
