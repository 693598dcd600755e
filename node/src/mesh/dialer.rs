//! A stream to a peer by the best road that works: asked of the task that owns the sockets.

use super::choice::Choice;
use super::road::{Ways, ways_to};
use super::{Road, key};
use futures_util::StreamExt as _;
use futures_util::stream::FuturesUnordered;
use libp2p::swarm::ConnectionId;
use libp2p::{Multiaddr, PeerId, Stream};
use nexus_core::PeerKey;
use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::time::{Duration, Instant};
use tokio::sync::{mpsc, oneshot};

/// What the task answers.
pub(super) type Answer<T> = oneshot::Sender<Result<T, String>>;

/// What it is asked.
pub(super) enum Order {
    Dial { peer: PeerId, addresses: Vec<Multiaddr>, answer: Answer<ConnectionId> },
    Open { peer: PeerId, connection: ConnectionId, answer: Answer<Stream> },
}

/// A stream, and the road it lies on.
#[derive(Debug)]
pub(super) struct Reached {
    pub(super) stream: Stream,
    pub(super) road: Road,
}

/// The way to ask for a stream.
#[derive(Clone)]
pub(super) struct Dialer(mpsc::Sender<Order>);

impl Dialer {
    pub(super) const fn new(orders: mpsc::Sender<Order>) -> Self {
        Self(orders)
    }

    /// A stream to the peer of a key by the first of these ways that works, the better ones having a start. Connections that
    /// come about later are closed.
    ///
    /// # Errors
    /// Words.
    pub(super) async fn reach(&self, peer: &PeerKey, ways: &Ways) -> Result<Reached, String> {
        let name = key::name_of(peer).ok_or("its key is none")?;
        let reaching = tokio::time::timeout(PATIENCE, self.choose(name, ways));
        reaching.await.unwrap_or_else(|_| Err(String::from("nobody answers there")))
    }

    /// A connection to one of these, all tried at once: where several are true, and most are not; and where the other side dials
    /// at the same time, so that both routers take what comes for an answer. What is lost at first is sent again within a
    /// second (RFC 9002, 6.2.2).
    ///
    /// # Errors
    /// Words.
    pub(super) async fn reach_at_once(
        &self,
        peer: &PeerKey,
        addresses: &BTreeSet<SocketAddr>,
    ) -> Result<(ConnectionId, Road), String> {
        let name = key::name_of(peer).ok_or("its key is none")?;
        let mut last = String::from("it has no address");
        let addresses: Vec<SocketAddr> = addresses.iter().copied().collect();
        for (road, addresses) in ways_to(&addresses) {
            match tokio::time::timeout(AT_ONCE_PATIENCE, self.dial(name, addresses)).await {
                Ok(Ok(connection)) => return Ok((connection, road)),
                Ok(Err(why)) => last = why,
                Err(_) => last = String::from("nobody answers there"),
            }
        }
        Err(last)
    }

    /// A stream on a connection.
    ///
    /// # Errors
    /// Words.
    pub(super) async fn open_on(&self, peer: &PeerKey, connection: ConnectionId) -> Result<Stream, String> {
        self.open(key::name_of(peer).ok_or("its key is none")?, connection).await
    }

    async fn choose(&self, peer: PeerId, ways: &Ways) -> Result<Reached, String> {
        let mut choice = Choice::among(ways.keys().copied(), Instant::now());
        let mut going = FuturesUnordered::new();
        let mut last = String::from("it has no address");
        loop {
            for road in choice.due(Instant::now()) {
                let addresses = ways.get(&road).cloned().unwrap_or_default();
                going.push(async move { (road, self.dial(peer, addresses).await) });
            }
            let next = choice.next();
            tokio::select! {
                Some((road, dialed)) = going.next() => {
                    let opened = match dialed {
                        Ok(connection) => self.open(peer, connection).await,
                        Err(why) => Err(why),
                    };
                    match opened {
                        Ok(stream) => return Ok(Reached { stream, road }),
                        Err(why) => last = format!("{road}: {why}"),
                    }
                    choice.failed(road, Instant::now());
                }
                () = until(next), if next.is_some() => {}
                else => return Err(last),
            }
        }
    }

    async fn dial(&self, peer: PeerId, addresses: Vec<Multiaddr>) -> Result<ConnectionId, String> {
        self.ask(|answer| Order::Dial { peer, addresses, answer }).await
    }

    async fn open(&self, peer: PeerId, connection: ConnectionId) -> Result<Stream, String> {
        self.ask(|answer| Order::Open { peer, connection, answer }).await
    }

    async fn ask<T>(&self, order: impl FnOnce(Answer<T>) -> Order) -> Result<T, String> {
        let (answer, rx) = oneshot::channel();
        self.0.send(order(answer)).await.map_err(|_| "the mesh has stopped")?;
        rx.await.map_err(|_| "the connection ended")?
    }
}

async fn until(next: Option<Instant>) {
    if let Some(next) = next {
        tokio::time::sleep_until(next.into()).await;
    }
}

/// How long all roads together may take; where one works it has, mostly, long been taken.
const PATIENCE: Duration = Duration::from_secs(10);
/// How long one road to any of several addresses may take.
const AT_ONCE_PATIENCE: Duration = Duration::from_secs(5);
