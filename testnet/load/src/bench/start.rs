//! Cold start with a long history, and the memory that remains a minute later with one guild open.

use super::{Fresh, Options, names};
use crate::api::Api;
use crate::facts;
use crate::gateway::{GUILD_MESSAGES, Session};
use crate::node::{Folder, Node};
use crate::stage::{self, Stage};
use crate::table::{Rounds, head, row};
use anyhow::Result;
use futures_util::stream::{self, StreamExt, TryStreamExt};
use serde_json::json;
use std::io::Write;
use std::process::Command;
use std::time::{Duration, Instant};

/// How much, how long.
#[derive(Clone, Debug, clap::Args)]
pub struct Arguments {
    #[command(flatten)]
    options: Options,
    /// Messages in the guild.
    #[arg(long, default_value_t = 100_000)]
    messages: usize,
    /// Seconds from the start to the look at its memory.
    #[arg(long, default_value_t = 60)]
    settle: u64,
}

/// What the rounds showed.
#[derive(Default)]
struct Figures {
    floor_ms: Rounds,
    start_ms: Rounds,
    usable_ms: Rounds,
    rss_mib: Rounds,
    pss_mib: Rounds,
}

/// Measures and prints.
///
/// # Errors
/// Where the node does not start.
pub async fn run(arguments: &Arguments, out: &mut impl Write) -> Result<()> {
    let fresh = Fresh::start(&arguments.options).await?;
    let stage = stage::set(&fresh.owner, "Start", &names(20), &names(20)).await?;
    write_messages(&stage, arguments.messages).await?;
    let Fresh { node, folder, owner, temp: _temp } = fresh;
    node.stop().await?;
    let mut figures = Figures::default();
    for _ in 0..arguments.options.rounds {
        figures.floor_ms.push(process_ms(arguments)?);
        figures.add(&folder, &owner, &stage, Duration::from_secs(arguments.settle)).await?;
    }
    figures.print(arguments, out)
}

impl Figures {
    /// One start more.
    async fn add(&mut self, folder: &Folder, owner: &Api, stage: &Stage, settle: Duration) -> Result<()> {
        let begun = Instant::now();
        let node = folder.start().await?;
        self.start_ms.push(ms_since(begun));
        let session = open_guild(&node, owner, &stage.bots[0].api, &stage.channels[0]).await?;
        self.usable_ms.push(ms_since(begun));
        tokio::time::sleep(settle).await;
        let (rss_kib, pss_kib) = facts::memory_kib(node.pid())?;
        self.rss_mib.push(rss_kib as f64 / 1024.0);
        self.pss_mib.push(pss_kib as f64 / 1024.0);
        drop(session);
        node.stop().await
    }

    fn print(&self, arguments: &Arguments, out: &mut impl Write) -> Result<()> {
        let Arguments { options, messages, settle } = arguments;
        writeln!(out, "{} rounds; {}; the page cache is warm.", options.rounds, facts::machine())?;
        writeln!(
            out,
            "One guild, 20 channels, 20 bots, {messages} messages. Memory {settle} s after the start, with a"
        )?;
        writeln!(out, "gateway session and a page of history read. Median (min-max) of the rounds.\n")?;
        writeln!(out, "{}", head(&["what", "figure"]))?;
        let rows = [
            ("start to first answer, ms", self.start_ms.show(0)),
            ("start to 50 messages read and a gateway session with its guild, ms", self.usable_ms.show(0)),
            ("floor: the program started to print its version, ms", self.floor_ms.show(0)),
            ("RSS, MiB", self.rss_mib.show(1)),
            ("PSS, MiB", self.pss_mib.show(1)),
        ];
        for (what, figure) in rows {
            writeln!(out, "{}", row(&[what.to_owned(), figure]))?;
        }
        Ok(())
    }
}

async fn write_messages(stage: &Stage, count: usize) -> Result<()> {
    let send = |index: usize| {
        let bot = &stage.bots[index % stage.bots.len()];
        let channel = &stage.channels[index / stage.bots.len() % stage.channels.len()];
        let body = json!({ "content": format!("line {index} of a long history, about as long as people write: {}", index % 977) });
        async move { bot.api.post(&format!("/channels/{channel}/messages"), &body).await.map(drop) }
    };
    stream::iter((0..count).map(send)).buffer_unordered(64).try_collect::<()>().await?;
    Ok(())
}

/// What a person does first: their screen logs in and shows a channel.
async fn open_guild(node: &Node, owner: &Api, bot: &Api, channel: &str) -> Result<Session> {
    Api::new(&node.base, owner.authorization())
        .get(&format!("/channels/{channel}/messages?limit=50"))
        .await?;
    Session::open(&Api::new(&node.base, bot.authorization()), GUILD_MESSAGES).await
}

fn process_ms(arguments: &Arguments) -> Result<f64> {
    let begun = Instant::now();
    Command::new(&arguments.options.nexus).arg("--version").output()?;
    Ok(ms_since(begun))
}

fn ms_since(begun: Instant) -> f64 {
    begun.elapsed().as_secs_f64() * 1e3
}
