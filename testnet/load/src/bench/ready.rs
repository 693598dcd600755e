//! A person in many guilds logs in, one of them very large: how long until READY, and until the last of the guilds is there.

use super::large::{self, Large};
use super::temp;
use crate::api::Api;
use crate::gateway::Session;
use crate::node::Node;
use crate::stage::text;
use crate::table::{Rounds, head, row};
use crate::{facts, floor};
use anyhow::{Result, ensure};
use serde_json::{Value, json};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::Instant;

/// How many, how often.
#[derive(Clone, Debug, clap::Args)]
pub struct Arguments {
    /// The node's program: the relay to measure, and what makes the large guild, are beside it. A release build.
    #[arg(long)]
    nexus: PathBuf,
    /// Rounds, floor and relay in turn.
    #[arg(long, default_value_t = 5)]
    rounds: usize,
    /// A folder on the disk to measure.
    #[arg(long, default_value = "target")]
    on: PathBuf,
    /// Guilds of the person's, the large one among them.
    #[arg(long, default_value_t = 100)]
    guilds: usize,
    /// Members of the large one; 0: none is made, and all are small.
    #[arg(long, default_value_t = 100_000)]
    members: usize,
}

/// What the rounds showed.
#[derive(Default)]
struct Figures {
    ready_ms: Rounds,
    all_ms: Rounds,
    bytes: Rounds,
    cpu_ms: Rounds,
    floor_ms: Rounds,
}

/// Measures and prints.
///
/// # Errors
/// Where the person is not let in.
pub async fn run(arguments: &Arguments, out: &mut impl Write) -> Result<()> {
    let Arguments { rounds, guilds, members, .. } = arguments;
    let place = temp(&arguments.on)?;
    let (relay, person) = settle(arguments, &place.path().join("relay")).await?;
    // What is made at the first login is no part of the others.
    log_in(&person, *guilds).await?;
    let mut figures = Figures::default();
    for _ in 0..*rounds {
        let cpu = facts::cpu_seconds(relay.pid())?;
        let login = log_in(&person, *guilds).await?;
        figures.cpu_ms.push((facts::cpu_seconds(relay.pid())? - cpu) * 1e3);
        figures.ready_ms.push(login.ready_ms);
        figures.all_ms.push(login.all_ms);
        figures.bytes.push(login.bytes as f64 / 1024.0);
        figures.floor_ms.push(floor::transfer_s(login.bytes).await? * 1e3);
    }
    writeln!(out, "{rounds} rounds; {}.", facts::machine())?;
    writeln!(
        out,
        "Somebody with an account on a relay, in {guilds} guilds, of which one has {members} members, logs in with every intent that"
    )?;
    writeln!(
        out,
        "a person's client has: from before the connection to READY, and to the GUILD_CREATE of the last guild. By loopback, plain JSON.\n"
    )?;
    writeln!(out, "{}", head(&["what", "figure"]))?;
    let rows = [
        ("to READY, ms", figures.ready_ms.show(1)),
        ("to the last guild, ms", figures.all_ms.show(1)),
        ("relay's CPU, ms", figures.cpu_ms.show(0)),
        ("KiB that came", figures.bytes.show(0)),
        ("floor: as many bytes from one socket to another, ms", figures.floor_ms.show(2)),
    ];
    for (what, figure) in rows {
        writeln!(out, "{}", row(&[what.to_owned(), figure]))?;
    }
    relay.stop().await
}

/// A relay with the large guild, and somebody who is in it and in guilds of their own.
async fn settle(arguments: &Arguments, data: &Path) -> Result<(Node, Api)> {
    let (relay, code) = match arguments.members {
        0 => (large::small(&arguments.nexus, data).await?, None),
        members => {
            let Large { relay, code } = Large::make(&arguments.nexus, data, members, MESSAGES).await?;
            (relay, Some(code))
        }
    };
    let form = json!({ "username": "rita", "password": "correct horse battery staple" });
    let made = Api::new(&relay.base, "").post("/auth/register", &form).await?;
    let person = Api::new(&relay.base, &text(&made, "token")?);
    if let Some(code) = &code {
        person.post(&format!("/invites/{code}"), &json!({})).await?;
    }
    for number in usize::from(code.is_some())..arguments.guilds {
        person.post("/guilds", &json!({ "name": format!("Guild {number}") })).await?;
    }
    Ok((relay, person))
}

struct Login {
    ready_ms: f64,
    all_ms: f64,
    bytes: u64,
}

async fn log_in(person: &Api, guilds: usize) -> Result<Login> {
    let begun = Instant::now();
    let (mut session, ready) = Session::log_in(person, EVERYTHING).await?;
    let ready_ms = begun.elapsed().as_secs_f64() * 1e3;
    let mut bytes = ready.len();
    let mut missing = guilds;
    while missing > 0 {
        let (name, frame) = session.next().await?;
        bytes += frame.len();
        missing -= usize::from(name == "GUILD_CREATE");
    }
    let all_ms = begun.elapsed().as_secs_f64() * 1e3;
    let ready: Value = serde_json::from_str(&ready)?;
    let named = ready["d"]["guilds"].as_array().map_or(0, Vec::len);
    ensure!(named == guilds, "{named} guilds in READY, {guilds} were joined");
    Ok(Login { ready_ms, all_ms, bytes: bytes as u64 })
}

/// In the large guild.
const MESSAGES: usize = 100;
/// Every intent there is.
const EVERYTHING: u64 = 53_608_447;
