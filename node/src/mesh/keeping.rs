//! One relay that is dialed: a link to it by the best road that works, and another road where that one fails or a better one
//! opens. The link that takes another's place is up before that one ends: nobody sees a gap.

use super::carry::{self, Asking, End, Over};
use super::dialer::{Dialer, Reached};
use super::look_up::{self, Found, Reach, look_up};
use super::outside::Outside;
use super::pulse::Pulse;
use super::road::Ways;
use super::seeking::{self, Seeking, Standing, Why};
use super::{RelayState, Road, Shared, VisitFailure, lock};
use crate::node_now_ms;
use futures_util::StreamExt as _;
use futures_util::future::{BoxFuture, FutureExt as _};
use futures_util::stream::FuturesUnordered;
use nexus_core::PeerKey;
use nexus_core::sync::frame::Role;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, UdpSocket};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::mpsc;

/// The task of one relay.
pub(super) struct Keeping {
    pub(super) shared: Arc<Shared>,
    pub(super) dialer: Dialer,
    pub(super) outside: Outside,
    /// Its base URL.
    pub(super) url: String,
    /// Invites to be asked for.
    pub(super) asks: mpsc::Receiver<Asking>,
}

/// Links to one relay: the newest, and those whose place it took.
struct Links {
    running: FuturesUnordered<BoxFuture<'static, (u64, Over)>>,
    newest: Newest,
}

struct Newest {
    number: u64,
    road: Road,
    since: Instant,
    asks: mpsc::Sender<Asking>,
    pulse: Arc<Pulse>,
}

/// How one comes to a relay.
enum Way {
    /// By a new link.
    New(Found, Reached),
    /// It has dialed this relay, and is known by its key.
    There(PeerKey),
}

type Looking = BoxFuture<'static, (Why, Result<Reached, String>)>;

impl Keeping {
    /// Until it is dropped; the link ends with it.
    pub(super) async fn run(mut self) {
        let mut failures = 0;
        loop {
            self.is(RelayState::Connecting);
            let begun = Instant::now();
            let why = match self.connect().await {
                Ok(Way::There(peer)) => {
                    self.is(RelayState::Connected);
                    self.beside(&peer).await;
                    failures = 0;
                    Over::Connection.to_string()
                }
                Ok(Way::New(found, reached)) => {
                    self.is(RelayState::Connected);
                    let over = self.hold(&found, reached).await;
                    // A link that held is tried again at once: mostly the relay was only restarted.
                    if begun.elapsed() > HELD && over == Over::Connection {
                        failures = 0;
                    }
                    over.to_string()
                }
                Err(why) => {
                    while let Ok(asking) = self.asks.try_recv() {
                        let _ = asking.answer.send(Err(VisitFailure::NotReached(why.clone())));
                    }
                    why
                }
            };
            let wait = backoff(failures);
            failures += 1;
            self.is(RelayState::Failing { why, next_ms: node_now_ms() + wait.as_millis() as u64 });
            tokio::time::sleep(wait).await;
        }
    }

    fn is(&self, state: RelayState) {
        lock(&self.shared.relays).insert(self.url.clone(), state);
    }

    async fn connect(&self) -> Result<Way, String> {
        let found = look_up(&self.outside, &self.url, reach_of(&self.shared));
        let found = found.await.map_err(|error| error.to_string())?;
        if found.peer == self.shared.me {
            return Err(String::from("it is this very program"));
        }
        if self.shared.role == Role::Relay {
            lock(&self.shared.other_relays).insert(found.peer, self.url.clone());
            if is_linked(&self.shared, &found.peer) {
                return Ok(Way::There(found.peer));
            }
        }
        let reached = self.dialer.reach(&found.peer, &found.ways).await?;
        Ok(Way::New(found, reached))
    }

    /// Waits while the link stands that the other relay dialed, and lets invites be asked for on it.
    async fn beside(&mut self, peer: &PeerKey) {
        while is_linked(&self.shared, peer) {
            let Ok(Some(asking)) = tokio::time::timeout(BEAT, self.asks.recv()).await else { continue };
            let own_asks = lock(&self.shared.links).get(peer).map(|slot| slot.asks.clone());
            let failed = match own_asks {
                Some(own_asks) => own_asks.send(asking).await.err().map(|error| error.0),
                None => Some(asking),
            };
            if let Some(asking) = failed {
                let ended = String::from("the link to the relay ended");
                let _ = asking.answer.send(Err(VisitFailure::NotReached(ended)));
            }
        }
    }

