//! `nexus-load`: plays talk into a node, and measures one.

use anyhow::{Context, Result};
use clap::{Parser, Subcommand};
use nexus_load::api::Api;
use nexus_load::bench::{accept, catchup, connections, fanout, join, memory, ready, start, wire};
use nexus_load::floor::{self, Fan};
use nexus_load::replay;
use nexus_load::talk::{self, Size, Source};
use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

/// Load for a node of Nexus, from outside.
#[derive(Parser)]
#[command(version)]
struct Arguments {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Play thousands of messages into a guild, read them back, and print a summary as JSON.
    Replay(Replay),
    /// Measure durable messages a second on one channel.
    Accept(accept::Arguments),
    /// Measure how long and how dear it is to reach many gateway sessions.
    Fanout(fanout::Arguments),
    /// Measure a cold start, and memory a minute later.
    Start(start::Arguments),
    /// Measure how long a node takes to have what it missed.
    Catchup(catchup::Arguments),
    /// Measure how long a newcomer takes to read a guild's newest message.
    Join(join::Arguments),
    /// Measure what a connection costs that is held and mostly silent.
    Connections(connections::Arguments),
    /// Measure the memory of a relay that holds a million messages.
    Memory(memory::Arguments),
    /// Measure what a message costs on a connection's wire.
    Wire(wire::Arguments),
    /// Measure how long somebody in many guilds takes to log in.
    Ready(ready::Arguments),
    /// The raw floor's holder of sockets.
    #[command(hide = true)]
    RawHold,
    /// The raw floor's receivers.
    #[command(hide = true)]
    RawReceive { receivers: usize, size: usize, frames: usize, rest_ms: u64 },
    /// The raw floor's sender.
    #[command(hide = true)]
    RawSend { receivers: usize, size: usize, frames: usize, rest_ms: u64 },
}

#[derive(clap::Args)]
struct Replay {
    /// The node's window.
    #[arg(long, default_value = "http://127.0.0.1:8081")]
    base: String,
    /// A token of its owner's. Better by environment: a command line can be read by every user of the machine.
    #[arg(long, env = "NEXUS_TOKEN", hide_env_values = true)]
    token: String,
    /// A guild of the owner's to play it into, by its id; a new one where none is named.
    #[arg(long)]
    guild: Option<String>,
    /// Lines of talk.
    #[arg(long, default_value_t = 5_000)]
    messages: usize,
    /// Channels.
    #[arg(long, default_value_t = 20)]
    channels: usize,
    /// Authors, each a bot.
    #[arg(long, default_value_t = 200)]
    authors: usize,
    /// Folder with the corpus. Named, it must be there; otherwise talk is generated where none is found.
    #[arg(long, env = "NEXUS_DATA")]
    data: Option<PathBuf>,
}

#[tokio::main]
async fn main() -> ExitCode {
    match carry_out(Arguments::parse().task).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("nexus-load: {error:#}");
            ExitCode::FAILURE
        }
    }
}

async fn carry_out(task: Task) -> Result<()> {
    let mut out = std::io::stdout();
    match task {
        Task::Replay(arguments) => play(arguments, &mut out).await,
        Task::Accept(arguments) => accept::run(&arguments, &mut out).await,
        Task::Fanout(arguments) => fanout::run(&arguments, &mut out).await,
        Task::Start(arguments) => start::run(&arguments, &mut out).await,
        Task::Catchup(arguments) => catchup::run(&arguments, &mut out).await,
        Task::Join(arguments) => join::run(&arguments, &mut out).await,
        Task::Connections(arguments) => connections::run(&arguments, &mut out).await,
        Task::Memory(arguments) => memory::run(&arguments, &mut out).await,
        Task::Wire(arguments) => wire::run(&arguments, &mut out).await,
        Task::Ready(arguments) => ready::run(&arguments, &mut out).await,
        Task::RawHold => floor::hold(&mut out).await,
        Task::RawReceive { receivers, size, frames, rest_ms } => {
            let rest = Duration::from_millis(rest_ms);
            floor::receive_all(Fan { receivers, size, frames, rest }, &mut out).await
        }
        Task::RawSend { receivers, size, frames, rest_ms } => {
            floor::send(Fan { receivers, size, frames, rest: Duration::from_millis(rest_ms) }, &mut out)
        }
    }
}

async fn play(arguments: Replay, out: &mut impl Write) -> Result<()> {
    let Replay { base, token, guild, messages, channels, authors, data } = arguments;
    let talk = talk::find(data.as_deref(), Size { lines: messages, rooms: channels, authors })?;
    match talk.source {
        Source::Corpus => eprintln!("Playing real talk from the corpus."),
        Source::Generated => eprintln!("There is no corpus here: playing generated talk."),
    }
    let summary =
        replay::play(&Api::new(&base, &token), guild, &talk).await.context("the replay broke off")?;
    writeln!(out, "{}", serde_json::to_string(&summary)?)?;
    Ok(())
}
