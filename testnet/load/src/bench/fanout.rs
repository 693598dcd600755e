//! One sender, many gateway sessions: how long from before the request to each receipt, and what a delivery costs the node.

use super::{Fresh, Options, names};
use crate::facts;
use crate::floor::{self, Fan, Fanned};
use crate::gateway::{GUILD_MESSAGES, MESSAGE_CONTENT, Session};
use crate::stage::{self, Bot};
use crate::table::{Rounds, head, p50_p99, row};
use anyhow::{Context, Result};
use futures_util::stream::{self, StreamExt, TryStreamExt};
use serde_json::json;
use std::io::Write;
use std::time::Duration;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::task::JoinSet;

/// How many, how often.
#[derive(Clone, Debug, clap::Args)]
pub struct Arguments {
    #[command(flatten)]
    options: Options,
    /// Gateway sessions.
    #[arg(long, value_delimiter = ',', default_value = "100,1000")]
    receivers: Vec<usize>,
    /// Messages in each round.
    #[arg(long, default_value_t = 200)]
    messages: usize,
    /// Rest after everybody has heard a message, ms.
    #[arg(long, default_value_t = 20)]
    rest_ms: u64,
}

/// What one number of receivers showed.
#[derive(Default)]
struct Figures {
    p50: Rounds,
    p99: Rounds,
    cpu_us: Rounds,
}

/// A delivery: its delay in ms, and the bytes of its frame.
type Heard = Result<(f64, usize)>;

/// Measures and prints.
///
/// # Errors
/// Where a delivery is missing.
pub async fn run(arguments: &Arguments, out: &mut impl Write) -> Result<()> {
    let fresh = Fresh::start(&arguments.options).await?;
    let most = arguments.receivers.iter().copied().max().unwrap_or_default();
    let bots = names(1 + most.div_ceil(SESSIONS_OF_ONE));
    let stage = stage::set(&fresh.owner, "Fanout", &names(1), &bots).await?;
    let (sender, listeners) = stage.bots.split_first().context("a bot that sends")?;
    let may_read = json!({ "flags": GATEWAY_MESSAGE_CONTENT_LIMITED });
    for listener in listeners {
        fresh.owner.patch(&format!("/applications/{}", listener.user), &may_read).await?;
    }
    writeln!(
        out,
        "{} rounds of {} messages, each sent {} ms after everybody has heard the one before; {}.",
        arguments.options.rounds,
        arguments.messages,
        arguments.rest_ms,
        facts::machine()
    )?;
    writeln!(
        out,
        "120 characters, JSON without compression, {SESSIONS_OF_ONE} sessions of each bot; durable before it is sent on. The delay begins"
    )?;
    writeln!(
        out,
        "before the sender's request. The floor writes the same number of bytes to as many TCP sockets, one frame after everybody has the other. Receivers share the cores.\n"
    )?;
    writeln!(out, "{}", head(&["receivers", "", "p50 ms", "p99 ms", "CPU µs a delivery", "bytes"]))?;
    for &receivers in &arguments.receivers {
        let (node, raw, bytes) =
            measure(arguments, &fresh, sender, listeners, &stage.channels[0], receivers).await?;
        for (who, figures) in [("node", node), ("raw write()", raw)] {
            let cells = [
                receivers.to_string(),
                who.to_owned(),
                figures.p50.show(2),
                figures.p99.show(2),
                figures.cpu_us.show(1),
                bytes.to_string(),
            ];
            writeln!(out, "{}", row(&cells))?;
        }
    }
    fresh.node.stop().await
}

