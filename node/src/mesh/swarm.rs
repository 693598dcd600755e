//! Sockets, connections and streams: libp2p's part. It speaks one protocol, and none that would tell anybody an address.

use super::nearby::is_near;
use super::{Network, Shared, carry, key, lock};
use futures_util::StreamExt as _;
use libp2p::connection_limits::{self, ConnectionLimits};
use libp2p::identity::Keypair;
use libp2p::multiaddr::Protocol;
use libp2p::swarm::behaviour::toggle::Toggle;
use libp2p::swarm::dial_opts::{DialOpts, PeerCondition};
use libp2p::swarm::{ConnectionId, NetworkBehaviour, SwarmEvent};
use libp2p::{Multiaddr, PeerId, Stream, StreamProtocol, mdns, noise, tcp, yamux};
use libp2p_stream::{Control, IncomingStreams};
use nexus_core::PeerKey;
use nexus_core::sync::frame::Role;
use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinSet;

/// The one protocol.
const PROTOCOL: StreamProtocol = StreamProtocol::new("/nexus/sync/1");
/// How long a connection without a stream is kept.
const IDLE: Duration = Duration::from_secs(20);
/// How long a listener may take to be there.
const LISTEN_PATIENCE: Duration = Duration::from_secs(5);
const LISTEN_TRIES: u32 = 20;
const LISTEN_RETRY: Duration = Duration::from_millis(250);
/// A relay that was killed says no goodbye over UDP: so soon it is missed, and dialed again.
const QUIC_SILENCE_MAX_MS: u32 = 5_000;
/// Two of three may be lost.
const QUIC_HEARTBEAT: Duration = Duration::from_millis(1_500);
/// How a node is seen on its network: soon after it came, and not long after it went. A lost packet costs one query.
const SEEN: mdns::Config = mdns::Config {
    ttl: Duration::from_secs(60),
    query_interval: Duration::from_secs(10),
    enable_ipv6: false,
};
/// Names and addresses that the library may remember; it sets no bound of its own.
const NAMES_MAX: usize = 1_024;
/// Connections at the same time, and those whose handshake goes on.
const CONNECTIONS_MAX: u32 = 4_096;
const PENDING_MAX: u32 = 128;
const ORDERS: usize = 64;

/// Why there is no mesh.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SwarmError {
    /// It cannot listen there.
    #[error("cannot listen for the mesh on {0}: {1}")]
    Listen(SocketAddr, String),
    /// The transports cannot be made.
    #[error("the mesh's transports: {0}")]
    Transport(String),
}

#[derive(NetworkBehaviour)]
struct Behaviour {
    streams: libp2p_stream::Behaviour,
    limits: connection_limits::Behaviour,
    /// Only on a network that this node may be seen on.
    near: Toggle<mdns::tokio::Behaviour>,
}

/// The task that owns the sockets.
pub(super) struct Swarm {
    inner: libp2p::Swarm<Behaviour>,
    control: Control,
    incoming: IncomingStreams,
    orders: mpsc::Receiver<Order>,
    orders_tx: mpsc::Sender<Order>,
    dialing: BTreeMap<ConnectionId, oneshot::Sender<Result<(), String>>>,
    addresses: BTreeMap<PeerId, IpAddr>,
    links: JoinSet<()>,
    shared: Arc<Shared>,
}

struct Order {
    peer: PeerId,
    address: Multiaddr,
    answer: oneshot::Sender<Result<(), String>>,
}

/// The way to ask for a stream.
#[derive(Clone)]
pub(super) struct Dialer {
    orders: mpsc::Sender<Order>,
    control: Control,
}

impl Swarm {
    /// Makes the transports and listens.
    pub(super) async fn start(
        keypair: Keypair,
        listen: Option<SocketAddr>,
        shared: Arc<Shared>,
    ) -> Result<(Self, Option<SocketAddr>), SwarmError> {
        let mut inner = build(keypair, shared.network)?;
        let mut control = inner.behaviour().streams.new_control();
        let incoming = control.accept(PROTOCOL).map_err(|error| SwarmError::Transport(error.to_string()))?;
        let listening = match listen {
            Some(address) => Some(listen_at(&mut inner, address).await?),
            None => None,
        };
        let (orders_tx, orders) = mpsc::channel(ORDERS);
        let swarm = Self {
            inner,
            control,
            incoming,
            orders,
            orders_tx,
            dialing: BTreeMap::new(),
            addresses: BTreeMap::new(),
            links: JoinSet::new(),
            shared,
        };
        Ok((swarm, listening))
    }

    pub(super) fn dialer(&self) -> Dialer {
        Dialer { orders: self.orders_tx.clone(), control: self.control.clone() }
    }

