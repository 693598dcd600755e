//! Which relays are dialed.

use super::carry::Asking;
use super::dialer::Dialer;
use super::keeping::Keeping;
use super::outside::Outside;
use super::whom::{self, RELAYS_MAX};
use super::{RelayState, Shared, VisitFailure, lock};
use nexus_core::{InviteCode, View};
use nexus_crdt::id::SpaceId;
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
/// How often it is looked whether something waits of a space that everybody here has left.
const LEFT: Duration = Duration::from_secs(10);
/// A relay that was replaced, or whose guild was left, is kept for so long: it may be away for a while.
const PARTING_FOR: Duration = Duration::from_secs(600);
/// Visits that wait for one relay's link.
const ASKS: usize = 16;

/// The task that keeps links to relays.
pub(super) struct Dialing {
    shared: Arc<Shared>,
    dialer: Dialer,
    outside: Outside,
    keepers: BTreeMap<String, Keeper>,
    visited: BTreeMap<String, Instant>,
    /// Those that guilds here named before, and since when they are not needed.
    parting: BTreeMap<String, Instant>,
    /// Those that failed and were not reached since.
    down: BTreeSet<String>,
    /// Spaces that everybody here has left, and when they were looked at ..
    left: (BTreeSet<SpaceId>, Instant),
    /// .. those of which something written here is held by nobody else yet.
    unsaid: BTreeSet<SpaceId>,
    tasks: JoinSet<()>,
}

struct Keeper {
    abort: AbortHandle,
    asks: mpsc::Sender<Asking>,
}

impl Dialing {
    pub(super) fn new(shared: Arc<Shared>, dialer: Dialer, outside: Outside) -> Self {
        Self {
            shared,
            dialer,
            outside,
            keepers: BTreeMap::new(),
            visited: BTreeMap::new(),
            parting: BTreeMap::new(),
            down: BTreeSet::new(),
            left: (BTreeSet::new(), Instant::now()),
            unsaid: BTreeSet::new(),
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
        self.look_at_what_was_left(&view);
        let mut wanted = whom::relays(self.shared.role, &view, &self.unsaid, &self.down);
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

    // Who goes as the last from here has still to be heard to go.
    fn look_at_what_was_left(&mut self, view: &View) {
        let left = whom::left(view);
        if left == self.left.0 && (left.is_empty() || self.left.1.elapsed() < LEFT) {
            return;
        }
        // Where the store fails, it is looked once more.
        let Ok(reader) = self.shared.node.read() else { return };
        self.unsaid = left.iter().filter(|space| reader.waits(space).unwrap_or(false)).copied().collect();
        self.left = (left, Instant::now());
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
        let keeping = Keeping {
            shared: self.shared.clone(),
            dialer: self.dialer.clone(),
            outside: self.outside.clone(),
            url: url.clone(),
            asks: rx,
        };
        let abort = self.tasks.spawn(keeping.run());
        self.keepers.insert(url, Keeper { abort, asks });
    }
}
