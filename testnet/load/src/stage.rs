//! What must be there before anybody can speak: a guild, its channels, a role of rate class bulk, and bots in that role.

use crate::api::Api;
use anyhow::{Context, Result};
use futures_util::stream::{self, StreamExt, TryStreamExt};
use serde_json::{Value, json};

/// A guild that is ready for load.
pub struct Stage {
    /// Its API id.
    pub guild: String,
    /// Channels, in the order asked for.
    pub channels: Vec<String>,
    /// Bots, in the order asked for.
    pub bots: Vec<Bot>,
}

/// An application of the owner's in the guild, in the role of rate class bulk.
pub struct Bot {
    /// Its user's API id.
    pub user: String,
    /// Speaks for it.
    pub api: Api,
}

/// Makes a guild for the owner, whom `owner` speaks for, and sets the stage in it.
///
/// # Errors
/// Where the node refuses any of it.
pub async fn set(owner: &Api, name: &str, channels: &[String], bots: &[String]) -> Result<Stage> {
    let guild = text(&owner.post("/guilds", &json!({ "name": name })).await?, "id")?;
    set_in(owner, guild, channels, bots).await
}

/// Sets the stage in a guild of the owner's that is there.
///
/// # Errors
/// Where the node refuses any of it.
pub async fn set_in(owner: &Api, guild: String, channels: &[String], bots: &[String]) -> Result<Stage> {
    let bulk = json!({ "name": "bulk", "nexus": { "rate_class": "bulk" } });
    let role = text(&owner.post(&format!("/guilds/{guild}/roles"), &bulk).await?, "id")?;
    let mut ids = Vec::new();
    for channel in channels {
        let made =
            owner.post(&format!("/guilds/{guild}/channels"), &json!({ "name": channel, "type": 0 })).await?;
        ids.push(text(&made, "id")?);
    }
    let bots = stream::iter(bots.iter().map(|name| bot(owner, &guild, &role, name)));
    let bots = bots.buffered(AT_ONCE).try_collect().await?;
    Ok(Stage { guild, channels: ids, bots })
}

async fn bot(owner: &Api, guild: &str, role: &str, name: &str) -> Result<Bot> {
    let application = owner.post("/applications", &json!({ "name": name })).await?;
    let user = text(&application, "id")?;
    let reset = owner.post(&format!("/applications/{user}/bot/reset"), &json!({})).await?;
    let token = text(&reset, "token")?;
    let install = json!({ "guild_id": guild, "permissions": "0", "authorize": true });
    owner
        .post(&format!("/oauth2/authorize?client_id={user}&scope=bot+applications.commands"), &install)
        .await?;
    owner.put(&format!("/guilds/{guild}/members/{user}/roles/{role}")).await?;
    Ok(Bot { user, api: owner.speaking_for(&format!("Bot {token}")) })
}

/// A field that must be text.
pub(crate) fn text(value: &Value, field: &'static str) -> Result<String> {
    value[field].as_str().map(str::to_owned).with_context(|| format!("an answer without `{field}`: {value}"))
}

const AT_ONCE: usize = 8;
