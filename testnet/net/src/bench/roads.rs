//! From one node to another through a relay, by each road: what a message takes, and how many go at a time.

use super::p2p::{heard, meet};
use anyhow::{Context as _, Result};
use nexus_load::api::Api;
use nexus_load::facts;
use nexus_load::gateway::{GUILD_MESSAGES, Session};
use nexus_load::table::{Rounds, head, p50_p99, row};
use nexus_net::{House, Nat, Person, Program, Street, Wall, Weather, eventually, settled};
use serde_json::json;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// How many, how often.
#[derive(Clone, Debug, clap::Args)]
pub(crate) struct Arguments {
    /// Rounds.
    #[arg(long, default_value_t = 3)]
    rounds: usize,
    /// Messages in each round, one at a time.
    #[arg(long, default_value_t = 100)]
    messages: usize,
    /// Messages in each round, as fast as they are taken.
    #[arg(long, default_value_t = 2_000)]
    burst: usize,
    /// The folder to keep them in: in memory, where an fsync costs nothing.
    #[arg(long, default_value = "/dev/shm")]
    memory: PathBuf,
    /// The programs to measure are those beside this one.
    #[arg(long, hide = true)]
    nexus: Option<PathBuf>,
}

/// 50 ms each way between a node and the relay, and three frames of a hundred lost.
const FAR: Weather = Weather {
    seed: 3,
    delay: Duration::from_millis(50),
    jitter: Duration::from_millis(5),
    loss: 0.03,
    reorder: 0.0,
};

/// A window in a house has this port.
const WINDOW: u16 = 8_081;

/// The roads to a relay by their words, and what leaves nothing but them.
pub(super) const ROADS: [(&str, Option<Wall>); 3] =
    [("quic", None), ("tcp", Some(Wall::NO_UDP)), ("websocket", Some(Wall::but_tcp_to(WINDOW)))];

/// What carries where no door opens between two nodes that know each other.
const CIRCUIT: &str = "circuit";

/// Two nodes and a relay. Fields drop in order: the folder last.
pub(super) struct Pair {
    pub(super) writer: Api,
    pub(super) path: String,
    pub(super) session: Session,
    pub(super) programs: Vec<Program>,
    pub(super) street: Street,
    _folder: TempDir,
}

impl Pair {
    /// Both by one road to a relay that holds the guild.
    pub(super) async fn build(memory: &Path, weather: Weather, wall: Option<Wall>) -> Result<Self> {
        Self::of(memory, weather, true, |data, house, url| {
            house.wall(wall)?;
            Ok(Program::behind_a_relay(data, house.clone(), url))
        })
        .await
    }

    /// Each behind a router that chooses a port for each whom it sends to: no door opens, and a relay that holds nothing of
    /// theirs carries what they say.
    async fn by_circuit(memory: &Path, weather: Weather) -> Result<Self> {
        Self::of(memory, weather, false, |data, house, url| {
            house.put_behind(Nat::Symmetric)?;
            Ok(Program::direct_in_a_house(data, house.clone()).with_relay(url))
        })
        .await
    }

    async fn of(
        memory: &Path,
        weather: Weather,
        is_hosted: bool,
        node: impl Fn(&Path, &House, &str) -> Result<Program>,
    ) -> Result<Self> {
        let folder = tempfile::Builder::new().prefix("nexus-bench-").tempdir_in(memory)?;
        let street = Street::through_air(3, weather)?;
        let [there, writer, reader] = street.houses() else { anyhow::bail!("three houses") };
        let hosting = ["--hosting", if is_hosted { "open" } else { "own" }];
        let mut relay = Program::relay_in_a_house(&folder.path().join("relay"), there.clone()).told(&hosting);
        relay.start().await?;
        let url = relay.base();
        let (mut programs, mut people) = (vec![relay], Vec::new());
        for (house, name) in [(writer, "Ada"), (reader, "Bea")] {
            let mut node = node(&folder.path().join(name), house, &url)?;
            let token = node.ask(&["setup", name])?;
            node.start().await?;
            people.push(Person::new(&node.base(), &token));
            programs.push(node);
        }
        let path = meet(&people, &programs).await?;
        let all: Vec<&Program> = programs.iter().collect();
        settled(if is_hosted { &all } else { &all[1..] }).await?;
        let session = Session::open(&people[1].api, GUILD_MESSAGES).await?;
        let writer = people[0].api.clone();
        Ok(Self { writer, path, session, programs, street, _folder: folder })
    }

