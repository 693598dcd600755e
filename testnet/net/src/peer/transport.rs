//! Sockets of a peer that offers every protocol libp2p has a name for, and keeps what comes on them.

use anyhow::{Context as _, Result, bail};
use futures_util::StreamExt as _;
use libp2p::identity::{Keypair, PublicKey};
use libp2p::multiaddr::Protocol;
use libp2p::swarm::dial_opts::{DialOpts, PeerCondition};
use libp2p::swarm::{ConnectionId, SwarmEvent};
use libp2p::{Multiaddr, PeerId, Stream, StreamProtocol, noise, tcp, yamux};
use libp2p_stream::{Control, IncomingStreams};
use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinSet;

/// The mesh's protocol.
pub(super) const SYNC: StreamProtocol = StreamProtocol::new("/nexus/sync/1");

/// Protocols by which libp2p programs tell of themselves; nobody here may open one.
const TALKATIVE: [&str; 7] = [
    "/ipfs/id/1.0.0",
    "/ipfs/id/push/1.0.0",
    "/ipfs/ping/1.0.0",
    "/ipfs/kad/1.0.0",
    "/libp2p/autonat/1.0.0",
    "/libp2p/dcutr",
    "/rendezvous/1.0.0",
];

/// Where a program is, and by which key it is known.
#[derive(Clone, Copy, Debug)]
pub struct Address {
    /// Its key in the mesh.
    pub key: [u8; 32],
    /// Where it listens, by TCP and by QUIC.
    pub at: SocketAddr,
}

struct Order {
    peer: PeerId,
    address: Multiaddr,
    answer: oneshot::Sender<Result<(), String>>,
}

/// A key in the mesh and the sockets behind it; closed when dropped.
pub struct Transport {
    /// Its key.
    pub key: [u8; 32],
    control: Control,
    orders: mpsc::Sender<Order>,
    opened: Arc<Mutex<Vec<String>>>,
    listening: Option<SocketAddr>,
    /// Ends with it.
    _tasks: JoinSet<()>,
}

impl Transport {
    /// With a new key.
    ///
    /// # Errors
    /// Where there are no sockets to be had.
    pub fn new() -> Result<Self> {
        Self::at(None, None)
    }

    /// With a new key, that calls others from this address of this machine, by QUIC.
    ///
    /// # Errors
    /// Where there are no sockets to be had.
    pub fn calling_from(from: IpAddr) -> Result<Self> {
        Self::at(None, Some(from))
    }

    /// With a new key, where others can dial it by TCP.
    ///
    /// # Errors
    /// Where there are no sockets to be had.
    pub fn listening(at: SocketAddr) -> Result<Self> {
        Self::at(Some(at), None)
    }

    fn at(listening: Option<SocketAddr>, from: Option<IpAddr>) -> Result<Self> {
        let keypair = Keypair::generate_ed25519();
        let key = keypair.public().try_into_ed25519()?.to_bytes();
        let mut swarm = libp2p::SwarmBuilder::with_existing_identity(keypair)
            .with_tokio()
            .with_tcp(tcp::Config::default().nodelay(true), noise::Config::new, yamux::Config::default)?
            .with_quic()
            .with_behaviour(|_| libp2p_stream::Behaviour::new())?
            .build();
        if let Some(at) = listening {
            swarm.listen_on(Multiaddr::from(at.ip()).with(Protocol::Tcp(at.port())))?;
        }
        if let Some(from) = from {
            // libp2p's QUIC calls from the socket that it listens on, where there is one.
            swarm.listen_on(Multiaddr::from(from).with(Protocol::Udp(0)).with(Protocol::QuicV1))?;
        }
        let mut control = swarm.behaviour().new_control();
        let opened = Arc::new(Mutex::new(Vec::new()));
        let mut tasks = JoinSet::new();
        for name in TALKATIVE {
            let mut streams = control.accept(StreamProtocol::new(name))?;
            let opened = opened.clone();
            tasks.spawn(async move {
                while streams.next().await.is_some() {
                    opened.lock().unwrap_or_else(PoisonError::into_inner).push(name.to_owned());
                }
            });
        }
        let (orders, mut rx) = mpsc::channel::<Order>(64);
        tasks.spawn(async move {
            let mut dialing = BTreeMap::new();
            loop {
                tokio::select! {
                    event = swarm.select_next_some() => answer(&mut dialing, event),
                    order = rx.recv() => match order {
                        Some(order) => dial(&mut swarm, &mut dialing, order),
                        None => return,
                    },
                }
            }
        });
        Ok(Self { key, control, orders, opened, listening, _tasks: tasks })
    }

