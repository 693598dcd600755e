//! A road dies without a word: from its death to the next message by another, and from its return to its use.

use super::p2p::heard;
use super::roads::{Pair, ROADS};
use anyhow::Result;
use nexus_load::facts;
use nexus_load::table::{Rounds, head, row};
use nexus_net::Weather;
use serde_json::json;
use std::io::Write;
use std::path::PathBuf;
use std::time::{Duration, Instant};

/// How often.
#[derive(Clone, Debug, clap::Args)]
pub(crate) struct Arguments {
    /// Deaths of each road.
    #[arg(long, default_value_t = 5)]
    rounds: usize,
    /// The folder to keep them in: in memory, where an fsync costs nothing.
    #[arg(long, default_value = "/dev/shm")]
    memory: PathBuf,
    /// The programs to measure are those beside this one.
    #[arg(long, hide = true)]
    nexus: Option<PathBuf>,
}

/// Longer than a link goes on beside the one that took its place.
const ALONE: Duration = Duration::from_secs(3);

/// Measures and prints.
///
/// # Errors
/// Where a message does not come.
pub(crate) async fn run(arguments: &Arguments, out: &mut impl Write) -> Result<()> {
    let Arguments { rounds, memory, .. } = arguments;
    writeln!(
        out,
        "{rounds} deaths of QUIC at the writer's house: packets are dropped, nobody is told; {}.",
        facts::machine()
    )?;
    writeln!(
        out,
        "Said right after the death, to the dispatch on the other node, through a relay; and from when everything is let through\nagain until the link goes by QUIC.\n"
    )?;
    writeln!(out, "{}", head(&["then by", "to the message ms", "back by QUIC ms"]))?;
    for (road, wall) in ROADS.into_iter().skip(1) {
        let mut pair = Pair::build(memory, Weather::CALM, None).await?;
        let (mut deaths, mut returns) = (Rounds::default(), Rounds::default());
        for round in 0..*rounds {
            pair.goes_by("quic").await?;
            // The road before it goes on for a while beside it, and would carry the message.
            tokio::time::sleep(ALONE).await;
            let house = &pair.street.houses()[1];
            house.wall(wall)?;
            let died = Instant::now();
            let content = format!("after death {round}");
            pair.writer.post(&pair.path, &json!({ "content": content })).await?;
            heard(&mut pair.session, &content).await?;
            deaths.push(died.elapsed().as_secs_f64() * 1e3);
            pair.goes_by(road).await?;
            pair.street.houses()[1].wall(None)?;
            let returned = Instant::now();
            pair.goes_by("quic").await?;
            returns.push(returned.elapsed().as_secs_f64() * 1e3);
        }
        writeln!(out, "{}", row(&[road.to_owned(), deaths.show(0), returns.show(0)]))?;
    }
    Ok(())
}
