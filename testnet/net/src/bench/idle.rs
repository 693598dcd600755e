//! What a relay takes while nothing happens: with accounts, with gateway sessions, with peers.

use anyhow::{Context as _, Result};
use nexus_load::facts;
use nexus_load::gateway::{GUILD_MESSAGES, Session};
use nexus_load::table::{head, row};
use nexus_net::{Company, Line, Peer, Person, Program, Usage, address_of, greet, text};
use serde_json::json;
use std::io::Write;
use std::path::PathBuf;
use std::time::{Duration, Instant};

/// How many.
#[derive(Clone, Debug, clap::Args)]
pub(crate) struct Arguments {
    /// Accounts that live on the relay.
    #[arg(long, default_value_t = 1_000)]
    accounts: usize,
    /// Gateway sessions of one of them, held open.
    #[arg(long, default_value_t = 1_000)]
    sessions: usize,
    /// Peers that greeted and say nothing more, held open.
    #[arg(long, default_value_t = 500)]
    peers: usize,
    /// How long its processor time is watched in each state, seconds.
    #[arg(long, default_value_t = 20)]
    watch: u64,
    /// The programs to measure are those beside this one.
    #[arg(long, hide = true)]
    nexus: Option<PathBuf>,
}

/// Measures and prints.
///
/// # Errors
/// Where the relay refuses.
pub(crate) async fn run(arguments: &Arguments, out: &mut impl Write) -> Result<()> {
    writeln!(out, "A relay, one guild, three people, two nodes; {}.", facts::machine())?;
    writeln!(
        out,
        "Memory is resident memory: of each, the difference divided by how many came. It holds what the allocator keeps in reserve, \
         and nothing of the kernel's.\n"
    )?;
    writeln!(out, "{}", head(&["state", "MiB", "bytes for each", "CPU ms a second"]))?;
    let company = Company::gather().await?;
    let relay = &company.relay;
    let empty = say(out, "as it is", relay, None, arguments).await?;
    register(relay, arguments.accounts).await?;
    let state = format!("{} accounts", arguments.accounts);
    let accounts = say(out, &state, relay, Some((empty, arguments.accounts)), arguments).await?;
    let mut sessions = Vec::new();
    for _ in 0..arguments.sessions {
        sessions.push(Session::open(&company.at_relay.api, GUILD_MESSAGES).await?);
    }
    let state = format!(".. and {} gateway sessions", arguments.sessions);
    let listened = say(out, &state, relay, Some((accounts, arguments.sessions)), arguments).await?;
    let at = address_of(relay).await?;
    let mut peers = Vec::new();
    for _ in 0..arguments.peers {
        let peer = Peer::new("Idle")?;
        let mut line = Line::open(&peer.transport, &at).await?;
        greet(&mut line).await?;
        peers.push((line, peer));
    }
    let state = format!(".. and {} peers by QUIC", arguments.peers);
    say(out, &state, relay, Some((listened, arguments.peers)), arguments).await?;
    drop((sessions, peers));
    say(out, "all of them gone", relay, None, arguments).await?;
    company.verify().await
}

/// A row; what is resident, bytes.
async fn say(
    out: &mut impl Write,
    state: &str,
    relay: &Program,
    since: Option<(u64, usize)>,
    arguments: &Arguments,
) -> Result<u64> {
    let pid = relay.pid().context("it runs")?;
    let (begun, before) = (Instant::now(), Usage::cpu_ms(pid)?);
    tokio::time::sleep(Duration::from_secs(arguments.watch)).await;
    let cpu = (Usage::cpu_ms(pid)? - before) as f64 / begun.elapsed().as_secs_f64();
    let bytes = Usage::of(pid)?.resident_kib * 1024;
    let each = since.map_or_else(
        || String::from("-"),
        |(before, count)| (bytes.saturating_sub(before) / count.max(1) as u64).to_string(),
    );
    let mib = format!("{:.1}", bytes as f64 / (1024.0 * 1024.0));
    writeln!(out, "{}", row(&[state.to_owned(), mib, each, format!("{cpu:.1}")]))?;
    out.flush()?;
    Ok(bytes)
}

async fn register(relay: &Program, count: usize) -> Result<()> {
    let stranger = Person::new(&relay.base(), "");
    for number in 0..count {
        let account =
            json!({ "username": format!("idle{number}"), "password": "correct horse battery staple" });
        text(&stranger.api.post("/auth/register", &account).await?["token"])?;
    }
    Ok(())
}
