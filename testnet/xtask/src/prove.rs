//! `cargo xtask prove NAME`: the long form of what `cargo xtask test` does briefly, its result kept in `testnet/results`.

use crate::steps::tee;
use crate::{mutants, root};
use anyhow::{Result, ensure};
use std::path::Path;
use std::process::Command;

/// What can be proved at length.
#[derive(Clone, Copy, clap::ValueEnum)]
pub(crate) enum Proof {
    /// A million random histories against the independent model.
    Authority,
    /// Thousands of seeds of the simulation.
    Sim,
    /// Every mutant is killed by the test it names.
    Mutants,
}

/// Runs it. What the runners say at the end is kept, with the commit.
pub(crate) fn run(root: &Path, proof: Proof) -> Result<()> {
    let (name, mut command) = match proof {
        Proof::Authority => {
            ("authority", cargo_test(root, "nexus-crdt", "authority", "NEXUS_HISTORIES", "1000000"))
        }
        Proof::Sim => ("sim", cargo_test(root, "nexus-sim", "", "NEXUS_SIM_SEEDS", "10000")),
        Proof::Mutants => {
            return mutants::run(root, true, None)
                .and_then(|()| keep(root, "mutants", "every mutant was killed\n"));
        }
    };
    let mut summary = String::new();
    let success = tee(&mut command, |line| {
        if line.starts_with("test result: ") || line.starts_with("proved: ") {
            summary.push_str(line);
            summary.push('\n');
        }
    })?;
    ensure!(success, "the proof {name} failed");
    keep(root, name, &summary)
}

fn cargo_test(root: &Path, package: &str, filter: &str, variable: &str, value: &str) -> Command {
    let mut command = root::cargo(root);
    command
        .args(["test", "--release", "--package", package, "--", "--nocapture", filter])
        .env(variable, value);
    command
}

fn keep(root: &Path, name: &str, summary: &str) -> Result<()> {
    let results = root.join("testnet/results");
    std::fs::create_dir_all(&results)?;
    let page = format!(
        "# {name}\n\nCommit {}. Made by `cargo xtask prove {name}`.\n\n```\n{summary}```\n",
        root::commit(root)?
    );
    std::fs::write(results.join(format!("{name}.md")), page)?;
    Ok(())
}
