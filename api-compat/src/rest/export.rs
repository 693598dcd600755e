//! `/users/@me/export`: what this program holds of the caller, in one archive, as it is read.
//!
//! One page is read at a time, and the next when the client has taken what there is: no read transaction waits for a slow client,
//! and nothing grows. An archive that is cut short has no end, and whoever opens it is told so.

mod tar;

use super::oauth2::granted;
use super::sessions;
use crate::access;
use crate::error::{Answer, ApiError};
use crate::ports::AccountFacts;
use crate::render::{self, Drawing};
use crate::window::{Caller, Person, Window};
use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse as _, Response};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use nexus_core::{Message, Snowflake};
use nexus_crdt::id::{ChannelId, UserId};
use nexus_node::Page;
use serde_json::{Value, json};
use std::io;
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use tokio::sync::mpsc;

/// Archives that are written at a time; who comes meanwhile comes back.
pub(crate) const AT_ONCE: usize = 2;
/// When, ms.
const RETRY_MS: u64 = 10_000;
/// How long a client may take for a part.
const PATIENCE: Duration = Duration::from_mins(1);
/// Messages that are read at a time.
const PAGE: usize = 100;
/// Messages in one file of the archive.
const IN_FILE: usize = 500;

/// Where the parts of an archive go.
struct Archive {
    parts: mpsc::Sender<io::Result<Bytes>>,
    changed_s: u64,
}

/// Nobody takes it any more, or it cannot be read.
struct CutShort;

/// `GET /users/@me/export`
pub(crate) async fn export(State(window): State<Window>, Person(caller): Person) -> Answer<Response> {
    let turn = window.exports.clone().try_acquire_owned();
    let turn = turn.map_err(|_| ApiError::from(nexus_core::Refusal::Later { retry_ms: RETRY_MS }))?;
    let beginning = beginning(&window, &caller).await?;
    let (parts, coming) = mpsc::channel(1);
    let changed_s = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
    let archive = Archive { parts, changed_s };
    tokio::spawn(async move {
        if archive.write(&window, caller.user, beginning).await.is_err() {
            // Whoever still listens learns that it is not whole.
            let cut = io::Error::other("cut short");
            let _ = tokio::time::timeout(PATIENCE, archive.parts.send(Err(cut))).await;
        }
        drop(turn);
    });
    let parts = futures_util::stream::unfold(coming, |mut coming| async move {
        let part = coming.recv().await?;
        Some((part, coming))
    });
    let kind = [
        (header::CONTENT_TYPE, "application/x-tar"),
        (header::CONTENT_DISPOSITION, "attachment; filename=\"nexus-export.tar\""),
        (header::CACHE_CONTROL, "no-store"),
    ];
    Ok((kind, Body::from_stream(parts)).into_response())
}

/// The files before the messages: name and content.
async fn beginning(window: &Window, caller: &Caller) -> Answer<Vec<(&'static str, Value)>> {
    let (view, user) = (&caller.view, caller.user);
    let log = window.node.read()?.identity_log(&user)?;
    let log: Vec<String> = log.iter().map(|op| STANDARD.encode(op)).collect();
    let spaces = view.guilds_of.get(&user).into_iter().flatten().filter_map(|space| view.guilds.get(space));
    let guilds = spaces.filter(|guild| access::is_guild(guild));
    let guilds: Vec<Value> = guilds.map(|guild| render::partial_guild(view, guild, &user)).collect();
    let bots = view.applications.values().filter(|application| application.owner == user);
    let bots: Vec<Value> = bots.map(|application| render::application(view, application)).collect();
    let mut files = vec![
        ("user.json", render::own_user(view, &user, &*window.accounts)),
        ("identity.json", json!({ "account": hex::encode(user.0), "log": log })),
        ("guilds.json", json!(guilds)),
        ("applications.json", json!(bots)),
    ];
    // On one person's node nobody logs in.
    if let Ok(spoken) = sessions::spoken(caller)
        && let Ok(facts) = window.accounts.account(spoken).await
    {
        let logins = window.accounts.sessions(spoken).await?;
        files
            .push(("account.json", account(&facts, &logins.iter().map(sessions::shown).collect::<Vec<_>>())));
        files.push(("authorized.json", json!(granted::all(window, caller).await?)));
    }
    Ok(files)
}

fn account(facts: &AccountFacts, logins: &[Value]) -> Value {
    json!({
        "username": facts.username,
        "email": facts.email,
        "mfa_enabled": facts.second_factor,
        "recovery_codes": facts.recovery_codes,
        "password": facts.password,
        "sign_ins": facts.sign_ins,
        "sessions": logins,
    })
}

impl Archive {
    async fn write(
        &self,
        window: &Window,
        user: UserId,
        beginning: Vec<(&'static str, Value)>,
    ) -> Result<(), CutShort> {
        for (name, content) in beginning {
            self.add(name, &content).await?;
        }
        let view = window.node.view();
        let spaces =
            view.guilds_of.get(&user).into_iter().flatten().filter_map(|space| view.guilds.get(space));
        let channels = spaces.flat_map(|guild| guild.channels.keys().map(move |channel| (guild, channel)));
        let read = channels.filter(|(guild, channel)| access::reads_history(guild, &user, channel));
        for channel in read.map(|(_, channel)| *channel).collect::<Vec<_>>() {
            self.add_channel(window, user, channel).await?;
        }
        self.send(Bytes::from_static(&tar::END)).await
    }

    /// What they said in a channel, as far as it is held here, the newest first.
    async fn add_channel(&self, window: &Window, user: UserId, channel: ChannelId) -> Result<(), CutShort> {
        let number = render::number(&window.node.view(), channel);
        let (mut said, mut files, mut page) = (Vec::new(), 0, Page::Latest);
        loop {
            let (own, last) = read_page(window, user, channel, page).await?;
            said.extend(own);
            if said.len() >= IN_FILE || (last.is_none() && !said.is_empty()) {
                files += 1;
                let said = std::mem::take(&mut said);
                self.add(&format!("messages/{number}/{files}.json"), &Value::Array(said)).await?;
            }
            match last {
                Some(last) => page = Page::Before(last),
                None => return Ok(()),
            }
        }
    }

    async fn add(&self, name: &str, content: &Value) -> Result<(), CutShort> {
        let file = tar::file(name, content.to_string().as_bytes(), self.changed_s);
        self.send(file.into()).await
    }

    async fn send(&self, bytes: Bytes) -> Result<(), CutShort> {
        let sent = tokio::time::timeout(PATIENCE, self.parts.send(Ok(bytes))).await;
        sent.ok().and_then(Result::ok).ok_or(CutShort)
    }
}

/// Their own messages of a page, drawn, and where the next one begins.
async fn read_page(
    window: &Window,
    user: UserId,
    channel: ChannelId,
    page: Page,
) -> Result<(Vec<Value>, Option<Snowflake>), CutShort> {
    let window = window.clone();
    let read = move || {
        let view = window.node.view();
        let reader = window.node.read().ok()?;
        let messages = reader.messages(&view, channel, page, PAGE).ok()?;
        let last = messages.last().filter(|_| messages.len() == PAGE).map(|message| message.api_id);
        let by = Drawing { view: &view, files: &window.gateway.settings().files_url };
        let own = messages.iter().filter(|message| message.author == user);
        let drawn: Vec<Value> =
            own.map(|message: &Message| render::message(by, Some(&reader), message)).collect();
        Some((drawn, last))
    };
    tokio::task::spawn_blocking(read).await.ok().flatten().ok_or(CutShort)
}
