//! Somebody at a window, and a channel they write in.

use anyhow::{Context as _, Result, bail};
use nexus_load::api::{Api, ApiError};
use serde_json::{Value, json};
use std::time::{Duration, Instant};

/// Somebody at a window.
#[derive(Clone)]
pub struct Person {
    /// Speaks for them.
    pub api: Api,
}

/// A guild and its channel `general`, by the numbers of one program.
#[derive(Clone, Debug)]
pub struct Place {
    /// The guild.
    pub guild: String,
    /// The channel.
    pub channel: String,
}

impl Person {
    /// Whoever this token is of, at this window.
    #[must_use]
    pub fn new(base: &str, token: &str) -> Self {
        Self { api: Api::new(base, token) }
    }

    /// Their number here.
    ///
    /// # Errors
    /// What the window says.
    pub async fn id(&self) -> Result<String> {
        text(&self.api.get("/users/@me").await?["id"])
    }

    /// The guild of that name, if they are in it and it has its channel.
    ///
    /// # Errors
    /// What the window says.
    pub async fn find(&self, guild: &str) -> Result<Option<Place>> {
        let guilds = self.api.get("/users/@me/guilds").await?;
        let Some(found) = guilds.as_array().into_iter().flatten().find(|each| each["name"] == guild) else {
            return Ok(None);
        };
        let guild = text(&found["id"])?;
        let channel = self.channel(&guild, "general").await?;
        Ok(channel.map(|channel| Place { guild, channel }))
    }

    /// A guild's channel by its name.
    ///
    /// # Errors
    /// What the window says.
    pub async fn channel(&self, guild: &str, name: &str) -> Result<Option<String>> {
        let channels = self.api.get(&format!("/guilds/{guild}/channels")).await?;
        let mut channels = channels.as_array().into_iter().flatten();
        channels.find(|each| each["name"] == name).map(|each| text(&each["id"])).transpose()
    }

    /// Says something; its number here.
    ///
    /// # Errors
    /// [`ApiError`]: refused, or nobody answered.
    pub async fn say(&self, place: &Place, content: &str) -> Result<String, ApiError> {
        let path = format!("/channels/{}/messages", place.channel);
        let said = self.api.post(&path, &json!({ "content": content })).await?;
        Ok(said["id"].as_str().unwrap_or_default().to_owned())
    }

    /// Every message of a channel, newest first.
    ///
    /// # Errors
    /// What the window says.
    pub async fn everything(&self, channel: &str) -> Result<Vec<Value>> {
        let mut all: Vec<Value> = Vec::new();
        loop {
            let before = match all.last() {
                Some(last) => format!("&before={}", text(&last["id"])?),
                None => String::new(),
            };
            let page = self.api.get(&format!("/channels/{channel}/messages?limit=100{before}")).await?;
            let page = page.as_array().context("a list of messages")?;
            all.extend(page.iter().cloned());
            if page.len() < 100 {
                return Ok(all);
            }
        }
    }

    /// The texts of every message, newest first.
    ///
    /// # Errors
    /// What the window says.
    pub async fn texts(&self, channel: &str) -> Result<Vec<String>> {
        self.everything(channel).await?.iter().map(|message| text(&message["content"])).collect()
    }
}

/// A JSON text.
///
/// # Errors
/// Where it is none.
pub fn text(value: &Value) -> Result<String> {
    value.as_str().map(str::to_owned).with_context(|| format!("no text: {value}"))
}

/// Asks again until there is an answer; gives up after a minute and a half, with the last thing that was wrong.
///
/// # Errors
/// Names what was waited for.
pub async fn eventually<T>(what: &str, mut look: impl AsyncFnMut() -> Result<Option<T>>) -> Result<T> {
    let deadline = Instant::now() + PATIENCE;
    loop {
        let begun = Instant::now();
        let wrong = match look().await {
            Ok(Some(found)) => return Ok(found),
            Ok(None) => String::from("not yet"),
            Err(error) => format!("{error:#}"),
        };
        if Instant::now() > deadline {
            bail!("{what}: {wrong}");
        }
        pause(begun).await;
    }
}

/// To look costs those who are looked at something, and a large guild much: they have most of the time to themselves.
async fn pause(begun: Instant) {
    tokio::time::sleep(Duration::from_millis(50).max(3 * begun.elapsed())).await;
}

/// For how long somebody is asked again.
const PATIENCE: Duration = Duration::from_secs(90);
