//! `/guilds/{guild_id}/channels`.

use crate::access;
use crate::error::{Answer, ApiError};
use crate::render;
use crate::rest::channel_body;
use crate::window::{Body, Caller, Created, Done, Json, Path, Window};
use axum::extract::State;
use nexus_api_model as model;
use nexus_api_model::{Number, given};
use nexus_core::{ChannelDraft, Command, ForumDraft, Reply, Thing};
use nexus_crdt::body::governance::ChannelFields;
use nexus_crdt::id::ChannelId;
use serde::{Deserialize, Serialize};

/// `GET /guilds/{guild_id}/channels`: those the caller sees.
pub(crate) async fn list(
    State(window): State<Window>,
    caller: Caller,
    Path(guild): Path<String>,
) -> Answer<Json<Vec<impl Serialize>>> {
    let (_, guild) = caller.guild(&guild)?;
    let reader = window.node.read()?;
    let own = guild.channels.values().filter(|channel| channel.is_listed());
    let seen = own.filter(|channel| access::sees(guild, &caller.user, &channel.id));
    let drawn = seen.map(|channel| {
        let last = reader.last_message(channel.id)?;
        Ok(render::channel(&caller.view, guild, channel, last))
    });
    Ok(Json(drawn.collect::<Answer<Vec<_>>>()?))
}

/// `POST /guilds/{guild_id}/channels`
pub(crate) async fn create(
    State(window): State<Window>,
    caller: Caller,
    Path(guild): Path<String>,
    Body(body): Body<model::Channel>,
) -> Answer<Created<impl Serialize>> {
    let (space, guild) = caller.guild(&guild)?;
    let fields = channel_body::fields(&caller, &body)?;
    let overwrites = channel_body::overwrites(&caller, guild, &body)?.unwrap_or_default();
    if fields.name.is_none() {
        return Err(ApiError::invalid("name", "BASE_TYPE_REQUIRED", "This field is required"));
    }
    let command = if channel_body::is_forum(&body) {
        let draft = ForumDraft {
            fields,
            overwrites,
            forum: channel_body::forum(&body)?,
            media: body.kind == Some(channel_body::MEDIA),
        };
        Command::CreateForum { guild: space, draft }
    } else {
        let draft = ChannelDraft { kind: channel_body::kind(&body)?, fields, overwrites };
        Command::CreateChannel { guild: space, draft }
    };
    let reply = caller.govern(&window, command).await?;
    let Reply::Created(id) = reply else { return Err(ApiError::unknown(Thing::Channel)) };
    let view = window.node.view();
    let guild = view.guilds.get(&space).ok_or_else(|| ApiError::unknown(Thing::Guild))?;
    let channel =
        guild.channels.get(&ChannelId::from(id)).ok_or_else(|| ApiError::unknown(Thing::Channel))?;
    Ok(Created(render::channel(&view, guild, channel, None)))
}

#[derive(Deserialize)]
pub(crate) struct Move {
    id: Number,
    position: Option<u32>,
    #[serde(default, deserialize_with = "given")]
    parent_id: Option<Option<Number>>,
}

/// `PATCH /guilds/{guild_id}/channels`: several positions at once.
pub(crate) async fn arrange(
    State(window): State<Window>,
    caller: Caller,
    Path(guild): Path<String>,
    Body(moves): Body<Vec<Move>>,
) -> Answer<Done> {
    let (guild, _) = caller.guild(&guild)?;
    let positions = moves.iter().map(|each| {
        let (channel, _) = caller.channel(&each.id.0.to_string())?;
        let parent = channel_body::parent(&caller, each.parent_id)?;
        Ok((channel, ChannelFields { position: each.position, parent, ..ChannelFields::default() }))
    });
    let positions = positions.collect::<Answer<Vec<_>>>()?;
    caller.govern(&window, Command::MoveChannels { guild, positions }).await?;
    Ok(Done)
}
