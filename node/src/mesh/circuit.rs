//! A road through a relay: a stream that the relay joins from one node to another, who speak Noise over it, end to end. The relay
//! sees bytes, and whom it joins; neither node sees where the other is.
//!
//! Protocol `/nexus/circuit/1`. A node opens a stream to the relay and writes whom it wants (the 32 bytes of a key); the relay
//! answers one byte, [`JOINED`] or why not. To the other it opens a stream and writes who comes. What follows is theirs. Two are
//! joined only where both are linked with the relay, speak for somebody, and seek the same (`rendezvous.rs`); whether they know
//! each other they find out as any two nodes do (`node/core/src/sync/link/meet.rs`).

mod switch;

pub(super) use switch::{Switch, through};

use super::key;
use futures_util::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use libp2p::core::upgrade::{InboundConnectionUpgrade, OutboundConnectionUpgrade};
use libp2p::identity::Keypair;
use libp2p::{PeerId, Stream, StreamProtocol, noise};
use nexus_core::PeerKey;
use std::collections::BTreeMap;
use std::io;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::{Duration, Instant};
use tokio::time::timeout;

/// The protocol.
pub(super) const CIRCUIT: StreamProtocol = StreamProtocol::new("/nexus/circuit/1");

/// What libp2p calls Noise where it chooses among several; here there is one.
const NOISE: &str = "/noise";

/// A link's stream, between two nodes, through somebody who cannot read it.
pub(super) type Circuit = noise::Output<Stream>;

