//! `nexus-bench`: measures parts of a node without a program around them. Run by `cargo xtask bench NAME`.

mod apply;
mod guild;
mod reconcile;
mod store;
mod stream;
mod writer;

use anyhow::Result;
use clap::{Parser, Subcommand};
use std::process::ExitCode;

/// Parts of a node.
#[derive(Parser)]
#[command(version)]
struct Arguments {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// What an op costs that comes from elsewhere, beside the bare check of its signature.
    Apply(apply::Arguments),
    /// Two holders of a million ops find out what either lacks.
    Reconcile(reconcile::Arguments),
    /// What a message takes on disk.
    Store(store::Arguments),
    /// Make a guild of any size in a relay's folder, for who measures how one joins it.
    Guild(guild::Arguments),
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let out = &mut std::io::stdout();
    let done: Result<()> = match Arguments::parse().task {
        Task::Apply(arguments) => apply::run(&arguments, out),
        Task::Reconcile(arguments) => reconcile::run(&arguments, out),
        Task::Store(arguments) => store::run(&arguments, out).await,
        Task::Guild(arguments) => guild::run(&arguments, out),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("nexus-bench: {error:#}");
            ExitCode::FAILURE
        }
    }
}
