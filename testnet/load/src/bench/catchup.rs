//! Somebody comes back: how long until a node has what was written while it was away.

use super::town::{Options, Town};
use crate::table::{Rounds, head, row};
use crate::{facts, floor};
use anyhow::{Context, Result, ensure};
use futures_util::stream::{self, StreamExt, TryStreamExt};
use serde_json::json;
use std::io::Write;
use std::time::{Duration, Instant};

/// How many, how often.
#[derive(Clone, Debug, clap::Args)]
pub struct Arguments {
    #[command(flatten)]
    options: Options,
    /// Messages that are missed in each round.
    #[arg(long, default_value_t = 10_000)]
    messages: usize,
}

/// Measures and prints.
///
/// # Errors
/// Where something never comes.
pub async fn run(arguments: &Arguments, out: &mut impl Write) -> Result<()> {
    let mut town = Town::build(&arguments.options, BOTS).await?;
    town.reader().await?;
    let [mut took, mut raw, mut mib, mut cpu, mut relay_cpu] = <[Rounds; 5]>::default();
    for round in 0..arguments.options.rounds {
        town.reader.take().context("no reader")?.stop().await?;
        write(&town, arguments.messages, round).await?;
        let last = format!("{round} the last one");
        let path = format!("/channels/{}/messages", town.channel);
        town.bots[0].api.post(&path, &json!({ "content": last })).await?;
        // All of it is on the relay before the clock begins.
        town.writer_is_empty().await?;
        let (bytes, relay_before) = (loopback_bytes()?, facts::cpu_seconds(town.relay.pid())?);
        let node = town.reader_folder.start().await?;
        let begun = Instant::now();
        let pid = node.pid();
        town.reader = Some(node);
        let (api, channel) = town.reader().await?;
        loop {
            let newest = api.get(&format!("/channels/{channel}/messages?limit=1")).await?;
            if newest[0]["content"] == last.as_str() {
                break;
            }
            ensure!(begun.elapsed() < Duration::from_secs(120), "the last one never came");
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        let moved = loopback_bytes()? - bytes;
        took.push(begun.elapsed().as_secs_f64());
        mib.push(moved as f64 / f64::from(1 << 20));
        cpu.push(facts::cpu_seconds(pid)?);
        relay_cpu.push(facts::cpu_seconds(town.relay.pid())? - relay_before);
        raw.push(floor::transfer_s(moved).await?);
    }
    let (rounds, messages) = (arguments.options.rounds, arguments.messages);
    writeln!(out, "{rounds} rounds of {messages} missed messages by {BOTS} bots; {}.", facts::machine())?;
    writeln!(
        out,
        "From the node's first answer after its start to its window showing the last message, relay on the same machine."
    )?;
    writeln!(
        out,
        "Bytes: what crossed the loopback meanwhile, all of it. Load average {}.\n",
        facts::load_average()
    )?;
    writeln!(
        out,
        "{}",
        head(&[
            "seconds",
            "the same bytes by TCP, s",
            "MiB",
            "node CPU s, its start included",
            "relay CPU s"
        ])
    )?;
    let cells = [took.show(2), raw.show(3), mib.show(1), cpu.show(2), relay_cpu.show(2)];
    writeln!(out, "{}", row(&cells))?;
    Ok(())
}

async fn write(town: &Town, messages: usize, round: usize) -> Result<()> {
    let path = format!("/channels/{}/messages", town.channel);
    let posts = (0..messages).map(|number| {
        let bot = &town.bots[number % town.bots.len()];
        let body = json!({ "content": format!("{round} {number}: as long as people's messages mostly are, eighty bytes or so") });
        let path = path.clone();
        async move { bot.api.post(&path, &body).await.map(drop) }
    });
    stream::iter(posts).buffer_unordered(AT_ONCE).try_collect::<()>().await?;
    Ok(())
}

impl Town {
    // What was written is on the relay when nothing waits any more.
    async fn writer_is_empty(&self) -> Result<()> {
        let begun = Instant::now();
        loop {
            let status = self.writer_owner.get("/nexus/status").await?;
            let guilds = status["guilds"].as_array().into_iter().flatten();
            if guilds.into_iter().all(|guild| guild["outbox"] == 0) {
                return Ok(());
            }
            ensure!(begun.elapsed() < Duration::from_secs(120), "the outbox does not empty");
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }
}

fn loopback_bytes() -> Result<u64> {
    let table = std::fs::read_to_string("/proc/net/dev")?;
    let line = table.lines().find_map(|line| line.trim().strip_prefix("lo:"));
    let received = line.and_then(|line| line.split_whitespace().next());
    Ok(received.context("no loopback")?.parse()?)
}

const BOTS: usize = 50;
const AT_ONCE: usize = 64;
