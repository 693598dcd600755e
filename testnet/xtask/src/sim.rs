//! `cargo xtask sim --seed N`: one seed of the simulation, on a release build of nothing else.

use crate::root;
use anyhow::{Result, ensure};
use std::path::Path;

/// Which seeds; whatever else the simulator takes stands behind `--`.
#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// The first.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// How many.
    #[arg(long, default_value_t = 1)]
    seeds: u64,
    /// Handed on to the simulator.
    #[arg(last = true)]
    flags: Vec<String>,
}

/// Runs them.
pub(crate) fn run(root: &Path, arguments: &Arguments) -> Result<()> {
    let mut command = root::cargo(root);
    command.args(["run", "--quiet", "--release", "--package", "nexus-sim", "--"]);
    command.args(["--seed", &arguments.seed.to_string(), "--seeds", &arguments.seeds.to_string()]);
    command.args(&arguments.flags);
    let success = command.status()?.success();
    ensure!(success, "a promise was broken, or a fault never happened, at commit {}", root::commit(root)?);
    Ok(())
}
