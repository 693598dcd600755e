//! One link's task: frames in and out, the protocol's decisions between them, ops on their way into the store.

use super::direct::Word;
use super::fetch::Fetching;
use super::intake::{Arrived, take_in};
use super::pulse::Pulse;
use super::road::Road;
use super::slot::Held;
use super::traffic::Counted;
use super::{LinkSlot, LinkStatus, Shared, VisitFailure, lock, wire};
use crate::node_now_ms;
use futures_util::io::{AsyncRead, AsyncReadExt as _, AsyncWrite};
use nexus_core::sync::caption::Captions;
use nexus_core::sync::frame::{Captioning, Frame, Typing};
use nexus_core::sync::presence::Presences;
use nexus_core::sync::{
    Action, CloseReason, Env, Event, Facts, Fetch, Granted, IN_ORDER_MAX, Link, LinkId, Setup,
};
use nexus_core::{Addresses, DeviceProof, InviteCode, PeerKey, StoreFault, Taken};
use nexus_crdt::id::SpaceId;
use std::collections::BTreeSet;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};
use tokio::sync::broadcast::error::RecvError;
use tokio::sync::{Notify, mpsc, oneshot};
use tokio::task::JoinSet;

/// Who is at the other end.
#[derive(Clone, Debug)]
pub(super) struct End {
    pub(super) peer: PeerKey,
    /// The base URL that was dialed.
    pub(super) relay: Option<String>,
    pub(super) road: Road,
    pub(super) address: Option<IpAddr>,
    pub(super) pulse: Arc<Pulse>,
    /// Where somebody who came by QUIC is seen: where others may reach them, too.
    pub(super) seen_at: Option<SocketAddr>,
}

/// Somebody here was shown an invite.
pub(super) struct Asking {
    pub(super) code: InviteCode,
    pub(super) answer: oneshot::Sender<Result<(), VisitFailure>>,
}

/// Why a link is over.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(super) enum Over {
    #[error("the connection ended")]
    Connection,
    #[error("{0}")]
    Closed(CloseReason),
    #[error("the store cannot be read or written now")]
    Store,
    #[error("another link to it took this one's place")]
    Replaced,
}

/// What happens, owned: the protocol looks at it on a thread that may block.
enum Happened {
    Frame(Vec<u8>),
    Proofs(Vec<DeviceProof>),
    Arrived(Option<Arc<BTreeSet<SpaceId>>>),
    Durable(u64, Taken),
    Ask(InviteCode),
    Typing(Typing),
    Presences(Presences),
    Captions(Captions),
    Turn(SpaceId, bool),
    Fewer,
    Reachable(Addresses),
    Seek(BTreeSet<SpaceId>),
    Word(Word),
    Fetch(Fetch),
    Due,
    Tick,
}

impl Happened {
    /// A few ops at most, and none where it depends on how much has gathered.
    const fn is_light(&self, is_behind: bool) -> bool {
        match self {
            Self::Frame(bytes) => bytes.len() <= LIGHT_BYTES,
            Self::Durable(..) | Self::Typing(_) | Self::Presences(_) | Self::Captions(_) => true,
            Self::Arrived(_) => !is_behind,
            Self::Reachable(_) | Self::Word(_) => true,
            Self::Fetch(_) => false,
            Self::Proofs(_) | Self::Ask(_) | Self::Turn(..) | Self::Fewer | Self::Due | Self::Tick => false,
            Self::Seek(_) => false,
        }
    }
}

/// About four messages.
const LIGHT_BYTES: usize = 2_048;

struct Carrier {
    shared: Arc<Shared>,
    end: End,
    id: LinkId,
    /// The peer had not all that was given: there may be much to read.
    is_behind: bool,
    facts: Facts,
    /// When the protocol wants to be woken, Unix ms.
    due_ms: Option<u64>,
    // Away only while it is at work on another thread.
    link: Option<Link>,
    out: mpsc::Sender<Vec<u8>>,
    integrate: mpsc::Sender<Arrived>,
    asked: Vec<Asking>,
    fetching: Fetching,
}

