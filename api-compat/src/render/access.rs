//! Who may use a bot's commands.

use super::number;
use nexus_core::View;
use nexus_crdt::body::governance::{AccessLine, AccessTarget};
use nexus_crdt::guild::GuildView;
use nexus_crdt::id::{OpId, UserId};
use serde_json::{Value, json};

/// As Discord shows it, on REST and in the event.
pub(crate) fn command_permissions(
    view: &View,
    guild: &GuildView,
    application: &UserId,
    offer: Option<OpId>,
) -> Value {
    let lines = guild.access.get(&(*application, offer)).map_or(&[][..], |all| &**all);
    let application = number(view, *application);
    json!({
        "id": offer.map_or_else(|| application.clone(), |offer| number(view, offer)),
        "application_id": application,
        "guild_id": number(view, guild.facts.id),
        "permissions": lines.iter().map(|line| access_line(view, guild, line)).collect::<Vec<_>>(),
    })
}

/// One line of them.
pub(crate) fn access_line(view: &View, guild: &GuildView, line: &AccessLine) -> Value {
    let (kind, id) = match line.target {
        AccessTarget::Role(role) => (1, number(view, role)),
        AccessTarget::User(user) => (2, number(view, user)),
        AccessTarget::Channel(channel) => (3, number(view, channel)),
        // Discord's number of every channel: the guild's less one.
        AccessTarget::AllChannels => (3, view.ids.of(guild.facts.id).0.saturating_sub(1).to_string()),
    };
    json!({ "id": id, "type": kind, "permission": line.allowed })
}
