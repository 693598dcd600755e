//! What a relay that holds a million messages takes of memory, beside one that holds nothing.

use super::large::{self, Large};
use super::temp;
use crate::api::Api;
use crate::facts;
use crate::node::Node;
use crate::stage::text;
use crate::table::{Rounds, head, row};
use anyhow::{Context as _, Result};
use serde_json::json;
use std::io::Write;
use std::path::PathBuf;
use std::time::Duration;

/// How much, how long.
#[derive(Clone, Debug, clap::Args)]
pub struct Arguments {
    /// The node's program: the relay to measure, and what makes the guild, are beside it. A release build.
    #[arg(long)]
    nexus: PathBuf,
    /// Rounds.
    #[arg(long, default_value_t = 3)]
    rounds: usize,
    /// A folder on the disk to measure.
    #[arg(long, default_value = "target")]
    on: PathBuf,
    /// Messages held.
    #[arg(long, default_value_t = 1_000_000)]
    messages: usize,
    /// Members of their guild.
    #[arg(long, default_value_t = 1_000)]
    members: usize,
    /// Pages of 100 that somebody reads back before the look.
    #[arg(long, default_value_t = 100)]
    pages: usize,
    /// Seconds from there to the look at its memory.
    #[arg(long, default_value_t = 60)]
    settle: u64,
}

/// What the rounds of one relay showed.
#[derive(Default)]
struct Figures {
    pss_mib: Rounds,
    rss_mib: Rounds,
}

/// Measures and prints.
///
/// # Errors
/// Where a relay does not start.
pub async fn run(arguments: &Arguments, out: &mut impl Write) -> Result<()> {
    let Arguments { nexus, rounds, on, messages, members, pages, settle } = arguments;
    let (mut full, mut empty) = (Figures::default(), Figures::default());
    for _ in 0..*rounds {
        let place = temp(on)?;
        let relay = large::small(nexus, &place.path().join("empty")).await?;
        empty.add(relay, *settle).await?;
        let Large { relay, code } =
            Large::make(nexus, &place.path().join("full"), *members, *messages).await?;
        read_back(&relay, &code, *pages).await?;
        full.add(relay, *settle).await?;
    }
    writeln!(out, "{rounds} rounds; {}.", facts::machine())?;
    writeln!(
        out,
        "A relay with one guild of {members} members; somebody has joined it and read {pages} pages of 100 back; {settle} s later.\n"
    )?;
    writeln!(out, "{}", head(&["messages held", "PSS, MiB", "RSS, MiB"]))?;
    for (held, figures) in [(0, empty), (*messages, full)] {
        writeln!(out, "{}", row(&[held.to_string(), figures.pss_mib.show(1), figures.rss_mib.show(1)]))?;
    }
    Ok(())
}

impl Figures {
    async fn add(&mut self, relay: Node, settle: u64) -> Result<()> {
        tokio::time::sleep(Duration::from_secs(settle)).await;
        let (rss_kib, pss_kib) = facts::memory_kib(relay.pid())?;
        self.rss_mib.push(rss_kib as f64 / 1024.0);
        self.pss_mib.push(pss_kib as f64 / 1024.0);
        relay.stop().await
    }
}

/// Somebody joins, and looks at what was said.
async fn read_back(relay: &Node, code: &str, pages: usize) -> Result<()> {
    let form = json!({ "username": "rita", "password": "correct horse battery staple" });
    let made = Api::new(&relay.base, "").post("/auth/register", &form).await?;
    let person = Api::new(&relay.base, &text(&made, "token")?);
    person.post(&format!("/invites/{code}"), &json!({})).await?;
    let guild = text(&person.get("/users/@me/guilds").await?[0], "id")?;
    let channels = person.get(&format!("/guilds/{guild}/channels")).await?;
    let mut all = channels.as_array().into_iter().flatten();
    let talk = text(all.find(|channel| channel["type"] == 0).context("a channel to read")?, "id")?;
    let mut before = String::new();
    for _ in 0..pages {
        let page = person.get(&format!("/channels/{talk}/messages?limit=100{before}")).await?;
        let Some(oldest) = page.as_array().and_then(|page| page.last()) else { break };
        before = format!("&before={}", text(oldest, "id")?);
    }
    Ok(())
}