/// Frames that wait to be written; a peer that reads none of them is let go.
const OUT_MAX: usize = 512;
/// Frames that were read and not looked at.
const IN_MAX: usize = 4;
/// Batches that wait for the store: what is read stops here.
const INTEGRATE_MAX: usize = 4;
const TICK: Duration = Duration::from_secs(5);
/// Invites that wait to be asked for.
const ASKS: usize = 16;

/// Who else speaks to a link.
struct Ears {
    words: mpsc::Receiver<Word>,
    asks: mpsc::Receiver<Asking>,
    own_asks: mpsc::Receiver<Asking>,
    turn: Arc<Notify>,
}

/// How long a link goes on beside the one that took its place: what that one is about to bring, this one has brought.
const LINGER: Duration = Duration::from_secs(2);

/// Carries a link until it is over.
pub(super) async fn carry(
    shared: Arc<Shared>,
    end: End,
    stream: impl AsyncRead + AsyncWrite + Send + Unpin + 'static,
    asks: Option<mpsc::Receiver<Asking>>,
) -> Over {
    let peer = end.peer;
    let since_ms = node_now_ms();
    let status = LinkStatus { relay: end.relay.clone(), road: end.road, since_ms, facts: Default::default() };
    let (asks_tx, own_asks) = mpsc::channel(ASKS);
    let (words_tx, words) = mpsc::channel(ASKS);
    let replaced = Arc::new(Notify::new());
    let turn = Arc::new(Notify::new());
    let id = shared.next_link.fetch_add(1, Ordering::Relaxed);
    let slot = LinkSlot {
        id,
        status,
        asks: asks_tx,
        words: words_tx,
        replaced: replaced.clone(),
        turn: turn.clone(),
    };
    let held = Held::take(shared.clone(), peer, slot);
    let asks = asks.unwrap_or_else(|| mpsc::channel(1).1);
    let ears = Ears { words, asks, own_asks, turn };
    let over = tokio::select! {
        over = run(shared, end, id, stream, ears) => over,
        () = async {
            replaced.notified().await;
            tokio::time::sleep(LINGER).await;
        } => Over::Replaced,
    };
    drop(held);
    over
}

