//! Somebody was away for a week, and their line is thin: how long until what was said last can be read, and how long for a page of
//! what was said before.

use anyhow::{Context as _, Result, ensure};
use futures_util::stream::{self, StreamExt as _, TryStreamExt as _};
use nexus_load::facts;
use nexus_load::stage::{self, Stage};
use nexus_load::table::{Rounds, head, row};
use nexus_net::{House, Person, Program, Street, Weather, eventually, sum, text};
use serde_json::{Value, json};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// How many, how often.
#[derive(Clone, Debug, clap::Args)]
pub(crate) struct Arguments {
    /// Rounds.
    #[arg(long, default_value_t = 3)]
    rounds: usize,
    /// Messages that are missed in each round.
    #[arg(long, default_value_t = 20_000)]
    messages: usize,
    /// The folder to keep them in: in memory, where an fsync costs nothing.
    #[arg(long, default_value = "/dev/shm")]
    memory: PathBuf,
    /// The programs to measure are those beside this one.
    #[arg(long, hide = true)]
    nexus: Option<PathBuf>,
}

/// 50 ms each way, and three frames of a hundred lost ..
const FAR: Weather = Weather {
    seed: 7,
    delay: Duration::from_millis(50),
    jitter: Duration::from_millis(5),
    loss: 0.03,
    reorder: 0.0,
};
/// .. on a line of 1 Mbit/s.
const BITS_PER_S: u64 = 1_000_000;
const HOLDS: [&str; 2] = ["viewed", "everything"];
const BOTS: usize = 50;
const AT_ONCE: usize = 64;
const PATIENCE: Duration = Duration::from_secs(900);

/// Who was away, by what they hold.
struct Away {
    hold: &'static str,
    program: Program,
    token: String,
    channel: String,
    readable: Rounds,
    older: Rounds,
    mib: Rounds,
}

/// Measures and prints.
///
/// # Errors
/// Where the last message never comes.
pub(crate) async fn run(arguments: &Arguments, out: &mut impl Write) -> Result<()> {
    let Arguments { rounds, messages, memory, .. } = arguments;
    let folder = tempfile::Builder::new().prefix("nexus-bench-").tempdir_in(memory)?;
    let street = Street::through_air(3, Weather::CALM)?;
    let [there, here, far] = street.houses() else { anyhow::bail!("three houses") };
    let mut relay = Program::relay_in_a_house(&folder.path().join("relay"), there.clone());
    relay.start().await?;
    let mut writer = Program::behind_a_relay(&folder.path().join("Ada"), here.clone(), &relay.base());
    let token = writer.ask(&["setup", "Ada"])?;
    writer.start().await?;
    let ada = Person::new(&writer.base(), &token);
    let names: Vec<String> = (0..BOTS).map(|number| format!("load-{number:04}")).collect();
    let stage = stage::set(&ada.api, GUILD, &[String::from("talk")], &names).await?;
    let channel = &stage.channels[0];
    let invite = ada.api.post(&format!("/channels/{channel}/invites"), &json!({})).await?;
    let url = format!("{}/invite/{}", relay.base(), text(&invite["code"])?);
    let mut away = Vec::new();
    for hold in HOLDS {
        away.push(Away::join(folder.path(), far, &relay.base(), &url, hold).await?);
    }
    for round in 0..*rounds {
        let last = say(&stage, round, *messages).await?;
        is_empty(&writer).await?;
        for phone in &mut away {
            street.weather(FAR);
            far.pace(Some(BITS_PER_S))?;
            phone.comes_back(&street, &last).await?;
            phone.program.stop().await?;
            street.weather(Weather::CALM);
            far.pace(None)?;
        }
    }
    writeln!(out, "{rounds} rounds of {messages} missed messages by {BOTS} bots; {}.", facts::machine())?;
    writeln!(
        out,
        "Each program in a network namespace of this machine, folders in memory; between the node and its relay 1 Mbit/s, 50 ms each way and 3 %\nof frames lost. From the node's first answer after its start to its window showing the last message; then the 100 before the newest 50. Bytes: what its line carried until\nthe last message was there, both ways.\n"
    )?;
    writeln!(out, "{}", head(&["--hold", "readable, s", "a page further back, s", "MiB"]))?;
    for Away { hold, readable, older, mib, .. } in &away {
        writeln!(out, "{}", row(&[(*hold).to_owned(), readable.show(2), older.show(2), mib.show(2)]))?;
    }
    Ok(())
}

