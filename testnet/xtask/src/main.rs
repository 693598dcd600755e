//! The developer's one command: run, test, tidy, mutants, bench, prove, demo. `cargo xtask --help` lists them.
//!
//! It builds nothing itself that cargo does not, and knows no test by name: runners are started, their summary lines kept.

mod bench;
mod demo;
mod fuzz;
mod mutants;
mod needs;
mod prove;
mod root;
mod run;
mod sim;
mod steps;
mod test;
mod tidy;
mod together;
mod web;

use anyhow::Result;
use clap::{Parser, Subcommand};
use std::process::ExitCode;

/// Everything a developer of Nexus does from the shell.
#[derive(Parser)]
#[command(name = "cargo xtask")]
struct Arguments {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Build and start your own node (data in .nexus/node, window on 127.0.0.1:8081) and a relay beside it (.nexus/relay, 8080).
    Run(run::Arguments),
    /// Install what the tests need, run every test of every language, end with the runners' summary lines.
    Test,
    /// Arrows, sizes, names, unfinished code, links, licences.
    Tidy,
    /// Every main promise has a patch that breaks it, and a test that then turns red.
    Mutants {
        /// Apply each patch and demand that its test fails (long); without it: that each still applies.
        #[arg(long)]
        run: bool,
        /// Only patches whose file name has this in it.
        #[arg(long)]
        only: Option<String>,
    },
    /// Run one benchmark on release programs and keep its table in testnet/load/results.
    Bench(bench::Arguments),
    /// Run the long form of a proof and keep its result in testnet/results.
    Prove {
        /// Which.
        name: prove::Proof,
        #[command(flatten)]
        length: prove::Length,
    },
    /// Run seeds of the simulation; the last line is `hash:` of what every node holds to be so.
    Sim(sim::Arguments),
    /// Play thousands of messages into a running node.
    Demo(demo::Arguments),
}

fn main() -> ExitCode {
    match carry_out(Arguments::parse().task) {
        Ok(()) => ExitCode::SUCCESS,
        // What went wrong, without a trace of our own calls: mostly it is a test or a program that failed, and has said so.
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn carry_out(task: Task) -> Result<()> {
    let root = root::find()?;
    match task {
        Task::Run(arguments) => run::run(&root, &arguments),
        Task::Test => test::run(&root),
        Task::Tidy => tidy::run(&root),
        Task::Mutants { run, only } => mutants::run(&root, run, only.as_deref()),
        Task::Bench(arguments) => bench::run(&root, &arguments),
        Task::Prove { name, length } => prove::run(&root, name, &length),
        Task::Sim(arguments) => sim::run(&root, &arguments),
        Task::Demo(arguments) => demo::run(&root, &arguments),
    }
}
