//! `cargo xtask run`: the person's own node.

use crate::root;
use anyhow::{Context, Result};
use std::path::{Path, PathBuf};
use std::process::Command;

/// How the node is started.
#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// Its data folder, relative to the workspace.
    #[arg(long, default_value = ".nexus/node")]
    data: PathBuf,
    /// Where its window listens.
    #[arg(long, default_value = "127.0.0.1:8081")]
    listen: String,
    /// Build with optimisation: longer the first time, several times faster afterwards.
    #[arg(long)]
    release: bool,
}

/// Builds the node and becomes it.
pub(crate) fn run(root: &Path, arguments: &Arguments) -> Result<()> {
    root::build(root, arguments.release)?;
    let profile = if arguments.release { "release" } else { "debug" };
    let program = root::program(root, profile, "nexus");
    let mut node = Command::new(&program);
    // As a person would type it: the node says what to type next.
    name_it(&mut node, program.strip_prefix(root).unwrap_or(&program));
    node.current_dir(root)
        .arg("serve")
        .arg("--data")
        .arg(&arguments.data)
        .arg("--listen")
        .arg(&arguments.listen);
    become_it(&mut node)
}

/// The node takes this process over, so that Ctrl-C and every other signal reach it and nobody else.
#[cfg(unix)]
fn become_it(node: &mut Command) -> Result<()> {
    use std::os::unix::process::CommandExt;
    Err(node.exec()).with_context(|| format!("{} does not start", node.get_program().display()))
}

#[cfg(unix)]
fn name_it(node: &mut Command, name: &Path) {
    std::os::unix::process::CommandExt::arg0(node, name);
}

#[cfg(not(unix))]
fn name_it(_: &mut Command, _: &Path) {}

#[cfg(not(unix))]
fn become_it(node: &mut Command) -> Result<()> {
    let status = node.status().with_context(|| format!("{} does not start", node.get_program().display()))?;
    std::process::exit(status.code().unwrap_or(1))
}
