//! Sockets, connections and streams: libp2p's part. It speaks one protocol, and none that would tell anybody an address.

use super::barred::Offence;
use super::crowd::{CONNECTIONS_MAX, Crowd};
use super::dialer::{Answer, Dialer, Order};
use super::pulse::Pulse;
use super::road::{Road, place_of, port_of, quic, tcp};
use super::streams::{Stirred, Streams, What};
use super::websocket::{self, WebSocket};
use super::{Network, Shared, carry, key, lock};
use futures_util::StreamExt as _;
use libp2p::Transport as _;
use libp2p::core::upgrade::Version;
use libp2p::identity::Keypair;
use libp2p::swarm::behaviour::toggle::Toggle;
use libp2p::swarm::dial_opts::{DialOpts, PeerCondition};
use libp2p::swarm::{ConnectionId, NetworkBehaviour, SwarmEvent};
use libp2p::{Multiaddr, PeerId, Stream, mdns, noise, yamux};
use libp2p_stream::Control;
use nexus_core::sync::frame::Role;
use nexus_core::{PeerAddress, is_near};
use std::collections::{BTreeMap, BTreeSet};
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::mpsc;
use tokio::task::JoinSet;

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
/// Streams of one connection that are open, and that have not said what they are for.
const STREAMS_MAX: u32 = 64;
const STREAMS_NEW_MAX: usize = 16;
/// What may come on a stream and on a connection before it is read, bytes.
const STREAM_WINDOW: u32 = 1 << 20;
const CONNECTION_WINDOW: u32 = 4 << 20;
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
    streams: Streams,
    crowd: Crowd,
    /// Through relays.
    circuits: libp2p_stream::Behaviour,
    /// Only on a network that this node may be seen on.
    near: Toggle<mdns::tokio::Behaviour>,
}

/// The task that owns the sockets.
pub(super) struct Swarm {
    inner: libp2p::Swarm<Behaviour>,
    orders: mpsc::Receiver<Order>,
    orders_tx: mpsc::Sender<Order>,
    dialing: BTreeMap<ConnectionId, Answer<ConnectionId>>,
    opening: BTreeMap<ConnectionId, Answer<Stream>>,
    connections: BTreeMap<ConnectionId, (Road, Option<SocketAddr>)>,
    links: JoinSet<ConnectionId>,
    /// Connections with a link that came in on them: a second one is not carried.
    laden: BTreeSet<ConnectionId>,
    shared: Arc<Shared>,
}

impl Swarm {
    /// Makes the transports and listens.
    pub(super) async fn start(
        keypair: Keypair,
        listen: Option<SocketAddr>,
        websocket: WebSocket,
        shared: Arc<Shared>,
    ) -> Result<(Self, Option<SocketAddr>), SwarmError> {
        let crowd = Crowd::without(shared.barred.clone());
        let mut inner = build(keypair, shared.network, websocket, crowd)?;
        let listening = match listen {
            Some(address) => Some(listen_at(&mut inner, address).await?),
            None => None,
        };
        if shared.role == Role::Relay {
            let window = inner.listen_on(websocket::window());
            window.map_err(|error| SwarmError::Transport(error.to_string()))?;
        }
        let (orders_tx, orders) = mpsc::channel(ORDERS);
        let swarm = Self {
            inner,
            orders,
            orders_tx,
            dialing: BTreeMap::new(),
            opening: BTreeMap::new(),
            connections: BTreeMap::new(),
            links: JoinSet::new(),
            laden: BTreeSet::new(),
            shared,
        };
        Ok((swarm, listening))
    }

    /// The way to ask for a stream through a relay.
    pub(super) fn circuits(&self) -> Control {
        self.inner.behaviour().circuits.new_control()
    }

    pub(super) fn dialer(&self) -> Dialer {
        Dialer::new(self.orders_tx.clone())
    }

