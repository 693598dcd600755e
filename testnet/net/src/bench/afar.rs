//! Somebody far away joins a large guild: how often a signal goes there and back until they read its newest message.

use anyhow::{Context as _, Result, ensure};
use nexus_load::facts;
use nexus_load::table::{Rounds, head, row};
use nexus_net::{House, Program, Street, Weather, text};
use serde_json::Value;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

/// How many, how often.
#[derive(Clone, Debug, clap::Args)]
pub(crate) struct Arguments {
    /// Rounds.
    #[arg(long, default_value_t = 3)]
    rounds: usize,
    /// Messages in the guild; of several each is measured.
    #[arg(long, default_values_t = [10_000, 1_000_000])]
    messages: Vec<usize>,
    /// Members of each.
    #[arg(long, default_value_t = 100_000)]
    members: usize,
    /// The folder to keep them in: in memory, where an fsync costs nothing.
    #[arg(long, default_value = "/dev/shm")]
    memory: PathBuf,
    /// The nodes to measure; the relay, and what makes the guild, are beside it.
    #[arg(long, hide = true)]
    nexus: PathBuf,
}

/// There and back, on the longer line.
const TRIP: Duration = Duration::from_millis(400);
const LAST: &str = "the last one";
const PATIENCE: Duration = Duration::from_secs(120);

/// How the newcomer's node stands to the relay before.
const BEFORE: [Before; 2] = [Before::Linked, Before::Strange];

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Before {
    /// It is linked with it.
    Linked,
    /// It has never heard of it.
    Strange,
}

/// Measures and prints.
///
/// # Errors
/// Where the newest message never comes.
pub(crate) async fn run(arguments: &Arguments, out: &mut impl Write) -> Result<()> {
    let Arguments { rounds, messages, members, .. } = arguments;
    writeln!(out, "{rounds} rounds; {members} members; {}.", facts::machine())?;
    writeln!(
        out,
        "Relay and node in network namespaces of this machine, folders in memory, a node with `--hold viewed`. From `nexus join` to the node's window, asked in its own\nhouse, showing the newest message: on a line without delay, and on one where there and back takes {} ms. Round trips: what the second took longer, in such.\nThey count all that is said beside what the mesh asks: the invite's page by HTTP, the slow start of a connection that brings some hundred KiB, and of a node that had never heard of the relay the handshakes.\n",
        TRIP.as_millis()
    )?;
    writeln!(out, "{}", head(&["messages", "the relay is", "near, s", "far, s", "round trips"]))?;
    for messages in messages {
        let folder = tempfile::Builder::new().prefix("nexus-bench-").tempdir_in(&arguments.memory)?;
        let scene = Scene::set(arguments, folder.path(), *messages).await?;
        for before in BEFORE {
            let [mut near, mut far, mut trips] = <[Rounds; 3]>::default();
            for round in 0..*rounds {
                let mut took = Vec::new();
                for delay in [Duration::ZERO, TRIP / 2] {
                    let name = format!("{before:?} {round} {}", delay.as_millis());
                    took.push(scene.newcomer_reads(&name, before, delay).await?);
                }
                near.push(took[0]);
                far.push(took[1]);
                trips.push((took[1] - took[0]) / TRIP.as_secs_f64());
            }
            let known = if before == Before::Linked { "linked already" } else { "a stranger" };
            let cells = [messages.to_string(), known.to_owned(), near.show(3), far.show(3), trips.show(1)];
            writeln!(out, "{}", row(&cells))?;
        }
    }
    Ok(())
}

/// A relay that holds the guild, and a house far from it.
struct Scene {
    street: Street,
    relay: Program,
    invite: String,
    folder: PathBuf,
}

impl Scene {
    async fn set(arguments: &Arguments, folder: &Path, messages: usize) -> Result<Self> {
        let street = Street::through_air(2, Weather::CALM)?;
        let data = folder.join("relay");
        let mut relay = Program::relay_in_a_house(&data, street.houses()[0].clone());
        let mut command = Command::new(arguments.nexus.with_file_name("nexus-bench"));
        command.args(["guild", "--url", &relay.base(), "--data"]).arg(&data);
        command.args(["--members", &arguments.members.to_string(), "--messages", &messages.to_string()]);
        let made = command.output().context("nexus-bench, which makes the guild")?;
        let said = String::from_utf8_lossy(&made.stderr);
        ensure!(made.status.success(), "the guild was not made: {}", said.trim());
        let code = String::from_utf8(made.stdout)?;
        relay.start().await?;
        let invite = format!("{}/invite/{}", relay.base(), code.trim());
        Ok(Self { street, relay, invite, folder: folder.to_owned() })
    }

    /// Seconds from `nexus join` to the newest message.
    async fn newcomer_reads(&self, name: &str, before: Before, delay: Duration) -> Result<f64> {
        self.street.weather(Weather::CALM);
        let home = self.street.houses()[1].clone();
        let folder = self.folder.join(name.replace(' ', "-"));
        let node = match before {
            Before::Linked => Program::behind_a_relay(&folder, home.clone(), &self.relay.base()),
            Before::Strange => Program::direct_in_a_house(&folder, home.clone()),
        };
        let mut node = node.told(&["--hold", "viewed"]);
        let token = node.ask(&["setup", name])?;
        node.start().await?;
        let window = Window { home, base: node.base(), token };
        while before == Before::Linked && !is_linked(&node.status()?) {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        self.street.weather(Weather { delay, ..Weather::CALM });
        let begun = Instant::now();
        node.ask_at_home(&["join", &self.invite])?;
        let channel = until(begun, || window.channel())?;
        until(begun, || window.shows_the_newest(&channel))?;
        let took = begun.elapsed().as_secs_f64();
        self.street.weather(Weather::CALM);
        node.stop().await?;
        std::fs::remove_dir_all(&folder)?;
        Ok(took)
    }
}

fn is_linked(status: &Value) -> bool {
    status["mesh"]["relays"][0]["road"].is_string()
}

/// The node's window, as its own house sees it: no line is between them.
struct Window {
    home: House,
    base: String,
    token: String,
}

impl Window {
    fn get(&self, path: &str) -> Result<Value> {
        let mut curl = Command::new("curl");
        curl.args(["--silent", "--max-time", "30", "--header", &format!("Authorization: {}", self.token)]);
        curl.arg(format!("{}/api/v10{path}", self.base));
        Ok(serde_json::from_str(&self.home.run(&curl)?)?)
    }

    fn channel(&self) -> Result<Option<String>> {
        let guilds = self.get("/users/@me/guilds")?;
        let Some(guild) = guilds[0]["id"].as_str() else { return Ok(None) };
        let channels = self.get(&format!("/guilds/{guild}/channels"))?;
        let mut channels = channels.as_array().into_iter().flatten();
        channels
            .find(|each| each["name"] == "general" && each["type"] == 0)
            .map(|each| text(&each["id"]))
            .transpose()
    }

    fn shows_the_newest(&self, channel: &str) -> Result<Option<()>> {
        let page = self.get(&format!("/channels/{channel}/messages?limit=50"))?;
        Ok((page[0]["content"] == LAST).then_some(()))
    }
}

/// Asks again until there is something.
fn until<T>(begun: Instant, mut ask: impl FnMut() -> Result<Option<T>>) -> Result<T> {
    loop {
        if let Some(there) = ask()? {
            return Ok(there);
        }
        ensure!(begun.elapsed() < PATIENCE, "the newest message never came");
    }
}
