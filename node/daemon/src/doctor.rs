//! `doctor`: tries what a program stands on, and says in words what works, what does not, and what to do.
//!
//! What is found out is facts (`look`); what they mean is decided from them alone (`verdict`). Works beside a running program, of
//! which it asks through the socket, and on the folder of a stopped one.

mod from_outside;
mod look;
mod verdict;

use crate::settings::{Program, Settings};
use nexus_core::BaseUrl;
use std::process::ExitCode;
use verdict::{Check, Verdict};

/// Tries everything, and the roads to these relays besides those that the program uses. Exit 1 where something fails.
///
/// # Errors
/// Where not even that can be done.
pub async fn run(
    settings: &Settings,
    program: &Program,
    relays: &[BaseUrl],
    json: bool,
) -> anyhow::Result<ExitCode> {
    let checks = examine(settings, program, relays).await;
    let said = if json { serde_json::to_string(&checks)? } else { in_words(&checks) };
    print(&said);
    let fails = checks.iter().any(|check| check.verdict == Verdict::Fails);
    Ok(if fails { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

async fn examine(settings: &Settings, program: &Program, relays: &[BaseUrl]) -> Vec<Check> {
    let running = look::running(settings).await;
    let (folder, mut urls) = look::folder(settings, running.as_ref());
    let is_relay = program.name == Program::RELAY.name;
    let mut checks = vec![verdict::folder(&folder, program.name)];
    checks.extend(look::disk(settings).map(|disk| verdict::disk(&disk)));
    let is_running = running.is_some();
    let places = look::places(settings, is_relay).await;
    checks.push(verdict::port("window", &look::window(places.listen, is_running).await));
    checks.extend(places.mesh.map(|mesh| verdict::port("mesh", &look::mesh(mesh, is_running))));
    if is_relay && is_running {
        urls.insert(places.base.clone());
    } else if is_relay {
        // What is stopped is not to be reached.
        urls.remove(&places.base);
    }
    urls.extend(relays.iter().map(ToString::to_string));
    checks.extend(verdict::proxies(&look::proxies(|name| std::env::var(name).ok())));
    let now_s = look::now_s();
    // A file that cannot be read keeps the program from starting, and is told there.
    let roots = settings.roots().unwrap_or_default();
    for url in urls {
        checks.extend(verdict::roads(&nexus_node::mesh::try_roads(&url, &roots).await, now_s));
    }
    if is_relay && let Some(running) = &running {
        let mesh = running.mesh.as_ref();
        checks.extend(from_outside::ask(&places.base, relays, mesh, &roots, now_s).await);
    }
    let certificate = running.as_ref().and_then(|status| status.certificate.as_ref());
    checks.extend(certificate.map(verdict::own_certificate));
    checks.extend(running.and_then(|status| status.mesh).map(|mesh| verdict::links(&mesh)));
    checks
}

fn in_words(checks: &[Check]) -> String {
    let mut lines = Vec::new();
    for Check { name, verdict, words, todo } in checks {
        let mark = match verdict {
            Verdict::Works => "works",
            Verdict::Doubtful => "look here",
            Verdict::Fails => "FAILS",
        };
        lines.push(format!("{mark:>9}  {name}: {words}"));
        lines.extend(todo.as_ref().map(|todo| format!("           -> {todo}")));
    }
    lines.join("\n")
}

#[expect(clippy::print_stdout, reason = "what a command answers is its output")]
fn print(text: &str) {
    println!("{text}");
}
