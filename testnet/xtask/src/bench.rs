//! `cargo xtask bench NAME`: one benchmark on release programs, its table kept beside the tool that made it.

use crate::steps::tee;
use crate::{root, web};
use anyhow::{Result, ensure};
use std::path::Path;
use std::process::Command;

/// Which benchmark, and how.
#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// Which.
    name: Bench,
    /// Handed on to what measures.
    #[arg(last = true)]
    flags: Vec<String>,
}

#[derive(Clone, Copy, clap::ValueEnum)]
enum Bench {
    /// Durable messages a second on one channel.
    Accept,
    /// From one sender to 100 and 1,000 gateway sessions.
    Fanout,
    /// 10,000 gateway connections that are held: memory of each.
    Connections,
    /// A relay that holds a million messages.
    Memory,
    /// Bytes of a message on a gateway connection's wire.
    Wire,
    /// Somebody in 100 guilds, one of 100,000 members, logs in.
    Ready,
    /// Cold start, and memory a minute later.
    Start,
    /// From one node to another, directly and through a relay.
    P2p,
    /// From one node to another through a relay, by each road.
    Roads,
    /// How soon another road is taken when one dies.
    Switch,
    /// How a message comes to ten nodes without a relay.
    Mesh,
    /// What honest people wait while somebody attacks, and what it costs.
    Flood,
    /// What a relay takes while nothing happens.
    Idle,
    /// 10,000 missed messages.
    Catchup,
    /// Two holders of a million ops find out what either lacks.
    Reconcile,
    /// What a message takes on disk.
    Store,
    /// An op from elsewhere: read, checked, taken in; and what signatures over runs would save.
    Apply,
    /// Round trips until somebody far away reads a large guild that they join.
    Afar,
    /// Somebody who was away for a week reads what was said last, on a thin line.
    Away,
    /// A newcomer reads a guild's newest message.
    Join,
    /// How fast a node takes in what it missed, signatures and all.
    Backfill,
    /// Deciding a guild's governance anew when an act comes late.
    Govern,
    /// What the web client costs, in logic and in a browser.
    Web,
}

impl Bench {
    const fn name(self) -> &'static str {
        match self {
            Self::Accept => "accept",
            Self::Fanout => "fanout",
            Self::Connections => "connections",
            Self::Memory => "memory",
            Self::Wire => "wire",
            Self::Ready => "ready",
            Self::Start => "start",
            Self::P2p => "p2p",
            Self::Roads => "roads",
            Self::Switch => "switch",
            Self::Mesh => "mesh",
            Self::Flood => "flood",
            Self::Idle => "idle",
            Self::Catchup => "catchup",
            Self::Reconcile => "reconcile",
            Self::Store => "store",
            Self::Apply => "apply",
            Self::Afar => "afar",
            Self::Away => "away",
            Self::Join => "join",
            Self::Backfill => "backfill",
            Self::Govern => "govern",
            Self::Web => "web",
        }
    }
}

/// Runs it and keeps what it prints in `testnet/load/results/NAME.md`.
pub(crate) fn run(root: &Path, arguments: &Arguments) -> Result<()> {
    let name = arguments.name.name();
    // Whoever measures again must be able to measure the same.
    let flags = match arguments.flags.as_slice() {
        [] => String::new(),
        flags => format!(" -- {}", flags.join(" ")),
    };
    let mut page =
        format!("# {name}\n\nCommit {}. Made by `cargo xtask bench {name}{flags}`.\n\n", root::commit(root)?);
    if matches!(arguments.name, Bench::Web) {
        web::build_where_possible(root)?;
    }
    if !matches!(arguments.name, Bench::Govern | Bench::Backfill) {
        root::build(root, true)?;
    }
    let mut command = command(root, arguments);
    let mut keep = |line: &str| {
        page.push_str(line);
        page.push('\n');
    };
    let success = match arguments.name {
        Bench::Web => {
            keep("| what | |");
            keep("|---|---|");
            // The runner says more than the table.
            tee(&mut command, |line| {
                if line.starts_with("| ") {
                    keep(line);
                }
            })?
        }
        _ => tee(&mut command, keep)?,
    };
    ensure!(success, "the benchmark {name} failed; no result was kept");
    let results = root.join("testnet/load/results");
    std::fs::create_dir_all(&results)?;
    std::fs::write(results.join(format!("{name}.md")), page)?;
    Ok(())
}

fn command(root: &Path, arguments: &Arguments) -> Command {
    let nexus = root::program(root, "release", "nexus");
    if matches!(arguments.name, Bench::Web) {
        let mut bench = web::npm(root);
        bench.args(["run", "bench", "--workspace", "@nexus/core", "--workspace", "@nexus/e2e", "--"]);
        bench.args(&arguments.flags);
        bench.env("NEXUS_BIN", nexus).env("NEXUS_RELAY_BIN", root::program(root, "release", "nexus-relay"));
        return bench;
    }
    if let Bench::Govern | Bench::Backfill = arguments.name {
        let name = if matches!(arguments.name, Bench::Govern) { "govern" } else { "take_in" };
        let mut bench = root::cargo(root);
        // The whole workspace, for its features: a selection would build every library anew.
        bench.args(["bench", "--quiet", "--workspace", "--bench", name]);
        return bench;
    }
    let tool = match arguments.name {
        Bench::Mesh
        | Bench::P2p
        | Bench::Roads
        | Bench::Switch
        | Bench::Flood
        | Bench::Idle
        | Bench::Afar
        | Bench::Away => "nexus-net",
        Bench::Apply | Bench::Reconcile | Bench::Store => "nexus-bench",
        _ => "nexus-load",
    };
    let mut load = Command::new(root::program(root, "release", tool));
    load.current_dir(root).arg(arguments.name.name()).arg("--nexus").arg(nexus).args(&arguments.flags);
    load
}
