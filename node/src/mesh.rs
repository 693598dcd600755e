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
mod outside;
mod pulse;
mod rendezvous;
mod road;
mod roads_probe;
mod said;
mod seeking;
mod slot;
mod streams;
mod swarm;
mod traffic;
pub mod websocket;
mod whereabouts;
mod whom;
mod wire;
mod words;

pub use dial_back::{DialBack, NoDialBack, PATH as DIAL_BACK, ask_to_dial_back};
pub use look_up::LookUpError;
pub use outside::{NoRoots, Roots};
pub use road::Road;
pub use roads_probe::{RoadFacts, try_roads};

use crate::status::{MeshStatus, RelayStatus};
use crate::{FeedError, Node};
use barred::Barred;
use board::Board;
use carry::End;
use dial::Dialing;
use dial_back::DialBacks;
use direct::{Direct, Word};
use futures_util::future::{self, Either};
use holding::Viewing;
use near::{Doors, Nearing};
use nearby::Nearby;
use nexus_core::sync::caption::Caption;
use nexus_core::sync::frame::{Role, Typing};
use nexus_core::sync::presence::Presence;
use nexus_core::sync::{Audits, Facts, Hold, Hosting, LinkId, Turns};
use nexus_core::{Addresses, BaseUrl, Change, Holder, InviteCode, InviteUrl, PeerAddress, PeerKey};
use nexus_crdt::id::{ChannelId, UserId};
use outside::Outside;
use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;
use std::pin::pin;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use swarm::{Swarm, SwarmError};
use tokio::sync::{Notify, broadcast, mpsc, oneshot};
use tokio::task::JoinSet;
use traffic::Traffic;
use websocket::WebSocket;

/// How a program is in the mesh.
#[derive(Clone, Debug)]
pub struct MeshOptions {
    /// The data folder, for the key.
    pub data: PathBuf,
    /// Where it is reached, by QUIC and by TCP; none: nowhere.
    pub listen: Option<SocketAddr>,
    /// Somebody's own, or a relay.
    pub role: Role,
    /// What a relay takes in.
    pub hosting: Hosting,
    /// What a node holds of its people's spaces.
    pub hold: Hold,
    /// Whom it links with beside the relays it dials.
    pub network: Network,
    /// Whose certificates are believed beside the system's.
    pub roots: Roots,
    /// Where it is reached from outside, as far as its person knows: told in [`Network::Direct`].
    pub addresses: Vec<PeerAddress>,
    /// Links between others that a relay carries at a time.
    pub circuits: usize,
    /// A node: how long a relay may lack what it said it has, before that is said. It is asked twice, so far apart at least.
    pub relay_grace: Duration,
}

/// [`MeshOptions::relay_grace`] where nobody says.
pub const RELAY_GRACE: Duration = Duration::from_secs(120);

/// Whom a node links with.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Network {
    /// Its relays and nobody else: nobody learns where it is but they.
    #[default]
    RelayOnly,
    /// .. and nodes on the same network, which it finds by mDNS (RFC 6762), as they find it. Private addresses only.
    Lan,
    /// .. and members of its people's guilds, wherever they are: by addresses, which they tell each other and invites tell, and
    /// by circuits through relays that both use.
    Direct,
}

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

/// Why a visit brought nothing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum VisitFailure {
    /// The relay was not reached, in words.
    #[error("{0}")]
    NotReached(String),
    /// It does not open to this invite.
    #[error("unknown invite")]
    UnknownInvite,
}

/// A link, as it is now.
#[derive(Clone, Debug)]
pub struct LinkStatus {
    /// The base URL that was dialed, where the peer is a relay.
    pub relay: Option<String>,
    /// By what it goes.
    pub road: Road,
    /// When it came up, Unix ms.
    pub since_ms: u64,
    /// What the protocol knows.
    pub facts: Facts,
}

/// A relay that is dialed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RelayState {
    /// Being looked up or dialed.
    Connecting,
    /// A link is up.
    Connected,
    /// It failed; in words, and when it is tried again, Unix ms.
    Failing {
        /// Why.
        why: String,
        /// When.
        next_ms: u64,
    },
}

/// A link that is up, as the others see it.
struct LinkSlot {
    id: LinkId,
    status: LinkStatus,
    /// Invites to be asked for on it.
    asks: mpsc::Sender<carry::Asking>,
    /// What others of this program have to say on it.
    words: mpsc::Sender<Word>,
    /// Told where another link to the same peer has come up.
    replaced: Arc<Notify>,
    /// Told where its turn to catch up has come.
    turn: Arc<Notify>,
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

