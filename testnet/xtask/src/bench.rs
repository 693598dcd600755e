//! `cargo xtask bench NAME`: one benchmark on release programs, its table kept beside the tool that made it.

use crate::root;
use crate::steps::tee;
use anyhow::{Result, ensure};
use std::path::Path;
use std::process::Command;

/// Which benchmark, and how.
#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// Which.
    name: Bench,
    /// Handed on to nexus-load.
    #[arg(last = true)]
    flags: Vec<String>,
}

#[derive(Clone, Copy, clap::ValueEnum)]
enum Bench {
    /// Durable messages a second on one channel.
    Accept,
    /// From one sender to 100 and 1,000 gateway sessions.
    Fanout,
    /// Cold start, and memory a minute later.
    Start,
}

/// Runs it and keeps what it prints in `testnet/load/results/NAME.md`.
pub(crate) fn run(root: &Path, arguments: &Arguments) -> Result<()> {
    root::build(root, true)?;
    let name = match arguments.name {
        Bench::Accept => "accept",
        Bench::Fanout => "fanout",
        Bench::Start => "start",
    };
    let mut load = Command::new(root::program(root, "release", "nexus-load"));
    load.current_dir(root)
        .arg(name)
        .arg("--nexus")
        .arg(root::program(root, "release", "nexus"))
        .args(&arguments.flags);
    let mut page =
        format!("# {name}\n\nCommit {}. Made by `cargo xtask bench {name}`.\n\n", root::commit(root)?);
    let success = tee(&mut load, |line| {
        page.push_str(line);
        page.push('\n');
    })?;
    ensure!(success, "the benchmark {name} failed; no result was kept");
    let results = root.join("testnet/load/results");
    std::fs::create_dir_all(&results)?;
    std::fs::write(results.join(format!("{name}.md")), page)?;
    Ok(())
}
