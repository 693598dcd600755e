//! `nexus serve`: the node, its window and its socket, until Ctrl-C.

use crate::told::Told;
use anyhow::Context as _;
use nexus_core::sync::frame::Role;
use nexus_core::sync::{Hosting, Whose};
use nexus_core::{NotDialable, PeerAddress};
use nexus_node::Node;
use nexus_node::mesh::{Mesh, MeshOptions, Network, Roots};
use nexus_program::announce::{announce, called};
use nexus_program::door::{Door, Window};
use nexus_program::settings::{Program, Settings};
use nexus_program::{control, home, opening, process};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};

/// Runs until SIGINT or SIGTERM, then stops cleanly.
///
/// # Errors
/// What stands in the way, in words.
pub(crate) async fn run(told: Told) -> anyhow::Result<()> {
    let settings = &told.settings;
    let node = opening::open(settings)
        .await
        .with_context(|| format!("cannot open the node in {}", settings.data.display()))?;
    let roots = settings.roots()?;
    let tls = settings.tls(&roots).context("no TLS")?;
    let listener = tokio::net::TcpListener::bind(settings.listen)
        .await
        .with_context(|| format!("cannot listen on {}", settings.listen))?;
    let address = listener.local_addr()?;
    let stop = process::stop_signal().context("cannot listen for signals")?;
    if !told.relays.is_empty() {
        // A node whose disk is full serves what it has: the next start says it again.
        let kept = home::keep(&node, &told.relays).await;
        kept.unwrap_or_else(|refusal| tracing::warn!(%refusal, "the home relays were not kept"));
    }
    let mesh = Mesh::start(node.clone(), in_the_mesh(&told, address, roots).await?).await?;
    let socket = control::listen(&settings.data).context("cannot make the control socket")?;
    let base = settings.base(address).to_string();
    let window = Window { listen: address, mesh: mesh.listening(), base };
    let door = Door::of_a_node(node.clone()).to_the_mesh(mesh.clone()).at(window).speaking(tls.clone());
    let controls = tokio::spawn(control::serve(socket, door));
    let setup_key = node.view().owner.is_none().then(setup_key);
    tell(settings, address, &node, setup_key.as_deref());
    let files =
        nexus_api::Files::open(settings.data.join("files")).context("cannot open the folder of files")?;
    let options = nexus_api::Options {
        public_url: settings.public_url.as_ref().map(ToString::to_string),
        allow_remote: settings.allow_remote,
        tls,
        trusted_proxies: settings.trusted_proxies.clone(),
        private_endpoints: settings.private_endpoints,
        setup_key,
        mesh: Some(mesh.clone()),
        files: Some(files.into()),
        relay: None,
    };
    nexus_api::serve(listener, node.clone(), nexus_api::owner_of(&node), options, stop)
        .await
        .context("the window failed")?;
    controls.abort();
    mesh.stop().await;
    node.stop().await;
    Ok(())
}

async fn in_the_mesh(told: &Told, window: SocketAddr, roots: Roots) -> anyhow::Result<MeshOptions> {
    let Told { settings, network, .. } = told;
    let listen = match network {
        Network::RelayOnly => None,
        Network::Lan => Some(settings.mesh_listen.unwrap_or(ANYWHERE)),
        // The same at each start: invites tell it.
        Network::Direct => Some(settings.mesh_listen.unwrap_or_else(|| beside(window))),
    };
    // A node takes in what its people are in, whole.
    let hosting = Hosting { whose: Whose::Own, spaces_max: SPACES_MAX, ops_max: u64::MAX };
    Ok(MeshOptions {
        data: settings.data.clone(),
        listen,
        role: Role::Node,
        hosting,
        hold: told.hold,
        network: *network,
        roots,
        addresses: addresses(&told.mesh_address).await?,
        circuits: 0,
        relay_grace: told.relay_grace,
    })
}

/// What `--mesh-address` names, as it is found when the node starts.
async fn addresses(names: &[String]) -> anyhow::Result<Vec<PeerAddress>> {
    let mut all = Vec::new();
    for name in names {
        let found = tokio::net::lookup_host(name).await.with_context(|| format!("--mesh-address {name}"))?;
        let found: Vec<PeerAddress> = found.filter_map(|at| at.try_into().ok()).collect();
        anyhow::ensure!(!found.is_empty(), "--mesh-address {name}: {NotDialable}");
        all.extend(found);
    }
    Ok(all)
}

fn beside(window: SocketAddr) -> SocketAddr {
    SocketAddr::new(ANYWHERE.ip(), window.port().checked_add(10).unwrap_or(0))
}

/// Every interface, any free port: who is near learns it by mDNS, and only who is near is let in.
const ANYWHERE: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::UNSPECIFIED), 0);
/// Guilds and conversations that one relay may bring.
const SPACES_MAX: usize = 10_000;

/// Says in three lines what runs, where, and what to do next.
fn tell(settings: &Settings, address: SocketAddr, node: &Node, setup_key: Option<&str>) {
    let (base, view, data) = (settings.base(address), node.view(), settings.data.display());
    let me = called(Program::NODE.name);
    match setup_key {
        Some(key) => announce(
            &format!("Nexus: a new node, kept in {data}"),
            &format!("{base}/#k={key}"),
            &format!("{me} --data {data} setup YOUR-NAME   makes it yours"),
        ),
        None => {
            let owner =
                view.owner.and_then(|owner| view.users.get(&owner)).map_or("?", |user| user.name.as_str());
            announce(
                &format!("Nexus: the node of {owner}, {} guilds, kept in {data}", view.guilds.len()),
                &format!("{base}/api/v10 and the gateway on the same port"),
                &format!("{me} --data {data} token   gives an API token; Ctrl-C stops the node"),
            );
        }
    }
}

/// The one-time key of the setup link: 128 random bits, kept in memory only.
fn setup_key() -> String {
    hex::encode(rand::random::<[u8; 16]>())
}
