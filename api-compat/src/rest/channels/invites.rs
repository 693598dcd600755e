//! `/channels/{channel_id}/invites`.

use crate::error::{Answer, ApiError};
use crate::render;
use crate::window::{Body, Caller, Json, Path, Window};
use axum::extract::State;
use nexus_core::{Command, Reply, Thing};
use nexus_crdt::permissions::Permissions;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// `GET /channels/{channel_id}/invites`
pub(crate) async fn list(
    State(window): State<Window>,
    caller: Caller,
    Path(channel): Path<String>,
) -> Answer<Json<Vec<impl Serialize>>> {
    let (channel, guild) = caller.channel(&channel)?;
    if !guild.permissions_in(&caller.user, &channel).has(Permissions::MANAGE_CHANNELS) {
        return Err(ApiError::forbidden());
    }
    let view = &caller.view;
    let here = render::open_invites(view, guild).filter(|invite| invite.channel == channel);
    let place = window.place();
    Ok(Json(here.map(|invite| render::invite_with_facts(view, guild, invite, place.as_ref())).collect()))
}

#[derive(Deserialize)]
pub(crate) struct CreateInvite {
    max_age: Option<u32>,
    max_uses: Option<u32>,
    temporary: Option<bool>,
}

/// `POST /channels/{channel_id}/invites`
pub(crate) async fn create(
    State(window): State<Window>,
    caller: Caller,
    Path(channel): Path<String>,
    Body(body): Body<CreateInvite>,
) -> Answer<Json<Value>> {
    let (channel, guild) = caller.channel(&channel)?;
    let space = guild.facts.id;
    if body.max_uses.unwrap_or(0) > 0 || body.temporary == Some(true) {
        // Who counts uses must be one place: without a relay that admits, two nodes would count apart.
        let words = "counted and temporary invites need an admission relay; this guild has none";
        return Err(ApiError::invalid("max_uses", "NUMBER_TYPE_MAX", words));
    }
    let command = Command::CreateInvite { channel, max_age_s: body.max_age.unwrap_or(86_400) };
    let reply = caller.govern(&window, command).await?;
    let Reply::Created(id) = reply else { return Err(ApiError::unknown(Thing::Invite)) };
    let view = window.node.view();
    let guild = view.guilds.get(&space).ok_or_else(|| ApiError::unknown(Thing::Guild))?;
    let invite = guild.invites.get(&id).ok_or_else(|| ApiError::unknown(Thing::Invite))?;
    Ok(Json(json!(render::invite_with_facts(&view, guild, invite, window.place().as_ref()))))
}
