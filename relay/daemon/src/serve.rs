//! `nexus-relay serve`: the relay, its window and its socket, until Ctrl-C.

use crate::told::Told;
use anyhow::Context as _;
use nexus_api::RelayFacts;
use nexus_core::BaseUrl;
use nexus_core::sync::frame::Role;
use nexus_core::sync::{Hold, Hosting};
use nexus_node::Node;
use nexus_node::mesh::{Mesh, MeshOptions, Network, RELAY_GRACE, Roots};
use nexus_program::announce::{announce, called};
use nexus_program::door::{Door, Window};
use nexus_program::settings::Program;
use nexus_program::{control, home, opening, process};
use nexus_relay::Relay;
use std::net::SocketAddr;

/// Runs until SIGINT or SIGTERM, then stops cleanly.
///
/// # Errors
/// What stands in the way, in words.
pub(crate) async fn run(told: Told) -> anyhow::Result<()> {
    let settings = &told.settings;
    let node = opening::open(settings)
        .await
        .with_context(|| format!("cannot open the relay in {}", settings.data.display()))?;
    let roots = settings.roots()?;
    let tls = settings.tls(&roots).context("no TLS")?;
    let listener = tokio::net::TcpListener::bind(settings.listen)
        .await
        .with_context(|| format!("cannot listen on {}", settings.listen))?;
    let address = listener.local_addr()?;
    let stop = process::stop_signal().context("cannot listen for signals")?;
    let base = settings.base(address);
    keep_itself(&node, &base).await;
    let sign_in = told.sign_in(address, &roots).context("nobody signs in elsewhere so (--sign-in)")?;
    let mesh = Mesh::start(node.clone(), in_the_mesh(&told, address, roots)).await?;
    let services = nexus_relay::Options {
        data: settings.data.clone(),
        database: told.database.clone(),
        registration: told.registration.of_services(),
        mail: told.mail(address).context("no mail can be sent so (--mail, --mail-from)")?,
        sign_in,
    };
    let doors = Doors::of(&services);
    let relay = Relay::open(services, node.clone()).await.context("cannot open the accounts")?;
    let socket = control::listen(&settings.data).context("cannot make the control socket")?;
    let window = Window { listen: address, mesh: mesh.listening(), base: base.to_string() };
    let door = Door::of_a_relay(node.clone()).to_the_mesh(mesh.clone()).at(window).speaking(tls.clone());
    let controls = tokio::spawn(control::serve(socket, door));
    tell(&told, address, &node);
    let files =
        nexus_api::Files::open(settings.data.join("files")).context("cannot open the folder of files")?;
    let options = nexus_api::Options {
        // Without one, clients come back to where they came in.
        public_url: settings.public_url.as_ref().map(ToString::to_string),
        allow_remote: settings.allow_remote,
        tls,
        trusted_proxies: settings.trusted_proxies.clone(),
        private_endpoints: settings.private_endpoints,
        setup_key: None,
        mesh: Some(mesh.clone()),
        files: Some(files.into()),
        relay: Some(facts(&told, address, &mesh, doors)),
    };
    nexus_api::serve(listener, node.clone(), relay.accounts(), options, stop)
        .await
        .context("the window failed")?;
    controls.abort();
    mesh.stop().await;
    relay.close().await;
    node.stop().await;
    Ok(())
}

/// A relay is the home relay of its accounts.
async fn keep_itself(node: &Node, base: &BaseUrl) {
    // A relay whose disk is full serves what it has: the next start says it again.
    let kept = home::keep(node, std::slice::from_ref(base)).await;
    kept.unwrap_or_else(|refusal| tracing::warn!(%refusal, "the relay's own address was not kept"));
}

fn in_the_mesh(told: &Told, window: SocketAddr, roots: Roots) -> MeshOptions {
    let settings = &told.settings;
    MeshOptions {
        data: settings.data.clone(),
        listen: Some(settings.mesh_listen.unwrap_or_else(|| beside(window))),
        role: Role::Relay,
        hosting: Hosting { whose: told.hosting.whose(), spaces_max: SPACES_MAX, ops_max: OPS_MAX },
        hold: Hold::Everything,
        network: Network::RelayOnly,
        roots,
        addresses: Vec::new(),
        circuits: told.circuits,
        relay_grace: RELAY_GRACE,
    }
}

/// Where the mesh is where nobody says: the window has the TCP port of its own number.
fn beside(window: SocketAddr) -> SocketAddr {
    SocketAddr::new(window.ip(), window.port().checked_add(10).unwrap_or(0))
}

/// Ways in beside a password.
struct Doors {
    mail: bool,
    sign_in: Vec<(String, String)>,
}

impl Doors {
    fn of(services: &nexus_relay::Options) -> Self {
        let sign_in = services.sign_in.as_ref().map(nexus_relay::SignIn::names).unwrap_or_default();
        Self { mail: services.mail.is_some(), sign_in }
    }
}

/// What nodes and people must know of this relay.
fn facts(told: &Told, address: SocketAddr, mesh: &Mesh, doors: Doors) -> RelayFacts {
    RelayFacts {
        peer_key: mesh.peer_key().0,
        mesh_port: mesh.listening().map_or(0, |address| address.port()),
        name: told.name(address),
        hosting: told.hosting.word(),
        registration: told.registration.word(),
        mail: doors.mail,
        sign_in: doors.sign_in,
    }
}

/// Guilds and conversations that one program may bring.
const SPACES_MAX: usize = 1_000;
/// Ops that are kept of one guild.
const OPS_MAX: u64 = 20_000_000;

/// Says in three lines what runs, where, and what to do next.
fn tell(told: &Told, address: SocketAddr, node: &Node) {
    let base = told.settings.base(address);
    let data = told.settings.data.display();
    let guilds = node.view().guilds.len();
    announce(
        &format!("Relay: {}, {guilds} guilds, kept in {data}", told.name(address)),
        &format!("{base}/api/v10 and the gateway on the same port"),
        &format!(
            "{} --data {data} status   says what it holds; Ctrl-C stops it",
            called(Program::RELAY.name)
        ),
    );
}
