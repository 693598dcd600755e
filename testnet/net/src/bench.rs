//! Benchmarks on a network of our own.

pub(crate) mod afar;
pub(crate) mod away;
mod crowd;
pub(crate) mod flood;
pub(crate) mod gossipsub;
pub(crate) mod idle;
pub(crate) mod mesh;
mod murmur;
pub(crate) mod p2p;
pub(crate) mod roads;
pub(crate) mod switch;

use nexus_net::Weather;
use std::time::Duration;

/// What one way of spreading messages did with so many of them.
pub(crate) struct Spread {
    /// From before it was said to each of the others, ms.
    pub(crate) delays_ms: Vec<f64>,
    /// .. and to the last of them.
    pub(crate) last_ms: Vec<f64>,
    /// Copies that came to who had it.
    pub(crate) repeats: u64,
    /// Names that were sent instead; none where that is not known.
    pub(crate) named: Option<u64>,
    /// Between houses, less what goes over the wire when nobody says anything.
    pub(crate) bytes: u64,
    pub(crate) messages: usize,
}

/// 50 ms each way, and one frame of fifty lost.
pub(crate) const BAD: Weather = Weather {
    seed: 50,
    delay: Duration::from_millis(50),
    jitter: Duration::from_millis(5),
    loss: 0.02,
    reorder: 0.0,
};

/// Between one message and the next.
pub(crate) const PACE: Duration = Duration::from_millis(100);
/// How long silence is listened to.
pub(crate) const SILENCE: Duration = Duration::from_secs(5);
