//! The mesh: links to other programs, by libp2p over QUIC and TCP. What is said on a link, [`nexus_core::sync`] decides; here
//! are the sockets.
//!
//! A program listens where it was told to, and dials relays: its own, those that guilds of its people name, and those of the
//! people it has conversations with. It has no discovery and tells nobody where it is: no frame to any peer holds an address.

mod barred;
mod carry;
mod dial;
mod intake;
mod key;
mod look_up;
mod swarm;
mod wire;

pub use look_up::LookUpError;

use crate::status::{MeshStatus, PeerStatus, RelayStatus};
use crate::{FeedError, Node};
use barred::Barred;
use dial::Dialing;
use nexus_core::sync::frame::{Role, Typing};
use nexus_core::sync::{Facts, Hosting};
use nexus_core::{BaseUrl, Change, InviteCode, PeerKey};
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use swarm::{Swarm, SwarmError};
use tokio::sync::{broadcast, mpsc};
use tokio::task::JoinSet;

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
}

/// A program's place in the mesh. Cheap to clone; it ends with [`Mesh::stop`].
#[derive(Clone)]
pub struct Mesh {
    shared: Arc<Shared>,
    visits: mpsc::Sender<dial::Visit>,
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

/// What the tasks and the handle both see.
struct Shared {
    node: Node,
    role: Role,
    hosting: Hosting,
    me: PeerKey,
    barred: Mutex<Barred>,
    links: Mutex<BTreeMap<PeerKey, LinkStatus>>,
    relays: Mutex<BTreeMap<String, RelayState>>,
    /// People here, and those that a relay here heard of, who are writing.
    typing: broadcast::Sender<Typing>,
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
        let shared = Arc::new(Shared {
            node,
            role: options.role,
            hosting: options.hosting,
            me,
            barred: Mutex::default(),
            links: Mutex::default(),
            relays: Mutex::default(),
            typing: broadcast::Sender::new(TYPING),
        });
        let (swarm, listening) = Swarm::start(keypair, options.listen, shared.clone()).await?;
        let (visits, visits_rx) = mpsc::channel(VISITS);
        let mut tasks = JoinSet::new();
        let dialing = Dialing::new(shared.clone(), swarm.dialer());
        tasks.spawn(tell_typing(shared.clone()));
        tasks.spawn(swarm.run());
        tasks.spawn(dialing.run(visits_rx));
        Ok(Self { shared, visits, tasks: Arc::new(Mutex::new(tasks)), peer_key: me, listening })
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

    /// Brings the governance behind an invite here, as a guest. Afterwards the view knows the guild and its invite.
    ///
    /// # Errors
    /// [`VisitFailure`].
    pub async fn visit(&self, relay: &BaseUrl, code: InviteCode) -> Result<(), VisitFailure> {
        let gone = || VisitFailure::NotReached(String::from("the program is stopping"));
        let (answer, rx) = tokio::sync::oneshot::channel();
        let visit = dial::Visit { relay: relay.to_string(), code, answer };
        self.visits.send(visit).await.map_err(|_| gone())?;
        match tokio::time::timeout(dial::VISIT_PATIENCE, rx).await {
            Ok(outcome) => outcome.map_err(|_| gone())?,
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
        lock(&self.shared.links).iter().map(|(peer, link)| (*peer, link.clone())).collect()
    }

    /// The relays that are dialed, by base URL.
    #[must_use]
    pub fn relays(&self) -> BTreeMap<String, RelayState> {
        lock(&self.shared.relays).clone()
    }

    /// How it stands with others; `waiting`: ops in the outbox.
    #[must_use]
    pub fn status(&self, waiting: u64) -> MeshStatus {
        let links = self.links().into_iter().map(|(peer, link)| in_numbers(peer, link)).collect::<Vec<_>>();
        let relays: Vec<RelayStatus> =
            self.relays().into_iter().map(|(url, state)| relay_status(url, state)).collect();
        let line = in_words(self.shared.role, &links, &relays, waiting);
        MeshStatus { line, peer_key: hex::encode(self.peer_key.0), relays, links }
    }

    /// Ends every link. What was taken in is durable; what was not comes again.
    pub async fn stop(&self) {
        let mut tasks = std::mem::take(&mut *lock(&self.tasks));
        tasks.shutdown().await;
    }
}

impl std::fmt::Debug for Mesh {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Mesh").field("peer_key", &self.peer_key).finish_non_exhaustive()
    }
}

fn in_numbers(peer: PeerKey, link: LinkStatus) -> PeerStatus {
    let Facts { skew_ms, giving, behind, taking, catching_up, refused, .. } = link.facts;
    PeerStatus {
        peer_key: hex::encode(peer.0),
        relay: link.relay,
        since_ms: link.since_ms,
        clock_skew_ms: skew_ms,
        giving,
        behind,
        taking,
        catching_up,
        refused: refused.into_iter().map(|(space, code)| (space.to_hex(), code)).collect(),
    }
}

fn relay_status(url: String, state: RelayState) -> RelayStatus {
    let (state, why, next_try_ms) = match state {
        RelayState::Connected => ("connected", None, None),
        RelayState::Connecting => ("connecting", None, None),
        RelayState::Failing { why, next_ms } => ("failing", Some(why), Some(next_ms)),
    };
    RelayStatus { url, state: state.to_owned(), why, next_try_ms }
}

fn in_words(role: Role, links: &[PeerStatus], relays: &[RelayStatus], waiting: u64) -> String {
    let through: Vec<&str> = links.iter().filter_map(|link| link.relay.as_deref()).collect();
    let mut line = match (role, through.is_empty()) {
        (Role::Relay, _) => format!("a relay with {} links", links.len()),
        (_, true) if relays.is_empty() => String::from("by itself: it uses no relay"),
        (_, true) => format!("offline: {waiting} waiting"),
        (_, false) if links.iter().any(|link| link.catching_up > 0) => {
            format!("syncing through relay {}", through.join(", "))
        }
        (_, false) if waiting > 0 => format!("through relay {}, {waiting} waiting", through.join(", ")),
        (_, false) => format!("through relay {}", through.join(", ")),
    };
    let skewed = links.iter().map(|link| link.clock_skew_ms).find(|skew| skew.unsigned_abs() > SKEW_MAX_MS);
    if let Some(skew) = skewed {
        let way = if skew > 0 { "behind" } else { "ahead of" };
        line += &format!("; this clock is {} s {way} theirs", skew.unsigned_abs() / 1_000);
    }
    line
}

/// How far clocks may be apart before it is said: beyond it, what is written here waits elsewhere.
const SKEW_MAX_MS: u64 = 120_000;

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