async fn measure(
    arguments: &Arguments,
    fresh: &Fresh,
    sender: &Bot,
    listeners: &[Bot],
    channel: &str,
    receivers: usize,
) -> Result<(Figures, Figures, usize)> {
    let (tx, mut rx) = unbounded_channel();
    let each = listeners.iter().flat_map(|listener| std::iter::repeat_n(&listener.api, SESSIONS_OF_ONE));
    let sessions = stream::iter(
        each.take(receivers).map(|listener| Session::open(listener, GUILD_MESSAGES | MESSAGE_CONTENT)),
    );
    let sessions: Vec<Session> = sessions.buffer_unordered(OPEN_AT_ONCE).try_collect().await?;
    let mut tasks = JoinSet::new();
    for session in sessions {
        tasks.spawn(listen(session, tx.clone()));
    }
    let rest = Duration::from_millis(arguments.rest_ms);
    let (mut node, mut raw) = (Figures::default(), Figures::default());
    let (_, bytes) = send_and_hear(sender, channel, receivers, 5, rest, &mut rx).await?;
    for _ in 0..arguments.options.rounds {
        let fan = Fan { receivers, size: bytes, frames: arguments.messages, rest };
        let fanned = floor::fan(fan).await?;
        raw.push(fanned);
        let cpu = facts::cpu_seconds(fresh.node.pid())?;
        let (delays, _) =
            send_and_hear(sender, channel, receivers, arguments.messages, rest, &mut rx).await?;
        let used = facts::cpu_seconds(fresh.node.pid())? - cpu;
        let cpu_us = used * 1e6 / delays.len() as f64;
        let (p50_ms, p99_ms) = p50_p99(delays);
        node.push(Fanned { p50_ms, p99_ms, cpu_us });
    }
    Ok((node, raw, bytes))
}

impl Figures {
    fn push(&mut self, round: Fanned) {
        self.p50.push(round.p50_ms);
        self.p99.push(round.p99_ms);
        self.cpu_us.push(round.cpu_us);
    }
}

/// Sends each message when every receiver has heard the one before: what is measured is the way of one, and no queue. Gives the delays,
/// and the bytes of a frame.
async fn send_and_hear(
    sender: &Bot,
    channel: &str,
    receivers: usize,
    messages: usize,
    rest: Duration,
    rx: &mut UnboundedReceiver<Heard>,
) -> Result<(Vec<f64>, usize)> {
    let path = format!("/channels/{channel}/messages");
    let mut delays = Vec::with_capacity(receivers * messages);
    let mut bytes = 0;
    for _ in 0..messages {
        tokio::time::sleep(rest).await;
        let content = format!("{STAMP}{:<105}.", floor::now_ns());
        sender.api.post(&path, &json!({ "content": content })).await?;
        for heard in 0..receivers {
            let next = tokio::time::timeout(PATIENCE, rx.recv()).await.ok().flatten();
            let (delay, size) = next.with_context(|| format!("{} of {receivers} have heard it", heard))??;
            delays.push(delay);
            bytes = size;
        }
    }
    Ok((delays, bytes))
}

/// Tells of every stamped message that one session hears, and of its end.
async fn listen(mut session: Session, tx: UnboundedSender<Heard>) {
    loop {
        match session.next().await {
            Ok((name, text)) if name == "MESSAGE_CREATE" => {
                // A frame of up to 64 KiB has four bytes before its text.
                let heard = stamp_of(&text).map(|stamp| (floor::since_ms(stamp), text.len() + 4));
                let _ = tx.send(heard.context("a message without a stamp"));
            }
            Ok(_) => {}
            Err(error) => {
                let _ = tx.send(Err(error));
                return;
            }
        }
    }
}

fn stamp_of(text: &str) -> Option<u64> {
    text.split_once(STAMP)?.1.split_whitespace().next()?.parse().ok()
}

/// Discord's application flag for reading what people write, in a bot of few guilds.
const GATEWAY_MESSAGE_CONTENT_LIMITED: u64 = 1 << 19;
/// Of one bot: an account has no more than 1,024 sessions.
const SESSIONS_OF_ONE: usize = 500;
const STAMP: &str = "load-stamp-at ";
const OPEN_AT_ONCE: usize = 16;
const PATIENCE: Duration = Duration::from_secs(60);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stamp_is_found_in_a_dispatch() {
        let content = format!("{STAMP}{:<105}.", 17);
        assert_eq!(content.len(), 120);
        assert_eq!(stamp_of(&format!("{{\"d\":{{\"content\":\"{content}\"}}}}")), Some(17));
        assert_eq!(stamp_of("{}"), None);
    }
}
