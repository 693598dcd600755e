//! `/guilds`.

pub(crate) mod audit_logs;
pub(crate) mod bans;
pub(crate) mod channels;
pub(crate) mod emojis;
pub(crate) mod events;
pub(crate) mod exceptions;
pub(crate) mod filters;
pub(crate) mod incidents;
pub(crate) mod integrations;
pub(crate) mod members;
pub(crate) mod prune;
pub(crate) mod relays;
pub(crate) mod roles;
pub(crate) mod search;
pub(crate) mod threads;
pub(crate) mod voice;

use crate::error::{Answer, ApiError};
use crate::render;
use crate::window::{Body, Caller, Created, Json, Path, Person, Query, Window};
use axum::extract::State;
use nexus_api_model::{Number, given};
use nexus_core::{Command, Reply, Thing, View};
use nexus_crdt::body::governance::GuildEdit;
use nexus_crdt::id::{ChannelId, SpaceId, UserId};
use nexus_crdt::permissions::Permissions;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

#[derive(Deserialize)]
pub(crate) struct CreateGuild {
    name: String,
}

/// `POST /guilds`: a guild with `general` and `General`.
pub(crate) async fn create(
    State(window): State<Window>,
    Person(caller): Person,
    Body(body): Body<CreateGuild>,
) -> Answer<Created<Value>> {
    let reply = caller.govern(&window, Command::CreateGuild { name: body.name }).await?;
    let Reply::Created(space) = reply else { return Err(ApiError::unknown(Thing::Guild)) };
    drawn(&window.node.view(), &SpaceId::from(space)).map(Created)
}

#[derive(Deserialize)]
pub(crate) struct WithCounts {
    #[serde(default)]
    with_counts: bool,
}

/// `GET /guilds/{guild_id}`
pub(crate) async fn get(
    State(window): State<Window>,
    caller: Caller,
    Path(guild): Path<String>,
    Query(query): Query<WithCounts>,
) -> Answer<Json<Value>> {
    let (space, guild) = caller.guild(&guild)?;
    let mut body = drawn(&caller.view, &space)?;
    if let (true, Some(fields)) = (query.with_counts, body.as_object_mut()) {
        fields.insert("approximate_member_count".to_owned(), json!(guild.members.len()));
        fields.insert("approximate_presence_count".to_owned(), json!(window.gateway.online_in(guild)));
    }
    Ok(Json(body))
}

/// `GET /guilds/{guild_id}/preview`: to members, as nothing here is found by strangers.
pub(crate) async fn preview(
    State(window): State<Window>,
    caller: Caller,
    Path(guild): Path<String>,
) -> Answer<Json<Value>> {
    let (space, guild) = caller.guild(&guild)?;
    let whole = drawn(&caller.view, &space)?;
    let keys = ["id", "name", "icon", "description", "home_header", "splash", "discovery_splash", "features"];
    let lists = ["emojis", "stickers"];
    let kept = keys.iter().chain(&lists).map(|key| ((*key).to_owned(), whole[*key].clone()));
    let mut shown = Value::Object(kept.collect());
    shown["approximate_member_count"] = json!(guild.members.len());
    shown["approximate_presence_count"] = json!(window.gateway.online_in(guild));
    Ok(Json(shown))
}

#[derive(Deserialize)]
pub(crate) struct EditGuild {
    name: Option<String>,
    #[serde(default, deserialize_with = "given")]
    description: Option<Option<String>>,
    #[serde(default, deserialize_with = "given")]
    system_channel_id: Option<Option<Number>>,
    verification_level: Option<u8>,
    default_message_notifications: Option<u8>,
}

/// `PATCH /guilds/{guild_id}`
pub(crate) async fn edit(
    State(window): State<Window>,
    caller: Caller,
    Path(guild): Path<String>,
    Body(body): Body<EditGuild>,
) -> Answer<Json<Value>> {
    let (guild, view) = caller.guild(&guild)?;
    let system_channel = match body.system_channel_id {
        None => None,
        Some(None) => Some(ChannelId([0; 32])),
        Some(Some(id)) => Some(caller.channel(&id.0.to_string())?.0),
    };
    if system_channel.is_some_and(|id| id.0 != [0; 32] && !view.channels.contains_key(&id)) {
        return Err(ApiError::unknown(Thing::Channel));
    }
    let edit = GuildEdit {
        name: body.name,
        description: body.description.map(Option::unwrap_or_default),
        system_channel,
        verification_level: body.verification_level,
        default_notifications: body.default_message_notifications,
        ..GuildEdit::default()
    };
    caller.govern(&window, Command::EditGuild { guild, edit }).await?;
    drawn(&window.node.view(), &guild).map(Json)
}

/// `GET /guilds/{guild_id}/invites`
pub(crate) async fn invites(
    State(window): State<Window>,
    caller: Caller,
    Path(guild): Path<String>,
) -> Answer<Json<Vec<impl Serialize>>> {
    let (_, guild) = caller.guild(&guild)?;
    needs(guild, &caller.user, Permissions::MANAGE_GUILD)?;
    let view = &caller.view;
    let open = render::open_invites(view, guild);
    let place = window.place();
    Ok(Json(open.map(|invite| render::invite_with_facts(view, guild, invite, place.as_ref())).collect()))
}

/// Whether somebody may read what only those with a permission read.
pub(crate) fn needs(
    guild: &nexus_crdt::guild::GuildView,
    user: &UserId,
    permission: Permissions,
) -> Answer<()> {
    if guild.permissions(user).has(permission) { Ok(()) } else { Err(ApiError::forbidden()) }
}

fn drawn(view: &View, space: &SpaceId) -> Answer<Value> {
    let guild = view.guilds.get(space).ok_or_else(|| ApiError::unknown(Thing::Guild))?;
    Ok(json!(render::guild(view, guild)))
}
