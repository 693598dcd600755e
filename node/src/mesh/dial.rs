//! Dialing relays until a link is up, and again when it ends.

use super::carry::{self, Asking, End, Over};
use super::look_up::{self, Reach, look_up};
use super::swarm::Dialer;
use super::whom::{self, RELAYS_MAX};
use super::{RelayState, Shared, VisitFailure, lock};
use crate::node_now_ms;
use nexus_core::sync::frame::Role;
use nexus_core::{InviteCode, PeerKey, View};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::{mpsc, oneshot};
use tokio::task::{AbortHandle, JoinSet};

/// Somebody was shown an invite of a relay's.
pub(super) struct Visit {
    pub(super) relay: String,
    pub(super) code: InviteCode,
    pub(super) answer: oneshot::Sender<Result<(), VisitFailure>>,
}

/// How long a visit may take: a look-up, a dial, and a guild's governance.
pub(super) const VISIT_PATIENCE: Duration = Duration::from_secs(30);
/// How often the set is compared with the view.
const RECKON: Duration = Duration::from_millis(500);
/// A relay that was only visited is kept for so long after; then it must stand in the view.
const VISITED_FOR: Duration = Duration::from_secs(120);
/// A relay that was replaced is kept for so long: it may be away for a while.
const PARTING_FOR: Duration = Duration::from_secs(600);
/// Visits that wait for one relay's link.
const ASKS: usize = 16;

/// The task that keeps links to relays.
pub(super) struct Dialing {
    shared: Arc<Shared>,
    dialer: Dialer,
    client: reqwest::Client,
    keepers: BTreeMap<String, Keeper>,
    visited: BTreeMap<String, Instant>,
    /// Those that guilds here named before, and since when they are not needed.
    parting: BTreeMap<String, Instant>,
    /// Those that failed and were not reached since.
    down: BTreeSet<String>,
    tasks: JoinSet<()>,
}

struct Keeper {
    abort: AbortHandle,
    asks: mpsc::Sender<Asking>,
}

impl Dialing {
    pub(super) fn new(shared: Arc<Shared>, dialer: Dialer) -> Self {
        Self {
            shared,
            dialer,
            client: look_up::client(),
            keepers: BTreeMap::new(),
            visited: BTreeMap::new(),
            parting: BTreeMap::new(),
            down: BTreeSet::new(),
            tasks: JoinSet::new(),
        }
    }

    /// Until it is dropped; its links end with it.
    pub(super) async fn run(mut self, mut visits: mpsc::Receiver<Visit>) {
        let mut reckon = tokio::time::interval(RECKON);
        loop {
            tokio::select! {
                _ = reckon.tick() => self.reckon(),
                visit = visits.recv() => match visit {
                    Some(visit) => self.visit(visit),
                    None => return,
                },
                Some(_) = self.tasks.join_next() => {}
            }
        }
    }

    fn visit(&mut self, visit: Visit) {
        self.visited.insert(visit.relay.clone(), Instant::now());
        self.reckon();
        let asking = Asking { code: visit.code, answer: visit.answer };
        let Some(keeper) = self.keepers.get(&visit.relay) else {
            let _ = asking.answer.send(Err(VisitFailure::NotReached(String::from("too many relays"))));
            return;
        };
        if let Err(error) = keeper.asks.try_send(asking) {
            let asking = error.into_inner();
            let _ = asking.answer.send(Err(VisitFailure::NotReached(String::from("too many visits"))));
        }
    }

    fn reckon(&mut self) {
        self.visited.retain(|_, since| since.elapsed() < VISITED_FOR);
        for (url, state) in &*lock(&self.shared.relays) {
            match state {
                RelayState::Connected => drop(self.down.remove(url)),
                RelayState::Failing { .. } => drop(self.down.insert(url.clone())),
                RelayState::Connecting => {}
            }
        }
        let view = self.shared.node.view();
        let mut wanted = whom::relays(self.shared.role, &view, &self.down);
        wanted.extend(self.visited.keys().cloned());
        self.part(&view, &mut wanted);
        let gone: Vec<String> = self.keepers.keys().filter(|url| !wanted.contains(*url)).cloned().collect();
        for url in gone {
            if let Some(keeper) = self.keepers.remove(&url) {
                keeper.abort.abort();
            }
            lock(&self.shared.relays).remove(&url);
            lock(&self.shared.other_relays).retain(|_, known| *known != url);
            self.down.remove(&url);
        }
        for url in wanted {
            if self.keepers.len() < RELAYS_MAX && !self.keepers.contains_key(&url) {
                self.keep(url);
            }
        }
    }

    // A relay that was replaced is told so before it is left: members who know no other hear of the next one from it.
    fn part(&mut self, view: &View, wanted: &mut BTreeSet<String>) {
        self.parting.retain(|url, _| !wanted.contains(url) && self.keepers.contains_key(url));
        for url in self.keepers.keys().filter(|url| !wanted.contains(*url)) {
            if !self.parting.contains_key(url) && whom::was_named(view, url) {
                self.parting.insert(url.clone(), Instant::now());
            }
        }
        let soon = self.parting.iter().filter(|(_, since)| since.elapsed() < PARTING_FOR);
        wanted.extend(soon.map(|(url, _)| url.clone()));
    }

