//! The mesh: links to other programs, by libp2p over QUIC, TCP and WebSocket. What is said on a link, [`nexus_core::sync`] decides; here
//! are the sockets.
//!
//! A program listens where it was told to, and dials relays: its own, those that guilds of its people name, and those of the
//! people it has conversations with. By default it looks for nobody and tells nobody where it is: no frame to any peer holds
//! an address. In [`Network::Lan`] it is seen by, and links with, nodes on its own network, with a relay or without; in
//! [`Network::Direct`] members of its people's guilds are told where it is, and it links with them wherever they are.

mod address_book;
mod barred;
mod board;
mod carry;
mod choice;
mod circuit;
mod crowd;
mod dial;
mod dial_back;
mod dialer;
mod direct;
mod fetch;
pub(crate) mod filled;
pub mod fuzz;
mod holding;
mod intake;
mod keeping;
mod key;
mod lacking;
mod look_up;
mod near;
mod nearby;
mod options;
mod outside;
mod pulse;
mod rendezvous;
mod road;
mod roads_probe;
mod said;
mod seeking;
mod slot;
mod standing;
mod streams;
mod swarm;
mod traffic;
mod typing;
mod visit;
pub mod websocket;
mod whereabouts;
mod whom;
mod wire;
mod words;

pub use dial_back::{DialBack, NoDialBack, PATH as DIAL_BACK, ask_to_dial_back};
pub use look_up::LookUpError;
pub use options::{MeshOptions, Network, RELAY_GRACE};
pub use outside::{NoRoots, Roots};
pub use road::Road;
pub use roads_probe::{RoadFacts, try_roads};
pub use standing::{LinkStatus, RelayState};
pub use visit::VisitFailure;

use crate::Node;
use barred::Barred;
use board::Board;
use carry::End;
use dial::Dialing;
use dial_back::DialBacks;
use direct::Direct;
use holding::Viewing;
use near::{Doors, Nearing};
use nearby::Nearby;
use nexus_core::sync::caption::Caption;
use nexus_core::sync::frame::{Role, Typing};
use nexus_core::sync::presence::Presence;
use nexus_core::sync::{Audits, Hold, Hosting, Turns};
use nexus_core::{Addresses, PeerKey};
use nexus_crdt::id::{ChannelId, UserId};
use outside::Outside;
use slot::LinkSlot;
use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr};
use std::sync::atomic::AtomicU64;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use swarm::{Swarm, SwarmError};
use tokio::sync::{broadcast, mpsc};
use tokio::task::JoinSet;
use traffic::Traffic;
use typing::tell_typing;
use websocket::WebSocket;

/// Where a program says that it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// Its key.
    pub peer: PeerKey,
    /// Where it is dialed.
    pub addresses: Addresses,
    /// It says so where there is a relay, too.
    pub beside_a_relay: bool,
}

/// A program's place in the mesh. Cheap to clone; it ends with [`Mesh::stop`].
#[derive(Clone)]
pub struct Mesh {
    shared: Arc<Shared>,
    visits: mpsc::Sender<dial::Visit>,
    /// None where nobody is looked for nearby.
    near_visits: Option<mpsc::Sender<near::NearVisit>>,
    arriving: mpsc::Sender<websocket::Arriving>,
    outside: Outside,
    dial_backs: DialBacks,
    tasks: Arc<Mutex<JoinSet<()>>>,
    peer_key: PeerKey,
    listening: Option<SocketAddr>,
}

/// Why a program cannot be in the mesh.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum MeshError {
    /// The key cannot be read or made.
    #[error("the key of the mesh: {0}")]
    Key(std::io::Error),
    /// It cannot listen.
    #[error(transparent)]
    Swarm(#[from] SwarmError),
}

/// What the tasks and the handle both see.
struct Shared {
    node: Node,
    role: Role,
    hosting: Hosting,
    hold: Hold,
    viewing: Arc<Mutex<Viewing>>,
    me: PeerKey,
    network: Network,
    barred: Arc<Mutex<Barred>>,
    nearby: Mutex<Nearby>,
    links: Mutex<BTreeMap<PeerKey, LinkSlot>>,
    relays: Mutex<BTreeMap<String, RelayState>>,
    /// On a relay, the others it has looked up, by their keys: who comes with one of them is that relay.
    other_relays: Mutex<BTreeMap<PeerKey, String>>,
    /// People here, and those that a relay here heard of, who are writing.
    typing: broadcast::Sender<Typing>,
    /// Who is there ..
    seen: Board<UserId, Presence>,
    /// .. and what voice channels are said to be about.
    captions: Board<(ChannelId, UserId), Caption>,
    next_link: AtomicU64,
    turns: Mutex<Turns>,
    /// What was found when relays were checked.
    audits: Mutex<Audits>,
    grace_ms: u64,
    /// A link has ended.
    ended: broadcast::Sender<()>,
    traffic: Traffic,
    direct: Direct,
}