    /// Until it is dropped; every link that came in ends with it.
    pub(super) async fn run(mut self) {
        self.note_own_places();
        loop {
            tokio::select! {
                event = self.inner.select_next_some() => self.event(event),
                Some(order) = self.orders.recv() => self.order(order),
                Some(Ok(connection)) = self.links.join_next() => {
                    self.laden.remove(&connection);
                }
            }
        }
    }

    fn order(&mut self, order: Order) {
        match order {
            Order::Dial { peer, addresses, answer } => self.dial(peer, addresses, answer),
            Order::Open { peer, connection, answer } => {
                if self.connections.contains_key(&connection) {
                    self.inner.behaviour_mut().streams.open(peer, connection);
                    self.opening.insert(connection, answer);
                }
            }
        }
    }

    fn dial(&mut self, peer: PeerId, addresses: Vec<Multiaddr>, answer: Answer<ConnectionId>) {
        let options = DialOpts::peer_id(peer).condition(PeerCondition::Always).addresses(addresses).build();
        let connection = options.connection_id();
        match self.inner.dial(options) {
            Ok(()) => drop(self.dialing.insert(connection, answer)),
            Err(error) => drop(answer.send(Err(error.to_string()))),
        }
    }

    fn event(&mut self, event: SwarmEvent<BehaviourEvent>) {
        match event {
            SwarmEvent::ConnectionEstablished { peer_id, connection_id, endpoint, .. } => {
                let place = place_of(endpoint.get_remote_address());
                let address = place.map(|place| place.ip());
                let is_welcome = || self.may_come(address) && !self.is_barred(&peer_id, address);
                if endpoint.is_listener() && !is_welcome() {
                    self.inner.close_connection(connection_id);
                    return;
                }
                self.connections.insert(connection_id, (Road::to(endpoint.get_remote_address()), place));
                if let Some(answer) = self.dialing.remove(&connection_id)
                    && answer.send(Ok(connection_id)).is_err()
                {
                    // Whoever waited for it has gone another road.
                    self.inner.close_connection(connection_id);
                }
            }
            SwarmEvent::ConnectionClosed { connection_id, .. } => {
                self.connections.remove(&connection_id);
                // Whoever waits for a stream on it learns it from the drop.
                self.opening.remove(&connection_id);
            }
            SwarmEvent::OutgoingConnectionError { connection_id, error, .. } => {
                if let Some(answer) = self.dialing.remove(&connection_id) {
                    let _ = answer.send(Err(error.to_string()));
                }
            }
            SwarmEvent::NewListenAddr { .. } | SwarmEvent::ExpiredListenAddr { .. } => self.note_own_places(),
            SwarmEvent::Behaviour(BehaviourEvent::Streams(stirred)) => self.stirred(stirred),
            SwarmEvent::Behaviour(BehaviourEvent::Near(event)) => self.seen(event),
            _ => {}
        }
    }

    fn stirred(&mut self, Stirred { peer, connection, what }: Stirred) {
        let answer = match what {
            What::Came(stream) => return self.welcome(&peer, connection, stream),
            What::Opened(stream) => Ok(stream),
            What::Refused(why) => Err(why),
        };
        if let Some(waiting) = self.opening.remove(&connection) {
            // Whoever waited for it may have gone away.
            let _ = waiting.send(answer);
        }
    }

