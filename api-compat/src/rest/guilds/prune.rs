//! `/guilds/{guild_id}/prune`: members who have been silent.
//!
//! Silent is who came, and wrote anything in the guild, longer ago than so many days. (Discord counts logins; nobody here
//! keeps those of others.)

use crate::error::{Answer, ApiError};
use crate::rest::find;
use crate::window::{Body, Caller, Json, Path, Query, Window};
use axum::extract::State;
use nexus_api_model::Number;
use nexus_core::{Command, Reply, Snowflake};
use nexus_crdt::id::{RoleId, SpaceId};
use serde::Deserialize;
use serde_json::{Value, json};

#[derive(Deserialize)]
pub(crate) struct Prune {
    days: Option<u64>,
    #[serde(default)]
    include_roles: Vec<Number>,
    compute_prune_count: Option<bool>,
    reason: Option<String>,
}

/// `GET /guilds/{guild_id}/prune`: how many there are. `include_roles` is a list with commas, or stands several times.
pub(crate) async fn preview(
    State(window): State<Window>,
    caller: Caller,
    Path(guild): Path<String>,
    Query(pairs): Query<Vec<(String, String)>>,
) -> Answer<Json<Value>> {
    let (space, guild) = caller.guild(&guild)?;
    let of = |name: &'static str| pairs.iter().filter(move |(key, _)| key == name).map(|(_, value)| value);
    let wrong = |_| ApiError::invalid("days", "NUMBER_TYPE_COERCE", "Value is not int.");
    let days = of("days").next().map(|days| days.parse::<u64>().map_err(wrong)).transpose()?;
    let roles = of("include_roles").flat_map(|list| list.split(',')).filter(|id| !id.is_empty());
    let roles = roles.map(|id| find::role(&caller, guild, find::number(id)?)).collect::<Answer<_>>()?;
    counted(&window, &caller, order(space, days, roles, None)?).await
}

/// `POST /guilds/{guild_id}/prune`: kicks them, one act each, at most 1,000 at a time.
pub(crate) async fn prune(
    State(window): State<Window>,
    caller: Caller,
    Path(guild): Path<String>,
    Body(body): Body<Prune>,
) -> Answer<Json<Value>> {
    let (space, guild) = caller.guild(&guild)?;
    let roles = body.include_roles.iter().map(|id| find::role(&caller, guild, Snowflake(id.0)));
    let roles = roles.collect::<Answer<_>>()?;
    let reason = body.reason.unwrap_or_else(|| caller.reason().to_owned());
    let Json(mut answer) = counted(&window, &caller, order(space, body.days, roles, Some(reason))?).await?;
    if body.compute_prune_count == Some(false) {
        answer["pruned"] = Value::Null;
    }
    Ok(Json(answer))
}

/// A reason: they go. None: they are counted.
fn order(space: SpaceId, days: Option<u64>, roles: Vec<RoleId>, reason: Option<String>) -> Answer<Command> {
    let days = days.unwrap_or(7);
    if !(1..=30).contains(&days) {
        return Err(ApiError::invalid("days", "NUMBER_TYPE_MAX", "int value should be between 1 and 30."));
    }
    let (silent_ms, count_only) = (days * 86_400_000, reason.is_none());
    Ok(Command::Prune { guild: space, silent_ms, roles, count_only, reason: reason.unwrap_or_default() })
}

async fn counted(window: &Window, caller: &Caller, command: Command) -> Answer<Json<Value>> {
    let pruned = match window.node.command(Some(caller.user), command).await? {
        Reply::Count(pruned) => pruned,
        _ => 0,
    };
    Ok(Json(json!({ "pruned": pruned })))
}
