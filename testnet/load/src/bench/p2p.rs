//! From a request on one node to the dispatch on another, directly and through a relay: each makes it durable first.

use super::pair::Pair;
use super::town::{Options, Town};
use crate::api::Api;
use crate::floor::fsyncs_ms;
use crate::gateway::{GUILD_MESSAGES, Session};
use crate::table::{Rounds, head, p50_p99, row};
use crate::{facts, quic};
use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};
use std::io::Write;
use std::path::PathBuf;
use std::time::{Duration, Instant};

/// How many, how often.
#[derive(Clone, Debug, clap::Args)]
pub struct Arguments {
    #[command(flatten)]
    options: Options,
    /// Messages in each round, one at a time.
    #[arg(long, default_value_t = 200)]
    messages: usize,
    /// A folder in memory, where an fsync costs nothing.
    #[arg(long, default_value = "/dev/shm")]
    memory: PathBuf,
}

/// One way from a writer to a reader.
struct Road {
    name: &'static str,
    bot: Api,
    path: String,
    session: Session,
    p50: Rounds,
    p99: Rounds,
}

/// Measures and prints.
///
/// # Errors
/// Where a message does not come.
pub async fn run(arguments: &Arguments, out: &mut impl Write) -> Result<()> {
    let Options { nexus, on, rounds, .. } = &arguments.options;
    let (disk, memory) = (Pair::build(nexus, on).await?, Pair::build(nexus, &arguments.memory).await?);
    let town = Town::build(&arguments.options, 1).await?;
    let bot = town.bots.first().context("no bot")?;
    let mut roads = [
        Road::new("direct, on disk", &disk.bot.api, &disk.channel, &disk.reader).await?,
        Road::new("direct, in memory", &memory.bot.api, &memory.channel, &memory.reader).await?,
        Road::new("through a relay, on disk", &bot.api, &town.channel, &town.reader().await?.0).await?,
    ];
    let mut floors = [
        ("QUIC round trip", Rounds::default(), Rounds::default()),
        ("fsync", Rounds::default(), Rounds::default()),
    ];
    for round in 0..=*rounds {
        // The first round warms everything up.
        let is_kept = round > 0;
        for road in &mut roads {
            road.measure(round, arguments.messages, is_kept).await?;
        }
        let [quic, fsync] = [
            quic::round_trips_ms(arguments.messages).await?,
            fsyncs_ms(town.temp.path(), arguments.messages)?,
        ];
        for ((_, p50s, p99s), all) in floors.iter_mut().zip([quic, fsync]).filter(|_| is_kept) {
            let (p50, p99) = p50_p99(all);
            p50s.push(p50);
            p99s.push(p99);
        }
    }
    writeln!(
        out,
        "{rounds} rounds of {} messages, one at a time; {}.",
        arguments.messages,
        facts::machine()
    )?;
    writeln!(
        out,
        "From before the request on one node to the dispatch on the other, on the same machine; each program on the"
    )?;
    writeln!(
        out,
        "way makes it durable before it goes on. Load average at the end {}.\n",
        facts::load_average()
    )?;
    writeln!(out, "{}", head(&["what", "p50 ms", "p99 ms"]))?;
    for Road { name, p50, p99, .. } in &roads {
        writeln!(out, "{}", row(&[format!("node to node, {name}"), p50.show(2), p99.show(2)]))?;
    }
    for (name, p50, p99) in &floors {
        writeln!(out, "{}", row(&[(*name).to_owned(), p50.show(2), p99.show(2)]))?;
    }
    Ok(())
}

impl Road {
    async fn new(name: &'static str, bot: &Api, channel: &str, reader: &Api) -> Result<Self> {
        let (path, session) =
            (format!("/channels/{channel}/messages"), Session::open(reader, GUILD_MESSAGES).await?);
        Ok(Self { name, bot: bot.clone(), path, session, p50: Rounds::default(), p99: Rounds::default() })
    }

    async fn measure(&mut self, round: usize, messages: usize, is_kept: bool) -> Result<()> {
        let mut delays = Vec::new();
        for number in 0..messages {
            let content = format!("{round} {number}");
            let begun = Instant::now();
            self.bot.post(&self.path, &json!({ "content": content })).await?;
            heard(&mut self.session, &content).await?;
            delays.push(begun.elapsed().as_secs_f64() * 1e3);
        }
        if is_kept {
            let (p50, p99) = p50_p99(delays);
            self.p50.push(p50);
            self.p99.push(p99);
        }
        Ok(())
    }
}

async fn heard(session: &mut Session, content: &str) -> Result<()> {
    let wait = async {
        loop {
            let (event, frame) = session.next().await?;
            if event == "MESSAGE_CREATE" {
                let frame: Value = serde_json::from_str(frame.as_str())?;
                if frame["d"]["content"] == content {
                    return Ok(());
                }
            }
        }
    };
    let patience = tokio::time::timeout(Duration::from_secs(30), wait).await;
    ensure!(patience.is_ok(), "{content:?} was never heard");
    patience?
}
