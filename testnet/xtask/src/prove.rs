//! `cargo xtask prove NAME`: the long form of what `cargo xtask test` does briefly, its result kept in `testnet/results`.

use crate::steps::tee;
use crate::{fuzz, mutants, root};
use anyhow::{Context as _, Result, ensure};
use std::collections::VecDeque;
use std::path::Path;
use std::process::Command;
use std::time::Instant;

/// What can be proved at length.
#[derive(Clone, Copy, clap::ValueEnum)]
pub(crate) enum Proof {
    /// A million random histories against the independent model.
    Authority,
    /// A modified member node, forgers, liars and floods against real programs; what honest people wait meanwhile.
    BadPeers,
    /// 20,000 bits of a store flipped, one at a time: noticed, and never shown as what somebody said.
    BitRot,
    /// Three nodes and two relays through a day of every trouble, with 10,000 people who come in meanwhile.
    Day,
    /// Every decoder under libFuzzer, guided by coverage.
    Fuzz,
    /// 1,000 who come back at once, 200 who read nothing, floods and bombs: on a real relay.
    Load,
    /// Up to a thousand simulated nodes, up to half of which attack in each way that is published.
    Mesh,
    /// 160,000 real messages of 9,000 accounts through four programs that are cut off and killed five times each.
    RealInput,
    /// Thousands of seeds of the simulation.
    Sim,
    /// Every mutant is killed by the test it names.
    Mutants,
}

/// How long some of them are.
#[derive(clap::Args)]
pub(crate) struct Length {
    /// sim: hours that all simulated nodes together live.
    #[arg(long, default_value_t = 10_000)]
    node_hours: u64,
    /// sim: how often every kind of fault is injected at least.
    #[arg(long, default_value_t = 10_000)]
    floor: u64,
    /// sim: seeds that are run twice, and must give the same run byte for byte.
    #[arg(long, default_value_t = 1_000)]
    again: u64,
    /// sim: at most so many minutes of this machine's.
    #[arg(long)]
    minutes: Option<u64>,
    /// sim: the first seed.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// authority: random histories.
    #[arg(long, default_value_t = 1_000_000)]
    histories: u64,
    /// fuzz: seconds for each target.
    #[arg(long, default_value_t = 60)]
    seconds: u64,
}

/// Runs it. What was run and what it said at the end is kept, with the commit.
pub(crate) fn run(root: &Path, proof: Proof, length: &Length) -> Result<()> {
    match proof {
        Proof::Authority => authority(root, length.histories),
        Proof::BadPeers => {
            root::build(root, false)?;
            let arguments = ["test", "--package", "nexus-net", "--test", "it", "--", "--nocapture"];
            let mut command = root::cargo(root);
            command.args(arguments).args(["--test-threads", "1", "who_may", "bad_peers", "latency"]);
            command.env("NEXUS_BAD_PEERS_MESSAGES", BAD_PEERS_MESSAGES);
            prove(
                root,
                "bad-peers",
                &format!("{BAD_PEERS_MESSAGES} messages under each attack"),
                &mut command,
            )
        }
        Proof::BitRot => {
            let mut command = root::cargo(root);
            command.args(["test", "--workspace", "--test", "it", "--", "--nocapture", "bit_rot"]);
            prove(root, "bit-rot", &format!("{FLIPS} flipped bits"), command.env("NEXUS_FLIPS", FLIPS))
        }
        Proof::Day => {
            root::build(root, true)?;
            let mut command = Command::new(root::program(root, "release", "nexus-net"));
            prove(root, "day", "the day of seed 1", command.args(["day", "--seed", "1"]))
        }
        Proof::Fuzz => {
            let what = format!("{} s for each target, from all that was found before on", length.seconds);
            let lines = fuzz::run(root, fuzz::Effort::Seconds(length.seconds))?;
            keep(root, "fuzz", &format!("{what}:\n{}", lines.join("\n")))
        }
        Proof::Load => {
            root::build(root, false)?;
            let arguments = ["test", "--package", "nexus-net", "--test", "it", "--", "--nocapture"];
            let mut command = root::cargo(root);
            command.args(arguments).args(["--test-threads", "1", "load::"]);
            command.env("NEXUS_LOAD_LONG", "1");
            prove(root, "load", "each at its full size", &mut command)
        }
        Proof::Mesh => {
            let mut command = root::cargo(root);
            command.args(["run", "--release", "--package", "nexus-sim", "--bin", "nexus-sim-mesh", "--"]);
            let nodes = ["100", "300", "1000"].into_iter().flat_map(|nodes| ["--nodes", nodes]);
            let shares = ["20", "33", "50"].into_iter().flat_map(|share| ["--share", share]);
            command.args(nodes.chain(shares));
            prove(root, "mesh-attacks", "links of 30 to 80 ms and 5 % loss", &mut command)
        }
        Proof::RealInput => {
            root::build(root, true)?;
            let arguments = ["test", "--release", "--package", "nexus-net", "--test", "it"];
            let mut command = root::cargo(root);
            command.args(arguments).args(["--", "--nocapture", "real_input"]);
            command.env("NEXUS_REAL_MESSAGES", REAL_MESSAGES).env("NEXUS_REAL_ACCOUNTS", REAL_ACCOUNTS);
            command.env("NEXUS_REAL_ROOMS", REAL_ROOMS).env("NEXUS_REAL_ROUNDS", "5");
            let what = format!(
                "{REAL_MESSAGES} messages of {REAL_ACCOUNTS} accounts in {REAL_ROOMS} rooms, 5 cuts and 5 kills of each program"
            );
            prove(root, "real-input", &what, &mut command)
        }
        Proof::Sim => sim(root, length),
        Proof::Mutants => {
            mutants::run(root, true, None)?;
            keep(root, "mutants", "every mutant was killed")
        }
    }
}

