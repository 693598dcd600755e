//! Other nodes: dialing those that were found, told of or led to, meeting half-way those behind routers, and showing invites to
//! all of them.

use super::carry::{self, Asking, End, Over};
use super::circuit;
use super::dialer::{Dialer, Reached};
use super::direct::Punch;
use super::nearby::{Outcome, Ways};
use super::pulse::Pulse;
use super::road::ways_to;
use super::{Network, Road, Shared, VisitFailure, lock};
use futures_util::io::{AsyncRead, AsyncWrite};
use libp2p_stream::Control;
use nexus_core::sync::CloseReason;
use nexus_core::{Addresses, Holder, InviteCode, PeerKey, is_near};
use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::{mpsc, oneshot};
use tokio::task::{AbortHandle, JoinSet};

/// Somebody was shown an invite that another node may know, the one that made it, for instance.
pub(super) struct NearVisit {
    pub(super) code: InviteCode,
    pub(super) holder: Option<Holder>,
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
    doors: Doors,
    dialed: JoinSet<(PeerKey, Outcome)>,
    punching: BTreeMap<PeerKey, AbortHandle>,
    punched: JoinSet<PeerKey>,
    visiting: Vec<Visiting>,
    last: u64,
    answers: JoinSet<(u64, Result<(), VisitFailure>)>,
}

/// Both ways out.
#[derive(Clone)]
pub(super) struct Doors {
    pub(super) dialer: Dialer,
    pub(super) circuits: Control,
}

struct Visiting {
    number: u64,
    visit: NearVisit,
    until: Instant,
    asked: BTreeSet<PeerKey>,
    was_denied: bool,
}

impl Nearing {
    pub(super) fn new(shared: Arc<Shared>, doors: Doors) -> Self {
        let (dialed, punched, answers) = (JoinSet::new(), JoinSet::new(), JoinSet::new());
        let punching = BTreeMap::new();
        Self { shared, doors, dialed, punching, punched, visiting: Vec::new(), last: 0, answers }
    }

