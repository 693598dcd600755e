//! What a message costs on a gateway connection's wire: bytes of TCP's stream for each dispatch, by each way of packing.

use super::{Fresh, Options, names};
use crate::facts;
use crate::stage::{self, Bot};
use crate::table::{Rounds, head, row};
use crate::talk::{self, Size};
use anyhow::{Context as _, Result, bail};
use futures_util::{SinkExt, StreamExt};
use serde_json::json;
use std::io::{self, Write};
use std::path::PathBuf;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::{WebSocketStream, client_async};

/// How many.
#[derive(Clone, Debug, clap::Args)]
pub struct Arguments {
    #[command(flatten)]
    options: Options,
    /// Messages in each round.
    #[arg(long, default_value_t = 500)]
    messages: usize,
    /// Folder with the corpus. Named, it must be there; otherwise talk is generated where none is found.
    #[arg(long, env = "NEXUS_DATA")]
    data: Option<PathBuf>,
}

/// Measures and prints.
///
/// # Errors
/// Where a dispatch is missing.
pub async fn run(arguments: &Arguments, out: &mut impl Write) -> Result<()> {
    let Arguments { options, messages, data } = arguments;
    let fresh = Fresh::start(options).await?;
    let stage = stage::set(&fresh.owner, "Wire", &names(1), &names(2)).await?;
    let [writer, listener] = &stage.bots[..] else { bail!("two bots") };
    let may_read = json!({ "flags": GATEWAY_MESSAGE_CONTENT_LIMITED });
    fresh.owner.patch(&format!("/applications/{}", listener.user), &may_read).await?;
    let talk = talk::find(data.as_deref(), Size { lines: LINES, rooms: 10, authors: 100 })?;
    let texts = texts(&talk, options.rounds * messages)?;
    writeln!(out, "{} rounds of {messages} messages; {}.", options.rounds, facts::machine())?;
    writeln!(
        out,
        "One listener, which began anew with each round; {SIZE} bytes of talk ({:?}) in each message, one at a time. Bytes of TCP's stream,",
        talk.source
    )?;
    writeln!(
        out,
        "frames of WebSocket included; those of TCP, IP and the cable are not. The floor is the text itself.\n"
    )?;
    writeln!(out, "{}", head(&["connection", "bytes a message"]))?;
    writeln!(out, "{}", row(&[String::from("floor: the text"), SIZE.to_string()]))?;
    for (name, parameters) in WAYS {
        let mut bytes = Rounds::default();
        for round in texts.chunks(*messages) {
            let mut ear = Ear::open(&fresh.node.base, &listener.api, parameters).await?;
            let before = ear.heard.load(Relaxed);
            for text in round {
                say(writer, &stage.channels[0], text).await?;
                ear.next().await?;
            }
            bytes.push((ear.heard.load(Relaxed) - before) as f64 / round.len() as f64);
        }
        writeln!(out, "{}", row(&[name.to_owned(), bytes.show(1)]))?;
    }
    fresh.node.stop().await
}

async fn say(writer: &Bot, channel: &str, text: &str) -> Result<()> {
    writer.api.post(&format!("/channels/{channel}/messages"), &json!({ "content": text })).await?;
    Ok(())
}

/// So many texts of so many bytes each, as people write them.
fn texts(talk: &talk::Talk, count: usize) -> Result<Vec<String>> {
    let lines = talk.rooms.iter().flat_map(|room| &room.lines).map(|line| line.text.as_str());
    // Of ASCII a cut leaves whole letters.
    let words = lines.flat_map(str::split_whitespace).filter(|word| word.is_ascii());
    let all = words.collect::<Vec<_>>().join(" ");
    let texts = all.as_bytes().chunks_exact(SIZE).map(|text| String::from_utf8_lossy(text).trim().to_owned());
    // A space at an end would not be kept.
    let texts: Vec<String> = texts.filter(|text| text.len() == SIZE).take(count).collect();
    if texts.len() < count {
        bail!("{} texts of {SIZE} bytes, {count} are wanted", texts.len());
    }
    Ok(texts)
}

/// Somebody who hears frames, packed or not, and counts what came.
struct Ear {
    socket: WebSocketStream<Counted>,
    heard: Arc<AtomicU64>,
}

impl Ear {
    /// Logs in and hears its one guild.
    async fn open(base: &str, who: &crate::api::Api, parameters: &str) -> Result<Self> {
        let at = base.strip_prefix("http://").context("a plain address")?;
        let stream = TcpStream::connect(at).await?;
        let heard = Arc::new(AtomicU64::new(0));
        let counted = Counted { stream, heard: heard.clone() };
        let (socket, _) = client_async(format!("ws://{at}/?{parameters}"), counted).await?;
        let mut ear = Self { socket, heard };
        ear.next().await?;
        let token = who.authorization().trim_start_matches("Bot ");
        let identify = json!({ "op": 2, "d": { "token": token, "intents": INTENTS, "properties": {} } });
        ear.socket.send(Message::text(identify.to_string())).await?;
        // READY and GUILD_CREATE: each dispatch is a frame, packed or not.
        ear.next().await?;
        ear.next().await?;
        Ok(ear)
    }

    async fn next(&mut self) -> Result<()> {
        loop {
            let next = tokio::time::timeout(PATIENCE, self.socket.next()).await;
            match next.context("no dispatch")?.context("the gateway closed")?? {
                Message::Text(_) | Message::Binary(_) => return Ok(()),
                Message::Close(reason) => bail!("the gateway closed: {reason:?}"),
                _ => {}
            }
        }
    }
}

/// A socket of which what comes in is counted.
struct Counted {
    stream: TcpStream,
    heard: Arc<AtomicU64>,
}

impl AsyncRead for Counted {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        into: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = into.filled().len();
        let read = Pin::new(&mut self.stream).poll_read(cx, into);
        self.heard.fetch_add((into.filled().len() - before) as u64, Relaxed);
        read
    }
}

impl AsyncWrite for Counted {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(cx, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}

/// Bytes of a message.
const SIZE: usize = 120;
/// Lines of talk from which the messages are made.
const LINES: usize = 20_000;
const WAYS: [(&str, &str); 3] = [
    ("JSON", "v=10&encoding=json"),
    ("zlib-stream", "v=10&encoding=json&compress=zlib-stream"),
    ("zstd-stream", "v=10&encoding=json&compress=zstd-stream"),
];
/// GUILDS, GUILD_MESSAGES and MESSAGE_CONTENT.
const INTENTS: u64 = 1 | 1 << 9 | 1 << 15;
/// Discord's application flag for reading what people write, in a bot of few guilds.
const GATEWAY_MESSAGE_CONTENT_LIMITED: u64 = 1 << 19;
const PATIENCE: Duration = Duration::from_secs(60);
