//! From a request on one node to the dispatch on another, through a relay: each of the three makes it durable first.

use super::town::{Options, Town};
use crate::floor::fsyncs_ms;
use crate::gateway::{GUILD_MESSAGES, Session};
use crate::table::{Rounds, head, p50_p99, row};
use crate::{facts, quic};
use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};
use std::io::Write;
use std::time::{Duration, Instant};

/// How many, how often.
#[derive(Clone, Debug, clap::Args)]
pub struct Arguments {
    #[command(flatten)]
    options: Options,
    /// Messages in each round, one at a time.
    #[arg(long, default_value_t = 200)]
    messages: usize,
}

/// Measures and prints.
///
/// # Errors
/// Where a message does not come.
pub async fn run(arguments: &Arguments, out: &mut impl Write) -> Result<()> {
    let town = Town::build(&arguments.options, 1).await?;
    let (reader, _) = town.reader().await?;
    let mut session = Session::open(&reader, GUILD_MESSAGES).await?;
    let bot = town.bots.first().context("no bot")?;
    let path = format!("/channels/{}/messages", town.channel);
    let names = ["node to node", "QUIC round trip", "fsync"];
    let mut figures: [(Rounds, Rounds); 3] = Default::default();
    for round in 0..=arguments.options.rounds {
        let mut delays = Vec::new();
        for number in 0..arguments.messages {
            let content = format!("{round} {number}");
            let begun = Instant::now();
            bot.api.post(&path, &json!({ "content": content })).await?;
            heard(&mut session, &content).await?;
            delays.push(begun.elapsed().as_secs_f64() * 1e3);
        }
        // The first round warms everything up.
        if round == 0 {
            continue;
        }
        let floors = [
            delays,
            quic::round_trips_ms(arguments.messages).await?,
            fsyncs_ms(town.temp.path(), arguments.messages)?,
        ];
        for ((p50s, p99s), all) in figures.iter_mut().zip(floors) {
            let (p50, p99) = p50_p99(all);
            p50s.push(p50);
            p99s.push(p99);
        }
    }
    let rounds = arguments.options.rounds;
    writeln!(
        out,
        "{rounds} rounds of {} messages, one at a time; {}.",
        arguments.messages,
        facts::machine()
    )?;
    writeln!(
        out,
        "From before the request on one node to the dispatch on the other, through a relay on the same machine;"
    )?;
    writeln!(
        out,
        "each of the three makes it durable before it goes on. Load average {}.\n",
        facts::load_average()
    )?;
    writeln!(out, "{}", head(&["what", "p50 ms", "p99 ms"]))?;
    for (name, (p50, p99)) in names.into_iter().zip(&figures) {
        writeln!(out, "{}", row(&[name.to_owned(), p50.show(2), p99.show(2)]))?;
    }
    Ok(())
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
