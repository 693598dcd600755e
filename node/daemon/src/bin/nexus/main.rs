//! `nexus`: a person's own node, its window, and the command line that looks after both.

mod cli;
mod serve;
mod told;

use anyhow::Context as _;
use clap::Parser as _;
use cli::{Cli, GuildOrder, Order};
use nexus_program::settings::Program;
use nexus_program::{claim, doctor, door, process, verify};
use std::process::ExitCode;
use told::Told;

fn main() -> ExitCode {
    process::run(Program::NODE.name, run())
}

async fn run() -> anyhow::Result<ExitCode> {
    let cli = Cli::parse();
    let told = Told::gather(&cli).context("the settings do not hold")?;
    let settings = &told.settings;
    process::start_log(&settings.log);
    match cli.order {
        Order::Serve(_) => serve::run(told).await?,
        Order::Setup { name } => door::setup(settings, &name).await?,
        Order::Token => door::token(settings).await?,
        Order::Claim { relay_url, keep_hosted, code } => {
            claim::run(settings, relay_url, keep_hosted, code).await?;
        }
        Order::Recover { relay_url, code } => claim::recover::run(settings, relay_url, code).await?,
        Order::Join { invite_url } => door::join_by(settings, &invite_url).await?,
        Order::Guild(GuildOrder::Relays { guild, urls, none }) => {
            let urls = (none || !urls.is_empty()).then_some(urls);
            door::guild_relays(settings, guild, urls).await?;
        }
        Order::Guild(GuildOrder::Rules { guild, version }) => {
            door::guild_rules(settings, guild, version).await?;
        }
        Order::Status { json } => door::status(settings, json).await?,
        Order::Doctor { relays, json } => {
            return doctor::run(settings, &Program::NODE, &relays, json).await;
        }
        Order::Verify { json } => return verify::run(&settings.data, json),
    }
    Ok(ExitCode::SUCCESS)
}
