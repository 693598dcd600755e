//! Which relays are dialed, and dialing them until a link is up.

use super::carry::{self, Asking, End, Over};
use super::look_up::{self, look_up};
use super::swarm::Dialer;
use super::{RelayState, Shared, VisitFailure, lock};
use crate::node_now_ms;
use nexus_core::sync::frame::Role;
use nexus_core::{InviteCode, View};
use nexus_crdt::body::governance::SpaceKind;
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
/// Relays that are dialed at the same time.
const RELAYS_MAX: usize = 32;
/// How often the set is compared with the view.
const RECKON: Duration = Duration::from_millis(500);
/// A relay that was only visited is kept for so long after; then it must stand in the view.
const VISITED_FOR: Duration = Duration::from_secs(120);
/// Visits that wait for one relay's link.
const ASKS: usize = 16;

/// The task that keeps links to relays.
pub(super) struct Dialing {
    shared: Arc<Shared>,
    dialer: Dialer,
    client: reqwest::Client,
    keepers: BTreeMap<String, Keeper>,
    visited: BTreeMap<String, Instant>,
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
        let mut wanted = if self.shared.role == Role::Node {
            relays_of(&self.shared.node.view())
        } else {
            BTreeSet::new()
        };
        wanted.extend(self.visited.keys().cloned());
        let gone: Vec<String> = self.keepers.keys().filter(|url| !wanted.contains(*url)).cloned().collect();
        for url in gone {
            if let Some(keeper) = self.keepers.remove(&url) {
                keeper.abort.abort();
            }
            lock(&self.shared.relays).remove(&url);
        }
        for url in wanted {
            if self.keepers.len() < RELAYS_MAX && !self.keepers.contains_key(&url) {
                self.keep(url);
            }
        }
    }

    fn keep(&mut self, url: String) {
        let (asks, rx) = mpsc::channel(ASKS);
        let keeping = keep(self.shared.clone(), self.dialer.clone(), self.client.clone(), url.clone(), rx);
        let abort = self.tasks.spawn(keeping);
        self.keepers.insert(url, Keeper { abort, asks });
    }
}

/// The relays that a program's people use, those of the guilds they are in, and those of the people they talk to.
fn relays_of(view: &View) -> BTreeSet<String> {
    let mut relays: BTreeSet<String> = view.home_relays.iter().cloned().collect();
    let spaces: BTreeSet<_> = view.guilds_of.values().flatten().collect();
    for guild in spaces.into_iter().filter_map(|space| view.guilds.get(space)) {
        match guild.facts.kind {
            SpaceKind::Guild => relays.extend(guild.relays.iter().cloned()),
            SpaceKind::Conversation => {
                let people = guild.facts.owners.iter().filter_map(|user| view.users.get(user));
                relays.extend(people.flat_map(|user| user.relays.iter().cloned()));
            }
        }
    }
    relays
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
            Ok((end, stream)) => {
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

async fn connect(
    shared: &Shared,
    dialer: &Dialer,
    client: &reqwest::Client,
    url: &str,
) -> Result<(End, libp2p::Stream), String> {
    let found = look_up(client, url).await.map_err(|error| error.to_string())?;
    if found.peer == shared.me {
        return Err(String::from("it is this very program"));
    }
    let (stream, road) = dialer.reach(&found.peer, &found.addresses).await?;
    Ok((End { peer: found.peer, relay: Some(url.to_owned()), road, address: None }, stream))
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
