//! The air between houses: a switch of our own with seeded delay and loss, since not every kernel offers them.
//!
//! Each house has a TAP device whose other end is a thread here. What [`Sky`] decides for a frame, the threads do.

mod sky;
mod wall;

pub use sky::{Fault, Faults, Weather};
pub use wall::{Ports, Wall};

use anyhow::{Context as _, Result};
use sky::Sky;
use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use tun_rs::{DeviceBuilder, Layer, SyncDevice};

/// Connects houses by their numbers. Its threads end when the devices are gone, and it is dropped.
pub(crate) struct Air {
    shared: Arc<Shared>,
    ports: Vec<Arc<SyncDevice>>,
}

struct Shared {
    begun: Instant,
    work: Mutex<Work>,
    woken: Condvar,
}

struct Work {
    sky: Sky,
    /// By when it is due and when it came.
    due: BinaryHeap<Reverse<Flying>>,
    last: u64,
    is_over: bool,
}

#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Flying {
    at: Duration,
    number: u64,
    from: usize,
    to: usize,
    frame: Vec<u8>,
}

impl Air {
    /// Devices of these names, in the root namespace still; [`Air::carry`] begins.
    pub(crate) fn with(weather: Weather, names: &[String]) -> Result<Self> {
        let ports = names.iter().map(|name| open(name)).collect::<Result<Vec<_>>>()?;
        let work =
            Work { sky: Sky::new(weather, ports.len()), due: BinaryHeap::new(), last: 0, is_over: false };
        let shared = Shared { begun: Instant::now(), work: Mutex::new(work), woken: Condvar::new() };
        Ok(Self { shared: Arc::new(shared), ports })
    }

    pub(crate) fn carry(&self) {
        for (from, port) in self.ports.iter().enumerate() {
            let (port, shared) = (port.clone(), self.shared.clone());
            std::thread::spawn(move || listen(&shared, from, &port));
        }
        let (ports, shared) = (self.ports.clone(), self.shared.clone());
        std::thread::spawn(move || deliver(&shared, &ports));
    }

    pub(crate) fn cut(&self, port: usize, is_cut: bool) {
        self.shared.lock().sky.cut(port, is_cut);
    }

    pub(crate) fn part(&self, port: usize) {
        self.shared.lock().sky.part(port);
    }

    pub(crate) fn wall(&self, port: usize, wall: Option<Wall>) {
        self.shared.lock().sky.wall(port, wall);
    }

    pub(crate) fn bytes_between(&self) -> u64 {
        self.shared.lock().sky.bytes_between()
    }

    pub(crate) fn bytes(&self, port: usize) -> u64 {
        self.shared.lock().sky.bytes(port)
    }

    pub(crate) fn faults(&self) -> Faults {
        self.shared.lock().sky.faults()
    }

    pub(crate) fn weather(&self, weather: Weather) {
        self.shared.lock().sky.turn(weather);
    }
}

impl Drop for Air {
    fn drop(&mut self) {
        self.shared.lock().is_over = true;
        self.shared.woken.notify_all();
    }
}

impl Shared {
    // Nothing under it is left half-changed.
    fn lock(&self) -> MutexGuard<'_, Work> {
        self.work.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn open(name: &str) -> Result<Arc<SyncDevice>> {
    // Persistent devices stay when a run is killed: this one goes with its file.
    let device = DeviceBuilder::new().name(name).layer(Layer::L2).build_sync();
    let device = device.with_context(|| format!("a TAP device (/dev/net/tun) named {name}"))?;
    Ok(Arc::new(device))
}

// Ends with the device: its namespace is deleted, or it.
fn listen(shared: &Shared, from: usize, port: &SyncDevice) {
    let mut buffer = vec![0; FRAME_MAX];
    while let Ok(length) = port.recv(&mut buffer) {
        let frame = &buffer[..length];
        let now = shared.begun.elapsed();
        let mut work = shared.lock();
        if work.is_over {
            return;
        }
        for (to, at) in work.sky.enter(from, frame, now) {
            work.last += 1;
            let flying = Flying { at, number: work.last, from, to, frame: frame.to_vec() };
            work.due.push(Reverse(flying));
        }
        drop(work);
        shared.woken.notify_one();
    }
}

fn deliver(shared: &Shared, ports: &[Arc<SyncDevice>]) {
    let mut work = shared.lock();
    while !work.is_over {
        let now = shared.begun.elapsed();
        let wait = work.due.peek().map_or(IDLE, |Reverse(next)| next.at.saturating_sub(now));
        if !wait.is_zero() {
            let woken = shared.woken.wait_timeout(work, wait);
            work = woken.unwrap_or_else(PoisonError::into_inner).0;
            continue;
        }
        let Some(Reverse(next)) = work.due.pop() else { continue };
        let is_in = work.sky.leave(next.from, next.to, next.frame.len());
        drop(work);
        if is_in && let Some(port) = ports.get(next.to) {
            // A house that is taken down takes nothing.
            let _ = port.send(&next.frame);
        }
        work = shared.lock();
    }
}

/// A frame of Ethernet with room for jumbo ones.
const FRAME_MAX: usize = 65_536;
const IDLE: Duration = Duration::from_secs(1);