    /// Until the newest link is over.
    async fn hold(&mut self, found: &Found, reached: Reached) -> Over {
        let begun = Instant::now();
        let mut links = self.begin(found, reached, begun);
        let mut seeking = Seeking::begun(begun);
        let mut here = found.addresses.first().copied().and_then(towards);
        let mut looking: Option<Looking> = None;
        let mut beat = tokio::time::interval(BEAT);
        loop {
            tokio::select! {
                Some((number, over)) = links.running.next() => {
                    if number == links.newest.number {
                        return over;
                    }
                }
                Some(asking) = self.asks.recv() => links.ask(asking),
                _ = beat.tick(), if looking.is_none() => {
                    let now = Instant::now();
                    let before = std::mem::replace(&mut here, found.addresses.first().copied().and_then(towards));
                    let moved = here.is_some() && here != before;
                    let why = seeking.due(links.newest.standing(found, moved, now), now);
                    looking = why.map(|why| self.look(why, found, links.newest.road));
                    if now.duration_since(links.newest.since) > seeking::HELD {
                        seeking.held(now);
                    }
                }
                (why, outcome) = async { match looking.as_mut() {
                    Some(looking) => looking.await,
                    None => std::future::pending().await,
                } } => {
                    looking = None;
                    let now = Instant::now();
                    // Where it speaks again it is left in peace: what was found is closed.
                    let wanted = why == Why::Better || links.newest.pulse.is_doubtful(now);
                    if let Ok(reached) = outcome && wanted {
                        seeking.found(now);
                        links.follow(self.begin(found, reached, now));
                    }
                }
            }
        }
    }

    fn look(&self, why: Why, found: &Found, road: Road) -> Looking {
        let ways: Ways = match why {
            Why::Better => found.ways.iter().filter(|(other, _)| **other < road).map(clone).collect(),
            Why::Doubt => found.ways.clone(),
        };
        let (dialer, peer) = (self.dialer.clone(), found.peer);
        async move { (why, dialer.reach(&peer, &ways).await) }.boxed()
    }

    fn begin(&self, found: &Found, reached: Reached, now: Instant) -> Links {
        let Reached { stream, road } = reached;
        let (asks, rx) = mpsc::channel(ASKS);
        let pulse = Arc::new(Pulse::new(now));
        let number = rand::random();
        let end = End {
            peer: found.peer,
            relay: Some(self.url.clone()),
            road,
            address: None,
            seen_at: None,
            pulse: pulse.clone(),
        };
        let carried = carry::carry(self.shared.clone(), end, stream, Some(rx));
        let running = FuturesUnordered::new();
        running.push(carried.map(move |over| (number, over)).boxed());
        Links { running, newest: Newest { number, road, since: now, asks, pulse } }
    }
}

impl Links {
    fn ask(&self, asking: Asking) {
        if let Err(error) = self.newest.asks.try_send(asking) {
            let asking = error.into_inner();
            let _ = asking.answer.send(Err(VisitFailure::NotReached(String::from("too many visits"))));
        }
    }

    /// The newest is another one's; those that were before end by themselves.
    fn follow(&mut self, next: Self) {
        self.running.extend(next.running);
        self.newest = next.newest;
    }
}

impl Newest {
    fn standing(&self, found: &Found, moved: bool, now: Instant) -> Standing {
        let best = found.ways.keys().next().copied().unwrap_or(self.road);
        Standing { road: self.road, best, doubtful: self.pulse.is_doubtful(now), moved }
    }
}

// Strangers name the relays that a relay dials: of its own network they shall learn nothing by it.
pub(super) fn reach_of(shared: &Shared) -> Reach {
    let near = shared.node.view().home_relays.iter().any(|own| look_up::is_near_by_name(own));
    if shared.role == Role::Node || near { Reach::Anywhere } else { Reach::Public }
}

fn is_linked(shared: &Shared, peer: &PeerKey) -> bool {
    lock(&shared.links).get(peer).is_some_and(|slot| slot.status.relay.is_some())
}

fn clone<K: Clone, V: Clone>((key, value): (&K, &V)) -> (K, V) {
    (key.clone(), value.clone())
}

/// This program's address on the way to another, as the system would choose it: no packet is sent.
fn towards(there: SocketAddr) -> Option<IpAddr> {
    let any = match there {
        SocketAddr::V4(_) => IpAddr::V4(Ipv4Addr::UNSPECIFIED),
        SocketAddr::V6(_) => IpAddr::V6(Ipv6Addr::UNSPECIFIED),
    };
    let socket = UdpSocket::bind((any, 0)).ok()?;
    socket.connect(there).ok()?;
    socket.local_addr().ok().map(|address| address.ip())
}

/// How often it is seen to how the link is.
const BEAT: Duration = Duration::from_millis(500);
/// Visits that wait for a link.
const ASKS: usize = 16;
/// How long a link must hold to begin anew with patience.
const HELD: Duration = Duration::from_millis(500);
const BACKOFF_FIRST: Duration = Duration::from_millis(250);
const BACKOFF_MAX: Duration = Duration::from_secs(30);

/// Twice as long each time, up to [`BACKOFF_MAX`], each time between half of it and all of it: many nodes of one relay
/// do not come back in step.
fn backoff(failures: u32) -> Duration {
    let whole = BACKOFF_FIRST.saturating_mul(1 << failures.min(10)).min(BACKOFF_MAX);
    whole.mul_f64(rand::random_range(0.5..=1.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_retry_is_soon_and_none_is_later_than_half_a_minute() {
        for failures in 0..40 {
            let wait = backoff(failures);
            assert!(wait <= BACKOFF_MAX && wait >= BACKOFF_FIRST / 2);
        }
        assert!(backoff(0) <= BACKOFF_FIRST);
    }

    #[test]
    fn the_system_says_by_which_address_another_is_reached() {
        let here = IpAddr::V4(Ipv4Addr::LOCALHOST);
        assert_eq!(towards(SocketAddr::new(here, 9)), Some(here));
    }
}
