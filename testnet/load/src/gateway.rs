//! A gateway session as a listener has it: plain JSON over WebSocket, heartbeats, and every dispatch as text.

use crate::api::Api;
use anyhow::{Context, Result, bail, ensure};
use futures_util::{SinkExt, StreamExt};
use serde::Deserialize;
use serde_json::json;
use std::time::Duration;
use tokio::net::TcpStream;
use tokio::time::{Interval, MissedTickBehavior, interval};
use tokio_tungstenite::tungstenite::{Message, Utf8Bytes};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};

/// A gateway session that has heard READY and every GUILD_CREATE that belongs to it.
pub struct Session {
    socket: WebSocketStream<MaybeTlsStream<TcpStream>>,
    heartbeat: Interval,
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
    guilds: Vec<serde_json::Value>,
}

impl Session {
    /// Logs in as the bot that `api` speaks for.
    ///
    /// # Errors
    /// Where the node does not let it in.
    pub async fn open(api: &Api, intents: u64) -> Result<Self> {
        let url = format!("{}/?v=10&encoding=json", api.base().replacen("http", "ws", 1));
        let (socket, _) = connect_async(url).await.context("the gateway cannot be reached")?;
        let mut session = Self { socket, heartbeat: every(Duration::from_secs(3600)), sequence: None };
        let hello: Hello = serde_json::from_str(&session.frame().await?).context("no HELLO")?;
        session.heartbeat = every(Duration::from_millis(hello.d.heartbeat_interval));
        let token = api.authorization().trim_start_matches("Bot ");
        let properties = json!({ "os": "linux", "browser": "nexus-load", "device": "nexus-load" });
        let identify =
            json!({ "op": 2, "d": { "token": token, "intents": intents, "properties": properties } });
        session.socket.send(Message::text(identify.to_string())).await?;
        let (name, text) = session.next().await?;
        ensure!(name == "READY", "{name} in place of READY");
        let guilds = serde_json::from_str::<Ready>(&text)?.d.guilds.len();
        for _ in 0..guilds {
            let (name, _) = session.next().await?;
            ensure!(name == "GUILD_CREATE", "{name} in place of GUILD_CREATE");
        }
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

    async fn beat(&mut self) -> Result<()> {
        let beat = json!({ "op": 1, "d": self.sequence });
        Ok(self.socket.send(Message::text(beat.to_string())).await?)
    }
}

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
