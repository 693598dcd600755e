//! `nexus-sim --seed S --seeds N`: runs N seeds from S on, and prints what was survived; last, `hash: HEX` of what every
//! node holds to be so.

use clap::Parser;
use nexus_sim::{Report, Scale, Tally, run};
use std::process::ExitCode;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc;
use std::time::Instant;

/// Runs seeds of the simulation.
#[derive(Parser)]
#[command(about)]
struct Arguments {
    /// How many seeds.
    #[arg(long, default_value_t = 1)]
    seeds: u64,
    /// The first.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Nodes in each run.
    #[arg(long, default_value_t = 4)]
    nodes: usize,
    /// Things that happen in each run.
    #[arg(long, default_value_t = 400)]
    steps: u32,
    /// Runs at the same time.
    #[arg(long, default_value_t = 1)]
    jobs: usize,
}

#[expect(clippy::print_stdout, reason = "what it finds is its output")]
fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let begun = Instant::now();
    let tally = match all(&arguments) {
        Ok(tally) => tally,
        Err(broken) => {
            println!("{broken}");
            return ExitCode::FAILURE;
        }
    };
    let wall_ms = u64::try_from(begun.elapsed().as_millis()).unwrap_or(u64::MAX).max(1);
    let hours = tally.node_ms / 3_600_000;
    println!("{} seeds of {} steps, {} nodes and a relay", arguments.seeds, arguments.steps, arguments.nodes);
    println!(
        "{hours} node-hours in {} s: {} to 1; {} faults",
        wall_ms / 1_000,
        tally.node_ms / wall_ms,
        tally.faults.total()
    );
    println!("commands carried out {}, refused {}", tally.carried_out, tally.refused);
    let mut silent = false;
    for (name, count) in tally.faults.counts() {
        println!("{name} {count}");
        silent |= count == 0;
    }
    // One seed cannot have everything.
    if silent && arguments.seeds > 1 {
        println!("a fault that never happened was not survived");
        return ExitCode::FAILURE;
    }
    println!("log: {}", hex(&tally.log));
    println!("hash: {}", hex(&tally.state));
    ExitCode::SUCCESS
}

fn all(arguments: &Arguments) -> Result<Tally, String> {
    let scale = Scale { nodes: arguments.nodes, steps: arguments.steps };
    let (next, end) = (AtomicU64::new(arguments.seed), arguments.seed.saturating_add(arguments.seeds));
    let (tx, rx) = mpsc::channel::<(u64, Result<Report, String>)>();
    std::thread::scope(|scope| {
        for _ in 0..arguments.jobs.max(1) {
            let (tx, next) = (tx.clone(), &next);
            scope.spawn(move || {
                loop {
                    let seed = next.fetch_add(1, Ordering::Relaxed);
                    if seed >= end || tx.send((seed, run(seed, scale))).is_err() {
                        return;
                    }
                }
            });
        }
        drop(tx);
        let mut tally = Tally::default();
        for (seed, outcome) in rx {
            match outcome {
                Ok(report) => tally.add(seed, &report),
                Err(broken) => {
                    // The others have nothing more to do.
                    next.store(end, Ordering::Relaxed);
                    return Err(broken);
                }
            }
        }
        Ok(tally)
    })
}

fn hex(bytes: &[u8; 32]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
