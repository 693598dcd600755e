//! Gateway connections that are held and mostly silent: what each takes of the node's memory and processor, and that each hears.

use super::{Fresh, Options, names};
use crate::floor::Held;
use crate::gateway::{GUILD_MESSAGES, Session};
use crate::stage::{self, Bot};
use crate::table::{Rounds, head, row};
use crate::{facts, floor};
use anyhow::{Context, Result};
use futures_util::stream::{self, StreamExt, TryStreamExt};
use serde_json::json;
use std::io::Write;
use std::time::{Duration, Instant};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::task::JoinSet;

/// How many, how long.
#[derive(Clone, Debug, clap::Args)]
pub struct Arguments {
    #[command(flatten)]
    options: Options,
    /// Connections held.
    #[arg(long, default_value_t = 10_000)]
    connections: usize,
    /// Seconds of silence, in which hearts beat.
    #[arg(long, default_value_t = 60)]
    settle: u64,
}

/// What the rounds showed.
#[derive(Default)]
struct Figures {
    pss_kib: Rounds,
    rss_kib: Rounds,
    cpu_ms: Rounds,
    open_s: Rounds,
    heard_ms: Rounds,
    raw_kib: Rounds,
}

/// Measures and prints.
///
/// # Errors
/// Where a connection is not let in, or hears nothing.
pub async fn run(arguments: &Arguments, out: &mut impl Write) -> Result<()> {
    let Arguments { options, connections, settle } = arguments;
    let mut figures = Figures::default();
    for _ in 0..options.rounds {
        figures.raw_kib.push(raw_kib(*connections).await?);
        figures.add(arguments).await?;
    }
    writeln!(out, "{} rounds; {}.", options.rounds, facts::machine())?;
    writeln!(
        out,
        "{connections} gateway sessions, {OF_A_BOT} of each bot, plain JSON, by loopback; memory of the process {settle} s after the last was let in,"
    )?;
    writeln!(
        out,
        "less what it had before the first. Whatever was sent has been acknowledged. Then one message is said, and each hears it."
    )?;
    writeln!(out, "The floor: a program of this tool holds as many TCP sockets, a task for each.\n")?;
    writeln!(out, "{}", head(&["what", "figure"]))?;
    let rows = [
        ("KiB a connection, PSS", figures.pss_kib.show(2)),
        ("KiB a connection, RSS", figures.rss_kib.show(2)),
        ("floor: KiB a socket and its task, PSS", figures.raw_kib.show(2)),
        ("node's CPU while they are silent, ms a second", figures.cpu_ms.show(1)),
        ("until all were let in, s", figures.open_s.show(1)),
        ("until the last of them had heard a message, ms", figures.heard_ms.show(0)),
    ];
    for (what, figure) in rows {
        writeln!(out, "{}", row(&[what.to_owned(), figure]))?;
    }
    Ok(())
}

async fn raw_kib(connections: usize) -> Result<f64> {
    let mut held = Held::start()?;
    let before = facts::memory_kib(held.pid())?.1;
    held.connect(connections).await?;
    Ok((facts::memory_kib(held.pid())?.1.saturating_sub(before)) as f64 / connections as f64)
}

impl Figures {
    /// A fresh node more: what one has allocated it does not give back.
    async fn add(&mut self, arguments: &Arguments) -> Result<()> {
        let Arguments { options, connections, settle } = arguments;
        let fresh = Fresh::start(options).await?;
        let bots = names(connections.div_ceil(OF_A_BOT) + 1);
        let stage = stage::set(&fresh.owner, "Connections", &names(1), &bots).await?;
        let (writer, listeners) = stage.bots.split_first().context("no bots")?;
        // One has been let in already: what is made for the first is no part of each.
        let first = Session::open(&writer.api, GUILD_MESSAGES).await?;
        let (rss, pss) = facts::memory_kib(fresh.node.pid())?;
        let (tx, mut rx) = unbounded_channel();
        let begun = Instant::now();
        let mut tasks = open(listeners, *connections, &tx).await?;
        self.open_s.push(begun.elapsed().as_secs_f64());
        let cpu = facts::cpu_seconds(fresh.node.pid())?;
        tokio::time::sleep(Duration::from_secs(*settle)).await;
        let used_ms = (facts::cpu_seconds(fresh.node.pid())? - cpu) * 1e3;
        self.cpu_ms.push(used_ms / (*settle).max(1) as f64);
        let (rss_now, pss_now) = facts::memory_kib(fresh.node.pid())?;
        let each = |now: u64, before: u64| now.saturating_sub(before) as f64 / *connections as f64;
        self.rss_kib.push(each(rss_now, rss));
        self.pss_kib.push(each(pss_now, pss));
        let path = format!("/channels/{}/messages", stage.channels[0]);
        let stamp = floor::now_ns();
        writer.api.post(&path, &json!({ "content": "is everybody there?" })).await?;
        all_hear(&mut rx, *connections).await?;
        self.heard_ms.push(floor::since_ms(stamp));
        tasks.abort_all();
        drop(first);
        fresh.node.stop().await
    }
}

async fn open(
    listeners: &[Bot],
    connections: usize,
    tx: &UnboundedSender<Result<()>>,
) -> Result<JoinSet<()>> {
    let sessions = (0..connections).map(|number| {
        let bot = &listeners[number / OF_A_BOT];
        async move {
            let mut session = Session::open(&bot.api, GUILD_MESSAGES).await?;
            session.beat().await?;
            anyhow::Ok(session)
        }
    });
    let mut sessions = stream::iter(sessions).buffer_unordered(OPEN_AT_ONCE);
    let mut tasks = JoinSet::new();
    while let Some(session) = sessions.try_next().await? {
        tasks.spawn(hold(session, tx.clone()));
    }
    Ok(tasks)
}

/// Beats, and tells of each message and of the end.
async fn hold(mut session: Session, tx: UnboundedSender<Result<()>>) {
    loop {
        match session.next().await {
            Ok((name, _)) if name == "MESSAGE_CREATE" => drop(tx.send(Ok(()))),
            Ok(_) => {}
            Err(error) => return drop(tx.send(Err(error))),
        }
    }
}

async fn all_hear(rx: &mut UnboundedReceiver<Result<()>>, connections: usize) -> Result<()> {
    for heard in 0..connections {
        let next = tokio::time::timeout(PATIENCE, rx.recv()).await.ok().flatten();
        next.with_context(|| format!("{heard} of {connections} heard it"))??;
    }
    Ok(())
}

/// Sessions of one bot: a node lets an account have 1,024.
const OF_A_BOT: usize = 1_000;
const OPEN_AT_ONCE: usize = 32;
const PATIENCE: Duration = Duration::from_secs(60);
