//! A relay, a node whose guild names it, and a node whose owner has joined: what the benchmarks of the mesh stand on.

use super::temp;
use crate::api::Api;
use crate::node::{Folder, Node};
use crate::stage::{self, Bot, Stage, text};
use anyhow::{Context, Result, ensure};
use serde_json::json;
use std::path::PathBuf;
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// What the benchmarks of the mesh are told.
#[derive(Clone, Debug, clap::Args)]
pub struct Options {
    /// The node to measure: a release build.
    #[arg(long)]
    pub nexus: PathBuf,
    /// The relay to measure; beside the node where it is not named.
    #[arg(long)]
    pub relay: Option<PathBuf>,
    /// Rounds.
    #[arg(long, default_value_t = 3)]
    pub rounds: usize,
    /// A folder on the disk to measure; not one in memory, where an fsync costs nothing.
    #[arg(long, default_value = "target")]
    pub on: PathBuf,
}

/// The three programs. Fields drop in order: the folder last.
pub(super) struct Town {
    pub(super) relay: Node,
    /// Held so that it runs.
    _writer: Node,
    pub(super) writer_owner: Api,
    pub(super) bots: Vec<Bot>,
    /// By the writer's numbers.
    pub(super) channel: String,
    pub(super) reader: Option<Node>,
    pub(super) reader_folder: Folder,
    _temp: TempDir,
}

const PATIENCE: Duration = Duration::from_secs(60);

impl Town {
    pub(super) async fn build(options: &Options, bots: usize) -> Result<Self> {
        let temp = temp(&options.on)?;
        let beside = || options.nexus.with_file_name("nexus-relay");
        let program = options.relay.clone().unwrap_or_else(beside);
        let relay = Folder::new(&program, &temp.path().join("relay")).start().await?;
        let writer_folder = Folder::new(&options.nexus, &temp.path().join("writer"));
        writer_folder.set_up("Ada")?;
        let token = writer_folder.token()?;
        let writer = writer_folder.start_with(&["--relay", &relay.base]).await?;
        let writer_owner = Api::new(&writer.base, &token);
        let names: Vec<String> = (0..bots).map(|number| format!("load-{number:04}")).collect();
        let Stage { channels, bots, .. } =
            stage::set(&writer_owner, "Town", &[String::from("talk")], &names).await?;
        let channel = channels.into_iter().next().context("no channel")?;
        let invite = writer_owner.post(&format!("/channels/{channel}/invites"), &json!({})).await?;
        let url = format!("{}/invite/{}", relay.base, text(&invite, "code")?);
        let reader_folder = Folder::new(&options.nexus, &temp.path().join("reader"));
        reader_folder.set_up("Bea")?;
        let reader = reader_folder.start().await?;
        join(&reader_folder, &url).await?;
        Ok(Self {
            relay,
            _writer: writer,
            writer_owner,
            bots,
            channel,
            reader: Some(reader),
            reader_folder,
            _temp: temp,
        })
    }

    /// The reader's owner, and the channel by the reader's numbers.
    pub(super) async fn reader(&self) -> Result<(Api, String)> {
        let node = self.reader.as_ref().context("the reader does not run")?;
        let api = Api::new(&node.base, &self.reader_folder.token()?);
        let begun = Instant::now();
        loop {
            let guilds = api.get("/users/@me/guilds").await?;
            if let Some(guild) = guilds[0]["id"].as_str() {
                let channels = api.get(&format!("/guilds/{guild}/channels")).await?;
                let all = channels.as_array().into_iter().flatten();
                let talk = all.into_iter().find(|channel| channel["name"] == "talk");
                if let Some(talk) = talk {
                    return Ok((api, text(talk, "id")?));
                }
            }
            ensure!(begun.elapsed() < PATIENCE, "the reader never saw the guild");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
}

// The relay may not have heard of the guild yet.
pub(super) async fn join(folder: &Folder, url: &str) -> Result<()> {
    let begun = Instant::now();
    loop {
        match folder.ask(&["join", url]) {
            Ok(_) => return Ok(()),
            Err(error) if begun.elapsed() > PATIENCE => return Err(error),
            Err(_) => tokio::time::sleep(Duration::from_millis(200)).await,
        }
    }
}