async fn run(
    shared: Arc<Shared>,
    end: End,
    id: LinkId,
    stream: impl AsyncRead + AsyncWrite + Send + Unpin + 'static,
    mut ears: Ears,
) -> Over {
    let (from, to) = stream.split();
    let (mut from, mut to) =
        (Counted::new(from, shared.clone(), &end.pulse), Counted::new(to, shared.clone(), &end.pulse));
    let (in_tx, mut frames) = mpsc::channel(IN_MAX);
    let (out, mut out_rx) = mpsc::channel::<Vec<u8>>(OUT_MAX);
    let (integrate, integrate_rx) = mpsc::channel::<Arrived>(INTEGRATE_MAX);
    let (durable_tx, mut durable) = mpsc::channel(INTEGRATE_MAX);
    // They end with this function.
    let mut tasks = JoinSet::new();
    tasks.spawn(async move {
        loop {
            let frame = wire::read(&mut from).await;
            let ended = frame.is_err();
            if in_tx.send(frame).await.is_err() || ended {
                break;
            }
        }
    });
    tasks.spawn(async move {
        loop {
            let frame = match tokio::time::timeout(wire::SIGN_OF_LIFE, out_rx.recv()).await {
                Ok(Some(frame)) => frame,
                Ok(None) => break,
                Err(_) => Vec::new(),
            };
            if wire::write(&mut to, &frame).await.is_err() {
                break;
            }
        }
    });
    tasks.spawn(take_in(shared.node.clone(), integrate_rx, durable_tx));
    let setup = Setup {
        me: shared.me,
        peer: end.peer,
        role: shared.role,
        relay: end.relay.clone(),
        nonce: rand::random(),
        blind: rand::random(),
        hosting: shared.hosting.clone(),
        grace_ms: shared.grace_ms,
        hold: shared.hold,
        in_order: IN_ORDER_MAX,
    };
    let mut arrived = shared.node.arrived();
    let mut typing = shared.typing.subscribe();
    let mut told = shared.seen.told();
    let mut captions = shared.captions.told();
    let mut ended = shared.ended.subscribe();
    let mut reachable = shared.direct.reachable.subscribe();
    reachable.mark_changed();
    let mut seeking = shared.direct.seeking.subscribe();
    seeking.mark_changed();
    let mut carrier = Carrier {
        shared,
        end,
        id,
        is_behind: false,
        facts: Facts::default(),
        due_ms: None,
        link: Some(Link::new(setup)),
        out,
        integrate,
        asked: Vec::new(),
        fetching: Fetching::default(),
    };
    let mut tick = tokio::time::interval(TICK);
    if let Err(over) = carrier.begin().await {
        return over;
    }
    loop {
        let room = carrier.integrate.capacity() > 0;
        let happened = tokio::select! {
            frame = frames.recv(), if room => match frame {
                Some(Ok(frame)) => Happened::Frame(frame),
                Some(Err(error)) if wire::is_too_long(&error) => return carrier.close(CloseReason::Garbage),
                _ => return Over::Connection,
            },
            done = durable.recv() => match done {
                Some((batch, Ok(taken))) => Happened::Durable(batch, taken),
                _ => return Over::Store,
            },
            spaces = arrived.recv() => match spaces {
                Ok(spaces) => Happened::Arrived(Some(spaces)),
                Err(RecvError::Lagged(_)) => Happened::Arrived(None),
                Err(RecvError::Closed) => return Over::Store,
            },
            Some(asking) = ears.asks.recv() => carrier.ask(asking),
            Some(asking) = ears.own_asks.recv() => carrier.ask(asking),
            Ok(typing) = typing.recv() => Happened::Typing(typing),
            Ok(()) = told.changed() => Happened::Presences(told.borrow_and_update().clone()),
            Ok(()) = captions.changed() => Happened::Captions(captions.borrow_and_update().clone()),
            () = ears.turn.notified() => {
                if let Err(over) = carrier.have_turns().await {
                    return over;
                }
                continue;
            }
            // Told once or often: it is the same.
            Ok(()) | Err(RecvError::Lagged(_)) = ended.recv() => Happened::Fewer,
            Ok(()) = reachable.changed() => match reachable.borrow_and_update().clone() {
                Some(addresses) => Happened::Reachable(addresses),
                None => continue,
            },
            Ok(()) = seeking.changed() => match seeking.borrow_and_update().clone() {
                Some(spaces) => Happened::Seek(spaces),
                None => continue,
            },
            Some(word) = ears.words.recv() => carrier.hear(word),
            () = until(carrier.due_ms) => Happened::Due,
            _ = tick.tick() => Happened::Tick,
        };
        let ticks = matches!(happened, Happened::Tick);
        if let Err(over) = carrier.happened(happened).await {
            return over;
        }
        if ticks && let Err(over) = carrier.ask_for_unreadable().await {
            return over;
        }
    }
}

async fn until(due_ms: Option<u64>) {
    match due_ms {
        Some(due_ms) => tokio::time::sleep(Duration::from_millis(due_ms.saturating_sub(node_now_ms()))).await,
        None => std::future::pending().await,
    }
}

impl Drop for Carrier {
    fn drop(&mut self) {
        std::mem::take(&mut self.asked).into_iter().for_each(ended);
    }
}

impl Drop for Ears {
    fn drop(&mut self) {
        while let Ok(asking) = self.asks.try_recv().or_else(|_| self.own_asks.try_recv()) {
            ended(asking);
        }
    }
}

fn ended(asking: Asking) {
    let why = String::from("the link to the relay ended");
    let _ = asking.answer.send(Err(VisitFailure::NotReached(why)));
}

impl Carrier {
    async fn begin(&mut self) -> Result<(), Over> {
        let actions = self.decide(true, |link, env| Ok(link.begin(env))).await?;
        self.perform(actions).await
    }

    async fn have_turns(&mut self) -> Result<(), Over> {
        let granted = lock(&self.shared.turns).tell(self.id);
        for Granted { space, among } in granted {
            self.happened(Happened::Turn(space, among)).await?;
        }
        Ok(())
    }

