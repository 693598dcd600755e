//! Floods, against programs of this machine and nothing else: each blow is small, and they are counted.

mod mesh;
mod window;

use crate::peer::{Address, Peer};
use anyhow::{Result, ensure};
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use tokio::task::JoinSet;
use tokio::time::{Interval, MissedTickBehavior, interval};

/// A way to be a nuisance.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Attack {
    /// Datagrams of no protocol at the mesh's UDP port.
    Datagrams,
    /// Packets that begin as QUIC does.
    Packets,
    /// TCP connections to the mesh that begin a handshake and never go on.
    HalfOpen,
    /// Whole handshakes with ever new keys.
    Handshakes,
    /// Streams upon streams on one connection.
    Streams,
    /// Greetings, then a question about nothing as often as it goes.
    Questions,
    /// Connections to the window whose request's head never ends.
    SlowHeads,
    /// Requests with tokens that are nobody's.
    BadTokens,
    /// Gateway sockets that never identify.
    SilentSockets,
    /// Bodies of 1 GB, by what they say of themselves.
    Announced,
    /// Bodies that would be a thousand times as large if they were unpacked.
    Bombs,
    /// Greetings and proofs of random bytes, each by a new key.
    Garbage,
}

impl Attack {
    /// Every one. The last has its address barred where addresses are.
    pub const ALL: [Self; 12] = [
        Self::Datagrams,
        Self::Packets,
        Self::HalfOpen,
        Self::Handshakes,
        Self::Streams,
        Self::Questions,
        Self::SlowHeads,
        Self::BadTokens,
        Self::SilentSockets,
        Self::Announced,
        Self::Bombs,
        Self::Garbage,
    ];

    /// As a row of a table says it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Datagrams => "junk datagrams",
            Self::Packets => "packets of no QUIC",
            Self::HalfOpen => "half-open TCP",
            Self::Handshakes => "handshakes",
            Self::Streams => "streams on one connection",
            Self::Questions => "questions",
            Self::SlowHeads => "slow heads",
            Self::BadTokens => "bad tokens",
            Self::SilentSockets => "sockets that never identify",
            Self::Announced => "announced 1 GB",
            Self::Bombs => "compressed bombs",
            Self::Garbage => "garbage for greetings and proofs",
        }
    }
}

/// What is attacked.
#[derive(Clone, Copy, Debug)]
pub struct Target {
    /// A program's window.
    pub window: SocketAddr,
    /// Its place in the mesh.
    pub mesh: Address,
    /// From where, by UDP, on a street: of whom the target had enough there, it hears nothing more. None: from wherever the
    /// system chooses.
    pub from: Option<IpAddr>,
}

/// An attack that goes on until this is dropped.
pub struct Flood {
    blows: Arc<AtomicU64>,
    _tasks: JoinSet<()>,
}

impl Flood {
    /// Begins one, of so many blows a second at most. Within a tokio runtime.
    ///
    /// # Errors
    /// Where the target is neither this machine nor on a private network of it.
    pub fn begin(attack: Attack, target: Target, a_second: u32) -> Result<Self> {
        for place in [target.window, target.mesh.at] {
            let is_ours = place.ip().is_loopback() || matches!(place.ip(), IpAddr::V4(v4) if v4.is_private());
            ensure!(is_ours, "{place} is not on this machine");
        }
        let blows = Arc::new(AtomicU64::new(0));
        let mut tasks = JoinSet::new();
        let hands = if attack == Attack::Streams { 1 } else { HANDS };
        for _ in 0..hands {
            let hand = Hand::new(blows.clone(), a_second.div_ceil(hands), target.from);
            match attack {
                Attack::Datagrams => tasks.spawn(mesh::datagrams(target.mesh, hand)),
                Attack::Packets => tasks.spawn(mesh::packets(target.mesh, hand)),
                Attack::HalfOpen => tasks.spawn(mesh::half_open(target.mesh, hand)),
                Attack::Handshakes => tasks.spawn(mesh::handshakes(target.mesh, hand)),
                Attack::Streams => tasks.spawn(mesh::streams(target.mesh, hand)),
                Attack::Questions => tasks.spawn(mesh::questions(target.mesh, hand)),
                Attack::Garbage => tasks.spawn(mesh::garbage(target.mesh, hand)),
                Attack::SlowHeads => tasks.spawn(window::slow_heads(target.window, hand)),
                Attack::BadTokens => tasks.spawn(window::bad_tokens(target.window, hand)),
                Attack::SilentSockets => tasks.spawn(window::silent_sockets(target.window, hand)),
                Attack::Announced => tasks.spawn(window::announced(target.window, hand)),
                Attack::Bombs => tasks.spawn(window::bombs(target.window, hand)),
            };
        }
        Ok(Self { blows, _tasks: tasks })
    }

    /// How many blows there were.
    #[must_use]
    pub fn blows(&self) -> u64 {
        self.blows.load(Ordering::Relaxed)
    }
}

/// Who strikes: at a pace, and counted.
struct Hand {
    from: Option<IpAddr>,
    blows: Arc<AtomicU64>,
    at_once: u32,
    pace: Interval,
    left: u32,
}

impl Hand {
    fn new(blows: Arc<AtomicU64>, a_second: u32, from: Option<IpAddr>) -> Self {
        let beats = a_second.clamp(1, BEATS);
        let mut pace = interval(Duration::from_secs(1) / beats);
        pace.set_missed_tick_behavior(MissedTickBehavior::Delay);
        Self { from, blows, at_once: a_second.div_ceil(beats), pace, left: 0 }
    }

    /// Somebody with a new key.
    fn stranger(&self) -> Result<Peer> {
        match self.from {
            Some(from) => Peer::calling_from("Mallory", from),
            None => Peer::new("Mallory"),
        }
    }

    /// Returns when it is time for the next blow.
    async fn next(&mut self) {
        if self.left == 0 {
            self.pace.tick().await;
            self.left = self.at_once;
        }
        self.left -= 1;
        self.blows.fetch_add(1, Ordering::Relaxed);
    }
}

/// Who strike at the same time.
const HANDS: u32 = 4;
/// How often a hand wakes in a second.
const BEATS: u32 = 200;
/// Connections that one hand holds open: all of them together are more than anybody has room for.
const HELD: usize = 700;