impl Away {
    /// Somebody joins in fair weather, reads what there is, and goes.
    async fn join(folder: &Path, house: &House, relay: &str, url: &str, hold: &'static str) -> Result<Self> {
        let program = Program::behind_a_relay(&folder.join(hold), house.clone(), relay);
        let mut program = program.told(&["--hold", hold]);
        let token = program.ask(&["setup", hold])?;
        program.start().await?;
        let person = Person::new(&program.base(), &token);
        eventually("they join", async || Ok(program.ask(&["join", url]).ok())).await?;
        let channel = eventually("they see the channel", async || {
            let Some(place) = person.find(GUILD).await? else { return Ok(None) };
            person.channel(&place.guild, "talk").await
        })
        .await?;
        program.stop().await?;
        let [readable, older, mib] = <[Rounds; 3]>::default();
        Ok(Self { hold, program, token, channel, readable, older, mib })
    }

    async fn comes_back(&mut self, street: &Street, last: &str) -> Result<()> {
        // Not what this machine asks the window: that goes by the same cable.
        let bytes = street.bytes_between();
        self.program.start().await?;
        let person = Person::new(&self.program.base(), &self.token);
        let begun = Instant::now();
        let newest = loop {
            // Until the newest are here they are not known.
            let page = self.page(&person, "limit=50").await.unwrap_or_default();
            if page.first().is_some_and(|newest| newest["content"] == last) {
                break page;
            }
            ensure!(begun.elapsed() < PATIENCE, "the last message never came");
            tokio::time::sleep(Duration::from_millis(20)).await;
        };
        self.readable.push(begun.elapsed().as_secs_f64());
        self.mib.push((street.bytes_between() - bytes) as f64 / f64::from(1 << 20));
        let oldest = text(&newest.last().context("no message")?["id"])?;
        let begun = Instant::now();
        let older = loop {
            match self.page(&person, &format!("limit=100&before={oldest}")).await {
                Ok(page) => break page,
                // 503: it was asked again.
                Err(error) => ensure!(begun.elapsed() < PATIENCE, "nothing older came: {error}"),
            }
        };
        ensure!(older.len() == 100, "{} older messages", older.len());
        self.older.push(begun.elapsed().as_secs_f64());
        Ok(())
    }

    async fn page(&self, person: &Person, query: &str) -> Result<Vec<Value>> {
        let page = person.api.get(&format!("/channels/{}/messages?{query}", self.channel)).await?;
        Ok(page.as_array().cloned().unwrap_or_default())
    }
}

async fn say(stage: &Stage, round: usize, messages: usize) -> Result<String> {
    let path = format!("/channels/{}/messages", stage.channels[0]);
    let posts = (0..messages).map(|number| {
        let bot = &stage.bots[number % stage.bots.len()].api;
        let body = json!({ "content": format!("{round} {number}: as long as people's messages mostly are, eighty bytes or so") });
        let path = path.clone();
        async move { bot.post(&path, &body).await.map(drop) }
    });
    stream::iter(posts).buffer_unordered(AT_ONCE).try_collect::<()>().await?;
    let last = format!("{round} the last one");
    stage.bots[0].api.post(&path, &json!({ "content": last })).await?;
    Ok(last)
}

// What was said is at the relay when nothing waits any more.
async fn is_empty(writer: &Program) -> Result<()> {
    let begun = Instant::now();
    while sum(&writer.status()?, "outbox") > 0 {
        ensure!(begun.elapsed() < PATIENCE, "the outbox does not empty");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    Ok(())
}

const GUILD: &str = "Archive";
