//! Circuits as they come and go: a relay joins two streams, a node answers the one that a relay opens to it, or opens one.

use super::{AWAY, CIRCUIT, Circuit, FULL, JOINED, REFUSED, answer, call, join, say, wanted};
use crate::mesh::carry::{self, End};
use crate::mesh::pulse::Pulse;
use crate::mesh::{Network, Road, Shared, key, lock};
use futures_util::StreamExt as _;
use futures_util::io::AsyncWriteExt as _;
use libp2p::{PeerId, Stream};
use libp2p_stream::{Control, IncomingStreams};
use nexus_core::PeerKey;
use nexus_core::sync::frame::Role;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::task::JoinSet;
use tokio::time::timeout;

/// The task that takes circuits in.
pub(in crate::mesh) struct Switch {
    shared: Arc<Shared>,
    control: Control,
    tasks: JoinSet<()>,
}

impl Switch {
    pub(in crate::mesh) fn new(shared: Arc<Shared>, control: Control) -> Self {
        Self { shared, control, tasks: JoinSet::new() }
    }

    /// Until it is dropped; its circuits end with it. A program that is neither a relay nor in `direct` has no such protocol.
    pub(in crate::mesh) async fn run(mut self) {
        let is_relay = self.shared.role == Role::Relay;
        if !is_relay && self.shared.network != Network::Direct {
            return;
        }
        let Ok(mut incoming): Result<IncomingStreams, _> = self.control.accept(CIRCUIT) else { return };
        let max = if is_relay { lock(&self.shared.direct.carried).max() + WAITING_MAX } else { WAITING_MAX };
        loop {
            tokio::select! {
                Some((peer, stream)) = incoming.next() => {
                    if self.tasks.len() < max {
                        self.take(&peer, stream);
                    }
                }
                Some(_) = self.tasks.join_next() => {}
            }
        }
    }

    fn take(&mut self, peer: &PeerId, stream: Stream) {
        let Some(peer) = key::key_of(peer) else { return };
        let shared = self.shared.clone();
        match shared.role {
            Role::Relay => drop(self.tasks.spawn(carry_for(shared, self.control.clone(), peer, stream))),
            Role::Node => drop(self.tasks.spawn(take_call(shared, peer, stream))),
        }
    }
}

/// A link's stream to a node, through a relay that this one is linked with.
///
/// # Errors
/// Words.
pub(in crate::mesh) async fn through(
    shared: &Shared,
    mut control: Control,
    relay: &PeerKey,
    whom: PeerKey,
) -> Result<Circuit, String> {
    let name = key::name_of(relay).ok_or("its key is none")?;
    let opened = timeout(OPEN_PATIENCE, control.open_stream(name, CIRCUIT)).await;
    let stream = opened.map_err(|_| "the relay takes too long")?.map_err(|error| error.to_string())?;
    call(stream, &shared.direct.keypair, whom).await.map_err(|error| error.to_string())
}

// Only a relay that this node chose leads anybody here.
async fn take_call(shared: Arc<Shared>, relay: PeerKey, stream: Stream) {
    if lock(&shared.links).get(&relay).is_none_or(|slot| slot.status.relay.is_none()) {
        return;
    }
    let Ok((peer, circuit)) = answer(stream, &shared.direct.keypair).await else { return };
    if lock(&shared.barred).is_barred(&peer, None, Instant::now()) {
        return;
    }
    let pulse = Arc::new(Pulse::new(Instant::now()));
    let end = End { peer, relay: None, road: Road::Circuit, address: None, seen_at: None, pulse };
    let _ = carry::carry(shared, end, circuit, None).await;
}

async fn carry_for(shared: Arc<Shared>, mut control: Control, from: PeerKey, mut stream: Stream) {
    let Ok(whom) = wanted(&mut stream).await else { return };
    let ends = [from, whom];
    let refusal = match () {
        () if !lock(&shared.direct.rendezvous).have_met(&from, &whom) => Some(REFUSED),
        () if ends.iter().any(|end| !lock(&shared.links).contains_key(end)) => Some(AWAY),
        () if !lock(&shared.direct.carried).begin(ends) => Some(FULL),
        () => None,
    };
    if let Some(refusal) = refusal {
        // Who goes away without the answer wanted none.
        let _ = say(&mut stream, refusal).await;
        return;
    }
    let _carried = Ends { shared: shared.clone(), ends };
    let opened = async {
        let name = key::name_of(&whom)?;
        let mut other = control.open_stream(name, CIRCUIT).await.ok()?;
        other.write_all(&from.0).await.ok()?;
        other.flush().await.ok()?;
        Some(other)
    };
    match timeout(OPEN_PATIENCE, opened).await {
        Ok(Some(other)) => {
            if say(&mut stream, JOINED).await.is_ok() {
                join(stream, other, &shared.direct.carried_bytes).await;
            }
        }
        _ => drop(say(&mut stream, AWAY).await),
    }
}

/// Gives the room back, however it ends.
struct Ends {
    shared: Arc<Shared>,
    ends: [PeerKey; 2],
}

impl Drop for Ends {
    fn drop(&mut self) {
        lock(&self.shared.direct.carried).end(self.ends);
    }
}

const OPEN_PATIENCE: Duration = Duration::from_secs(8);
/// Circuits that are being joined, at a relay; those of a node.
const WAITING_MAX: usize = 64;
