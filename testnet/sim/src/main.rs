//! `nexus-sim --seed S --seeds N`: runs N seeds from S on, or as many as fit into `--minutes` or it takes for `--node-hours` and a
//! `--floor` of every kind of fault, and prints what was survived; last, `hash: HEX` of what every honest node holds to be so. Stops at the first promise that is broken, with its seed.

use clap::Parser;
use nexus_sim::{Report, Scale, Tally, run};
use std::process::ExitCode;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc;
use std::time::{Duration, Instant};

/// Runs seeds of the simulation.
#[derive(Parser)]
#[command(about)]
struct Arguments {
    /// How many seeds at most; 1, where nothing else is asked for.
    #[arg(long)]
    seeds: Option<u64>,
    /// Goes on for so many minutes.
    #[arg(long)]
    minutes: Option<u64>,
    /// Goes on until all nodes together have lived so many hours.
    #[arg(long)]
    node_hours: Option<u64>,
    /// The first.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Goes on until every kind of fault was injected so often; where it ends before, it fails.
    #[arg(long, default_value_t = 0)]
    floor: u64,
    /// Runs so many of the first seeds twice: both runs must be the same, byte for byte.
    #[arg(long, default_value_t = 0)]
    again: u64,
    /// Nodes in each run.
    #[arg(long, default_value_t = 4)]
    nodes: usize,
    /// Things that happen in each run.
    #[arg(long, default_value_t = 400)]
    steps: u32,
    /// Runs at the same time.
    #[arg(long, default_value_t = 1)]
    jobs: usize,
    /// Prints every line of the log of a run.
    #[arg(long)]
    log: bool,
}

impl Arguments {
    /// The seed after the last.
    fn end(&self) -> u64 {
        let bounded = self.minutes.is_some() || self.node_hours.is_some() || self.floor > 0;
        let count = self.seeds.unwrap_or(if bounded { u64::MAX } else { 1 });
        self.seed.saturating_add(count)
    }

    fn is_enough(&self, begun: Instant, tally: &Tally) -> bool {
        let minutes = self.minutes.is_some_and(|most| begun.elapsed() >= Duration::from_secs(60 * most));
        let bounded = self.node_hours.is_some() || self.floor > 0;
        let lived = self.node_hours.is_none_or(|most| tally.node_ms / HOUR_MS >= most);
        minutes
            || bounded && lived && tally.faults.rarer_than(self.floor).is_empty() && tally.runs >= self.again
    }

    /// One seed, twice where that was asked for.
    fn run(&self, seed: u64, scale: Scale) -> Result<Report, String> {
        let report = run(seed, scale)?;
        if seed - self.seed < self.again && run(seed, scale)? != report {
            return Err(format!("seed {seed}: a second run was another"));
        }
        Ok(report)
    }
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let begun = Instant::now();
    match all(&arguments, begun) {
        Ok(tally) => told(&arguments, &tally, begun),
        Err(broken) => {
            say(&broken);
            ExitCode::FAILURE
        }
    }
}

fn told(arguments: &Arguments, tally: &Tally, begun: Instant) -> ExitCode {
    say(&format!(
        "{} seeds from {} on, {} steps each, {} nodes and a relay",
        tally.runs, arguments.seed, arguments.steps, arguments.nodes
    ));
    say(&so_far(tally, begun));
    say(&format!("commands carried out {}, refused {}", tally.carried_out, tally.refused));
    for (name, count) in tally.faults.counts().into_iter().chain(tally.deeds.counts()) {
        say(&format!("{name} {count}"));
    }
    let again = arguments.again.min(tally.runs);
    if again > 0 {
        say(&format!("run twice, byte for byte the same: {again} of {again} seeds"));
    }
    // A few seeds cannot have everything.
    let once = u64::from(tally.runs >= SEEDS_FOR_ALL);
    let floor = arguments.floor.max(once);
    let (rare, undone) = (tally.faults.rarer_than(floor), tally.deeds.rarer_than(once));
    if !rare.is_empty() {
        say(&format!("happened less than {floor} times, so not survived: {}", rare.join(", ")));
        return ExitCode::FAILURE;
    }
    if !undone.is_empty() {
        say(&format!("nobody ever did it, so it was not seen to hold: {}", undone.join(", ")));
        return ExitCode::FAILURE;
    }
    say(&format!("log: {}", hex(&tally.log)));
    say(&format!("hash: {}", hex(&tally.state)));
    ExitCode::SUCCESS
}

fn so_far(tally: &Tally, begun: Instant) -> String {
    let wall_ms = u64::try_from(begun.elapsed().as_millis()).unwrap_or(u64::MAX).max(1);
    format!(
        "{} node-hours in {} s: {} to 1; {} faults",
        tally.node_ms / HOUR_MS,
        wall_ms / 1_000,
        tally.node_ms / wall_ms,
        tally.faults.total()
    )
}

fn all(arguments: &Arguments, begun: Instant) -> Result<Tally, String> {
    let scale = Scale { nodes: arguments.nodes, steps: arguments.steps, log: arguments.log };
    let (next, end) = (AtomicU64::new(arguments.seed), arguments.end());
    let enough = AtomicBool::new(false);
    let (tx, rx) = mpsc::channel::<(u64, Result<Report, String>)>();
    std::thread::scope(|scope| {
        for _ in 0..arguments.jobs.max(1) {
            let (tx, next, enough) = (tx.clone(), &next, &enough);
            scope.spawn(move || {
                while !enough.load(Ordering::Relaxed) {
                    let seed = next.fetch_add(1, Ordering::Relaxed);
                    if seed >= end || tx.send((seed, arguments.run(seed, scale))).is_err() {
                        return;
                    }
                }
            });
        }
        drop(tx);
        let mut tally = Tally::default();
        let mut said = begun;
        for (seed, outcome) in rx {
            match outcome {
                Ok(report) => tally.add(seed, &report),
                Err(broken) => {
                    // The others have nothing more to do.
                    enough.store(true, Ordering::Relaxed);
                    return Err(broken);
                }
            }
            enough.fetch_or(arguments.is_enough(begun, &tally), Ordering::Relaxed);
            if said.elapsed() >= SAY_EVERY {
                said = Instant::now();
                say(&format!(".. {} seeds, {}", tally.runs, so_far(&tally, begun)));
            }
        }
        Ok(tally)
    })
}

#[expect(clippy::print_stdout, reason = "what it finds is its output")]
fn say(line: &str) {
    println!("{line}");
}

fn hex(bytes: &[u8; 32]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

const HOUR_MS: u64 = 3_600_000;
const SAY_EVERY: Duration = Duration::from_secs(10);
/// In so many seeds every fault there is must have happened, and everything that people do.
const SEEDS_FOR_ALL: u64 = 24;