    fn hear(&mut self, word: Word) -> Happened {
        match word {
            Word::Fetch(fetch, answer) => Happened::Fetch(self.fetching.begin(fetch, answer)),
            word => Happened::Word(word),
        }
    }

    async fn ask_for_unreadable(&mut self) -> Result<(), Over> {
        let unreadable = self.shared.node.unreadable().map_err(|_| Over::Store)?;
        if unreadable.is_empty() {
            return Ok(());
        }
        let actions =
            self.decide(true, move |link, env| link.handle(Event::Unreadable(&unreadable), env)).await?;
        self.perform(actions).await
    }

    fn ask(&mut self, asking: Asking) -> Happened {
        let code = asking.code;
        self.asked.push(asking);
        Happened::Ask(code)
    }

    async fn happened(&mut self, happened: Happened) -> Result<(), Over> {
        let is_light = happened.is_light(self.is_behind);
        let actions = self
            .decide(is_light, move |link, env| {
                let event = match &happened {
                    Happened::Frame(bytes) => Event::Frame(bytes),
                    Happened::Proofs(proofs) => Event::Proofs(proofs.clone()),
                    Happened::Arrived(spaces) => Event::Arrived(spaces.as_deref()),
                    Happened::Durable(batch, taken) => Event::Durable { batch: *batch, taken },
                    Happened::Ask(code) => Event::Ask(*code),
                    Happened::Typing(typing) => Event::Typing(*typing),
                    Happened::Presences(now) => Event::Presences(now),
                    Happened::Captions(now) => Event::Captions(now),
                    Happened::Turn(space, among) => Event::Turn { space: *space, among: *among },
                    Happened::Fewer => Event::Fewer,
                    Happened::Reachable(addresses) => Event::Reachable(addresses),
                    Happened::Seek(spaces) => Event::Seek(spaces),
                    Happened::Word(Word::Found(peers)) => Event::Found(peers),
                    Happened::Word(Word::SeenAt(at)) => Event::SeenAt(*at),
                    Happened::Word(Word::Fetch(fetch, _)) | Happened::Fetch(fetch) => Event::Fetch(*fetch),
                    Happened::Due => Event::Due,
                    Happened::Tick => Event::Tick,
                };
                link.handle(event, env)
            })
            .await?;
        self.perform(actions).await
    }

