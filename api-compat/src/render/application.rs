//! Applications, as those see them who made them, and everybody else.

use super::{number, user};
use nexus_core::{Application, View};
use serde_json::{Value, json};

/// An application, to whoever it acts for.
pub(crate) fn public_application(view: &View, application: &Application) -> Value {
    let name = view.users.get(&application.id).map_or("?", |user| user.name.as_str());
    json!({
        "id": number(view, application.id),
        "name": name,
        "description": application.description,
        "icon": null,
        "type": null,
        "bot_public": false,
        "bot_require_code_grant": false,
        "verify_key": application.verify_key.to_hex(),
        "flags": application.flags,
        "flags_new": application.flags.to_string(),
    })
}

/// An application that asks somebody for something, with who made it.
pub(crate) fn asking_application(view: &View, application: &Application) -> Value {
    let mut shown = public_application(view, application);
    shown["owner"] = user(view, &application.owner);
    shown
}

/// An application, with its bot and its owner. `install_params` is left out: discord.js reads into it where it is null.
pub(crate) fn application(view: &View, application: &Application) -> Value {
    let mut shown = asking_application(view, application);
    let guilds = view.guilds_of.get(&application.id).map_or(0, imbl::OrdSet::len);
    let its_maker_sees = [
        ("eligible_oauth2_scopes", json!([])),
        ("approximate_user_install_count", json!(0)),
        ("approximate_user_authorization_count", json!(0)),
        ("bot", json!(user(view, &application.id))),
        ("team", Value::Null),
        ("summary", json!("")),
        ("rpc_origins", json!([])),
        ("redirect_uris", json!([])),
        ("interactions_endpoint_url", json!(application.endpoint)),
        ("role_connections_verification_url", Value::Null),
        ("explicit_content_filter", json!(0)),
        ("approximate_guild_count", json!(guilds)),
    ];
    its_maker_sees.into_iter().for_each(|(name, value)| shown[name] = value);
    shown
}
