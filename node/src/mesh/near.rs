//! Nodes on the same network: dialing those that were found, and showing invites to all of them.

use super::carry::{self, Asking, End, Over};
use super::dialer::{Dialer, Reached};
use super::nearby::Outcome;
use super::pulse::Pulse;
use super::road::ways_to;
use super::{Shared, VisitFailure, lock};
use nexus_core::sync::CloseReason;
use nexus_core::{InviteCode, PeerKey};
use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinSet;

/// Somebody was shown an invite that a node on this network may know.
pub(super) struct NearVisit {
    pub(super) code: InviteCode,
    pub(super) answer: oneshot::Sender<Result<(), VisitFailure>>,
}

/// How long everybody on the network may take, those included who are still being found.
const PATIENCE: Duration = Duration::from_secs(12);
/// How often it is seen to who is there.
const RECKON: Duration = Duration::from_millis(200);
/// Visits at the same time.
const VISITS_MAX: usize = 16;

/// The task that keeps links to nodes nearby.
pub(super) struct Nearing {
    shared: Arc<Shared>,
    dialer: Dialer,
    dialed: JoinSet<(PeerKey, Outcome)>,
    visiting: Vec<Visiting>,
    last: u64,
    answers: JoinSet<(u64, Result<(), VisitFailure>)>,
}

struct Visiting {
    number: u64,
    visit: NearVisit,
    until: Instant,
    asked: BTreeSet<PeerKey>,
    was_denied: bool,
}

impl Nearing {
    pub(super) fn new(shared: Arc<Shared>, dialer: Dialer) -> Self {
        let (dialed, answers) = (JoinSet::new(), JoinSet::new());
        Self { shared, dialer, dialed, visiting: Vec::new(), last: 0, answers }
    }

    /// Until it is dropped; its links end with it.
    pub(super) async fn run(mut self, mut visits: mpsc::Receiver<NearVisit>) {
        let mut reckon = tokio::time::interval(RECKON);
        loop {
            tokio::select! {
                _ = reckon.tick() => self.reckon(),
                visit = visits.recv() => match visit {
                    Some(visit) => self.visit(visit),
                    None => return,
                },
                Some(Ok((peer, outcome))) = self.dialed.join_next() => {
                    lock(&self.shared.nearby).over(&peer, outcome, Instant::now());
                }
                Some(Ok((number, answer))) = self.answers.join_next() => self.answered(number, answer),
            }
        }
    }

    fn reckon(&mut self) {
        let linked: BTreeSet<PeerKey> = lock(&self.shared.links).keys().copied().collect();
        let due = lock(&self.shared.nearby).due(&self.shared.me, &linked, Instant::now());
        for (peer, addresses) in due {
            self.dialed.spawn(dial(self.shared.clone(), self.dialer.clone(), peer, addresses));
        }
        self.ask_around();
    }

    fn visit(&mut self, visit: NearVisit) {
        if self.visiting.len() >= VISITS_MAX {
            let _ = visit.answer.send(Err(VisitFailure::NotReached(String::from("too many visits"))));
            return;
        }
        self.last += 1;
        self.visiting.push(Visiting {
            number: self.last,
            visit,
            until: Instant::now() + PATIENCE,
            asked: BTreeSet::new(),
            was_denied: false,
        });
        lock(&self.shared.nearby).hurry(Instant::now());
        self.reckon();
    }

    // Who is found or linked later is asked too.
    fn ask_around(&mut self) {
        let links = lock(&self.shared.links);
        let peers = links.iter().filter(|(_, slot)| slot.status.relay.is_none());
        for (peer, slot) in peers {
            for visiting in self.visiting.iter_mut().filter(|visiting| !visiting.asked.contains(peer)) {
                let (answer, rx) = oneshot::channel();
                if slot.asks.try_send(Asking { code: visiting.visit.code, answer }).is_ok() {
                    visiting.asked.insert(*peer);
                    let number = visiting.number;
                    self.answers.spawn(async move {
                        let gone = Err(VisitFailure::NotReached(String::from("it went away")));
                        (number, rx.await.unwrap_or(gone))
                    });
                }
            }
        }
        drop(links);
        let now = Instant::now();
        let (over, going): (Vec<_>, Vec<_>) =
            std::mem::take(&mut self.visiting).into_iter().partition(|visiting| visiting.until <= now);
        self.visiting = going;
        for Visiting { visit, asked, was_denied, .. } in over {
            let why = if asked.is_empty() { "nobody is near" } else { "nobody near answers" };
            let failure = match was_denied {
                true => VisitFailure::UnknownInvite,
                false => VisitFailure::NotReached(String::from(why)),
            };
            // Whoever asked may have gone away.
            let _ = visit.answer.send(Err(failure));
        }
    }

    // One who knows it is enough; that another does not says nothing.
    fn answered(&mut self, number: u64, answer: Result<(), VisitFailure>) {
        let Some(at) = self.visiting.iter().position(|visiting| visiting.number == number) else { return };
        match answer {
            Ok(()) => drop(self.visiting.remove(at).visit.answer.send(Ok(()))),
            Err(failure) => {
                if let Some(visiting) = self.visiting.get_mut(at) {
                    visiting.was_denied |= failure == VisitFailure::UnknownInvite;
                }
            }
        }
    }
}

async fn dial(
    shared: Arc<Shared>,
    dialer: Dialer,
    peer: PeerKey,
    addresses: Vec<SocketAddr>,
) -> (PeerKey, Outcome) {
    let Ok(Reached { stream, road }) = dialer.reach(&peer, &ways_to(&addresses)).await else {
        return (peer, Outcome::Failed);
    };
    let begun = Instant::now();
    let pulse = Arc::new(Pulse::new(begun));
    let end = End { peer, relay: None, road, address: addresses.first().map(SocketAddr::ip), pulse };
    let outcome = match carry::carry(shared, end, stream, None).await {
        Over::Closed(CloseReason::Stranger) => Outcome::Stranger,
        _ if begun.elapsed() < HELD => Outcome::Failed,
        _ => Outcome::Ended,
    };
    (peer, outcome)
}

/// How long a link must hold to be tried again at once.
const HELD: Duration = Duration::from_secs(2);