    fn seen(&mut self, event: mdns::Event) {
        let now = Instant::now();
        let named = |(peer, address): (PeerId, Multiaddr)| Some((key::key_of(&peer)?, place_of(&address)?));
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

    // TCP has the same number.
    fn note_own_places(&self) {
        let own = self.inner.listeners().filter(|address| Road::to(address) == Road::Quic);
        let own = own.filter_map(|address| PeerAddress::try_from(place_of(address)?).ok());
        self.shared.moved(|whereabouts| whereabouts.listening_at(own));
    }

    // To a node on its network only, where it did not say otherwise; a relay is there for everybody.
    fn may_come(&self, address: Option<IpAddr>) -> bool {
        let is_open = self.shared.role == Role::Relay || self.shared.network == Network::Direct;
        is_open || address.is_some_and(is_near)
    }

    fn is_barred(&self, peer: &PeerId, address: Option<IpAddr>) -> bool {
        let barred = lock(&self.shared.barred);
        key::key_of(peer).is_none_or(|key| barred.is_barred(&key, address, Instant::now()))
    }

    fn welcome(&mut self, peer: &PeerId, connection: ConnectionId, stream: Stream) {
        let Some((road, place)) = self.connections.get(&connection).copied() else { return };
        let address = place.map(|place| place.ip());
        if !self.inner.behaviour_mut().crowd.opens(*peer, Instant::now()) {
            self.turn_out(*peer, address);
            return;
        }
        let Some(peer) = key::key_of(peer).filter(|_| !self.is_barred(peer, address)) else { return };
        if self.links.len() < CONNECTIONS_MAX && self.laden.insert(connection) {
            let relay = lock(&self.shared.other_relays).get(&peer).cloned();
            let pulse = Arc::new(Pulse::new(Instant::now()));
            let seen_at = place.filter(|_| road == Road::Quic);
            let end = carry::End { peer, relay, road, address, seen_at, pulse };
            let carried = carry::carry(self.shared.clone(), end, stream, None);
            self.links.spawn(async move {
                let _ = carried.await;
                connection
            });
        }
    }
}

impl Swarm {
    /// One that opens stream after stream.
    fn turn_out(&mut self, peer: PeerId, address: Option<IpAddr>) {
        if let Some(key) = key::key_of(&peer) {
            lock(&self.shared.barred).offended(key, address, Offence::Malice, Instant::now());
        }
        // Fails only where it is gone already.
        let _ = self.inner.disconnect_peer_id(peer);
    }
}

fn build(
    keypair: Keypair,
    network: Network,
    websocket: WebSocket,
    crowd: Crowd,
) -> Result<libp2p::Swarm<Behaviour>, SwarmError> {
    let wrong = |error: &dyn std::fmt::Display| SwarmError::Transport(error.to_string());
    let near = match network {
        Network::RelayOnly => None,
        Network::Lan | Network::Direct => Some(
            mdns::tokio::Behaviour::new(SEEN, keypair.public().to_peer_id())
                .map_err(|error| wrong(&error))?,
        ),
    };
    let behaviour = Behaviour {
        streams: Streams::default(),
        crowd,
        circuits: libp2p_stream::Behaviour::new(),
        near: near.into(),
    };
    let swarm = libp2p::SwarmBuilder::with_existing_identity(keypair)
        .with_tokio()
        .with_tcp(libp2p::tcp::Config::default().nodelay(true), noise::Config::new, substreams)
        .map_err(|error| wrong(&error))?
        .with_quic_config(|mut config| {
            config.keep_alive_interval = QUIC_HEARTBEAT;
            config.max_idle_timeout = QUIC_SILENCE_MAX_MS;
            config.max_concurrent_stream_limit = STREAMS_MAX;
            config.max_stream_data = STREAM_WINDOW;
            config.max_connection_data = CONNECTION_WINDOW;
            config
        })
        .with_other_transport(|keypair| {
            let noise = noise::Config::new(keypair)?;
            let upgraded = websocket.upgrade(Version::V1Lazy).authenticate(noise);
            Ok::<_, Box<dyn std::error::Error + Send + Sync>>(upgraded.multiplex(yamux::Config::default()))
        })
        .map_err(|error| wrong(&error))?
        .with_behaviour(|_| behaviour)
        .map_err(|error| wrong(&error))?
        .with_swarm_config(|config| {
            config.with_idle_connection_timeout(IDLE).with_max_negotiating_inbound_streams(STREAMS_NEW_MAX)
        })
        .build();
    Ok(swarm)
}

fn substreams() -> yamux::Config {
    let mut config = yamux::Config::default();
    config.set_max_num_streams(STREAMS_MAX as usize);
    config
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
    way: fn(&SocketAddr) -> Multiaddr,
) -> Result<u16, SwarmError> {
    let mut last = String::new();
    for _ in 0..LISTEN_TRIES {
        match listen_on(swarm, way(&address)).await {
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