    /// Until it is dropped; every link that came in ends with it.
    pub(super) async fn run(mut self) {
        loop {
            tokio::select! {
                event = self.inner.select_next_some() => self.event(event),
                Some(order) = self.orders.recv() => self.dial(order),
                Some((peer, stream)) = self.incoming.next() => self.welcome(&peer, stream),
                Some(_) = self.links.join_next() => {}
            }
        }
    }

    fn dial(&mut self, order: Order) {
        let options = DialOpts::peer_id(order.peer)
            .condition(PeerCondition::Always)
            .addresses(vec![order.address])
            .build();
        let connection = options.connection_id();
        match self.inner.dial(options) {
            Ok(()) => drop(self.dialing.insert(connection, order.answer)),
            Err(error) => drop(order.answer.send(Err(error.to_string()))),
        }
    }

    fn event(&mut self, event: SwarmEvent<BehaviourEvent>) {
        match event {
            SwarmEvent::ConnectionEstablished { peer_id, connection_id, endpoint, .. } => {
                if let Some(answer) = self.dialing.remove(&connection_id) {
                    // Whoever waited for it may have gone away.
                    let _ = answer.send(Ok(()));
                }
                let address = ip_of(endpoint.get_remote_address());
                let is_welcome = || self.may_come(address) && !self.is_barred(&peer_id, address);
                if endpoint.is_listener() && !is_welcome() {
                    self.inner.close_connection(connection_id);
                    return;
                }
                address.map(|address| self.addresses.insert(peer_id, address));
            }
            SwarmEvent::ConnectionClosed { peer_id, num_established: 0, .. } => {
                self.addresses.remove(&peer_id);
            }
            SwarmEvent::OutgoingConnectionError { connection_id, error, .. } => {
                if let Some(answer) = self.dialing.remove(&connection_id) {
                    let _ = answer.send(Err(error.to_string()));
                }
            }
            SwarmEvent::Behaviour(BehaviourEvent::Near(event)) => self.seen(event),
            _ => {}
        }
    }

    fn seen(&mut self, event: mdns::Event) {
        let now = Instant::now();
        let named = |(peer, address): (PeerId, Multiaddr)| {
            let port = port_of(&address)?;
            Some((key::key_of(&peer)?, SocketAddr::new(ip_of(&address)?, port)))
        };
        let mut nearby = lock(&self.shared.nearby);
        match event {
            mdns::Event::Discovered(some) => {
                some.into_iter().filter_map(named).for_each(|(peer, at)| nearby.found(peer, at, now));
            }
            mdns::Event::Expired(some) => {
                some.into_iter().filter_map(named).for_each(|(peer, at)| nearby.lost(&peer, &at));
            }
        }
        drop(nearby);
        let near = &mut self.inner.behaviour_mut().near;
        if near.as_ref().is_some_and(|near| near.discovered_nodes().len() > NAMES_MAX) {
            tracing::warn!("this network is flooded with names: nobody more is looked for on it");
            *near = Toggle::from(None);
        }
    }

    // To a node on its network only; a relay is there for everybody.
    fn may_come(&self, address: Option<IpAddr>) -> bool {
        self.shared.role == Role::Relay || address.is_some_and(is_near)
    }

    fn is_barred(&self, peer: &PeerId, address: Option<IpAddr>) -> bool {
        let barred = lock(&self.shared.barred);
        key::key_of(peer).is_none_or(|key| barred.is_barred(&key, address, Instant::now()))
    }

    fn welcome(&mut self, peer: &PeerId, stream: Stream) {
        let address = self.addresses.get(peer).copied();
        let Some(peer) = key::key_of(peer).filter(|_| !self.is_barred(peer, address)) else { return };
        if self.links.len() < CONNECTIONS_MAX as usize {
            let end = carry::End { peer, relay: None, address };
            let carried = carry::carry(self.shared.clone(), end, stream, None);
            self.links.spawn(async move {
                let _ = carried.await;
            });
        }
    }
}

impl Dialer {
    /// A stream to the peer of a key at one of its addresses: QUIC first, then TCP.
    ///
    /// # Errors
    /// Words.
    pub(super) async fn reach(&self, peer: &PeerKey, addresses: &[SocketAddr]) -> Result<Stream, String> {
        let name = key::name_of(peer).ok_or("its key is none")?;
        let mut last = String::from("it has no address");
        let roads = [(quic as Road, QUIC_PATIENCE), (tcp as Road, TCP_PATIENCE)];
        for (road, patience) in roads {
            for address in addresses {
                match tokio::time::timeout(patience, self.try_road(name, road(address))).await {
                    Ok(Ok(stream)) => return Ok(stream),
                    Ok(Err(why)) => last = why,
                    Err(_) => last = String::from("nobody answers there"),
                }
            }
        }
        Err(last)
    }

