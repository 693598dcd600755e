//! `nexus serve`: the node, its window and its socket, until Ctrl-C.

use crate::control;
use crate::settings::Settings;
use anyhow::Context as _;
use nexus_node::{Node, Options};
use std::net::SocketAddr;

/// Runs until SIGINT or SIGTERM, then stops cleanly.
///
/// # Errors
/// What stands in the way, in words.
pub(crate) async fn run(settings: Settings) -> anyhow::Result<()> {
    let node = Node::open(Options { data: settings.data.clone(), disk_reserve: settings.disk_reserve })
        .with_context(|| format!("cannot open the node in {}", settings.data.display()))?;
    let listener = tokio::net::TcpListener::bind(settings.listen)
        .await
        .with_context(|| format!("cannot listen on {}", settings.listen))?;
    let address = listener.local_addr()?;
    let socket = control::listen(&settings.data).context("cannot make the control socket")?;
    let controls = tokio::spawn(control::serve(socket, node.clone()));
    let setup_key = node.view().owner.is_none().then(setup_key);
    announce(&settings, address, &node, setup_key.as_deref());
    let options = nexus_api::Options {
        public_url: settings.public_url.clone(),
        allow_remote: settings.allow_remote,
        setup_key,
    };
    nexus_api::serve(listener, node.clone(), options, stop_signal()).await.context("the window failed")?;
    controls.abort();
    node.stop().await;
    Ok(())
}

/// Says in three lines what runs, where, and what to do next.
#[expect(clippy::print_stdout, reason = "three lines for the person who started it")]
fn announce(settings: &Settings, address: SocketAddr, node: &Node, setup_key: Option<&str>) {
    let base = settings.public_url.clone().unwrap_or_else(|| format!("http://{address}"));
    let view = node.view();
    let data = settings.data.display();
    let me = std::env::args().next().unwrap_or_else(|| String::from("nexus"));
    match setup_key {
        Some(key) => {
            println!("Nexus: a new node, kept in {data}");
            println!("Where: {base}/#k={key}");
            println!("Next:  {me} --data {data} setup YOUR-NAME   makes it yours");
        }
        None => {
            let owner =
                view.owner.and_then(|owner| view.users.get(&owner)).map_or("?", |user| user.name.as_str());
            println!("Nexus: the node of {owner}, {} guilds, kept in {data}", view.guilds.len());
            println!("Where: {base}/api/v10 and the gateway on the same port");
            println!("Next:  {me} --data {data} token   gives an API token; Ctrl-C stops the node");
        }
    }
}

/// The one-time key of the setup link: 128 random bits, kept in memory only.
fn setup_key() -> String {
    hex::encode(rand::random::<[u8; 16]>())
}

async fn stop_signal() {
    use tokio::signal::unix::{SignalKind, signal};
    let Ok(mut terminate) = signal(SignalKind::terminate()) else {
        let _ = tokio::signal::ctrl_c().await;
        return;
    };
    tokio::select! {
        _ = tokio::signal::ctrl_c() => {}
        _ = terminate.recv() => {}
    }
}
