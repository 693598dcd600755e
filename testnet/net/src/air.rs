//! The air between houses: a switch of our own with seeded delay and loss, since not every kernel offers them.
//!
//! Each house has a TAP device whose other end is a thread here. What [`Sky`] decides for a frame, the threads do.

mod nat;
mod pace;
mod sky;
mod wall;

pub use nat::Nat;
pub use sky::{Fault, Faults, LineLoss, Weather};
pub use wall::{Ports, Wall};

use anyhow::{Context as _, Result};
use sky::{Flight, Sky};
use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::net::Ipv4Addr;
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
    flight: Flight,
}

impl Work {
    fn let_fly(&mut self, flights: Vec<Flight>) {
        for flight in flights {
            self.last += 1;
            self.due.push(Reverse(Flying { at: flight.at, number: self.last, flight }));
        }
    }
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

    /// Puts a router before a house; the address that the others see.
    pub(crate) fn put_behind(&self, port: usize, nat: Nat, inside: Ipv4Addr, here: Ipv4Addr) -> Ipv4Addr {
        self.shared.lock().sky.put_behind(port, nat, inside, here)
    }

    pub(crate) fn renew_router(&self, port: usize, inside: Ipv4Addr, here: Ipv4Addr) -> Option<Ipv4Addr> {
        self.shared.lock().sky.renew_router(port, inside, here)
    }

    pub(crate) fn line(&self, port: usize, line: LineLoss) {
        self.shared.lock().sky.line(port, line);
    }

    pub(crate) fn pace(&self, port: usize, bits_per_s: Option<u64>) {
        self.shared.lock().sky.pace(port, bits_per_s);
    }

    pub(crate) fn put_in_the_open(&self, port: usize) {
        self.shared.lock().sky.put_in_the_open(port);
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

/// The hardware address of a house, as the routers of others expect it.
pub(crate) fn mac_of(address: Ipv4Addr) -> String {
    let octets = nat::mac_of(address).map(|octet| format!("{octet:02x}"));
    octets.join(":")
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
        let now = shared.begun.elapsed();
        let mut work = shared.lock();
        if work.is_over {
            return;
        }
        let flights = work.sky.depart(from, buffer[..length].to_vec(), now);
        work.let_fly(flights);
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
        let to = next.flight.to;
        let (frame, flights) = work.sky.arrive(next.flight, now);
        work.let_fly(flights);
        drop(work);
        if let Some(frame) = frame
            && let Some(port) = ports.get(to)
        {
            // A house that is taken down takes nothing.
            let _ = port.send(&frame);
        }
        work = shared.lock();
    }
}

/// A frame of Ethernet with room for jumbo ones.
const FRAME_MAX: usize = 65_536;
const IDLE: Duration = Duration::from_secs(1);