/// Why there is none.
#[derive(Debug, thiserror::Error)]
pub(super) enum CircuitError {
    #[error("the stream: {0}")]
    Stream(#[from] io::Error),
    #[error("the relay does not join: {0}")]
    Refused(&'static str),
    #[error("somebody else is at the other end")]
    SomebodyElse,
    #[error("it takes too long")]
    Slow,
}

/// Over a stream to the relay, to the node of a key.
async fn call(mut stream: Stream, me: &Keypair, whom: PeerKey) -> Result<Circuit, CircuitError> {
    let called = async {
        stream.write_all(&whom.0).await?;
        stream.flush().await?;
        let mut answer = [0];
        stream.read_exact(&mut answer).await?;
        match answer {
            [JOINED] => {}
            [FULL] => return Err(CircuitError::Refused("it carries as much as it may")),
            [AWAY] => return Err(CircuitError::Refused("the other is not there")),
            _ => return Err(CircuitError::Refused("it carries nothing for these two")),
        }
        let (peer, circuit) = upgrade(me)?.upgrade_outbound(stream, NOISE).await.map_err(io::Error::other)?;
        is_who(&peer, &whom).then_some(circuit).ok_or(CircuitError::SomebodyElse)
    };
    timeout(PATIENCE, called).await.map_err(|_| CircuitError::Slow)?
}

/// A stream that a relay opened: who comes on it.
async fn answer(mut stream: Stream, me: &Keypair) -> Result<(PeerKey, Circuit), CircuitError> {
    let answered = async {
        let mut who = [0; 32];
        stream.read_exact(&mut who).await?;
        let (peer, circuit) = upgrade(me)?.upgrade_inbound(stream, NOISE).await.map_err(io::Error::other)?;
        let who = PeerKey(who);
        is_who(&peer, &who).then_some((who, circuit)).ok_or(CircuitError::SomebodyElse)
    };
    timeout(PATIENCE, answered).await.map_err(|_| CircuitError::Slow)?
}

fn upgrade(me: &Keypair) -> io::Result<noise::Config> {
    noise::Config::new(me).map_err(io::Error::other)
}

fn is_who(peer: &PeerId, key: &PeerKey) -> bool {
    key::key_of(peer).as_ref() == Some(key)
}

/// What a relay carries for others: how many, and how much.
#[derive(Debug)]
pub(super) struct Carried {
    max: usize,
    of_peer: BTreeMap<PeerKey, usize>,
    all: usize,
}

impl Carried {
    pub(super) fn new(max: usize) -> Self {
        Self { max, of_peer: BTreeMap::new(), all: 0 }
    }

    /// How many may be carried.
    pub(super) const fn max(&self) -> usize {
        self.max
    }

    /// How many are carried now.
    pub(super) const fn count(&self) -> usize {
        self.all
    }

    /// Room for one more between two.
    pub(super) fn begin(&mut self, ends: [PeerKey; 2]) -> bool {
        let is_full = |end: &PeerKey| self.of_peer.get(end).is_some_and(|count| *count >= OF_PEER_MAX);
        if self.all >= self.max || ends[0] == ends[1] || ends.iter().any(is_full) {
            return false;
        }
        self.all += 1;
        ends.iter().for_each(|end| *self.of_peer.entry(*end).or_default() += 1);
        true
    }

    pub(super) fn end(&mut self, ends: [PeerKey; 2]) {
        self.all = self.all.saturating_sub(1);
        for end in ends {
            if let Some(count) = self.of_peer.get_mut(&end) {
                *count = count.saturating_sub(1);
                if *count == 0 {
                    self.of_peer.remove(&end);
                }
            }
        }
    }
}

/// Whom a stream that came to a relay is for.
async fn wanted(stream: &mut Stream) -> Result<PeerKey, CircuitError> {
    let mut whom = [0; 32];
    timeout(PATIENCE, stream.read_exact(&mut whom)).await.map_err(|_| CircuitError::Slow)??;
    Ok(PeerKey(whom))
}

/// Tells who asked what comes of it.
async fn say(stream: &mut Stream, answer: u8) -> io::Result<()> {
    stream.write_all(&[answer]).await?;
    stream.flush().await
}

/// Joins two streams until one of them ends, or nothing goes over either for [`SILENCE_MAX`].
async fn join(one: Stream, other: Stream, bytes: &AtomicU64) {
    let (from_one, to_one) = one.split();
    let (from_other, to_other) = other.split();
    // Who is cut off on one way has no use for the other.
    tokio::select! {
        _ = pass(from_one, to_other, bytes) => {}
        _ = pass(from_other, to_one, bytes) => {}
    }
}

async fn pass(
    mut from: impl AsyncRead + Unpin,
    mut to: impl AsyncWrite + Unpin,
    bytes: &AtomicU64,
) -> io::Result<()> {
    let mut buffer = vec![0; BUFFER];
    let (mut since, mut passed) = (Instant::now(), 0u64);
    loop {
        let count = timeout(SILENCE_MAX, from.read(&mut buffer)).await??;
        if count == 0 {
            return to.close().await;
        }
        let some = buffer.get(..count).unwrap_or_default();
        timeout(SILENCE_MAX, async {
            to.write_all(some).await?;
            to.flush().await
        })
        .await??;
        bytes.fetch_add(count as u64, Relaxed);
        passed += count as u64;
        let (wait, is_new) = pace(passed, since.elapsed());
        tokio::time::sleep(wait).await;
        if is_new {
            (since, passed) = (Instant::now(), 0);
        }
    }
}

/// How long to wait before more is passed, and whether the count begins anew: [`BYTES_A_SECOND`] over any [`WINDOW`].
fn pace(passed: u64, elapsed: Duration) -> (Duration, bool) {
    let due = Duration::from_micros(passed.saturating_mul(1_000_000) / BYTES_A_SECOND);
    let is_new = elapsed >= WINDOW || due >= WINDOW;
    let ahead = due.saturating_sub(elapsed);
    // A burst of a window's length passes at once.
    (if ahead > BURST { ahead - BURST } else { Duration::ZERO }, is_new && ahead <= BURST)
}

const JOINED: u8 = 0;
const REFUSED: u8 = 1;
const FULL: u8 = 2;
const AWAY: u8 = 3;

/// How long a handshake may take, the other node's part included.
const PATIENCE: Duration = Duration::from_secs(10);
/// A link says something every ten seconds.
const SILENCE_MAX: Duration = Duration::from_secs(60);
const BUFFER: usize = 16 * 1024;
/// Of each way of each circuit.
const BYTES_A_SECOND: u64 = 512 * 1024;
const BURST: Duration = Duration::from_millis(500);
const WINDOW: Duration = Duration::from_secs(5);
/// Circuits of one peer at a relay.
const OF_PEER_MAX: usize = 16;

#[cfg(test)]
mod tests {
    use super::*;

    fn key(number: u8) -> PeerKey {
        PeerKey([number; 32])
    }

    #[test]
    fn a_relay_carries_so_many_and_so_many_of_one_peer() {
        let mut carried = Carried::new(40);
        for other in 1..=u8::try_from(OF_PEER_MAX).unwrap() {
            assert!(carried.begin([key(0), key(other)]));
        }
        assert!(!carried.begin([key(0), key(99)]) && !carried.begin([key(99), key(0)]), "it has enough");
        assert!(!carried.begin([key(9), key(9)]), "nobody calls themselves");
        for other in 100..124 {
            assert!(carried.begin([key(other), key(other + 30)]));
        }
        assert!(!carried.begin([key(200), key(201)]), "the relay has enough");
        carried.end([key(0), key(1)]);
        assert!(carried.begin([key(0), key(1)]));
        assert_eq!(carried.count(), 40);
        assert!(!Carried::new(0).begin([key(1), key(2)]), "a relay that carries nothing");
    }

    #[test]
    fn what_is_ahead_of_its_rate_by_more_than_a_burst_waits() {
        let second = Duration::from_secs(1);
        assert_eq!(pace(BYTES_A_SECOND / 4, Duration::ZERO), (Duration::ZERO, false), "a burst");
        assert_eq!(pace(BYTES_A_SECOND * 2, second), (BURST, false));
        assert_eq!(pace(BYTES_A_SECOND, WINDOW), (Duration::ZERO, true), "what was not used is not saved");
        assert!(!pace(u64::MAX, Duration::ZERO).1);
    }
}
