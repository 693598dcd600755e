//! `/guilds/{guild_id}/emojis`.

use super::needs;
use crate::error::{Answer, ApiError};
use crate::picture;
use crate::render;
use crate::rest::find::{number, role};
use crate::window::{Body, Caller, Created, Done, Json, Path, Window};
use axum::extract::State;
use nexus_api_model::{Number, given};
use nexus_core::{Command, Reply, Snowflake, Thing, View};
use nexus_crdt::body::governance::{EmojiCreate, EmojiEdit};
use nexus_crdt::guild::{Emoji, GuildView};
use nexus_crdt::id::{OpId, RoleId, SpaceId};
use nexus_crdt::permissions::Permissions;
use serde::Deserialize;
use serde_json::Value;

/// `GET /guilds/{guild_id}/emojis`
pub(crate) async fn list(caller: Caller, Path(guild): Path<String>) -> Answer<Json<Vec<Value>>> {
    let (_, guild) = caller.guild(&guild)?;
    Ok(Json(render::emojis(&caller.view, guild)))
}

/// `GET /guilds/{guild_id}/emojis/{emoji_id}`
pub(crate) async fn get(caller: Caller, Path((guild, emoji)): Path<(String, String)>) -> Answer<Json<Value>> {
    let (_, guild) = caller.guild(&guild)?;
    Ok(Json(render::emoji_with_maker(&caller.view, find(&caller, guild, &emoji)?)))
}

#[derive(Deserialize)]
pub(crate) struct Create {
    name: String,
    image: String,
    roles: Option<Vec<Number>>,
}

/// `POST /guilds/{guild_id}/emojis`
pub(crate) async fn create(
    State(window): State<Window>,
    caller: Caller,
    Path(guild): Path<String>,
    Body(body): Body<Create>,
) -> Answer<Created<Value>> {
    let (space, guild) = caller.guild(&guild)?;
    // Nothing is put on the disk for who may not make one.
    needs(guild, &caller.user, Permissions::CREATE_GUILD_EXPRESSIONS)?;
    let roles = roles(&caller, guild, body.roles.unwrap_or_default())?;
    let picture = picture::keep(&window, picture::read(&body.image)?).await?;
    let emoji = EmojiCreate { name: body.name, picture, roles };
    let reply = caller.govern(&window, Command::MakeEmoji { guild: space, emoji }).await?;
    let Reply::Created(id) = reply else { return Err(ApiError::unknown_emoji()) };
    drawn(&window.node.view(), &space, &id).map(Created)
}

#[derive(Deserialize)]
pub(crate) struct Edit {
    name: Option<String>,
    #[serde(default, deserialize_with = "given")]
    roles: Option<Option<Vec<Number>>>,
}

/// `PATCH /guilds/{guild_id}/emojis/{emoji_id}`
pub(crate) async fn edit(
    State(window): State<Window>,
    caller: Caller,
    Path((guild, emoji)): Path<(String, String)>,
    Body(body): Body<Edit>,
) -> Answer<Json<Value>> {
    let (space, guild) = caller.guild(&guild)?;
    let emoji = find(&caller, guild, &emoji)?.id;
    let roles = body.roles.map(|list| roles(&caller, guild, list.unwrap_or_default())).transpose()?;
    let edit = EmojiEdit { emoji, name: body.name, roles };
    caller.govern(&window, Command::EditEmoji { guild: space, edit }).await?;
    drawn(&window.node.view(), &space, &emoji).map(Json)
}

/// `DELETE /guilds/{guild_id}/emojis/{emoji_id}`
pub(crate) async fn delete(
    State(window): State<Window>,
    caller: Caller,
    Path((guild, emoji)): Path<(String, String)>,
) -> Answer<Done> {
    let (space, guild) = caller.guild(&guild)?;
    let emoji = find(&caller, guild, &emoji)?.id;
    caller.govern(&window, Command::DeleteEmoji { guild: space, emoji }).await?;
    Ok(Done)
}

fn find<'a>(caller: &Caller, guild: &'a GuildView, text: &str) -> Answer<&'a Emoji> {
    let id = caller.view.ids.op(number(text)?);
    id.and_then(|id| guild.emojis.get(&id)).ok_or_else(ApiError::unknown_emoji)
}

fn roles(caller: &Caller, guild: &GuildView, numbers: Vec<Number>) -> Answer<Vec<RoleId>> {
    numbers.into_iter().map(|Number(id)| role(caller, guild, Snowflake(id))).collect()
}

fn drawn(view: &View, space: &SpaceId, id: &OpId) -> Answer<Value> {
    let guild = view.guilds.get(space).ok_or_else(|| ApiError::unknown(Thing::Guild))?;
    let emoji = guild.emojis.get(id).ok_or_else(ApiError::unknown_emoji)?;
    Ok(render::emoji_with_maker(view, emoji))
}
