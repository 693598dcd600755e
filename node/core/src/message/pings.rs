//! Who is pinged, as far as its author may: asked before an own message is written, and of every message that is read.

use crate::view::View;
use nexus_crdt::body::content::Pings;
use nexus_crdt::body::rich_text::Refs;
use nexus_crdt::id::{ChannelId, OpId, RoleId, UserId};
use nexus_crdt::permissions::Permissions;

/// What a message may ping: people; roles of its guild that anyone may ping; and, to who may ping everyone, everyone and
/// every role but `@everyone`, whose mark would be a way around the permission.
pub(crate) fn honoured(
    pings: Pings,
    refs: &Refs,
    view: &View,
    author: &UserId,
    channel: &ChannelId,
) -> Pings {
    let Some(guild) = view.guild_of(channel) else { return Pings::default() };
    let may = guild.permissions_in(author, channel).has(Permissions::MENTION_EVERYONE);
    let pinged = |id: OpId| match guild.roles.get(&RoleId::from(id)) {
        Some(role) => role.rank > 0 && (role.mentionable || may),
        // A role of another guild pings nobody here.
        None => view.users.contains_key(&UserId::from(id)),
    };
    let places = pings.refs.into_iter().filter(|index| refs.get(*index).is_some_and(pinged)).collect();
    Pings { everyone: pings.everyone && may, replied: pings.replied, refs: places }
}
