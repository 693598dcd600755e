//! Two nodes on this machine that have found each other, and no relay.

use super::temp;
use super::town::{join, reads};
use crate::api::Api;
use crate::node::{Folder, Node};
use crate::stage::{self, Bot, Stage, text};
use anyhow::{Context, Result};
use serde_json::json;
use std::path::Path;
use tempfile::TempDir;

/// Fields drop in order: the folder last.
pub(super) struct Pair {
    /// Both are held so that they run.
    _nodes: [Node; 2],
    /// On the writer.
    pub(super) bot: Bot,
    /// By the writer's numbers.
    pub(super) channel: String,
    /// On the other.
    pub(super) reader: Api,
    _temp: TempDir,
}

const LAN: [&str; 2] = ["--network", "lan"];

impl Pair {
    /// With their folders in `on`.
    pub(super) async fn build(nexus: &Path, on: &Path) -> Result<Self> {
        let temp = temp(on)?;
        let [writer, reader] = ["writer", "reader"].map(|name| Folder::new(nexus, &temp.path().join(name)));
        writer.set_up("Ada")?;
        reader.set_up("Bea")?;
        let (owner, guest) = (writer.token()?, reader.token()?);
        let nodes = [writer.start_with(&LAN).await?, reader.start_with(&LAN).await?];
        let owner = Api::new(&nodes[0].base, &owner);
        let Stage { channels, bots, .. } =
            stage::set(&owner, "Pair", &[String::from("talk")], &[String::from("load-0000")]).await?;
        let channel = channels.into_iter().next().context("no channel")?;
        let invite = owner.post(&format!("/channels/{channel}/invites"), &json!({})).await?;
        join(&reader, &format!("nexus:{}", text(&invite, "code")?)).await?;
        let (reader, _) = reads(&Api::new(&nodes[1].base, &guest)).await?;
        let bot = bots.into_iter().next().context("no bot")?;
        Ok(Self { _nodes: nodes, bot, channel, reader, _temp: temp })
    }
}
