//! One link's task: frames in and out, the protocol's decisions between them, ops on their way into the store.

mod carrier;
mod happened;

use super::direct::Word;
use super::intake::{Arrived, take_in};
use super::pulse::Pulse;
use super::road::Road;
use super::slot::{Held, LinkSlot};
use super::traffic::Counted;
use super::{LinkStatus, Shared, VisitFailure, wire};
use crate::node_now_ms;
use carrier::Carrier;
use futures_util::io::{AsyncRead, AsyncReadExt as _, AsyncWrite};
use happened::Happened;
use nexus_core::sync::{CloseReason, IN_ORDER_MAX, Link, LinkId, Setup};
use nexus_core::{InviteCode, PeerKey};
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;
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
    let (durable_tx, mut durable) = mpsc::unbounded_channel();
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
    let mut carrier = Carrier::new((shared, end, id), Link::new(setup), out, integrate);
    let mut tick = tokio::time::interval(TICK);
    if let Err(over) = carrier.begin().await {
        return over;
    }
    loop {
        // What was written is heard of before more is read: that bounds what waits to be heard.
        let room = carrier.integrate.capacity() > 0 && durable.len() < INTEGRATE_MAX;
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