// One test makes each history once and puts it to every invariant, on as many threads as there are cores.
fn authority(root: &Path, histories: u64) -> Result<()> {
    let arguments = ["test", "--release", "--package", "nexus-crdt", "--test", "it"];
    let mut command = root::cargo(root);
    command
        .args(arguments)
        .args(["authority::proof", "--", "--nocapture"])
        .env("NEXUS_HISTORIES", histories.to_string());
    prove(root, "authority", &format!("{histories} histories"), &mut command)
}

fn sim(root: &Path, length: &Length) -> Result<()> {
    // Nothing else is built: the simulator needs the cores alone.
    let built = root::cargo(root).args(["build", "--release", "--package", "nexus-sim"]).status()?;
    ensure!(built.success(), "the simulator is not built");
    let mut command = Command::new(root::program(root, "release", "nexus-sim"));
    let jobs = std::thread::available_parallelism().map_or(1, usize::from).to_string();
    command.args(["--jobs", &jobs, "--seed", &length.seed.to_string()]);
    command.args(["--node-hours", &length.node_hours.to_string(), "--floor", &length.floor.to_string()]);
    command.args(["--again", &length.again.to_string()]);
    let minutes = length.minutes.map(|minutes| minutes.to_string());
    command.args(minutes.iter().flat_map(|minutes| ["--minutes", minutes.as_str()]));
    let what = format!(
        "{} node-hours and {} of every kind of fault at least, from seed {} on",
        length.node_hours, length.floor, length.seed
    );
    let commit = root::commit(root)?;
    prove(root, "sim", &what, &mut command)
        .with_context(|| format!("commit {commit}; `cargo xtask sim --seed N` tells the seed again"))
}

/// Runs one and keeps its last lines.
fn prove(root: &Path, name: &str, what: &str, command: &mut Command) -> Result<()> {
    let begun = Instant::now();
    let mut last = VecDeque::from([format!("{what}:")]);
    let success = tee(command, |line| {
        // What was built on the way is of no interest, and names places of one machine.
        if line.starts_with(PROGRESS)
            || ["Compiling", "Finished", "Running"].iter().any(|word| line.trim_start().starts_with(word))
        {
            return;
        }
        last.push_back(line.to_owned());
        // The first says what was run.
        if last.len() > KEPT_LINES {
            drop(last.remove(1));
        }
    })?;
    ensure!(success, "the proof {name} failed");
    last.push_back(format!("{} s", begun.elapsed().as_secs()));
    keep(root, name, &Vec::from(last).join("\n"))
}

fn keep(root: &Path, name: &str, summary: &str) -> Result<()> {
    let results = root.join("testnet/results");
    std::fs::create_dir_all(&results)?;
    let page = format!(
        "# {name}\n\nCommit {}. Made by `cargo xtask prove {name}`.\n\n```\n{summary}\n```\n",
        root::commit(root)?
    );
    std::fs::write(results.join(format!("{name}.md")), page)?;
    Ok(())
}

const FLIPS: &str = "20000";
const REAL_MESSAGES: &str = "160000";
const REAL_ACCOUNTS: &str = "9000";
/// All rooms of the corpus in which somebody answers somebody, and a third as many of the others, the largest.
const REAL_ROOMS: &str = "32";
const BAD_PEERS_MESSAGES: &str = "300";
/// How a line begins that only says how far a proof is.
const PROGRESS: &str = "..";
/// A day and what was measured in it.
const KEPT_LINES: usize = 160;
