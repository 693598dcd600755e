//! `/webhooks`: of accounts, and by the token in the path without one. A token is a webhook's, or an interaction's.

mod by_token;
pub(super) mod github;
mod message;
mod slack;

pub(crate) use by_token::{delete_by_token, edit_by_token, get_by_token};
pub(crate) use github::execute_github;
pub(crate) use message::{
    delete_message, delete_original, edit_message, edit_original, execute, get_message, get_original,
};
pub(crate) use slack::execute_slack;

use crate::error::{Answer, ApiError};
use crate::render;
use crate::window::{Body, Caller, Done, Json, Path, Window};
use axum::extract::State;
use nexus_api_model::Number;
use nexus_core::{Command, Reply, Snowflake, Thing, View};
use nexus_crdt::guild::GuildView;
use nexus_crdt::id::{ChannelId, OpId, UserId};
use nexus_crdt::identity::Hook;
use nexus_crdt::permissions::Permissions;
use serde::Deserialize;
use serde_json::{Value, json};

/// A webhook and whose it is.
struct Known<'a> {
    id: OpId,
    maker: UserId,
    hook: &'a Hook,
}

#[derive(Deserialize)]
pub(crate) struct Create {
    name: String,
}

#[derive(Deserialize)]
pub(crate) struct Edit {
    name: Option<String>,
    channel_id: Option<Number>,
}

/// `POST /channels/{channel_id}/webhooks`
pub(crate) async fn create(
    State(window): State<Window>,
    caller: Caller,
    Path(channel): Path<String>,
    Body(body): Body<Create>,
) -> Answer<Json<Value>> {
    let (channel, guild) = caller.channel(&channel)?;
    if !crate::access::is_guild(guild) {
        return Err(ApiError::unknown(Thing::Channel));
    }
    let name = checked(body.name)?;
    let reply = window.node.command(Some(caller.user), Command::MakeWebhook { channel, name }).await?;
    let Reply::Created(id) = reply else { return Err(ApiError::unknown_webhook()) };
    let view = window.node.view();
    let known = find(&view, &id).ok_or_else(ApiError::unknown_webhook)?;
    drawn(&window, &view, &known).await.map(Json)
}

/// `GET /channels/{channel_id}/webhooks`
pub(crate) async fn of_channel(
    State(window): State<Window>,
    caller: Caller,
    Path(channel): Path<String>,
) -> Answer<Json<Vec<Value>>> {
    let (channel, guild) = caller.channel(&channel)?;
    needs(guild, &caller, &channel)?;
    let known = all(&caller.view).filter(|known| known.hook.channel == channel);
    list(&window, &caller.view, known.collect()).await.map(Json)
}

/// `GET /guilds/{guild_id}/webhooks`: of the channels whose webhooks the caller manages.
pub(crate) async fn of_guild(
    State(window): State<Window>,
    caller: Caller,
    Path(guild): Path<String>,
) -> Answer<Json<Vec<Value>>> {
    let (_, guild) = caller.guild(&guild)?;
    super::guilds::needs(guild, &caller.user, Permissions::MANAGE_WEBHOOKS)?;
    let known = all(&caller.view).filter(|known| needs(guild, &caller, &known.hook.channel).is_ok());
    list(&window, &caller.view, known.collect()).await.map(Json)
}

/// `GET /webhooks/{webhook_id}`
pub(crate) async fn get(
    State(window): State<Window>,
    caller: Caller,
    Path(id): Path<u64>,
) -> Answer<Json<Value>> {
    let known = managed(&caller, id)?;
    drawn(&window, &caller.view, &known).await.map(Json)
}

/// `PATCH /webhooks/{webhook_id}`: its maker's to do.
pub(crate) async fn edit(
    State(window): State<Window>,
    caller: Caller,
    Path(id): Path<u64>,
    Body(body): Body<Edit>,
) -> Answer<Json<Value>> {
    let known = managed(&caller, id)?;
    if known.maker != caller.user {
        return Err(ApiError::forbidden());
    }
    let channel = match body.channel_id {
        Some(number) => Some(caller.channel(&number.0.to_string())?.0),
        None => None,
    };
    change(&window, &known, channel, body.name).await.map(Json)
}

/// `DELETE /webhooks/{webhook_id}`: its maker's to do.
pub(crate) async fn delete(
    State(window): State<Window>,
    caller: Caller,
    Path(id): Path<u64>,
) -> Answer<Done> {
    let known = managed(&caller, id)?;
    if known.maker != caller.user {
        return Err(ApiError::forbidden());
    }
    remove(&window, &known).await
}

