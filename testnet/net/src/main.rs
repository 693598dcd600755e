//! `nexus-net`: measures programs in houses of their own. Run as root, by `cargo xtask bench mesh`.

mod bench;

use anyhow::Result;
use clap::{Parser, Subcommand};
use std::process::ExitCode;

/// Real programs on a network of our own.
#[derive(Parser)]
#[command(version)]
struct Arguments {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Measure how a message comes to everybody on a network without a relay, and what it costs.
    Mesh(bench::mesh::Arguments),
    /// Measure from one node to another, directly and through a relay.
    P2p(bench::p2p::Arguments),
    /// Measure what honest people wait while somebody attacks.
    Flood(bench::flood::Arguments),
    /// Measure what a relay takes while nothing happens.
    Idle(bench::idle::Arguments),
    /// Measure how often a signal goes there and back until somebody far away reads a large guild that they join.
    Afar(bench::afar::Arguments),
    /// Measure how soon somebody who was away for a week reads what was said last, on a thin line.
    Away(bench::away::Arguments),
    /// Measure from one node to another by each road.
    Roads(bench::roads::Arguments),
    /// Measure how soon another road is taken when one dies.
    Switch(bench::switch::Arguments),
    /// Live through a day of every trouble, compressed into minutes.
    Day(nexus_net::day::Plan),
    /// Keep data folders as these programs leave them, for the programs of tomorrow: in a new folder of testnet/net/golden.
    Keep {
        /// Its name: the store's format.
        format: String,
    },
    /// A peer of libp2p's gossipsub, to be measured beside.
    #[command(hide = true)]
    Gossipsub(bench::gossipsub::Arguments),
}

#[tokio::main]
async fn main() -> ExitCode {
    let mut out = std::io::stdout();
    let done: Result<()> = match Arguments::parse().task {
        Task::Mesh(arguments) => bench::mesh::run(&arguments, &mut out).await,
        Task::P2p(arguments) => bench::p2p::run(&arguments, &mut out).await,
        Task::Flood(arguments) => bench::flood::run(&arguments, &mut out).await,
        Task::Idle(arguments) => bench::idle::run(&arguments, &mut out).await,
        Task::Afar(arguments) => bench::afar::run(&arguments, &mut out).await,
        Task::Away(arguments) => bench::away::run(&arguments, &mut out).await,
        Task::Roads(arguments) => bench::roads::run(&arguments, &mut out).await,
        Task::Switch(arguments) => bench::switch::run(&arguments, &mut out).await,
        Task::Day(plan) => nexus_net::day::run(&plan, &mut out).await,
        Task::Keep { format } => nexus_net::golden::make(&nexus_net::golden::kept().join(format)).await,
        Task::Gossipsub(arguments) => bench::gossipsub::run(&arguments, &mut out).await,
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("nexus-net: {error:#}");
            ExitCode::FAILURE
        }
    }
}
