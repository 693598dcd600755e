//! From a request on one node to the dispatch on another, directly and through a relay: each makes it durable first.

use anyhow::{Context, Result};
use nexus_load::api::Api;
use nexus_load::gateway::{GUILD_MESSAGES, Session};
use nexus_load::table::{Rounds, head, p50_p99, row};
use nexus_load::{facts, floor, quic};
use nexus_net::{Person, Program, Street, eventually, settled, text};
use serde_json::{Value, json};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// How many, how often.
#[derive(Clone, Debug, clap::Args)]
pub(crate) struct Arguments {
    /// Rounds.
    #[arg(long, default_value_t = 5)]
    rounds: usize,
    /// Messages in each round, one at a time.
    #[arg(long, default_value_t = 200)]
    messages: usize,
    /// A folder on the disk to measure.
    #[arg(long, default_value = "target")]
    on: PathBuf,
    /// A folder in memory, where an fsync costs nothing.
    #[arg(long, default_value = "/dev/shm")]
    memory: PathBuf,
    /// The programs to measure are those beside this one.
    #[arg(long, hide = true)]
    nexus: Option<PathBuf>,
}

/// Two nodes, one way between them. Fields drop in order: the folder last.
struct Road {
    name: &'static str,
    writer: Api,
    path: String,
    session: Session,
    p50: Rounds,
    p99: Rounds,
    _programs: Vec<Program>,
    _street: Street,
    _folder: TempDir,
}

/// Measures and prints.
///
/// # Errors
/// Where a message does not come.
pub(crate) async fn run(arguments: &Arguments, out: &mut impl Write) -> Result<()> {
    let Arguments { rounds, messages, on, memory, .. } = arguments;
    let mut roads = [
        Road::build("node to node, direct, in memory", memory, false).await?,
        Road::build("node to node, direct, on disk", on, false).await?,
        Road::build("node to node, through a relay, in memory", memory, true).await?,
        Road::build("node to node, through a relay, on disk", on, true).await?,
    ];
    let mut floors = [
        ("QUIC round trip", Rounds::default(), Rounds::default()),
        ("fsync", Rounds::default(), Rounds::default()),
    ];
    let folder = tempfile::Builder::new().prefix("nexus-bench-").tempdir_in(on)?;
    for round in 0..=*rounds {
        for road in &mut roads {
            road.measure(round, *messages).await?;
        }
        let measured = [quic::round_trips_ms(*messages).await?, floor::fsyncs_ms(folder.path(), *messages)?];
        // The first round warms everything up.
        for ((_, p50s, p99s), all) in floors.iter_mut().zip(measured).filter(|_| round > 0) {
            let (p50, p99) = p50_p99(all);
            p50s.push(p50);
            p99s.push(p99);
        }
    }
    writeln!(out, "{rounds} rounds of {messages} messages, one at a time; {}.", facts::machine())?;
    writeln!(
        out,
        "From before the request on one node to the dispatch on the other, each in a network namespace of this machine; each"
    )?;
    writeln!(out, "program on the way makes it durable before it goes on.\n")?;
    writeln!(out, "{}", head(&["what", "p50 ms", "p99 ms"]))?;
    let roads = roads.iter().map(|road| (road.name, &road.p50, &road.p99));
    for (name, p50, p99) in roads.chain(floors.iter().map(|(name, p50, p99)| (*name, p50, p99))) {
        writeln!(out, "{}", row(&[name.to_owned(), p50.show(2), p99.show(2)]))?;
    }
    Ok(())
}

impl Road {
    async fn build(name: &'static str, on: &Path, by_relay: bool) -> Result<Self> {
        let folder = tempfile::Builder::new().prefix("nexus-bench-").tempdir_in(on)?;
        let street = Street::of(3)?;
        let [relay, writer, reader] = street.houses() else { anyhow::bail!("three houses") };
        let mut programs = Vec::new();
        let mut url = None;
        if by_relay {
            let mut relay = Program::relay_in_a_house(&folder.path().join("relay"), relay.clone());
            relay.start().await?;
            url = Some(relay.base());
            programs.push(relay);
        }
        let mut people = Vec::new();
        for (house, name) in [(writer, "Ada"), (reader, "Bea")] {
            let data = folder.path().join(name);
            let mut node = match &url {
                Some(url) => Program::behind_a_relay(&data, house.clone(), url),
                None => Program::in_a_house(&data, house.clone()),
            };
            let token = node.ask(&["setup", name])?;
            node.start().await?;
            people.push(Person::new(&node.base(), &token));
            programs.push(node);
        }
        let path = meet(&people, &programs).await?;
        settled(&programs.iter().collect::<Vec<_>>()).await?;
        let session = Session::open(&people[1].api, GUILD_MESSAGES).await?;
        let (p50, p99) = (Rounds::default(), Rounds::default());
        let writer = people[0].api.clone();
        Ok(Self {
            name,
            writer,
            path,
            session,
            p50,
            p99,
            _programs: programs,
            _street: street,
            _folder: folder,
        })
    }

    async fn measure(&mut self, round: usize, messages: usize) -> Result<()> {
        let mut delays = Vec::new();
        for number in 0..messages {
            let content = format!("{round} {number}");
            let begun = Instant::now();
            self.writer.post(&self.path, &json!({ "content": content })).await?;
            let heard = tokio::time::timeout(Duration::from_secs(30), heard(&mut self.session, &content));
            heard.await.with_context(|| format!("{content:?} was never heard"))??;
            delays.push(begun.elapsed().as_secs_f64() * 1e3);
        }
        if round > 0 {
            let (p50, p99) = p50_p99(delays);
            self.p50.push(p50);
            self.p99.push(p99);
        }
        Ok(())
    }
}

/// A guild of the first, who may write as fast as they can; the second joins. The path of its channel's messages.
pub(super) async fn meet(people: &[Person], programs: &[Program]) -> Result<String> {
    let owner = &people[0];
    owner.api.post("/guilds", &json!({ "name": "Pair" })).await?;
    let place = owner.find("Pair").await?.context("a guild")?;
    let role = json!({ "name": "fast", "nexus": { "rate_class": "bulk" } });
    let role = text(&owner.api.post(&format!("/guilds/{}/roles", place.guild), &role).await?["id"])?;
    let path = format!("/guilds/{}/members/{}/roles/{role}", place.guild, owner.id().await?);
    owner.api.put(&path).await?;
    let invite = owner.api.post(&format!("/channels/{}/invites", place.channel), &json!({})).await?;
    let url = text(&invite["nexus_url"])?;
    let reader = programs.last().context("a reader")?;
    eventually("the guild is reached", async || Ok(reader.ask(&["join", &url]).ok())).await?;
    eventually("the reader is in", async || people[1].find("Pair").await).await?;
    Ok(format!("/channels/{}/messages", place.channel))
}

/// Until a message is dispatched.
pub(super) async fn heard(session: &mut Session, content: &str) -> Result<()> {
    loop {
        let (event, frame) = session.next().await?;
        if event == "MESSAGE_CREATE" {
            let frame: Value = serde_json::from_str(frame.as_str())?;
            if frame["d"]["content"] == content {
                return Ok(());
            }
        }
    }
}
