//! `/nexus`, about authority: locks, devices, cuts and owners, for which Discord has no words.

use super::find;
use crate::error::{Answer, ApiError};
use crate::render;
use crate::window::{Body, Caller, Done, Json, Path, Window};
use axum::extract::State;
use nexus_api_model::Number;
use nexus_core::{Command, Thing, View};
use nexus_crdt::guild::{GuildView, RULES_VERSION};
use nexus_crdt::id::{DeviceKey, UserId};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// `PUT /nexus/channels/{channel_id}/lock`: who may not manage its messages writes no more there.
pub(crate) async fn lock(window: State<Window>, caller: Caller, channel: Path<String>) -> Answer<Done> {
    set_lock(window, caller, channel, true).await
}

/// `DELETE /nexus/channels/{channel_id}/lock`
pub(crate) async fn unlock(window: State<Window>, caller: Caller, channel: Path<String>) -> Answer<Done> {
    set_lock(window, caller, channel, false).await
}

async fn set_lock(
    State(window): State<Window>,
    caller: Caller,
    Path(channel): Path<String>,
    locked: bool,
) -> Answer<Done> {
    let (channel, _) = caller.channel(&channel)?;
    caller.govern(&window, Command::LockChannel { channel, locked }).await?;
    Ok(Done)
}

/// `GET /nexus/guilds/{guild_id}/owners`
pub(crate) async fn owners(caller: Caller, Path(guild): Path<String>) -> Answer<Json<impl Serialize>> {
    let (_, guild) = caller.guild(&guild)?;
    Ok(Json(owned(&caller.view, guild)))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Owners {
    owners: Vec<Number>,
    threshold: u32,
}

/// `PUT /nexus/guilds/{guild_id}/owners`: one owner's vote. It takes effect when as many as the quorum asks have voted
/// for the same.
pub(crate) async fn vote(
    State(window): State<Window>,
    caller: Caller,
    Path(guild): Path<String>,
    Body(body): Body<Owners>,
) -> Answer<Json<impl Serialize>> {
    let (guild, _) = caller.guild(&guild)?;
    let owners = body.owners.iter().map(|owner| caller.user(&owner.0.to_string())).collect::<Answer<_>>()?;
    let command = Command::SetOwners { guild, owners, threshold: body.threshold };
    caller.govern(&window, command).await?;
    let view = window.node.view();
    let shown = view.guilds.get(&guild).ok_or_else(|| ApiError::unknown(Thing::Guild))?;
    Ok(Json(owned(&view, shown)))
}

/// `GET /nexus/guilds/{guild_id}/rules`: the rules that hold, and the latest that this program carries.
pub(crate) async fn rules(caller: Caller, Path(guild): Path<String>) -> Answer<Json<impl Serialize>> {
    let (_, guild) = caller.guild(&guild)?;
    Ok(Json(ruled(guild)))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Rules {
    rules_version: u32,
}

/// `PUT /nexus/guilds/{guild_id}/rules`: an owner's barrier. From it on these rules hold; programs that do not carry them
/// read the guild and write nothing in it. Never taken back.
pub(crate) async fn set_rules(
    State(window): State<Window>,
    caller: Caller,
    Path(guild): Path<String>,
    Body(body): Body<Rules>,
) -> Answer<Json<impl Serialize>> {
    let (guild, _) = caller.guild(&guild)?;
    let command = Command::SetRules { guild, rules_version: body.rules_version };
    window.node.command(Some(caller.user), command).await?;
    let view = window.node.view();
    let shown = view.guilds.get(&guild).ok_or_else(|| ApiError::unknown(Thing::Guild))?;
    Ok(Json(ruled(shown)))
}

fn ruled(guild: &GuildView) -> Value {
    json!({ "rules_version": guild.rules_version, "carried": RULES_VERSION })
}

fn owned(view: &View, guild: &GuildView) -> Value {
    let votes = guild.votes.values().map(|vote| {
        json!({
            "owners": numbers(view, vote.owners.iter()),
            "threshold": vote.threshold,
            "by": numbers(view, vote.by.iter()),
        })
    });
    json!({
        "owners": numbers(view, guild.ownership.owners.iter()),
        "threshold": guild.ownership.threshold,
        "votes": votes.collect::<Vec<_>>(),
    })
}

fn numbers<'a>(view: &View, users: impl Iterator<Item = &'a UserId>) -> Vec<String> {
    users.map(|user| render::number(view, *user)).collect()
}

/// `GET /nexus/guilds/{guild_id}/members/{user_id}/devices`: the keys that somebody writes with.
pub(crate) async fn devices(
    caller: Caller,
    Path((guild, user)): Path<(String, String)>,
) -> Answer<Json<impl Serialize>> {
    let (_, guild) = caller.guild(&guild)?;
    let user = find::member(&caller, guild, &user)?.user;
    let account = caller.view.users.get(&user).ok_or_else(|| ApiError::unknown(Thing::User))?;
    let shown = account.devices.iter().map(|device| {
        let ended = guild.ended_devices.contains_key(&(user, *device));
        json!({ "device": device.to_hex(), "ended": ended })
    });
    Ok(Json(shown.collect::<Vec<_>>()))
}

/// `DELETE /nexus/guilds/{guild_id}/members/{user_id}/devices/{device}`: ends it in this guild, for good.
pub(crate) async fn revoke_device(
    State(window): State<Window>,
    caller: Caller,
    Path((guild, user, device)): Path<(String, String, String)>,
) -> Answer<Done> {
    let (guild, _) = caller.guild(&guild)?;
    let user = caller.user(&user)?;
    let device = device_key(&device).ok_or_else(|| ApiError::unknown(Thing::Device))?;
    let command = Command::RevokeDevice { guild, user, device, reason: String::new() };
    caller.govern(&window, command).await?;
    Ok(Done)
}

/// 64 lower-case hexadecimal digits.
fn device_key(text: &str) -> Option<DeviceKey> {
    let mut key = [0; 32];
    if text.len() != 64 || !text.is_ascii() {
        return None;
    }
    for (byte, at) in key.iter_mut().zip((0..64).step_by(2)) {
        *byte = u8::from_str_radix(text.get(at..at + 2)?, 16).ok()?;
    }
    Some(DeviceKey(key))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Cut {
    keep_until_ms: u64,
}

/// `PUT /nexus/guilds/{guild_id}/bans/{user_id}/cut`: of somebody who was removed, what is younger goes too. It only
/// ever gets less.
pub(crate) async fn tighten(
    State(window): State<Window>,
    caller: Caller,
    Path((guild, user)): Path<(String, String)>,
    Body(body): Body<Cut>,
) -> Answer<Done> {
    let (guild, _) = caller.guild(&guild)?;
    let user = caller.user(&user)?;
    let command = Command::TightenCut { guild, user, keep_until_ms: body.keep_until_ms };
    caller.govern(&window, command).await?;
    Ok(Done)
}
