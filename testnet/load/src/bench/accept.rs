//! Durable messages a second on one channel: each worker sends, waits for the answer, sends again.

use super::{Fresh, Options, names};
use crate::stage::{self, Bot};
use crate::table::{Rounds, head, p50_p99, row};
use crate::{facts, floor};
use anyhow::Result;
use futures_util::future::try_join_all;
use serde_json::json;
use std::io::Write;
use std::sync::Arc;
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
}

/// Measures and prints.
///
/// # Errors
/// Where the node refuses a message.
pub async fn run(arguments: &Arguments, out: &mut impl Write) -> Result<()> {
    let fresh = Fresh::start(&arguments.options).await?;
    let authors = arguments.concurrency.iter().copied().max().unwrap_or(1);
    let stage = stage::set(&fresh.owner, "Accept", &names(1), &names(authors)).await?;
    let stage = Arc::new(stage);
    let mut figures: Vec<Figures> = arguments.concurrency.iter().map(|_| Figures::default()).collect();
    let (mut fsync_p50, mut fsync_p99) = (Rounds::default(), Rounds::default());
    for _ in 0..arguments.options.rounds {
        let (p50, p99) = p50_p99(floor::fsyncs_ms(fresh.temp.path(), FSYNCS)?);
        fsync_p50.push(p50);
        fsync_p99.push(p99);
        for (concurrency, figures) in arguments.concurrency.iter().zip(&mut figures) {
            let cpu = facts::cpu_seconds(fresh.node.pid())?;
            let begun = Instant::now();
            let until = begun + Duration::from_secs(arguments.seconds);
            let workers =
                stage.bots.iter().take(*concurrency).map(|bot| work(bot, &stage.channels[0], until));
            let delays: Vec<f64> = try_join_all(workers).await?.concat();
            let accepted = delays.len() as f64;
            figures.rate.push(accepted / begun.elapsed().as_secs_f64());
            figures.cpu_us.push((facts::cpu_seconds(fresh.node.pid())? - cpu) * 1e6 / accepted);
            let (p50, p99) = p50_p99(delays);
            figures.p50.push(p50);
            figures.p99.push(p99);
        }
    }
    writeln!(
        out,
        "{} rounds of {} s each; {}.",
        arguments.options.rounds,
        arguments.seconds,
        facts::machine()
    )?;
    writeln!(
        out,
        "One channel; one author for each worker; rate class bulk; 120 characters; nobody listens. The load generator"
    )?;
    writeln!(out, "shares the cores. Median (min-max) of the rounds.\n")?;
    writeln!(
        out,
        "{}",
        head(&["workers", "messages/s", "answer p50 ms", "answer p99 ms", "node's CPU µs a message"])
    )?;
    for (concurrency, figures) in arguments.concurrency.iter().zip(&figures) {
        let cells = [
            concurrency.to_string(),
            figures.rate.show(0),
            figures.p50.show(2),
            figures.p99.show(2),
            figures.cpu_us.show(0),
        ];
        writeln!(out, "{}", row(&cells))?;
    }
    writeln!(
        out,
        "\nFloor, same rounds: append of 4 KiB and fdatasync p50 {} ms, p99 {} ms.",
        fsync_p50.show(2),
        fsync_p99.show(2)
    )?;
    fresh.node.stop().await
}

/// Delays of what one author got accepted, in ms.
async fn work(bot: &Bot, channel: &str, until: Instant) -> Result<Vec<f64>> {
    let path = format!("/channels/{channel}/messages");
    let body = json!({ "content": "m".repeat(120) });
    let mut delays = Vec::new();
    while Instant::now() < until {
        let begun = Instant::now();
        bot.api.post(&path, &body).await?;
        delays.push(begun.elapsed().as_secs_f64() * 1e3);
    }
    Ok(delays)
}

const FSYNCS: usize = 200;
