//! `nexus-relay`: an always-on node with accounts.

mod cli;
mod serve;
mod told;

use anyhow::{Context as _, bail};
use clap::Parser as _;
use cli::{Cli, Order};
use nexus_program::settings::Program;
use nexus_program::{doctor, door, process, verify};
use std::process::ExitCode;
use told::Told;

fn main() -> ExitCode {
    process::run(Program::RELAY.name, run())
}

async fn run() -> anyhow::Result<ExitCode> {
    let cli = Cli::parse();
    let told = Told::gather(&cli).context("the settings do not hold")?;
    let settings = &told.settings;
    process::start_log(&settings.log);
    match cli.order {
        Order::Serve(_) => serve::run(told).await?,
        Order::Invite => door::print_line(&invite(&told).await?)?,
        Order::Status { json } => door::status(settings, json).await?,
        Order::Doctor { relays, json } => {
            return doctor::run(settings, &Program::RELAY, &relays, json).await;
        }
        Order::Verify { json } => return verify::run(&settings.data, json),
    }
    Ok(ExitCode::SUCCESS)
}

async fn invite(told: &Told) -> anyhow::Result<String> {
    let data = &told.settings.data;
    if !data.exists() {
        bail!("there is no relay in {}", data.display());
    }
    nexus_relay::make_invite(data, told.database.as_ref()).await.context("cannot make an invite")
}