    /// Until the writer's link goes by a road.
    pub(super) async fn goes_by(&self, road: &str) -> Result<()> {
        let writer = self.programs.get(1).context("a writer")?;
        let is_there = async || {
            let mesh = writer.status()?["mesh"].clone();
            let mut links = mesh["links"].as_array().into_iter().flatten();
            let is_linked = match road {
                CIRCUIT => links.any(|link| link["road"] == road),
                _ => mesh["relays"][0]["road"] == road,
            };
            Ok(is_linked.then_some(()))
        };
        eventually(&format!("the road is {road}"), is_there).await
    }

    /// Says something and gives what it takes until it is heard, ms.
    async fn message(&mut self, content: &str) -> Result<f64> {
        let begun = Instant::now();
        self.writer.post(&self.path, &json!({ "content": content })).await?;
        heard(&mut self.session, content).await?;
        Ok(begun.elapsed().as_secs_f64() * 1e3)
    }

    /// Says so many things and gives how many of them are heard in a second.
    async fn burst(&mut self, round: usize, count: usize) -> Result<f64> {
        let begun = Instant::now();
        let (writer, path) = (self.writer.clone(), self.path.clone());
        let saying = tokio::spawn(async move {
            for number in 0..count {
                writer.post(&path, &json!({ "content": format!("burst {round} {number}") })).await?;
            }
            anyhow::Ok(())
        });
        heard(&mut self.session, &format!("burst {round} {}", count - 1)).await?;
        saying.await??;
        Ok(count as f64 / begun.elapsed().as_secs_f64())
    }
}

/// Measures and prints.
///
/// # Errors
/// Where a message does not come.
pub(crate) async fn run(arguments: &Arguments, out: &mut impl Write) -> Result<()> {
    let Arguments { rounds, messages, burst, memory, .. } = arguments;
    writeln!(
        out,
        "{rounds} rounds of {messages} messages, one at a time, and of {burst}, as fast as they are taken; {}.",
        facts::machine()
    )?;
    writeln!(
        out,
        "From before the request on one node to the dispatch on the other, through a relay, each in a network namespace of this\nmachine and its folder in memory. Far: 50 ms each way between a node and the relay, 3 % of frames lost.\nBy circuit the relay holds nothing of theirs and passes on what it cannot read.\n"
    )?;
    writeln!(out, "{}", head(&["road", "air", "p50 ms", "p99 ms", "messages a second"]))?;
    for (air, weather) in [("near", Weather::CALM), ("far", FAR)] {
        for road in ROADS.map(|(road, _)| road).into_iter().chain([CIRCUIT]) {
            let wall = ROADS.into_iter().find(|(known, _)| *known == road);
            let mut pair = match wall {
                Some((_, wall)) => Pair::build(memory, weather, wall).await?,
                None => Pair::by_circuit(memory, weather).await?,
            };
            pair.goes_by(road).await?;
            let (mut p50s, mut p99s, mut rates) = (Rounds::default(), Rounds::default(), Rounds::default());
            for round in 0..*rounds {
                let mut delays = Vec::new();
                for number in 0..*messages {
                    delays.push(pair.message(&format!("{round} {number}")).await?);
                }
                let (p50, p99) = p50_p99(delays);
                p50s.push(p50);
                p99s.push(p99);
                rates.push(pair.burst(round, *burst).await?);
            }
            let cells = [road.to_owned(), air.to_owned(), p50s.show(1), p99s.show(1), rates.show(0)];
            writeln!(out, "{}", row(&cells))?;
        }
    }
    Ok(())
}
