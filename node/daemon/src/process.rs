//! How a program starts, complains and stops.

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use std::io;
use std::process::ExitCode;
use tracing_subscriber::EnvFilter;

/// Runs a program's body on the runtime; what it fails with goes to stderr behind the program's name.
pub fn run(name: &str, body: impl Future<Output = anyhow::Result<ExitCode>>) -> ExitCode {
    choose_cryptography();
    raise_open_files();
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return fail(name, &anyhow::Error::new(error).context("cannot start the runtime")),
    };
    match runtime.block_on(body) {
        Ok(code) => code,
        Err(error) => fail(name, &error),
    }
}

/// TLS has one implementation in the whole program, chosen before anything could choose another.
fn choose_cryptography() {
    // Fails only where it has been chosen already.
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
}

/// Every connection is an open file, and many systems give a program 1,024 until it asks for more.
fn raise_open_files() {
    let Rlimit { current, maximum } = getrlimit(Resource::Nofile);
    let wanted = maximum.map_or(OPEN_FILES, |most| most.min(OPEN_FILES));
    if current.is_some_and(|current| current < wanted) {
        // Where the system refuses, what it gives must do: who comes too many is not let in.
        let _ = setrlimit(Resource::Nofile, Rlimit { current: Some(wanted), maximum });
    }
}

/// Guests of the window, gateway sessions and connections of the mesh, all at their bounds, and the store.
const OPEN_FILES: u64 = 18_432 + 256;

fn fail(name: &str, error: &anyhow::Error) -> ExitCode {
    eprintln!("{name}: {error:#}");
    ExitCode::FAILURE
}

/// Logs go to stderr: what a command answers is all that stands on stdout. A filter that is none is `warn`.
pub fn start_log(filter: &str) {
    tracing_subscriber::fmt().with_env_filter(shown(filter)).with_writer(std::io::stderr).init();
}

fn shown(filter: &str) -> EnvFilter {
    let silent = |filter: &str| format!("{filter},{SILENT}");
    EnvFilter::try_new(silent(filter)).unwrap_or_else(|_| EnvFilter::new(silent("warn")))
}

/// The WebSocket library writes whole frames into its lines, and frames hold tokens and messages: `trace` leaves it out.
const SILENT: &str = "tungstenite=off";

/// Ends with SIGINT or SIGTERM, of which none is missed once this has returned: before anybody is told that the program runs.
///
/// # Errors
/// What the system says.
pub fn stop_signal() -> io::Result<impl Future<Output = ()> + Send + 'static> {
    use tokio::signal::unix::{SignalKind, signal};
    let (mut interrupt, mut terminate) = (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?);
    Ok(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use tracing::{Level, enabled};
    use tracing_subscriber::layer::SubscriberExt as _;

    #[test]
    fn no_filter_shows_the_frames_of_websockets() {
        let log = tracing_subscriber::registry().with(shown("trace"));
        tracing::subscriber::with_default(log, || {
            assert!(enabled!(target: "nexus_api::gateway", Level::TRACE));
            assert!(!enabled!(target: "tungstenite::protocol", Level::TRACE));
        });
    }

    #[test]
    fn what_is_no_filter_warns() {
        let log = tracing_subscriber::registry().with(shown("=,="));
        tracing::subscriber::with_default(log, || {
            assert!(enabled!(target: "nexus", Level::WARN) && !enabled!(target: "nexus", Level::INFO));
        });
    }
}