    // Signatures and reads of the store are work for a thread that may be busy: windows wait on the others. What is
    // little work is done where it is: another thread takes as long to wake.
    async fn decide(
        &mut self,
        is_light: bool,
        f: impl FnOnce(&mut Link, &Env<'_>) -> Result<Vec<Action>, StoreFault> + Send + 'static,
    ) -> Result<Vec<Action>, Over> {
        let Some(mut link) = self.link.take() else { return Err(Over::Store) };
        let node = self.shared.node.clone();
        let work = move || {
            let view = node.view();
            let actions = node
                .tables()
                .and_then(|store| f(&mut link, &Env { now_ms: node_now_ms(), view: &view, store: &*store }));
            (link, actions)
        };
        let (link, actions) = match is_light {
            true => work(),
            false => tokio::task::spawn_blocking(work).await.map_err(|_| Over::Store)?,
        };
        self.tell(link.facts());
        self.due_ms = link.due_ms();
        self.link = Some(link);
        actions.map_err(|_| Over::Store)
    }

    fn tell(&mut self, facts: Facts) {
        self.end.pulse.owes(facts.awaiting, Instant::now());
        self.is_behind = facts.behind > 0;
        match lock(&self.shared.links).get_mut(&self.end.peer) {
            Some(slot) if slot.id == self.id => slot.status.facts = facts.clone(),
            // Another took this one's place, and with it what this one had counted so far.
            _ => self.shared.traffic.grew(&self.facts, &facts),
        }
        self.facts = facts;
    }

    fn is_newest(&self) -> bool {
        lock(&self.shared.links).get(&self.end.peer).is_some_and(|slot| slot.id == self.id)
    }

    // What follows from an answer that comes back at once is done here too.
    async fn perform(&mut self, actions: Vec<Action>) -> Result<(), Over> {
        let mut actions = std::collections::VecDeque::from(actions);
        while let Some(action) = actions.pop_front() {
            match action {
                Action::Send(frame) => self.send(&frame)?,
                Action::Prove { transcript, whom } => {
                    let proofs = self.shared.node.prove(transcript, whom).await;
                    let happened = Happened::Proofs(proofs);
                    actions.extend(Box::pin(self.decided(happened)).await?);
                }
                Action::Integrate { batch, ops, frontiers, cursor, gaps } => {
                    let arrived = Arrived { batch, ops, frontiers, cursor, gaps };
                    self.integrate.send(arrived).await.map_err(|_| Over::Store)?;
                }
                Action::HandedOver { space, upto } => {
                    // Where the inbox is full it is said again with the next batch, or the next link.
                    let _ = self.shared.node.handed_over(space, upto);
                }
                Action::Looked { space, look } => {
                    if let Some(relay) = &self.end.relay {
                        lock(&self.shared.audits).looked(relay, space, look, node_now_ms());
                    }
                }
                Action::Fetched { space, stream, held } => self.fetching.came(space, stream, held),
                Action::Told => {
                    let _ = self.shared.node.told();
                }
                // Of two links to one peer only one is listened to: it says the same on both.
                Action::Heard(_) if !self.is_newest() => {}
                Action::Heard(typing) => {
                    let _ = self.shared.node.heard(typing.space, typing.channel, typing.user);
                }
                Action::Seen { user, presence, first_hand } => {
                    self.shared.see(|seen| seen.heard(self.id, user, presence, first_hand));
                }
                Action::Captioned { said: Captioning { user, channel, caption }, first_hand } => {
                    self.shared.caption(|known| known.heard(self.id, (channel, user), caption, first_hand));
                }
                Action::AskTurn(space) => self.shared.give_turns(|turns| turns.ask(space, self.id)),
                Action::TurnOver { space, caught_up } => {
                    self.shared.give_turns(|turns| turns.over(space, self.id, caught_up));
                }
                Action::Feeds(space) => lock(&self.shared.turns).feeds(space, self.id),
                Action::AskQuiet { space, idle } => {
                    if lock(&self.shared.turns).may_be_quiet(space, self.id, idle) {
                        let quiet = self.decide(true, move |link, env| link.handle(Event::Quiet(space), env));
                        actions.extend(quiet.await?);
                    }
                }
                Action::Reach(addresses) => self.shared.reaches(&self.end, addresses),
                Action::Sought(tags) => self.shared.sought(&self.end, tags),
                Action::Found(peers) => self.shared.found_through(self.end.peer, peers),
                Action::Observed(at) => self.shared.moved(|known| known.observed_by(self.end.peer, at)),
                Action::Reached(code) => self.answer(code, Ok(())),
                Action::Denied(code) => self.answer(code, Err(VisitFailure::UnknownInvite)),
                Action::Close(reason) => return Err(self.close(reason)),
                other => tracing::warn!(?other, "no deed for this"),
            }
        }
        Ok(())
    }

    async fn decided(&mut self, happened: Happened) -> Result<Vec<Action>, Over> {
        let Happened::Proofs(proofs) = happened else { return Ok(Vec::new()) };
        self.decide(false, move |link, env| link.handle(Event::Proofs(proofs), env)).await
    }

    fn send(&self, frame: &Frame) -> Result<(), Over> {
        self.out.try_send(frame.encode()).map_err(|_| self.close(CloseReason::Greedy))
    }

    /// Whoever means harm is barred before they see the end: they may be back at once.
    fn close(&self, reason: CloseReason) -> Over {
        if let CloseReason::Garbage | CloseReason::Greedy = reason {
            tracing::info!(%reason, "a peer is barred for a while");
            lock(&self.shared.barred).offended(self.end.peer, self.end.address, Instant::now());
        }
        Over::Closed(reason)
    }

    fn answer(&mut self, code: InviteCode, outcome: Result<(), VisitFailure>) {
        for asking in std::mem::take(&mut self.asked) {
            if asking.code == code {
                // Whoever asked may have gone away.
                let _ = asking.answer.send(outcome.clone());
            } else {
                self.asked.push(asking);
            }
        }
    }
}
