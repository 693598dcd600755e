//! `/nexus/guilds/{guild_id}/relays`: which relays keep a guild, and how far each of them has it.

use crate::error::{Answer, ApiError};
use crate::window::{Body, Caller, Json, Path, Window};
use axum::extract::State;
use nexus_core::{BaseUrl, Command, NotABase, Thing};
use nexus_crdt::id::SpaceId;
use nexus_node::{GuildRelayStatus, relays_of};
use serde::{Deserialize, Serialize};

#[derive(Deserialize)]
pub(crate) struct Named {
    relays: Vec<String>,
}

#[derive(Serialize)]
pub(crate) struct Shown {
    relays: Vec<GuildRelayStatus>,
}

/// `GET`: to a member.
pub(crate) async fn list(
    State(window): State<Window>,
    caller: Caller,
    Path(guild): Path<String>,
) -> Answer<Json<Shown>> {
    let (space, _) = caller.guild(&guild)?;
    shown(&window, &space)
}

/// `PUT`: an owner names them all, in the order in which they are shown. A relay that does not answer now is named all the
/// same; the answer says how far each has the guild.
pub(crate) async fn set(
    State(window): State<Window>,
    caller: Caller,
    Path(guild): Path<String>,
    Body(body): Body<Named>,
) -> Answer<Json<Shown>> {
    let (guild, _) = caller.guild(&guild)?;
    let urls = body.relays.iter().enumerate().map(|(place, url)| {
        let parsed: Result<BaseUrl, NotABase> = url.parse();
        let invalid = |error: NotABase| {
            ApiError::invalid(&format!("relays.{place}"), "INVALID_VALUE", &error.to_string())
        };
        parsed.map(|url| url.to_string()).map_err(invalid)
    });
    let urls = urls.collect::<Answer<Vec<String>>>()?;
    caller.govern(&window, Command::SetRelays { guild, urls }).await?;
    shown(&window, &guild)
}

fn shown(window: &Window, space: &SpaceId) -> Answer<Json<Shown>> {
    let relays = relays_of(&window.node, window.options.mesh.as_ref(), space);
    Ok(Json(Shown { relays: relays.ok_or_else(|| ApiError::unknown(Thing::Guild))? }))
}
