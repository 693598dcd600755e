//! A guild of any size on a relay, made in the relay's folder by `nexus-bench`: nobody need wait until it has grown.

use crate::node::{Folder, Node, free_address};
use anyhow::{Context as _, Result, ensure};
use std::path::Path;
use std::process::Command;

/// A relay that holds it.
pub(super) struct Large {
    pub(super) relay: Node,
    /// Of its invite.
    pub(super) code: String,
}

impl Large {
    /// In a new folder. `nexus`: the node's program; relay and `nexus-bench` are beside it.
    ///
    /// # Errors
    /// Where it cannot be made.
    pub(super) async fn make(nexus: &Path, data: &Path, members: usize, messages: usize) -> Result<Self> {
        let address = free_address()?;
        let mut command = Command::new(nexus.with_file_name("nexus-bench"));
        command.args(["guild", "--url", &format!("http://{address}"), "--data"]).arg(data);
        command.args(["--members", &members.to_string(), "--messages", &messages.to_string()]);
        let made = command.output().context("nexus-bench, which makes the guild")?;
        let said = String::from_utf8_lossy(&made.stderr);
        ensure!(made.status.success(), "the guild was not made: {}", said.trim());
        let code = String::from_utf8(made.stdout)?.trim().to_owned();
        let relay = Folder::new(&nexus.with_file_name("nexus-relay"), data);
        Ok(Self { relay: relay.start_at(address, &[]).await?, code })
    }
}

/// The program of relays beside that of nodes, in a new folder.
pub(super) async fn small(nexus: &Path, data: &Path) -> Result<Node> {
    Folder::new(&nexus.with_file_name("nexus-relay"), data).start().await
}
