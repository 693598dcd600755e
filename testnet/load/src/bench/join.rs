//! Somebody joins a large guild: how long until its newest message is read and an own one is said, and what that took.

use super::large::Large;
use super::temp;
use super::town::join;
use crate::api::Api;
use crate::facts;
use crate::node::Folder;
use crate::table::{Rounds, head, row};
use anyhow::{Context as _, Result, ensure};
use serde_json::json;
use std::io::Write;
use std::path::PathBuf;
use std::time::{Duration, Instant};

/// How many, how often.
#[derive(Clone, Debug, clap::Args)]
pub struct Arguments {
    /// The node to measure: a release build. The relay, and what makes the guild, are beside it.
    #[arg(long)]
    nexus: PathBuf,
    /// Rounds.
    #[arg(long, default_value_t = 3)]
    rounds: usize,
    /// A folder on the disk to measure; not one in memory, where an fsync costs nothing.
    #[arg(long, default_value = "target")]
    on: PathBuf,
    /// Messages in a guild; of several each is measured.
    #[arg(long, default_values_t = [10_000, 1_000_000])]
    messages: Vec<usize>,
    /// Members of each.
    #[arg(long, default_value_t = 100_000)]
    members: usize,
    /// Also who holds everything, and waits until all of it is there.
    #[arg(long)]
    everything: bool,
}

/// What the rounds of one way of holding showed.
#[derive(Default)]
struct Figures {
    readable_s: Rounds,
    said_s: Rounds,
    kib_in: Rounds,
    kib_out: Rounds,
    cpu_s: Rounds,
}

/// Measures and prints.
///
/// # Errors
/// Where the newest message never comes.
pub async fn run(arguments: &Arguments, out: &mut impl Write) -> Result<()> {
    let Arguments { rounds, members, everything, .. } = arguments;
    writeln!(out, "{rounds} rounds; {members} members; {}.", facts::machine())?;
    writeln!(
        out,
        "From `nexus join` to the node's window showing the newest message, and to its first own one being taken; relay on the same machine.\nKiB: what came and went over its link until the newest message was there, the rest of what it may hold going on behind.\n"
    )?;
    let names = [
        "messages",
        "--hold",
        "readable, s",
        "and said, s",
        "KiB in",
        "KiB out",
        "node CPU s, its start included",
    ];
    writeln!(out, "{}", head(&names))?;
    let holds = if *everything { &HOLDS[..] } else { &HOLDS[..1] };
    for messages in &arguments.messages {
        let place = temp(&arguments.on)?;
        let data = place.path().join("relay");
        let Large { relay, code } = Large::make(&arguments.nexus, &data, *members, *messages).await?;
        let url = format!("{}/invite/{code}", relay.base);
        for hold in holds {
            let mut figures = Figures::default();
            for round in 0..*rounds {
                let newcomer = place.path().join(format!("{hold}-{round}"));
                figures.add(&Folder::new(&arguments.nexus, &newcomer), hold, &url, round).await?;
                std::fs::remove_dir_all(&newcomer)?;
            }
            let Figures { readable_s, said_s, kib_in, kib_out, cpu_s } = &figures;
            let shown = [readable_s.show(3), said_s.show(3), kib_in.show(0), kib_out.show(0), cpu_s.show(2)];
            let cells = [vec![messages.to_string(), (*hold).to_owned()], shown.to_vec()].concat();
            writeln!(out, "{}", row(&cells))?;
        }
        relay.stop().await?;
    }
    Ok(())
}

impl Figures {
    /// One who joins more.
    async fn add(&mut self, folder: &Folder, hold: &str, url: &str, round: usize) -> Result<()> {
        folder.set_up(&format!("Newcomer {round}"))?;
        let api_token = folder.token()?;
        let node = folder.start_with(&["--hold", hold]).await?;
        let api = Api::new(&node.base, &api_token);
        let begun = Instant::now();
        join(folder, url).await?;
        let channel = loop {
            if let Some(channel) = channel_with_the_newest(&api).await? {
                break channel;
            }
            ensure!(begun.elapsed() < PATIENCE, "the newest message never came");
            tokio::time::sleep(Duration::from_millis(2)).await;
        };
        self.readable_s.push(begun.elapsed().as_secs_f64());
        let traffic = api.get("/nexus/status").await?["mesh"]["traffic"].clone();
        let hello = json!({ "content": format!("hello, I am number {round}") });
        let said = api.post(&format!("/channels/{channel}/messages"), &hello).await?;
        self.said_s.push(begun.elapsed().as_secs_f64());
        let kib = |field: &str| traffic[field].as_f64().map(|bytes| bytes / 1024.0).context("no traffic");
        self.kib_in.push(kib("bytes_in")?);
        self.kib_out.push(kib("bytes_out")?);
        self.cpu_s.push(facts::cpu_seconds(node.pid())?);
        // The next one is to find the guild as this one did.
        let id = said["id"].as_str().context("no message")?;
        api.delete(&format!("/channels/{channel}/messages/{id}")).await?;
        let begun = Instant::now();
        while is_waiting(&api).await? {
            ensure!(begun.elapsed() < PATIENCE, "what was said is not handed over");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        node.stop().await
    }
}

async fn is_waiting(api: &Api) -> Result<bool> {
    let status = api.get("/nexus/status").await?;
    let mut guilds = status["guilds"].as_array().into_iter().flatten();
    Ok(guilds.any(|guild| guild["outbox"] != 0))
}

/// The channel, as soon as its newest message is known.
async fn channel_with_the_newest(api: &Api) -> Result<Option<String>> {
    let guilds = api.get("/users/@me/guilds").await?;
    let Some(guild) = guilds[0]["id"].as_str() else { return Ok(None) };
    let channels = api.get(&format!("/guilds/{guild}/channels")).await?;
    let talk = channels
        .as_array()
        .into_iter()
        .flatten()
        .find(|channel| channel["name"] == "general" && channel["type"] == 0);
    let Some(talk) = talk.and_then(|talk| talk["id"].as_str()) else { return Ok(None) };
    let page = api.get(&format!("/channels/{talk}/messages?limit=50")).await;
    let is_there = page.is_ok_and(|page| page[0]["content"] == LAST);
    Ok(is_there.then(|| talk.to_owned()))
}

const LAST: &str = "the last one";
const HOLDS: [&str; 2] = ["viewed", "everything"];
const PATIENCE: Duration = Duration::from_secs(900);
