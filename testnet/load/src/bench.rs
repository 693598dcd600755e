//! Benchmarks: each starts the program itself on a fresh folder, measures in rounds with the raw floor beside it, and
//! prints one Markdown page.

pub mod accept;
pub mod catchup;
pub mod connections;
pub mod fanout;
pub mod join;
mod large;
pub mod memory;
pub mod ready;
pub mod start;
pub mod town;
pub mod wire;

use crate::api::Api;
use crate::node::{Folder, Node};
use anyhow::{Context, Result};
use std::path::{Path, PathBuf};
use tempfile::TempDir;

/// What every benchmark is told.
#[derive(Clone, Debug, clap::Args)]
pub struct Options {
    /// The program to measure: a release build.
    #[arg(long)]
    pub nexus: PathBuf,
    /// Rounds, floor and node in turn.
    #[arg(long, default_value_t = 5)]
    pub rounds: usize,
    /// A folder on the disk to measure; not one in memory, where an fsync costs nothing.
    #[arg(long, default_value = "target")]
    pub on: PathBuf,
}

/// A fresh node with its owner.
struct Fresh {
    node: Node,
    folder: Folder,
    owner: Api,
    /// Removed with everything in it at the end; after the node, fields drop in order.
    temp: TempDir,
}

impl Fresh {
    async fn start(options: &Options) -> Result<Self> {
        let temp = temp(&options.on)?;
        let folder = Folder::new(&options.nexus, &temp.path().join("node"));
        folder.set_up("Ada")?;
        let token = folder.token()?;
        let node = folder.start().await?;
        let owner = Api::new(&node.base, &token);
        Ok(Self { node, folder, owner, temp })
    }
}

fn temp(on: &Path) -> Result<TempDir> {
    tempfile::Builder::new().prefix("nexus-bench-").tempdir_in(on).with_context(|| on.display().to_string())
}

/// So many names for bots.
fn names(count: usize) -> Vec<String> {
    (0..count).map(|index| format!("load-{index:04}")).collect()
}