    /// Names of the talkative protocols that somebody opened.
    #[must_use]
    pub fn opened(&self) -> Vec<String> {
        self.opened.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The streams of the mesh that others open here.
    ///
    /// # Errors
    /// Where they are taken already.
    pub fn incoming(&self) -> Result<IncomingStreams> {
        Ok(self.control.clone().accept(SYNC)?)
    }

    /// Where others can dial it, if they can.
    #[must_use]
    pub const fn place(&self) -> Option<SocketAddr> {
        self.listening
    }

    /// A stream on the connection there is, or on a new one by TCP and noise, or by QUIC.
    ///
    /// # Errors
    /// Where nobody is there, or this peer is not welcome.
    pub async fn stream(&self, to: &Address, quic: bool) -> Result<Stream> {
        // More than a few connections at once are more than anybody bears.
        if let Ok(stream) = self.again(to).await {
            return Ok(stream);
        }
        self.connect(to, quic).await?;
        self.again(to).await
    }

    /// A new connection, whatever there is already.
    ///
    /// # Errors
    /// Where nobody is there, or this peer is not welcome.
    pub async fn connect(&self, to: &Address, quic: bool) -> Result<()> {
        let peer = libp2p::identity::ed25519::PublicKey::try_from_bytes(&to.key)?;
        let peer = PublicKey::from(peer).to_peer_id();
        let address = Multiaddr::from(to.at.ip());
        let address = match quic {
            true => address.with(Protocol::Udp(to.at.port())).with(Protocol::QuicV1),
            false => address.with(Protocol::Tcp(to.at.port())),
        };
        let (answer, rx) = oneshot::channel();
        self.orders.send(Order { peer, address, answer }).await.context("no sockets")?;
        if let Err(why) = rx.await? {
            bail!("{why}");
        }
        Ok(())
    }

    /// One stream more on the connection there is.
    ///
    /// # Errors
    /// Where there is none.
    pub async fn again(&self, to: &Address) -> Result<Stream> {
        let peer = libp2p::identity::ed25519::PublicKey::try_from_bytes(&to.key)?;
        let peer = PublicKey::from(peer).to_peer_id();
        self.control.clone().open_stream(peer, SYNC).await.map_err(|error| anyhow::anyhow!("{error}"))
    }
}

type Dialing = BTreeMap<ConnectionId, oneshot::Sender<Result<(), String>>>;

fn dial(swarm: &mut libp2p::Swarm<libp2p_stream::Behaviour>, dialing: &mut Dialing, order: Order) {
    let options =
        DialOpts::peer_id(order.peer).condition(PeerCondition::Always).addresses(vec![order.address]).build();
    let connection = options.connection_id();
    match swarm.dial(options) {
        Ok(()) => drop(dialing.insert(connection, order.answer)),
        Err(error) => drop(order.answer.send(Err(error.to_string()))),
    }
}

fn answer<T>(dialing: &mut Dialing, event: SwarmEvent<T>) {
    let (connection, outcome) = match event {
        SwarmEvent::ConnectionEstablished { connection_id, .. } => (connection_id, Ok(())),
        SwarmEvent::OutgoingConnectionError { connection_id, error, .. } => {
            (connection_id, Err(error.to_string()))
        }
        _ => return,
    };
    if let Some(answer) = dialing.remove(&connection) {
        // Whoever waited for it may have gone away.
        let _ = answer.send(outcome);
    }
}
