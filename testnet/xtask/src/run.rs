//! `cargo xtask run`: the person's own node, and a relay beside it.

use crate::together::{self, Member};
use crate::{root, web};
use anyhow::Result;
use std::path::{Path, PathBuf};
use std::process::Command;

/// How they are started.
#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// The node's data folder, relative to the workspace.
    #[arg(long, default_value = ".nexus/node")]
    data: PathBuf,
    /// Where the node's window listens.
    #[arg(long, default_value = "127.0.0.1:8081")]
    listen: String,
    /// The relay's data folder.
    #[arg(long, default_value = ".nexus/relay")]
    relay_data: PathBuf,
    /// Where the relay's window listens.
    #[arg(long, default_value = "127.0.0.1:8080")]
    relay_listen: String,
    /// A second node too, somebody else's: data in .nexus/second, window on 127.0.0.1:8082.
    #[arg(long)]
    second: bool,
    /// Build with optimisation: longer the first time, several times faster afterwards.
    #[arg(long)]
    release: bool,
}

/// Builds the programs and runs them in this terminal until Ctrl-C, or until one of them ends.
pub(crate) fn run(root: &Path, arguments: &Arguments) -> Result<()> {
    web::build_where_possible(root)?;
    root::build(root, arguments.release)?;
    let serve = |name: &str, data: &Path, listen: &str| {
        let profile = if arguments.release { "release" } else { "debug" };
        let program = root::program(root, profile, name);
        let mut command = Command::new(&program);
        // As a person would type it: the program says what to type next.
        name_it(&mut command, program.strip_prefix(root).unwrap_or(&program));
        command.current_dir(root).arg("serve").arg("--data").arg(data).arg("--listen").arg(listen);
        command
    };
    let node = |data: &Path, listen: &str| {
        let mut node = serve("nexus", data, listen);
        node.arg("--relay").arg(format!("http://{}", arguments.relay_listen));
        node
    };
    let relay = serve("nexus-relay", &arguments.relay_data, &arguments.relay_listen);
    let mut members = vec![
        Member { name: "relay", command: relay },
        Member { name: "node", command: node(&arguments.data, &arguments.listen) },
    ];
    if arguments.second {
        members.push(Member { name: "second", command: node(Path::new(".nexus/second"), "127.0.0.1:8082") });
    }
    together::run(members)
}

#[cfg(unix)]
fn name_it(command: &mut Command, name: &Path) {
    std::os::unix::process::CommandExt::arg0(command, name);
}

#[cfg(not(unix))]
fn name_it(_: &mut Command, _: &Path) {}
