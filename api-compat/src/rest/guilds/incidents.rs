//! `/guilds/{guild_id}/incident-actions`: what a guild pauses for a while.

use crate::error::{Answer, ApiError};
use crate::render;
use crate::rest::moment;
use crate::window::{Body, Caller, Json, Path, Window};
use axum::extract::State;
use nexus_api_model::given;
use nexus_core::{Command, Thing};
use nexus_crdt::body::governance::GuildEdit;
use serde::Deserialize;
use serde_json::Value;
use std::time::{SystemTime, UNIX_EPOCH};

/// How long a pause may be, ms: a day, as on Discord.
const PAUSE_MAX_MS: u64 = 24 * 3_600_000;

#[derive(Deserialize)]
pub(crate) struct Pauses {
    #[serde(default, deserialize_with = "given")]
    invites_disabled_until: Option<Option<String>>,
    #[serde(default, deserialize_with = "given")]
    dms_disabled_until: Option<Option<String>>,
}

/// `PUT /guilds/{guild_id}/incident-actions`: what is not said stays.
pub(crate) async fn pause(
    State(window): State<Window>,
    caller: Caller,
    Path(guild): Path<String>,
    Body(body): Body<Pauses>,
) -> Answer<Json<Value>> {
    let (guild, _) = caller.guild(&guild)?;
    let edit = GuildEdit {
        invites_paused_until: until("invites_disabled_until", body.invites_disabled_until)?,
        talks_paused_until: until("dms_disabled_until", body.dms_disabled_until)?,
        ..GuildEdit::default()
    };
    caller.govern(&window, Command::EditGuild { guild, edit }).await?;
    let view = window.node.view();
    let guild = view.guilds.get(&guild).ok_or_else(|| ApiError::unknown(Thing::Guild))?;
    Ok(Json(render::pauses(guild)))
}

/// 0 ends a pause.
fn until(field: &str, given: Option<Option<String>>) -> Answer<Option<u64>> {
    let Some(given) = given else { return Ok(None) };
    let Some(text) = given else { return Ok(Some(0)) };
    let words = "not an ISO 8601 timestamp";
    let until = moment(&text).ok_or_else(|| ApiError::invalid(field, "DATETIME_TYPE_PARSE", words))?;
    let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_millis());
    if u128::from(until) > now + u128::from(PAUSE_MAX_MS) {
        return Err(ApiError::invalid(field, "INVALID_VALUE", "at most a day from now"));
    }
    Ok(Some(until))
}
