//! Durable messages a second on one channel: each worker sends, waits for the answer, sends again.

use super::{Fresh, Options, names};
use crate::stage::{self, Bot, Stage};
use crate::table::{Rounds, head, p50_p99, row};
use crate::{facts, floor};
use anyhow::Result;
use bytes::Bytes;
use futures_util::future::try_join_all;
use serde_json::json;
use std::io::Write;
use std::time::{Duration, Instant};

/// How long, with how many.
#[derive(Clone, Debug, clap::Args)]
pub struct Arguments {
    #[command(flatten)]
    options: Options,
    /// Workers at once.
    #[arg(long, value_delimiter = ',', default_value = "1,8,64")]
    concurrency: Vec<usize>,
    /// Seconds for each concurrency in each round.
    #[arg(long, default_value_t = 5)]
    seconds: u64,
}

/// One concurrency's figures.
#[derive(Default)]
struct Figures {
    rate: Rounds,
    p50: Rounds,
    p99: Rounds,
    cpu_us: Rounds,
    flushes: Rounds,
}

/// The disk alone.
#[derive(Default)]
struct Floor {
    p50: Rounds,
    p99: Rounds,
}

/// Measures and prints.
///
/// # Errors
/// Where the node refuses a message.
pub async fn run(arguments: &Arguments, out: &mut impl Write) -> Result<()> {
    let fresh = Fresh::start(&arguments.options).await?;
    let authors = arguments.concurrency.iter().copied().max().unwrap_or(1);
    let stage = stage::set(&fresh.owner, "Accept", &names(1), &names(authors)).await?;
    let mut figures: Vec<Figures> = arguments.concurrency.iter().map(|_| Figures::default()).collect();
    let mut floor = Floor::default();
    for _ in 0..arguments.options.rounds {
        let (p50, p99) = p50_p99(floor::fsyncs_ms(fresh.temp.path(), FSYNCS)?);
        floor.p50.push(p50);
        floor.p99.push(p99);
        for (concurrency, figures) in arguments.concurrency.iter().zip(&mut figures) {
            let span = Duration::from_secs(arguments.seconds);
            figures.add(fresh.node.pid(), &stage, *concurrency, span).await?;
        }
    }
    print(arguments, &figures, &floor, out)?;
    fresh.node.stop().await
}

impl Figures {
    /// One round more.
    async fn add(&mut self, node: u32, stage: &Stage, concurrency: usize, span: Duration) -> Result<()> {
        let (cpu, flushes) = (facts::cpu_seconds(node)?, facts::disk_flushes());
        let begun = Instant::now();
        let workers = stage.bots.iter().take(concurrency);
        let workers = workers.map(|bot| work(bot, &stage.channels[0], begun + span));
        let delays: Vec<f64> = try_join_all(workers).await?.concat();
        let accepted = delays.len() as f64;
        self.rate.push(accepted / begun.elapsed().as_secs_f64());
        self.cpu_us.push((facts::cpu_seconds(node)? - cpu) * 1e6 / accepted);
        if let Some((before, after)) = flushes.zip(facts::disk_flushes()) {
            self.flushes.push((after - before) as f64 / accepted);
        }
        let (p50, p99) = p50_p99(delays);
        self.p50.push(p50);
        self.p99.push(p99);
        Ok(())
    }
}

fn print(arguments: &Arguments, figures: &[Figures], floor: &Floor, out: &mut impl Write) -> Result<()> {
    let (rounds, seconds) = (arguments.options.rounds, arguments.seconds);
    writeln!(out, "{rounds} rounds of {seconds} s each; {}.", facts::machine())?;
    writeln!(
        out,
        "One channel; one author for each worker; rate class bulk; 120 characters; nobody listens."
    )?;
    writeln!(out, "The load generator shares the cores. Flushes are those of the whole machine's disks.")?;
    writeln!(out, "Median (min-max) of the rounds.\n")?;
    let names = [
        "workers",
        "messages/s",
        "answer p50 ms",
        "answer p99 ms",
        "node's CPU µs a message",
        "flushes a message",
    ];
    writeln!(out, "{}", head(&names))?;
    for (concurrency, figures) in arguments.concurrency.iter().zip(figures) {
        let cells = [
            concurrency.to_string(),
            figures.rate.show(0),
            figures.p50.show(2),
            figures.p99.show(2),
            figures.cpu_us.show(0),
            figures.flushes.show(3),
        ];
        writeln!(out, "{}", row(&cells))?;
    }
    let (p50, p99) = (floor.p50.show(2), floor.p99.show(2));
    writeln!(out, "\nFloor, same rounds: append of 4 KiB and fdatasync p50 {p50} ms, p99 {p99} ms.")?;
    Ok(())
}

/// Delays of what one author got accepted, in ms.
async fn work(bot: &Bot, channel: &str, until: Instant) -> Result<Vec<f64>> {
    let path = format!("/channels/{channel}/messages");
    let body = Bytes::from(json!({ "content": "m".repeat(120) }).to_string());
    let mut delays = Vec::new();
    while Instant::now() < until {
        let begun = Instant::now();
        bot.api.make(&path, &body).await?;
        delays.push(begun.elapsed().as_secs_f64() * 1e3);
    }
    Ok(delays)
}

const FSYNCS: usize = 200;
