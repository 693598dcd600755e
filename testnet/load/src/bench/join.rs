//! Somebody joins a guild in which much has been said: how long until its newest message is read, and what that took.

use super::catchup::{loopback_bytes, write};
use super::town::{Options, Town, join};
use crate::api::Api;
use crate::node::Folder;
use crate::stage::text;
use crate::table::{Rounds, head, row};
use crate::{facts, floor};
use anyhow::{Result, ensure};
use serde_json::json;
use std::io::Write;
use std::time::{Duration, Instant};

/// How many, how often.
#[derive(Clone, Debug, clap::Args)]
pub struct Arguments {
    #[command(flatten)]
    options: Options,
    /// Messages in the guild.
    #[arg(long, default_value_t = 10_000)]
    messages: usize,
}

/// What the rounds of one way of holding showed.
#[derive(Default)]
struct Figures {
    seconds: Rounds,
    mib: Rounds,
    raw: Rounds,
    cpu: Rounds,
}

/// Measures and prints.
///
/// # Errors
/// Where the newest message never comes.
pub async fn run(arguments: &Arguments, out: &mut impl Write) -> Result<()> {
    let mut town = Town::build(&arguments.options, BOTS).await?;
    if let Some(reader) = town.reader.take() {
        reader.stop().await?;
    }
    write(&town, arguments.messages, 0).await?;
    let path = format!("/channels/{}/messages", town.channel);
    town.bots[0].api.post(&path, &json!({ "content": LAST })).await?;
    town.writer_is_empty().await?;
    let made = town.writer_owner.post(&format!("/channels/{}/invites", town.channel), &json!({})).await?;
    let url = format!("{}/invite/{}", town.relay.base, text(&made, "code")?);
    let mut figures = [Figures::default(), Figures::default()];
    for round in 0..arguments.options.rounds {
        for (hold, figures) in HOLDS.iter().zip(&mut figures) {
            let place = tempfile::Builder::new().prefix("nexus-bench-").tempdir_in(&arguments.options.on)?;
            let folder = Folder::new(&arguments.options.nexus, &place.path().join("node"));
            figures.add(&folder, hold, &url, round).await?;
        }
    }
    let (rounds, messages) = (arguments.options.rounds, arguments.messages);
    writeln!(
        out,
        "{rounds} rounds; {messages} messages of {BOTS} bots in one channel; {}.",
        facts::machine()
    )?;
    writeln!(
        out,
        "From `nexus join` to the node's window showing the newest message, relay on the same machine. Bytes: what crossed the loopback meanwhile, all of it.\n"
    )?;
    let names = ["--hold", "seconds", "MiB", "the same bytes by TCP, s", "node CPU s, its start included"];
    writeln!(out, "{}", head(&names))?;
    for (hold, figures) in HOLDS.iter().zip(&figures) {
        let Figures { seconds, mib, raw, cpu } = figures;
        let cells = [(*hold).to_owned(), seconds.show(2), mib.show(2), raw.show(3), cpu.show(2)];
        writeln!(out, "{}", row(&cells))?;
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
        let (bytes, begun) = (loopback_bytes()?, Instant::now());
        join(folder, url).await?;
        while newest(&api).await?.as_deref() != Some(LAST) {
            ensure!(begun.elapsed() < PATIENCE, "the newest message never came");
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        self.seconds.push(begun.elapsed().as_secs_f64());
        let moved = loopback_bytes()? - bytes;
        self.mib.push(moved as f64 / f64::from(1 << 20));
        self.cpu.push(facts::cpu_seconds(node.pid())?);
        self.raw.push(floor::transfer_s(moved).await?);
        node.stop().await
    }
}

/// The newest message of the channel, as soon as there is one; where it cannot be said yet, none.
async fn newest(api: &Api) -> Result<Option<String>> {
    let guilds = api.get("/users/@me/guilds").await?;
    let Some(guild) = guilds[0]["id"].as_str() else { return Ok(None) };
    let channels = api.get(&format!("/guilds/{guild}/channels")).await?;
    let talk = channels.as_array().into_iter().flatten().find(|channel| channel["name"] == "talk");
    let Some(talk) = talk.and_then(|talk| talk["id"].as_str()) else { return Ok(None) };
    let page = api.get(&format!("/channels/{talk}/messages?limit=50")).await;
    Ok(page.ok().and_then(|page| page[0]["content"].as_str().map(str::to_owned)))
}

const BOTS: usize = 50;
const LAST: &str = "the last one";
const HOLDS: [&str; 2] = ["everything", "viewed"];
const PATIENCE: Duration = Duration::from_secs(600);
