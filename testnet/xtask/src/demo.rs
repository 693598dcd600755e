//! `cargo xtask demo`: thousands of messages in a running node.

use crate::root;
use anyhow::{Context, Result, ensure};
use std::path::{Path, PathBuf};
use std::process::Command;

/// Which node.
#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// Its data folder, relative to the workspace.
    #[arg(long, default_value = ".nexus/node")]
    data: PathBuf,
    /// Its window.
    #[arg(long, default_value = "http://127.0.0.1:8081")]
    base: String,
    /// How many messages.
    #[arg(long, default_value_t = 5000)]
    messages: usize,
}

/// Asks the node for a token of its owner's and plays the talk through the API, as any outsider would.
pub(crate) fn run(root: &Path, arguments: &Arguments) -> Result<()> {
    root::build(root, false)?;
    let mut nexus = Command::new(root::program(root, "debug", "nexus"));
    let output = nexus.current_dir(root).arg("--data").arg(&arguments.data).arg("token").output()?;
    let said = String::from_utf8_lossy(&output.stderr);
    ensure!(
        output.status.success(),
        "no token of the node's owner (is it running, and set up?): {}",
        said.trim()
    );
    let printed = String::from_utf8(output.stdout)?;
    let token = printed.split_whitespace().next_back().context("`nexus token` printed nothing")?;
    let mut load = Command::new(root::program(root, "debug", "nexus-load"));
    load.current_dir(root).args([
        "replay",
        "--base",
        &arguments.base,
        "--messages",
        &arguments.messages.to_string(),
    ]);
    // By environment: a command line can be read by every user of the machine.
    let status = load.env("NEXUS_TOKEN", token).status()?;
    ensure!(status.success(), "the replay failed");
    Ok(())
}
