//! A bot that was let into a guild, as an integration.

use super::{number, user};
use nexus_core::View;
use nexus_crdt::id::UserId;
use serde_json::{Value, json};

/// A bot's number is its integration's, its application's and its account's.
pub(crate) fn integration(view: &View, bot: &UserId) -> Value {
    let (id, user) = (number(view, *bot), user(view, bot));
    let description = view.applications.get(bot).map_or("", |application| application.description.as_str());
    json!({
        "id": id,
        "type": "discord",
        "name": user["username"],
        "enabled": true,
        "account": { "id": id, "name": user["username"] },
        "scopes": ["bot", "applications.commands"],
        // `summary` is out of use with Discord, and empty; libraries want it all the same.
        "application": {
            "id": id, "name": user["username"], "icon": null, "description": description, "summary": "",
            "type": null, "bot": user,
        },
    })
}
