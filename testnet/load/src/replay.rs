//! Talk, played into a guild through the API: each author a bot, each room a channel, each answer a reply, each time a
//! `shown_at`.

use crate::api::Api;
use crate::stage::{self, Bot, text};
use crate::talk::{Line, Room, Source, Talk, parts};
use anyhow::{Result, ensure};
use futures_util::future::try_join_all;
use serde::Serialize;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::time::Instant;

/// What was played, as the node's own history then shows it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Summary {
    /// Real talk or made up.
    pub source: Source,
    /// The guild's API id.
    pub guild_id: String,
    /// Messages in its history.
    pub messages: usize,
    /// Channels they are in.
    pub channels: usize,
    /// Their authors.
    pub authors: usize,
    /// How many answer another.
    pub replies: usize,
    /// Lines too long for one message, sent as several.
    pub split: usize,
    /// From the first message sent to the last accepted.
    pub seconds: f64,
}

/// What one channel did, or holds.
#[derive(Debug, Default, PartialEq, Eq)]
struct Tally {
    messages: usize,
    replies: usize,
    split: usize,
    authors: BTreeSet<String>,
}

/// Plays it all, into a new guild or one of the owner's that is there, and reads it back.
///
/// # Errors
/// Where the node refuses something, or its history is not what was sent.
pub async fn play(owner: &Api, guild: Option<String>, talk: &Talk) -> Result<Summary> {
    let rooms: Vec<String> = talk.rooms.iter().map(|room| room.name.clone()).collect();
    let stage = match guild {
        Some(guild) => stage::set_in(owner, guild, &rooms, &talk.authors).await?,
        None => stage::set(owner, "Replay", &rooms, &talk.authors).await?,
    };
    let begun = Instant::now();
    let pairs = || talk.rooms.iter().zip(&stage.channels);
    let sent = try_join_all(pairs().map(|(room, channel)| play_room(room, channel, &stage.bots))).await?;
    let seconds = begun.elapsed().as_secs_f64();
    let held =
        try_join_all(pairs().zip(&sent).map(|((_, channel), sent)| read_back(owner, channel, sent))).await?;
    let authors: BTreeSet<&String> = held.iter().flat_map(|tally| &tally.authors).collect();
    Ok(Summary {
        source: talk.source,
        guild_id: stage.guild,
        messages: held.iter().map(|tally| tally.messages).sum(),
        channels: held.len(),
        authors: authors.len(),
        replies: held.iter().map(|tally| tally.replies).sum(),
        split: sent.iter().map(|tally| tally.split).sum(),
        seconds,
    })
}

/// One room from its first line to its last, each after the one before was accepted: the order is the room's own.
async fn play_room(room: &Room, channel: &str, bots: &[Bot]) -> Result<Tally> {
    let mut tally = Tally::default();
    let mut numbers: Vec<Option<String>> = Vec::new();
    for line in &room.lines {
        let answered = line.answers.and_then(|at| numbers.get(at).cloned().flatten());
        let bot = &bots[line.author];
        let texts = parts(&line.text);
        let mut first = None;
        for text in &texts {
            // Only the first part answers; the others go on.
            let reply_to = if first.is_none() { answered.as_deref() } else { None };
            let number = send(bot, channel, text, line, reply_to).await?;
            tally.messages += 1;
            tally.replies += usize::from(reply_to.is_some());
            first.get_or_insert(number);
        }
        tally.split += usize::from(texts.len() > 1);
        tally.authors.insert(bot.user.clone());
        numbers.push(first);
    }
    Ok(tally)
}

async fn send(
    bot: &Bot,
    channel: &str,
    content: &str,
    line: &Line,
    reply_to: Option<&str>,
) -> Result<String> {
    // Nobody is pinged: these people did not write to whoever is in this guild.
    let mut body = json!({
        "content": content,
        "allowed_mentions": { "parse": [] },
        "nexus": { "shown_at": line.at },
    });
    if let Some(message) = reply_to {
        body["message_reference"] = json!({ "message_id": message });
    }
    text(&bot.api.post(&format!("/channels/{channel}/messages"), &body).await?, "id")
}

/// Pages a channel's whole history as the owner and counts it.
async fn read_back(owner: &Api, channel: &str, sent: &Tally) -> Result<Tally> {
    let history = history(owner, channel).await?;
    let mut held = Tally { split: sent.split, ..Tally::default() };
    for message in history.values() {
        held.messages += 1;
        held.replies += usize::from(message["message_reference"]["message_id"].is_string());
        held.authors.insert(text(&message["author"], "id")?);
    }
    ensure!(held == *sent, "channel {channel} holds {held:?}, sent was {sent:?}");
    Ok(held)
}

/// A channel's messages by number, oldest first, read page by page.
///
/// # Errors
/// Where a page cannot be read, or holds a message that came before.
pub async fn history(owner: &Api, channel: &str) -> Result<BTreeMap<u64, Value>> {
    let mut history = BTreeMap::new();
    let mut before = String::new();
    loop {
        let page = owner.get(&format!("/channels/{channel}/messages?limit=100{before}")).await?;
        let page = page.as_array().cloned().unwrap_or_default();
        let Some(oldest) = page.last() else { return Ok(history) };
        before = format!("&before={}", text(oldest, "id")?);
        for message in page {
            let number = text(&message, "id")?.parse()?;
            ensure!(history.insert(number, message).is_none(), "message {number} is on two pages");
        }
    }
}
