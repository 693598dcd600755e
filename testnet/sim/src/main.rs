//! `nexus-sim --seeds N --seed S`: runs N seeds from S on and prints what was survived.

use clap::Parser;
use nexus_sim::{Faults, Scale, run};
use std::process::ExitCode;

/// Runs seeds of the simulation.
#[derive(Parser)]
#[command(about)]
struct Arguments {
    /// How many seeds.
    #[arg(long, default_value_t = 100)]
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
}

#[allow(clippy::print_stdout)]
fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let scale = Scale { nodes: arguments.nodes, steps: arguments.steps };
    let mut faults = Faults::default();
    let (mut carried_out, mut refused, mut elapsed_ms) = (0, 0, 0);
    for seed in arguments.seed..arguments.seed + arguments.seeds {
        match run(seed, scale) {
            Ok(report) => {
                faults.add(&report.faults);
                carried_out += report.carried_out;
                refused += report.refused;
                elapsed_ms += report.elapsed_ms;
            }
            Err(broken) => {
                println!("{broken}");
                return ExitCode::FAILURE;
            }
        }
    }
    println!("{} seeds, {} h simulated", arguments.seeds, elapsed_ms / 3_600_000);
    println!("commands carried out {carried_out}, refused {refused}");
    let mut silent = false;
    for (name, count) in faults.counts() {
        println!("{name} {count}");
        silent |= count == 0;
    }
    if silent {
        println!("a fault that never happened was not survived");
        return ExitCode::FAILURE;
    }
    ExitCode::SUCCESS
}
