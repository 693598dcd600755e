//! `nexus`: a person's own node, its window, and the command line that looks after both.

mod cli;
mod control;
mod door;
mod serve;
mod settings;
mod verify;

use anyhow::Context as _;
use clap::Parser as _;
use cli::{Cli, Order};
use settings::Settings;
use std::process::ExitCode;

fn main() -> ExitCode {
    let cli = Cli::parse();
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return fail(&anyhow::Error::new(error).context("cannot start the runtime")),
    };
    match runtime.block_on(run(cli)) {
        Ok(code) => code,
        Err(error) => fail(&error),
    }
}

async fn run(cli: Cli) -> anyhow::Result<ExitCode> {
    let settings = Settings::gather(&cli).context("the settings do not hold")?;
    start_log(&settings);
    match cli.order {
        Order::Serve(_) => serve::run(settings).await?,
        Order::Setup { name } => door::setup(&settings, &name).await?,
        Order::Token => door::token(&settings).await?,
        Order::Status { json } => door::status(&settings, json).await?,
        Order::Verify { json } => return verify::run(&settings.data, json),
    }
    Ok(ExitCode::SUCCESS)
}

/// Logs go to stderr: what a command answers is all that stands on stdout.
fn start_log(settings: &Settings) {
    let filter = tracing_subscriber::EnvFilter::try_new(&settings.log)
        .unwrap_or_else(|_| tracing_subscriber::EnvFilter::new("warn"));
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).init();
}

fn fail(error: &anyhow::Error) -> ExitCode {
    eprintln!("nexus: {error:#}");
    ExitCode::FAILURE
}