    async fn try_road(&self, peer: PeerId, address: Multiaddr) -> Result<Stream, String> {
        const STOPPED: &str = "the mesh has stopped";
        let (answer, rx) = oneshot::channel();
        self.orders.send(Order { peer, address, answer }).await.map_err(|_| STOPPED)?;
        rx.await.map_err(|_| STOPPED)??;
        self.control.clone().open_stream(peer, PROTOCOL).await.map_err(|error| error.to_string())
    }
}

/// A way to an address.
type Road = fn(&SocketAddr) -> Multiaddr;

/// How long one road may take; both together stay below three seconds where a wall drops what it does not like.
const QUIC_PATIENCE: Duration = Duration::from_millis(1_500);
const TCP_PATIENCE: Duration = Duration::from_secs(5);

fn build(keypair: Keypair, network: Network) -> Result<libp2p::Swarm<Behaviour>, SwarmError> {
    let wrong = |error: &dyn std::fmt::Display| SwarmError::Transport(error.to_string());
    let limits = ConnectionLimits::default()
        .with_max_pending_incoming(Some(PENDING_MAX))
        .with_max_established(Some(CONNECTIONS_MAX))
        .with_max_established_per_peer(Some(4));
    let near = match network {
        Network::RelayOnly => None,
        Network::Lan => Some(
            mdns::tokio::Behaviour::new(SEEN, keypair.public().to_peer_id())
                .map_err(|error| wrong(&error))?,
        ),
    };
    let behaviour = Behaviour {
        streams: libp2p_stream::Behaviour::new(),
        limits: connection_limits::Behaviour::new(limits),
        near: near.into(),
    };
    let swarm = libp2p::SwarmBuilder::with_existing_identity(keypair)
        .with_tokio()
        .with_tcp(tcp::Config::default().nodelay(true), noise::Config::new, yamux::Config::default)
        .map_err(|error| wrong(&error))?
        .with_quic_config(|mut config| {
            config.keep_alive_interval = QUIC_HEARTBEAT;
            config.max_idle_timeout = QUIC_SILENCE_MAX_MS;
            config
        })
        .with_behaviour(|_| behaviour)
        .map_err(|error| wrong(&error))?
        .with_swarm_config(|config| config.with_idle_connection_timeout(IDLE))
        .build();
    Ok(swarm)
}

// The same number for both: the first one may choose it.
async fn listen_at(
    swarm: &mut libp2p::Swarm<Behaviour>,
    address: SocketAddr,
) -> Result<SocketAddr, SwarmError> {
    let port = listen_patiently(swarm, address, tcp).await?;
    let address = SocketAddr::new(address.ip(), port);
    listen_patiently(swarm, address, quic).await?;
    Ok(address)
}

// A program that ended a moment ago may still have the port.
async fn listen_patiently(
    swarm: &mut libp2p::Swarm<Behaviour>,
    address: SocketAddr,
    road: Road,
) -> Result<u16, SwarmError> {
    let mut last = String::new();
    for _ in 0..LISTEN_TRIES {
        match listen_on(swarm, road(&address)).await {
            Ok(port) => return Ok(port),
            Err(why) => last = why,
        }
        tokio::time::sleep(LISTEN_RETRY).await;
    }
    Err(SwarmError::Listen(address, last))
}

async fn listen_on(swarm: &mut libp2p::Swarm<Behaviour>, address: Multiaddr) -> Result<u16, String> {
    let listener = swarm.listen_on(address).map_err(|error| format!("{error:?}"))?;
    let there = async {
        loop {
            match swarm.select_next_some().await {
                SwarmEvent::NewListenAddr { listener_id, address } if listener_id == listener => {
                    return port_of(&address).ok_or_else(|| String::from("it has no port"));
                }
                SwarmEvent::ListenerClosed { listener_id, reason, .. } if listener_id == listener => {
                    return Err(reason
                        .err()
                        .map_or_else(|| String::from("closed"), |error| error.to_string()));
                }
                _ => {}
            }
        }
    };
    tokio::time::timeout(LISTEN_PATIENCE, there).await.map_err(|_| String::from("it takes too long"))?
}

fn quic(address: &SocketAddr) -> Multiaddr {
    Multiaddr::from(address.ip()).with(Protocol::Udp(address.port())).with(Protocol::QuicV1)
}

fn tcp(address: &SocketAddr) -> Multiaddr {
    Multiaddr::from(address.ip()).with(Protocol::Tcp(address.port()))
}

fn port_of(address: &Multiaddr) -> Option<u16> {
    address.iter().find_map(|part| match part {
        Protocol::Tcp(port) | Protocol::Udp(port) => Some(port),
        _ => None,
    })
}

fn ip_of(address: &Multiaddr) -> Option<IpAddr> {
    address.iter().find_map(|part| match part {
        Protocol::Ip4(ip) => Some(IpAddr::V4(ip)),
        Protocol::Ip6(ip) => Some(IpAddr::V6(ip)),
        _ => None,
    })
}