impl Mesh {
    /// Listens, and begins to dial.
    ///
    /// # Errors
    /// [`MeshError`].
    pub async fn start(node: Node, options: MeshOptions) -> Result<Self, MeshError> {
        let keypair = key::keep(&options.data).map_err(MeshError::Key)?;
        let me = key::peer_key(&keypair.public())
            .ok_or_else(|| MeshError::Key(std::io::ErrorKind::InvalidData.into()))?;
        let MeshOptions { network, addresses, circuits, .. } = options;
        let grace_ms = u64::try_from(options.relay_grace.as_millis()).unwrap_or(u64::MAX);
        let (direct, punches) = Direct::new(keypair.clone(), network, &options.data, addresses, circuits);
        let shared = Arc::new(Shared {
            node,
            role: options.role,
            hosting: options.hosting,
            hold: options.hold,
            viewing: Arc::default(),
            me,
            network: options.network,
            barred: Arc::default(),
            nearby: Mutex::default(),
            links: Mutex::default(),
            relays: Mutex::default(),
            other_relays: Mutex::default(),
            typing: broadcast::Sender::new(TYPING),
            seen: Board::default(),
            captions: Board::default(),
            next_link: AtomicU64::new(0),
            turns: Mutex::default(),
            audits: Mutex::new(Audits::new(grace_ms)),
            grace_ms,
            ended: broadcast::Sender::new(1),
            traffic: Traffic::default(),
            direct,
        });
        let outside = Outside::new(&options.roots);
        let (arriving, arriving_rx) = mpsc::channel(websocket::ARRIVING_MAX);
        let websocket = WebSocket::new(outside.clone(), arriving_rx);
        let (swarm, listening) = Swarm::start(keypair, options.listen, websocket, shared.clone()).await?;
        let (visits, visits_rx) = mpsc::channel(VISITS);
        let mut tasks = JoinSet::new();
        let dialing = Dialing::new(shared.clone(), swarm.dialer(), outside.clone());
        let near_visits = (network != Network::RelayOnly).then(|| {
            let (near_visits, rx) = mpsc::channel(VISITS);
            let doors = Doors { dialer: swarm.dialer(), circuits: swarm.circuits() };
            tasks.spawn(Nearing::new(shared.clone(), doors).run(rx, punches));
            near_visits
        });
        tasks.spawn(circuit::Switch::new(shared.clone(), swarm.circuits()).run());
        tasks.spawn(tell_typing(shared.clone()));
        tasks.spawn(fetch::fill(shared.clone()));
        tasks.spawn(holding::keep_within_bounds(shared.clone()));
        tasks.spawn(swarm.run());
        tasks.spawn(dialing.run(visits_rx));
        let tasks = Arc::new(Mutex::new(tasks));
        let dial_backs = DialBacks::new();
        Ok(Self {
            shared,
            visits,
            near_visits,
            arriving,
            outside,
            dial_backs,
            tasks,
            peer_key: me,
            listening,
        })
    }

    /// Its key, by which others know that they have reached it.
    #[must_use]
    pub const fn peer_key(&self) -> PeerKey {
        self.peer_key
    }

    /// Where it listens, where it does.
    #[must_use]
    pub const fn listening(&self) -> Option<SocketAddr> {
        self.listening
    }

    /// Takes a socket that came in at a relay's window, upgraded already. `from`: where it came from, where that is known. False
    /// where too many wait: it is to be closed.
    #[must_use]
    pub fn take(&self, socket: websocket::Socket, from: Option<IpAddr>) -> bool {
        self.arriving.try_send(websocket::Arriving { socket, from }).is_ok()
    }

    /// Where it is, where it says so in invites.
    #[must_use]
    pub fn place(&self) -> Option<Place> {
        let Shared { network, role, .. } = *self.shared;
        let beside_a_relay = network == Network::Direct;
        let place = || Place { peer: self.peer_key, addresses: self.shared.told(), beside_a_relay };
        (role == Role::Node && network != Network::RelayOnly).then(place)
    }

    /// Ends every link. What was taken in is durable; what was not comes again.
    pub async fn stop(&self) {
        let mut tasks = std::mem::take(&mut *lock(&self.tasks));
        tasks.shutdown().await;
    }
}

impl Shared {
    /// Changes whose turn it is, and tells those whose turn has come.
    fn give_turns(&self, change: impl FnOnce(&mut Turns)) {
        let mut turns = lock(&self.turns);
        change(&mut turns);
        let next = turns.next();
        drop(turns);
        let links = lock(&self.links);
        links.values().filter(|slot| next.contains(&slot.id)).for_each(|slot| slot.turn.notify_one());
    }
}

impl std::fmt::Debug for Mesh {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Mesh").field("peer_key", &self.peer_key).finish_non_exhaustive()
    }
}

// Nothing under these locks leaves them half-changed: a panic elsewhere does not make them unusable.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// People who are writing and have not been told of.
const TYPING: usize = 64;
/// Visits that may be asked for at the same time.
const VISITS: usize = 16;
