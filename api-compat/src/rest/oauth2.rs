//! `/oauth2/authorize`: lets a bot into a guild.

use super::find;
use crate::error::{Answer, ApiError};
use crate::window::{Body, Json, Person, Query, Window};
use axum::extract::State;
use nexus_api_model::Number;
use nexus_core::{BotInstall, Command, Thing};
use nexus_crdt::id::UserId;
use nexus_crdt::permissions::Permissions;
use serde::Deserialize;
use serde_json::{Value, json};

#[derive(Deserialize)]
pub(crate) struct Which {
    client_id: String,
}

#[derive(Deserialize)]
pub(crate) struct Authorize {
    guild_id: Number,
    permissions: Option<Number>,
    #[serde(default)]
    authorize: bool,
}

/// `POST /oauth2/authorize?client_id=ID&scope=bot`
pub(crate) async fn authorize(
    State(window): State<Window>,
    Person(caller): Person,
    Query(which): Query<Which>,
    Body(body): Body<Authorize>,
) -> Answer<Json<Value>> {
    if !body.authorize {
        return Err(ApiError::invalid("authorize", "BASE_TYPE_CHOICES", "Value must be one of (true)."));
    }
    let application = caller.view.ids.op(find::number(&which.client_id)?).map(UserId::from);
    let application = application.filter(|id| caller.view.applications.contains_key(id));
    let application = application.ok_or_else(|| ApiError::unknown(Thing::Application))?;
    let (guild, _) = caller.guild(&body.guild_id.0.to_string())?;
    let permissions = Permissions(body.permissions.map_or(0, |bits| bits.0));
    let install = BotInstall { guild, application, permissions };
    window.node.command(Some(caller.user), Command::InstallBot(install)).await?;
    Ok(Json(json!({ "location": "/" })))
}