    /// Brings the governance behind an invite here, as a guest: from its relay where it names one; and, where this node links
    /// with other nodes, from whoever made it and whoever is near. Afterwards the view knows the guild and its invite.
    ///
    /// # Errors
    /// [`VisitFailure`].
    pub async fn visit(&self, invite: &InviteUrl) -> Result<(), VisitFailure> {
        let InviteUrl { relay, code, holder } = invite;
        match (relay, &self.near_visits) {
            (Some(relay), None) => self.visit_relay(relay, *code).await,
            (None, Some(near)) => visit_near(near, *code, holder.clone()).await,
            (Some(relay), Some(near)) => {
                let near = pin!(visit_near(near, *code, holder.clone()));
                match future::select(pin!(self.visit_relay(relay, *code)), near).await {
                    Either::Left((Ok(()), _)) | Either::Right((Ok(()), _)) => Ok(()),
                    Either::Left((Err(failure), near)) => near.await.map_err(|_| failure),
                    Either::Right((Err(_), relay)) => relay.await,
                }
            }
            (None, None) => Err(VisitFailure::NotReached(String::from(match holder {
                Some(_) => "the invite names no relay, and this node dials nobody else (--network direct)",
                None => "the invite names no relay, and this node looks for nobody near (--network lan)",
            }))),
        }
    }

    async fn visit_relay(&self, relay: &BaseUrl, code: InviteCode) -> Result<(), VisitFailure> {
        let (answer, rx) = oneshot::channel();
        let visit = dial::Visit { relay: relay.to_string(), code, answer };
        self.visits.send(visit).await.map_err(|_| stopping())?;
        match tokio::time::timeout(dial::VISIT_PATIENCE, rx).await {
            Ok(outcome) => outcome.map_err(|_| stopping())?,
            Err(_) => {
                let state = lock(&self.shared.relays).get(relay.as_str()).cloned();
                Err(VisitFailure::NotReached(match state {
                    Some(RelayState::Failing { why, .. }) => why,
                    _ => String::from("the relay did not answer in time"),
                }))
            }
        }
    }

    /// The links that are up.
    #[must_use]
    pub fn links(&self) -> Vec<(PeerKey, LinkStatus)> {
        lock(&self.shared.links).iter().map(|(peer, slot)| (*peer, slot.status.clone())).collect()
    }

    /// The relays that are dialed, by base URL.
    #[must_use]
    pub fn relays(&self) -> BTreeMap<String, RelayState> {
        lock(&self.shared.relays).clone()
    }

    /// How it stands with others; `waiting`: ops in the outbox.
    #[must_use]
    pub fn status(&self, waiting: u64) -> MeshStatus {
        let links =
            self.links().into_iter().map(|(peer, link)| words::in_numbers(peer, link)).collect::<Vec<_>>();
        let relays: Vec<RelayStatus> =
            self.relays().into_iter().map(|(url, state)| words::relay_status(url, state, &links)).collect();
        let mut line = words::in_words(self.shared.role, self.shared.network, &links, &relays, waiting);
        if let anew @ 1.. = self.shared.node.view().set_back.len() {
            line +=
                &format!("; restored from a copy: {anew} accounts begin a new device when they next write");
        }
        MeshStatus {
            line,
            direct: words::direct(&links),
            told: self.shared.told().iter().map(|at| at.to_string()).collect(),
            circuits: lock(&self.shared.direct.carried).count(),
            carried: self.shared.direct.carried_bytes.load(Ordering::Relaxed),
            peer_key: hex::encode(self.peer_key.0),
            traffic: self.shared.traffic.with(&self.links()),
            relays,
            links,
        }
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

async fn visit_near(
    near: &mpsc::Sender<near::NearVisit>,
    code: InviteCode,
    holder: Option<Holder>,
) -> Result<(), VisitFailure> {
    let (answer, rx) = oneshot::channel();
    near.send(near::NearVisit { code, holder, answer }).await.map_err(|_| stopping())?;
    rx.await.map_err(|_| stopping())?
}

fn stopping() -> VisitFailure {
    VisitFailure::NotReached(String::from("the program is stopping"))
}

impl std::fmt::Debug for Mesh {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Mesh").field("peer_key", &self.peer_key).finish_non_exhaustive()
    }
}

// A node tells of its own people; a relay of everybody's, since nobody else does.
async fn tell_typing(shared: Arc<Shared>) {
    loop {
        let (_, mut feed) = shared.node.subscribe();
        loop {
            match feed.next().await {
                Ok(published) => {
                    for change in published.changes.iter() {
                        let Change::Typing { space, channel, user, .. } = change else { continue };
                        if shared.role == Role::Relay || published.view.local.contains(user) {
                            // Fails only where no link is up.
                            let _ =
                                shared.typing.send(Typing { space: *space, channel: *channel, user: *user });
                        }
                    }
                }
                Err(FeedError::Lagged) => break,
                Err(FeedError::Closed) => return,
            }
        }
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