    /// Until it is dropped; its links end with it.
    pub(super) async fn run(
        mut self,
        mut visits: mpsc::Receiver<NearVisit>,
        mut punches: mpsc::Receiver<Punch>,
    ) {
        self.shared.recall();
        let mut reckon = tokio::time::interval(RECKON);
        loop {
            tokio::select! {
                _ = reckon.tick() => self.reckon(),
                visit = visits.recv() => match visit {
                    Some(visit) => self.visit(visit),
                    None => return,
                },
                Some(punch) = punches.recv() => self.punch(punch),
                Some(Ok(peer)) = self.punched.join_next() => drop(self.punching.remove(&peer)),
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
        for (peer, ways) in due {
            self.dialed.spawn(dial(self.shared.clone(), self.doors.clone(), peer, ways));
        }
        self.ask_around();
    }

    // One at a time for each, the newest: both sides begin anew where one of them has moved. Whoever has come to a link of their
    // own asks for no other: what is ended here is only a try.
    fn punch(&mut self, Punch { peer, addresses }: Punch) {
        let trying = self.punched.spawn(punch(self.shared.clone(), self.doors.clone(), peer, addresses));
        if let Some(before) = self.punching.insert(peer, trying) {
            before.abort();
        }
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
        self.seek();
        let mut nearby = lock(&self.shared.nearby);
        if let Some(Visiting { visit: NearVisit { holder: Some(holder), .. }, .. }) = self.visiting.last() {
            let may_be_dialed = |at: SocketAddr| self.shared.network == Network::Direct || is_near(at.ip());
            let some = holder.addresses.iter().filter(|address| may_be_dialed(address.at()));
            nearby.told(holder.peer, &Addresses::first_of(some), Instant::now());
        }
        nearby.hurry(Instant::now());
        drop(nearby);
        self.reckon();
    }

    // Whoever holds an invite seeks its guild at the relays that they use, too.
    fn seek(&self) {
        let holders = self.visiting.iter().filter_map(|visiting| visiting.visit.holder.as_ref());
        let guilds: BTreeSet<_> = holders.map(|holder| holder.guild).collect();
        self.shared.direct.seeking.send_if_modified(|seeking| match seeking {
            Some(before) if *before != guilds => {
                *before = guilds;
                true
            }
            _ => false,
        });
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
        if !over.is_empty() {
            self.seek();
        }
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

// On this network first. Then through a relay: it is quick where the other is there, and both learn how to meet half-way. A
// relay may say so only while the addresses that were told are being tried.
async fn dial(shared: Arc<Shared>, doors: Doors, peer: PeerKey, ways: Ways) -> (PeerKey, Outcome) {
    let near: Vec<SocketAddr> = ways.near.into_iter().collect();
    if let Ok(Reached { stream, road }) = doors.dialer.reach(&peer, &ways_to(&near)).await {
        return (peer, link(shared, peer, road, near.first(), stream).await);
    }
    let mut told = pin!(doors.dialer.reach_at_once(&peer, &ways.told));
    let mut tried = BTreeSet::new();
    let reached = loop {
        let relays = lock(&shared.nearby).through(&peer);
        for relay in relays.into_iter().filter(|relay| tried.insert(*relay)) {
            match circuit::through(&shared, doors.circuits.clone(), &relay, peer).await {
                Ok(circuit) => return (peer, link(shared, peer, Road::Circuit, None, circuit).await),
                Err(why) => tracing::debug!(%why, "no circuit"),
            }
        }
        tokio::select! {
            reached = &mut told => break reached,
            () = tokio::time::sleep(RECKON) => {}
        }
    };
    let Ok((connection, road)) = reached else { return (peer, Outcome::Failed) };
    match doors.dialer.open_on(&peer, connection).await {
        Ok(stream) => (peer, link(shared, peer, road, None, stream).await),
        Err(_) => (peer, Outcome::Failed),
    }
}

async fn link(
    shared: Arc<Shared>,
    peer: PeerKey,
    road: Road,
    address: Option<&SocketAddr>,
    stream: impl AsyncRead + AsyncWrite + Send + Unpin + 'static,
) -> Outcome {
    let begun = Instant::now();
    let pulse = Arc::new(Pulse::new(begun));
    let address = address.map(SocketAddr::ip);
    let end = End { peer, relay: None, road, address, seen_at: None, pulse };
    match carry::carry(shared, end, stream, None).await {
        Over::Closed(CloseReason::Stranger) => Outcome::Stranger,
        _ if begun.elapsed() < HELD => Outcome::Failed,
        _ => Outcome::Ended,
    }
}

/// Both sides know where the other is, and dial at the same time. A router between lets in what looks like an answer; where
/// both routers choose a new port for each whom they send to, nothing does, and the circuit carries on.
async fn punch(shared: Arc<Shared>, doors: Doors, peer: PeerKey, addresses: Addresses) -> PeerKey {
    let addresses = addresses.iter().map(|address| address.at()).collect();
    let is_direct = || {
        let links = lock(&shared.links);
        links.get(&peer).is_some_and(|slot| slot.status.road != Road::Circuit)
    };
    let Ok((connection, road)) = doors.dialer.reach_at_once(&peer, &addresses).await else { return peer };
    // Of two streams one would end the other: the lower key's stands, where there is one.
    if shared.me > peer {
        tokio::time::sleep(SECOND_WAITS).await;
    }
    if !is_direct()
        && let Ok(stream) = doors.dialer.open_on(&peer, connection).await
    {
        link(shared, peer, road, None, stream).await;
    }
    peer
}

/// How long the greater key waits for the other's stream.
const SECOND_WAITS: Duration = Duration::from_secs(2);
/// How long a link must hold to be tried again at once.
const HELD: Duration = Duration::from_secs(2);
