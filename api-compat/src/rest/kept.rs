//! What a person keeps for themself: how far they have read, settings, and drafts. Kept in a space of their own, which their devices and home
//! relays hold and nobody else.

use crate::error::{Answer, ApiError};
use crate::render;
use crate::window::{Body, Caller, Done, Json, Path, Person, Window};
use axum::extract::State;
use nexus_api_model::Number;
use nexus_core::{Command, Snowflake, Thing};
use nexus_crdt::body::content::{About, DRAFT_MAX, Note};
use serde::Deserialize;
use serde_json::{Map, Value, json};

/// `POST /channels/{channel_id}/messages/{message_id}/ack`: everything up to that message is read.
pub(crate) async fn ack(
    State(window): State<Window>,
    Person(caller): Person,
    Path((channel, message)): Path<(String, String)>,
) -> Answer<Json<Value>> {
    let (channel, _, reader) = caller.history(&window, &channel)?;
    let number = super::find::number(&message)?;
    let message = reader.numbered(channel, number)?.ok_or_else(|| ApiError::unknown(Thing::Message))?;
    keep(&window, &caller, vec![Note::Read { channel, message }]).await?;
    Ok(Json(json!({ "token": null })))
}

#[derive(Deserialize)]
pub(crate) struct Acks {
    read_states: Vec<Ack>,
}

#[derive(Deserialize)]
struct Ack {
    channel_id: Number,
    message_id: Number,
}

/// Channels of one bulk, as on Discord.
const ACKS_MAX: usize = 100;

/// `POST /read-states/ack-bulk`: the same of several channels, all or none.
pub(crate) async fn ack_bulk(
    State(window): State<Window>,
    Person(caller): Person,
    Body(body): Body<Acks>,
) -> Answer<Done> {
    if body.read_states.len() > ACKS_MAX {
        let words = "Must be 100 or fewer in length.";
        return Err(ApiError::invalid("read_states", "BASE_TYPE_MAX_LENGTH", words));
    }
    let mut notes = Vec::new();
    for Ack { channel_id, message_id } in body.read_states {
        let (channel, _, reader) = caller.history(&window, &channel_id.0.to_string())?;
        let message = reader.numbered(channel, Snowflake(message_id.0))?;
        let message = message.ok_or_else(|| ApiError::unknown(Thing::Message))?;
        notes.push(Note::Read { channel, message });
    }
    keep(&window, &caller, notes).await?;
    Ok(Done)
}

/// `GET /users/@me/settings`
pub(crate) async fn settings(Person(caller): Person) -> Json<Map<String, Value>> {
    Json(render::settings(&caller.view, &caller.user))
}

/// `PATCH /users/@me/settings`: each field by itself; the others stay.
pub(crate) async fn edit_settings(
    State(window): State<Window>,
    Person(caller): Person,
    Body(body): Body<Map<String, Value>>,
) -> Answer<Json<Map<String, Value>>> {
    keep(&window, &caller, set(About::Me, body)?).await?;
    Ok(Json(render::settings(&window.node.view(), &caller.user)))
}

/// `PATCH /users/@me/guilds/{guild_id}/settings`: likewise, those of `channel_overrides` among them.
pub(crate) async fn edit_guild_settings(
    State(window): State<Window>,
    Person(caller): Person,
    Path(guild): Path<String>,
    Body(mut body): Body<Map<String, Value>>,
) -> Answer<Json<Value>> {
    let (space, guild) = caller.guild(&guild)?;
    let overrides = body.remove("channel_overrides").unwrap_or(Value::Null);
    body.remove("guild_id");
    let mut notes = set(About::Guild(space), body)?;
    for (channel, mut fields) in by_channel(overrides)? {
        let (channel, there) = caller.channel(&channel)?;
        if there.facts.id != guild.facts.id {
            return Err(ApiError::unknown(Thing::Channel));
        }
        fields.remove("channel_id");
        notes.extend(set(About::Channel(channel), fields)?);
    }
    if notes.len() > FIELDS_MAX {
        return Err(too_many());
    }
    keep(&window, &caller, notes).await?;
    let view = window.node.view();
    let guild = view.guilds.get(&space).ok_or_else(|| ApiError::unknown(Thing::Guild))?;
    Ok(Json(render::guild_settings(&view, guild, &caller.user)))
}

/// Fields of one request.
const FIELDS_MAX: usize = 200;

fn set(about: About, fields: Map<String, Value>) -> Answer<Vec<Note>> {
    if fields.len() > FIELDS_MAX {
        return Err(too_many());
    }
    Ok(fields
        .into_iter()
        .map(|(name, value)| Note::Setting { about, name, json: value.to_string() })
        .collect())
}

/// Discord's client sends an object by channel, and shows a list.
fn by_channel(overrides: Value) -> Answer<Vec<(String, Map<String, Value>)>> {
    let wrong =
        || ApiError::invalid("channel_overrides", "BASE_TYPE_INVALID", "an object by channel, or a list");
    match overrides {
        Value::Null => Ok(Vec::new()),
        Value::Object(all) => all
            .into_iter()
            .map(|(channel, fields)| match fields {
                Value::Object(fields) => Ok((channel, fields)),
                _ => Err(wrong()),
            })
            .collect(),
        Value::Array(all) => all
            .into_iter()
            .map(|fields| match fields {
                Value::Object(fields) => {
                    Ok((super::id_text(fields.get("channel_id").unwrap_or(&Value::Null)), fields))
                }
                _ => Err(wrong()),
            })
            .collect(),
        _ => Err(wrong()),
    }
}

fn too_many() -> ApiError {
    ApiError::invalid("", "BASE_TYPE_MAX_LENGTH", "Must be 200 or fewer in length.")
}

/// `GET /nexus/drafts`: what one is about to say, in whichever channel one sees.
pub(crate) async fn drafts(Person(caller): Person) -> Json<Value> {
    Json(render::drafts(&caller.view, &caller.user))
}

#[derive(Deserialize)]
pub(crate) struct Draft {
    text: String,
}

/// `PUT /nexus/drafts/{channel_id}`: a text of up to 8,000 bytes; an empty one takes the draft away.
pub(crate) async fn set_draft(
    State(window): State<Window>,
    Person(caller): Person,
    Path(channel): Path<String>,
    Body(body): Body<Draft>,
) -> Answer<Done> {
    let (channel, _) = caller.channel(&channel)?;
    if body.text.len() > DRAFT_MAX {
        return Err(ApiError::invalid("text", "BASE_TYPE_MAX_LENGTH", "Must be 8000 or fewer bytes."));
    }
    keep(&window, &caller, vec![Note::Draft { channel, text: body.text }]).await?;
    Ok(Done)
}

async fn keep(window: &Window, caller: &Caller, notes: Vec<Note>) -> Answer<()> {
    window.node.command(Some(caller.user), Command::Keep { notes }).await?;
    Ok(())
}
