//! `/guilds/{guild_id}/roles`.

use crate::error::{Answer, ApiError};
use crate::render;
use crate::rest::find;
use crate::window::{Body, Caller, Done, Json, Path, Window};
use axum::extract::State;
use nexus_api_model as model;
use nexus_api_model::Number;
use nexus_core::{Command, Reply, RoleDraft, RolePatch, Snowflake, Thing};
use nexus_crdt::body::governance::RateClass;
use nexus_crdt::id::{RoleId, SpaceId};
use nexus_crdt::permissions::Permissions;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// What a client sends of a role, and what Discord has no word for.
#[derive(Deserialize)]
pub(crate) struct RoleBody {
    #[serde(flatten)]
    role: model::Role,
    nexus: Option<Extension>,
}

/// What Discord has no word for.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Extension {
    rate_class: Option<RateClassName>,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
enum RateClassName {
    Person,
    Bot,
    Bulk,
}

impl RoleBody {
    fn permissions(&self) -> Option<Permissions> {
        self.role.permissions.map(|bits| Permissions(bits.0))
    }

    fn rate_class(&self) -> Option<RateClass> {
        self.nexus.as_ref()?.rate_class.map(|name| match name {
            RateClassName::Person => RateClass::Person,
            RateClassName::Bot => RateClass::Bot,
            RateClassName::Bulk => RateClass::Bulk,
        })
    }
}

/// `GET /guilds/{guild_id}/roles`
pub(crate) async fn list(caller: Caller, Path(guild): Path<String>) -> Answer<Json<Vec<impl Serialize>>> {
    let (_, guild) = caller.guild(&guild)?;
    Ok(Json(guild.roles.values().map(|role| render::role(&caller.view, guild, role)).collect()))
}

/// `GET /guilds/{guild_id}/roles/{role_id}`
pub(crate) async fn get(caller: Caller, Path((guild, role)): Path<(String, String)>) -> Answer<Json<Value>> {
    let (space, guild) = caller.guild(&guild)?;
    let role = find::role(&caller, guild, find::number(&role)?)?;
    drawn(&caller.view, space, role).map(Json)
}

/// `GET /guilds/{guild_id}/roles/member-counts`: how many members hold each role; `@everyone` is left out, as on Discord.
pub(crate) async fn member_counts(caller: Caller, Path(guild): Path<String>) -> Answer<Json<Value>> {
    let (_, guild) = caller.guild(&guild)?;
    let mut counts: BTreeMap<RoleId, u32> =
        guild.roles.keys().filter(|role| **role != guild.everyone()).map(|role| (*role, 0)).collect();
    for role in guild.members.keys().flat_map(|user| guild.roles_of(user)) {
        counts.entry(role.id).and_modify(|count| *count += 1);
    }
    let numbered = counts.iter().map(|(role, count)| (caller.view.ids.of(*role).0.to_string(), json!(count)));
    Ok(Json(Value::Object(numbered.collect())))
}

/// `POST /guilds/{guild_id}/roles`
pub(crate) async fn create(
    State(window): State<Window>,
    caller: Caller,
    Path(guild): Path<String>,
    Body(body): Body<RoleBody>,
) -> Answer<Json<Value>> {
    let (guild, _) = caller.guild(&guild)?;
    let draft = RoleDraft {
        permissions: body.permissions(),
        color: body.role.primary_color().unwrap_or(0),
        hoist: body.role.hoist.unwrap_or(false),
        mentionable: body.role.mentionable.unwrap_or(false),
        rate_class: body.rate_class().unwrap_or(RateClass::Person),
        name: body.role.name.unwrap_or_else(|| String::from("new role")),
    };
    let reply = caller.govern(&window, Command::CreateRole { guild, draft }).await?;
    let Reply::Created(id) = reply else { return Err(ApiError::unknown(Thing::Role)) };
    drawn(&window.node.view(), guild, id.into()).map(Json)
}

#[derive(Deserialize)]
pub(crate) struct Move {
    id: Number,
    position: Option<u32>,
}

/// `PATCH /guilds/{guild_id}/roles`: several positions at once; all roles are answered.
pub(crate) async fn arrange(
    State(window): State<Window>,
    caller: Caller,
    Path(guild): Path<String>,
    Body(moves): Body<Vec<Move>>,
) -> Answer<Json<Vec<Value>>> {
    let (guild, view) = caller.guild(&guild)?;
    let positions = moves.iter().filter_map(|each| Some((each.id.0, each.position?)));
    let positions = positions.map(|(id, position)| Ok((find::role(&caller, view, Snowflake(id))?, position)));
    let positions = positions.collect::<Answer<Vec<_>>>()?;
    caller.govern(&window, Command::MoveRoles { guild, positions }).await?;
    let view = window.node.view();
    let shown = view.guilds.get(&guild).ok_or_else(|| ApiError::unknown(Thing::Guild))?;
    Ok(Json(shown.roles.values().map(|role| render::role(&view, shown, role)).collect()))
}

/// `PATCH /guilds/{guild_id}/roles/{role_id}`
pub(crate) async fn edit(
    State(window): State<Window>,
    caller: Caller,
    Path((guild, role)): Path<(String, String)>,
    Body(body): Body<RoleBody>,
) -> Answer<Json<Value>> {
    let (guild, view) = caller.guild(&guild)?;
    let role = find::role(&caller, view, find::number(&role)?)?;
    let patch = RolePatch {
        permissions: body.permissions(),
        color: body.role.primary_color(),
        hoist: body.role.hoist,
        mentionable: body.role.mentionable,
        rate_class: body.rate_class(),
        name: body.role.name,
    };
    caller.govern(&window, Command::EditRole { guild, role, patch }).await?;
    drawn(&window.node.view(), guild, role).map(Json)
}

/// `DELETE /guilds/{guild_id}/roles/{role_id}`
pub(crate) async fn delete(
    State(window): State<Window>,
    caller: Caller,
    Path((guild, role)): Path<(String, String)>,
) -> Answer<Done> {
    let (guild, view) = caller.guild(&guild)?;
    let role = find::role(&caller, view, find::number(&role)?)?;
    caller.govern(&window, Command::DeleteRole { guild, role }).await?;
    Ok(Done)
}

fn drawn(view: &nexus_core::View, space: SpaceId, role: RoleId) -> Answer<Value> {
    let guild = view.guilds.get(&space).ok_or_else(|| ApiError::unknown(Thing::Guild))?;
    let role = guild.roles.get(&role).ok_or_else(|| ApiError::unknown(Thing::Role))?;
    Ok(json!(render::role(view, guild, role)))
}
