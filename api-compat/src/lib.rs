//! The window: REST and gateway in Discord's shape, over a node.
//!
//! Every write is one [`nexus_core::Command`]; every read is the node's view or one read transaction. Nothing here
//! decides what somebody may do: the core does. What a node serves, `GET /api/v10/nexus/compatibility` says.

mod access;
mod audit;
mod bearer;
mod compat;
mod components;
mod cookie;
mod endpoint;
mod entrance;
mod error;
mod files;
pub mod fuzz;
pub mod gateway;
mod interactions;
mod joining;
mod limit;
mod mesh_door;
mod offers;
mod owner;
mod page;
mod picture;
pub mod ports;
mod render;
mod rest;
mod text;
mod tls;
mod upload;
mod window;

pub use compat::Served;
pub use files::Files;
pub use joining::{JoinError, join};
pub use owner::{end_token, token_of_the_node};
pub use rest::SERVED;
pub use tls::{Acme, LETS_ENCRYPT, LOOK, Tls, TlsError};

use axum::Router;
use entrance::whence::Proxies;
use nexus_node::Node;
use nexus_node::mesh::Mesh;
use rest::guilds::search::Searches;
use std::net::IpAddr;
use std::sync::{Arc, Mutex};
use tls::{Encrypted, Plain};
use tokio::sync::Semaphore;
use window::{Shared, Window};

/// How the window is served.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// The base URL to tell bots, without a slash at its end; none: as the request's Host says.
    pub public_url: Option<String>,
    /// Whether others than this machine may come.
    pub allow_remote: bool,
    /// TLS, where the window does it; none: plain, for this machine or for a proxy before it.
    pub tls: Option<Tls>,
    /// Proxies whose `X-Forwarded-For` is believed; from anybody else it counts for nothing.
    pub trusted_proxies: Vec<IpAddr>,
    /// Whether bots may be asked at private addresses too, and without TLS; else only at public ones, by HTTPS.
    pub private_endpoints: bool,
    /// The one-time key of the setup link, while the node has no owner.
    pub setup_key: Option<String>,
    /// The way to other programs, where there is one.
    pub mesh: Option<Mesh>,
    /// Where the files of messages are kept; none: none are taken.
    pub files: Option<Arc<Files>>,
    /// What a relay tells whoever asks; none on a person's node.
    pub relay: Option<RelayFacts>,
}

/// What nodes and people must know of a relay to use it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RelayFacts {
    /// Its key in the mesh.
    pub peer_key: [u8; 32],
    /// Where it is dialed, at the host of its URL, by QUIC and TCP; 0: nowhere. By WebSocket it is at its URL.
    pub mesh_port: u16,
    /// As people are shown it.
    pub name: String,
    /// Whose guilds it keeps: `open`, `own` or `list`.
    pub hosting: &'static str,
    /// Who may make an account: `open`, `invite` or `closed`.
    pub registration: &'static str,
    /// Whether it sends mail: who has forgotten a password chooses another by it.
    pub mail: bool,
    /// At whom else one signs in: ids and names.
    pub sign_in: Vec<(String, String)>,
}

/// The accounts of a node with one owner.
#[must_use]
pub fn owner_of(node: &Node) -> Arc<dyn ports::Accounts> {
    Arc::new(owner::SingleOwner(node.clone()))
}

/// REST, gateway and front page of a program, for the accounts that its gateway knows.
pub fn router(node: Node, options: Options, gateway: &gateway::Gateway) -> Router {
    let window = Window::of(Shared {
        node,
        endpoints: endpoint::Endpoints::new(options.private_endpoints),
        options,
        accounts: gateway.accounts(),
        gateway: gateway.clone(),
        limits: Mutex::default(),
        asked: Mutex::default(),
        forms: Semaphore::new(upload::FORMS_AT_ONCE),
        exports: Arc::new(Semaphore::new(rest::export::AT_ONCE)),
        searches: Searches::default(),
    });
    let guard = axum::middleware::from_fn_with_state(window.clone(), rest::guard);
    let mesh = mesh_door::routes(&window);
    rest::router(window).merge(gateway::routes(gateway.clone())).merge(mesh).layer(guard)
}

/// Serves until `shutdown`, then lets requests that are under way end.
///
/// # Errors
/// What the listener fails with.
pub async fn serve(
    listener: tokio::net::TcpListener,
    node: Node,
    accounts: Arc<dyn ports::Accounts>,
    options: Options,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> std::io::Result<()> {
    let scheme = if options.tls.is_some() { "https" } else { "http" };
    let own = match listener.local_addr()? {
        address if address.ip().is_unspecified() => format!("{scheme}://127.0.0.1:{}", address.port()),
        address => format!("{scheme}://{address}"),
    };
    let settings = gateway::Settings {
        files_url: options.public_url.clone().unwrap_or(own),
        public_url: options.public_url.clone(),
        secure: options.tls.is_some(),
        ..gateway::Settings::default()
    };
    let gateway = gateway::Gateway::start(node.clone(), accounts, options.mesh.clone(), settings);
    let ending = gateway.clone();
    let (tls, proxies) = (options.tls.clone(), Proxies::at(&options.trusted_proxies));
    let sweeping = options.files.clone().map(|files| tokio::spawn(files::sweep_forever(files, node.clone())));
    let (routes, guests) = (router(node, options, &gateway), entrance::guests::Guests::default());
    let end = async move {
        shutdown.await;
        ending.shut_down();
    };
    match tls {
        None => entrance::serve(Plain(listener), routes, guests, proxies, end).await,
        Some(tls) => entrance::serve(Encrypted::new(listener, tls), routes, guests, proxies, end).await,
    }
    if let Some(sweeping) = sweeping {
        sweeping.abort();
    }
    Ok(())
}
