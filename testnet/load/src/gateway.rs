//! A gateway session as a listener has it: plain JSON over WebSocket, heartbeats, and every dispatch as text.

use crate::api::Api;
use anyhow::{Context, Result, bail, ensure};
use futures_util::{SinkExt, StreamExt};
use serde::Deserialize;
use serde_json::json;
use std::time::Duration;
use tokio::net::TcpStream;
use tokio::time::{Interval, MissedTickBehavior, interval};
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;
use tokio_tungstenite::tungstenite::{Message, Utf8Bytes};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async_with_config};

/// A gateway session that has heard READY and every GUILD_CREATE that belongs to it.
pub struct Session {
    socket: WebSocketStream<MaybeTlsStream<TcpStream>>,
    heartbeat: Interval,
    id: String,
    sequence: Option<u64>,
}

/// What somebody comes back with who has lost their socket, and not their session.
#[derive(Clone, Debug)]
pub struct Seat {
    id: String,
    sequence: Option<u64>,
}

/// What every payload has, and of READY the guilds to come. The rest stays unread: a listener must be light.
#[derive(Deserialize)]
struct Payload {
    op: u8,
    s: Option<u64>,
    t: Option<String>,
}

#[derive(Deserialize)]
struct Hello {
    d: HelloData,
}

#[derive(Deserialize)]
struct HelloData {
    heartbeat_interval: u64,
}

#[derive(Deserialize)]
struct Ready {
    d: ReadyData,
}

#[derive(Deserialize)]
struct ReadyData {
    session_id: String,
    guilds: Vec<serde_json::Value>,
}

impl Session {
    /// Logs in as the bot that `api` speaks for.
    ///
    /// # Errors
    /// Where the node does not let it in.
    pub async fn open(api: &Api, intents: u64) -> Result<Self> {
        let (mut session, ready) = Self::log_in(api, intents).await?;
        let ReadyData { session_id, guilds } = serde_json::from_str::<Ready>(&ready)?.d;
        session.id = session_id;
        for _ in guilds {
            let (name, _) = session.next().await?;
            ensure!(name == "GUILD_CREATE", "{name} in place of GUILD_CREATE");
        }
        Ok(session)
    }

    /// Logs in and hears READY, which is given whole; what its guilds are is still to come.
    ///
    /// # Errors
    /// Where the node does not let it in.
    pub async fn log_in(api: &Api, intents: u64) -> Result<(Self, Utf8Bytes)> {
        let mut session = Self::connect(api).await?;
        let properties = json!({ "os": "linux", "browser": "nexus-load", "device": "nexus-load" });
        let identify =
            json!({ "op": 2, "d": { "token": token(api), "intents": intents, "properties": properties } });
        session.socket.send(Message::text(identify.to_string())).await?;
        let (name, ready) = session.next().await?;
        ensure!(name == "READY", "{name} in place of READY");
        Ok((session, ready))
    }

    /// Its socket is gone without a word, as by a network that breaks; what to come back with.
    #[must_use]
    pub fn lose(self) -> Seat {
        Seat { id: self.id, sequence: self.sequence }
    }

    /// Comes back to a session. What was missed comes next, and RESUMED behind it.
    ///
    /// # Errors
    /// Where the node cannot be reached.
    pub async fn resume(api: &Api, seat: Seat) -> Result<Self> {
        let mut session = Self::connect(api).await?;
        let resume = json!({ "token": token(api), "session_id": seat.id, "seq": seat.sequence });
        session.socket.send(Message::text(json!({ "op": 6, "d": resume }).to_string())).await?;
        Ok(Self { id: seat.id, sequence: seat.sequence, ..session })
    }

    async fn connect(api: &Api) -> Result<Self> {
        let url = format!("{}/?v=10&encoding=json", api.base().replacen("http", "ws", 1));
        // Of thousands each must be small.
        let config = WebSocketConfig::default().read_buffer_size(READ_BUFFER);
        let opened = connect_async_with_config(url, Some(config), true).await;
        let (socket, _) = opened.context("the gateway cannot be reached")?;
        let heartbeat = every(Duration::from_secs(3600));
        let mut session = Self { socket, heartbeat, id: String::new(), sequence: None };
        let hello: Hello = serde_json::from_str(&session.frame().await?).context("no HELLO")?;
        session.heartbeat = every(Duration::from_millis(hello.d.heartbeat_interval));
        Ok(session)
    }

    /// The next dispatch: its name and its whole text. Heartbeats go out meanwhile.
    ///
    /// # Errors
    /// Where the node ends the session.
    pub async fn next(&mut self) -> Result<(String, Utf8Bytes)> {
        loop {
            let text = self.frame().await?;
            let payload: Payload = serde_json::from_str(&text)?;
            match (payload.op, payload.t) {
                (0, Some(name)) => {
                    self.sequence = payload.s;
                    return Ok((name, text));
                }
                (1, _) => self.beat().await?,
                (7 | 9, _) => bail!("the gateway asks to log in anew"),
                _ => {}
            }
        }
    }

    async fn frame(&mut self) -> Result<Utf8Bytes> {
        loop {
            tokio::select! {
                frame = self.socket.next() => match frame.context("the gateway closed")?? {
                    Message::Text(text) => return Ok(text),
                    Message::Close(reason) => bail!("the gateway closed: {reason:?}"),
                    _ => {}
                },
                _ = self.heartbeat.tick() => self.beat().await?,
            }
        }
    }

    /// Says something to the node: an op and its data.
    ///
    /// # Errors
    /// Where the socket is gone.
    pub async fn say(&mut self, op: u8, data: &serde_json::Value) -> Result<()> {
        Ok(self.socket.send(Message::text(json!({ "op": op, "d": data }).to_string())).await?)
    }

    /// Says that it is there, and what it has: the node keeps that no longer.
    ///
    /// # Errors
    /// Where the socket is gone.
    pub async fn beat(&mut self) -> Result<()> {
        let beat = json!({ "op": 1, "d": self.sequence });
        Ok(self.socket.send(Message::text(beat.to_string())).await?)
    }
}

fn token(api: &Api) -> &str {
    api.authorization().trim_start_matches("Bot ")
}

const READ_BUFFER: usize = 4 * 1024;

fn every(period: Duration) -> Interval {
    let mut interval = interval(period.max(Duration::from_secs(1)));
    interval.set_missed_tick_behavior(MissedTickBehavior::Delay);
    interval.reset();
    interval
}

/// GUILDS and GUILD_MESSAGES.
pub const GUILD_MESSAGES: u64 = 1 | 1 << 9;
/// MESSAGE_CONTENT, which the application must have been allowed.
pub const MESSAGE_CONTENT: u64 = 1 << 15;
