//! `/channels`.

pub(crate) mod announcements;
pub(crate) mod caption;
pub(crate) mod embeds;
mod fetched;
mod forward;
pub(crate) mod invites;
pub(crate) mod messages;
pub(crate) mod moves;
pub(crate) mod permissions;
pub(crate) mod pins;
pub(crate) mod polls;
pub(crate) mod reactions;
pub(crate) mod recipients;
pub(crate) mod thread_members;
pub(crate) mod threads;

use crate::access;
use crate::error::{Answer, ApiError};
use crate::render;
use crate::rest::channel_body;
use crate::window::{Body, Caller, Done, Json, Path, Window};
use axum::extract::State;
use nexus_api_model as model;
use nexus_core::{ChannelPatch, Command, Thing, View};
use nexus_crdt::body::governance::ForumFields;
use nexus_crdt::id::{ChannelId, UserId};
use serde_json::{Value, json};

/// `GET /channels/{channel_id}`
pub(crate) async fn get(
    State(window): State<Window>,
    caller: Caller,
    Path(channel): Path<String>,
) -> Answer<Json<Value>> {
    let (channel, _) = caller.channel(&channel)?;
    drawn(&window, &caller.view, &caller.user, channel).map(Json)
}

/// `PATCH /channels/{channel_id}`
pub(crate) async fn edit(
    State(window): State<Window>,
    caller: Caller,
    Path(channel): Path<String>,
    Body(body): Body<model::Channel>,
) -> Answer<Json<Value>> {
    let (channel, guild) = caller.channel(&channel)?;
    if !access::is_guild(guild) {
        recipients::name(&window, &caller, guild, body.name).await?;
        return drawn(&window, &window.node.view(), &caller.user, channel).map(Json);
    }
    if render::is_thread(guild, &channel) {
        threads::edit(&window, &caller, guild, channel, &body).await?;
        return drawn(&window, &window.node.view(), &caller.user, channel).map(Json);
    }
    let patch = ChannelPatch {
        fields: channel_body::fields(&caller, &body)?,
        overwrites: channel_body::overwrites(&caller, guild, &body)?,
    };
    let is_forum = guild.channels.get(&channel).is_some_and(|channel| channel.forum.is_some());
    let forum = channel_body::forum(&body)?;
    caller.govern(&window, Command::EditChannel { channel, patch }).await?;
    if is_forum && forum != ForumFields::default() {
        caller.govern(&window, Command::EditForum { channel, forum }).await?;
    }
    drawn(&window, &window.node.view(), &caller.user, channel).map(Json)
}

/// `DELETE /channels/{channel_id}`: answers with what it was.
pub(crate) async fn delete(
    State(window): State<Window>,
    caller: Caller,
    Path(channel): Path<String>,
) -> Answer<Json<Value>> {
    let (channel, guild) = caller.channel(&channel)?;
    let was = drawn(&window, &caller.view, &caller.user, channel)?;
    if !access::is_guild(guild) {
        recipients::leave(&window, &caller, guild).await?;
        return Ok(Json(was));
    }
    caller.govern(&window, Command::DeleteChannel { channel }).await?;
    Ok(Json(was))
}

/// `POST /channels/{channel_id}/typing`
pub(crate) async fn typing(
    State(window): State<Window>,
    caller: Caller,
    Path(channel): Path<String>,
) -> Answer<Done> {
    let (channel, _) = caller.channel(&channel)?;
    window.node.command(Some(caller.user), Command::Type { channel }).await?;
    Ok(Done)
}

pub(crate) fn drawn(window: &Window, view: &View, viewer: &UserId, id: ChannelId) -> Answer<Value> {
    let unknown = || ApiError::unknown(Thing::Channel);
    let guild = view.guild_of(&id).ok_or_else(unknown)?;
    if !access::is_guild(guild) {
        let reader = window.node.read()?;
        return render::conversation(view, Some(&reader), guild, viewer)
            .map(|drawn| json!(drawn))
            .ok_or_else(unknown);
    }
    let channel = guild.channels.get(&id).ok_or_else(unknown)?;
    let reader = window.node.read()?;
    if channel.thread.is_some() {
        return Ok(render::thread(view, Some(&reader), guild, channel, Some(viewer))?);
    }
    let last = reader.last_message(id)?;
    Ok(json!(render::channel(view, guild, channel, last)))
}
