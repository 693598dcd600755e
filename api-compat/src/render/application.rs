//! Applications, as those see them who did not make them.

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