    fn keep(&mut self, url: String) {
        let (asks, rx) = mpsc::channel(ASKS);
        let keeping = keep(self.shared.clone(), self.dialer.clone(), self.client.clone(), url.clone(), rx);
        let abort = self.tasks.spawn(keeping);
        self.keepers.insert(url, Keeper { abort, asks });
    }
}

async fn keep(
    shared: Arc<Shared>,
    dialer: Dialer,
    client: reqwest::Client,
    url: String,
    mut asks: mpsc::Receiver<Asking>,
) {
    let state = |state| drop(lock(&shared.relays).insert(url.clone(), state));
    let mut failures = 0;
    loop {
        state(RelayState::Connecting);
        let begun = Instant::now();
        let why = match connect(&shared, &dialer, &client, &url).await {
            Ok(Way::There(peer)) => {
                state(RelayState::Connected);
                beside(&shared, &peer, &mut asks).await;
                failures = 0;
                Over::Connection.to_string()
            }
            Ok(Way::New(end, stream)) => {
                state(RelayState::Connected);
                let over = carry::carry(shared.clone(), end, stream, Some(&mut asks)).await;
                // A link that held is tried again at once: mostly the relay was only restarted.
                if begun.elapsed() > HELD && over == Over::Connection {
                    failures = 0;
                }
                over.to_string()
            }
            Err(why) => {
                while let Ok(asking) = asks.try_recv() {
                    let _ = asking.answer.send(Err(VisitFailure::NotReached(why.clone())));
                }
                why
            }
        };
        let wait = backoff(failures);
        failures += 1;
        state(RelayState::Failing { why, next_ms: node_now_ms() + wait.as_millis() as u64 });
        tokio::time::sleep(wait).await;
    }
}

/// How one comes to a relay.
enum Way {
    /// By a new link.
    New(End, libp2p::Stream),
    /// It has dialed this relay, and is known by its key.
    There(PeerKey),
}

async fn connect(
    shared: &Shared,
    dialer: &Dialer,
    client: &reqwest::Client,
    url: &str,
) -> Result<Way, String> {
    let found = look_up(client, url, reach_of(shared)).await.map_err(|error| error.to_string())?;
    if found.peer == shared.me {
        return Err(String::from("it is this very program"));
    }
    if shared.role == Role::Relay {
        lock(&shared.other_relays).insert(found.peer, url.to_owned());
        if is_linked(shared, &found.peer) {
            return Ok(Way::There(found.peer));
        }
    }
    let (stream, road) = dialer.reach(&found.peer, &found.addresses).await?;
    Ok(Way::New(End { peer: found.peer, relay: Some(url.to_owned()), road, address: None }, stream))
}

// Strangers name the relays that a relay dials: of its own network they shall learn nothing by it.
fn reach_of(shared: &Shared) -> Reach {
    let near = shared.node.view().home_relays.iter().any(|own| look_up::is_near_by_name(own));
    if shared.role == Role::Node || near { Reach::Anywhere } else { Reach::Public }
}

fn is_linked(shared: &Shared, peer: &PeerKey) -> bool {
    lock(&shared.links).get(peer).is_some_and(|slot| slot.status.relay.is_some())
}

/// Waits while the link stands that the other relay dialed, and lets invites be asked for on it.
async fn beside(shared: &Shared, peer: &PeerKey, asks: &mut mpsc::Receiver<Asking>) {
    while is_linked(shared, peer) {
        let Ok(Some(asking)) = tokio::time::timeout(RECKON, asks.recv()).await else { continue };
        let own_asks = lock(&shared.links).get(peer).map(|slot| slot.asks.clone());
        let failed = match own_asks {
            Some(own_asks) => own_asks.send(asking).await.err().map(|error| error.0),
            None => Some(asking),
        };
        if let Some(asking) = failed {
            let ended = String::from("the link to the relay ended");
            let _ = asking.answer.send(Err(VisitFailure::NotReached(ended)));
        }
    }
}

/// How long a link must hold to begin anew with patience.
const HELD: Duration = Duration::from_millis(500);
const BACKOFF_FIRST: Duration = Duration::from_millis(250);
const BACKOFF_MAX: Duration = Duration::from_secs(30);

/// Twice as long each time, up to [`BACKOFF_MAX`], each time between half of it and all of it: many nodes of one relay
/// do not come back in step.
fn backoff(failures: u32) -> Duration {
    let whole = BACKOFF_FIRST.saturating_mul(1 << failures.min(10)).min(BACKOFF_MAX);
    whole.mul_f64(rand::random_range(0.5..=1.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_retry_is_soon_and_none_is_later_than_half_a_minute() {
        for failures in 0..40 {
            let wait = backoff(failures);
            assert!(wait <= BACKOFF_MAX && wait >= BACKOFF_FIRST / 2);
        }
        assert!(backoff(0) <= BACKOFF_FIRST);
    }
}