async fn change(
    window: &Window,
    known: &Known<'_>,
    channel: Option<ChannelId>,
    name: Option<String>,
) -> Answer<Value> {
    let name = checked(name.unwrap_or_else(|| known.hook.name.to_string()))?;
    let command = Command::EditWebhook { webhook: known.id, channel, name: Some(name) };
    window.node.command(Some(known.maker), command).await?;
    let view = window.node.view();
    let known = find(&view, &known.id).ok_or_else(ApiError::unknown_webhook)?;
    drawn(window, &view, &known).await
}

async fn remove(window: &Window, known: &Known<'_>) -> Answer<Done> {
    let command = Command::EditWebhook { webhook: known.id, channel: None, name: None };
    window.node.command(Some(known.maker), command).await?;
    Ok(Done)
}

fn all(view: &View) -> impl Iterator<Item = Known<'_>> {
    view.webhooks
        .iter()
        .flat_map(|(maker, hooks)| hooks.iter().map(|(id, hook)| Known { id: *id, maker: *maker, hook }))
}

fn find<'a>(view: &'a View, id: &OpId) -> Option<Known<'a>> {
    all(view).find(|known| known.id == *id)
}

fn numbered(view: &View, id: u64) -> Answer<Known<'_>> {
    let op = view.ids.op(Snowflake(id)).ok_or_else(ApiError::unknown_webhook)?;
    find(view, &op).ok_or_else(ApiError::unknown_webhook)
}

/// A webhook of a channel whose webhooks the caller manages.
fn managed(caller: &Caller, id: u64) -> Answer<Known<'_>> {
    let known = numbered(&caller.view, id)?;
    let guild = caller.view.guild_of(&known.hook.channel).ok_or_else(ApiError::unknown_webhook)?;
    needs(guild, caller, &known.hook.channel)?;
    Ok(known)
}

fn needs(guild: &GuildView, caller: &Caller, channel: &ChannelId) -> Answer<()> {
    let needed = Permissions::VIEW_CHANNEL.with(Permissions::MANAGE_WEBHOOKS);
    if guild.permissions_in(&caller.user, channel).has(needed) { Ok(()) } else { Err(ApiError::forbidden()) }
}

async fn list(window: &Window, view: &View, known: Vec<Known<'_>>) -> Answer<Vec<Value>> {
    let mut shown = Vec::new();
    for known in &known {
        shown.push(drawn(window, view, known).await?);
    }
    Ok(shown)
}

/// A webhook, with its link's token where this program signs for it.
async fn drawn(window: &Window, view: &View, known: &Known<'_>) -> Answer<Value> {
    let mut shown = described(view, known);
    if known.hook.follows.is_none()
        && view.local.contains(&known.maker)
        && let Reply::Token(token) =
            window.node.command(Some(known.maker), Command::WebhookToken { webhook: known.id }).await?
    {
        shown["token"] = json!(token);
    }
    Ok(shown)
}

fn described(view: &View, known: &Known<'_>) -> Value {
    let guild = view.guild_of(&known.hook.channel).map(|guild| guild.facts.id);
    let mut shown = json!({
        "id": view.ids.of(known.id).0.to_string(),
        "type": 1,
        "name": &*known.hook.name,
        "avatar": null,
        "channel_id": view.ids.of(known.hook.channel).0.to_string(),
        "guild_id": guild.map(|guild| view.ids.of(guild).0.to_string()),
        "application_id": null,
        "user": render::user(view, &known.maker),
    });
    if let Some(source) = known.hook.follows {
        shown["type"] = json!(2);
        let announcing = view.guild_of(&source).and_then(|guild| Some((guild, guild.channels.get(&source)?)));
        if let Some((guild, channel)) = announcing {
            let (id, name) = (render::number(view, guild.facts.id), &guild.settings.name);
            shown["source_guild"] = json!({ "id": id, "icon": null, "name": name });
            shown["source_channel"] = json!({ "id": render::number(view, source), "name": channel.name });
        }
    }
    shown
}

/// 1 to 80 characters, and none of the names that Discord keeps for itself.
fn checked(name: String) -> Answer<String> {
    let fits = (1..=80).contains(&name.chars().count());
    let lower = name.to_lowercase();
    if fits && !["clyde", "discord"].iter().any(|word| lower.contains(word)) {
        return Ok(name);
    }
    Err(ApiError::invalid(
        "name",
        "BASE_TYPE_BAD_LENGTH",
        "1 to 80 characters, without \"clyde\" and \"discord\".",
    ))
}
