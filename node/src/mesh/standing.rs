//! How it stands with others: the links that are up, and the relays that are dialed.

use super::{Mesh, Road, lock, words};
use crate::status::{MeshStatus, RelayStatus};
use nexus_core::PeerKey;
use nexus_core::sync::Facts;
use std::collections::BTreeMap;
use std::sync::atomic::Ordering;

/// A link, as it is now.
#[derive(Clone, Debug)]
pub struct LinkStatus {
    /// The base URL that was dialed, where the peer is a relay.
    pub relay: Option<String>,
    /// By what it goes.
    pub road: Road,
    /// When it came up, Unix ms.
    pub since_ms: u64,
    /// What the protocol knows.
    pub facts: Facts,
}

/// A relay that is dialed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RelayState {
    /// Being looked up or dialed.
    Connecting,
    /// A link is up.
    Connected,
    /// It failed; in words, and when it is tried again, Unix ms.
    Failing {
        /// Why.
        why: String,
        /// When.
        next_ms: u64,
    },
}

impl Mesh {
    /// The links that are up.
    #[must_use]
    pub fn links(&self) -> Vec<(PeerKey, LinkStatus)> {
        lock(&self.shared.links).iter().map(|(peer, slot)| (*peer, slot.status.clone())).collect()
    }

    /// The relays that are dialed, by base URL.
    #[must_use]
    pub fn relays(&self) -> BTreeMap<String, RelayState> {
        lock(&self.shared.relays).clone()
    }

    /// How it stands with others; `waiting`: ops in the outbox.
    #[must_use]
    pub fn status(&self, waiting: u64) -> MeshStatus {
        let links =
            self.links().into_iter().map(|(peer, link)| words::in_numbers(peer, link)).collect::<Vec<_>>();
        let relays: Vec<RelayStatus> =
            self.relays().into_iter().map(|(url, state)| words::relay_status(url, state, &links)).collect();
        let mut line = words::in_words(self.shared.role, self.shared.network, &links, &relays, waiting);
        if let anew @ 1.. = self.shared.node.view().set_back.len() {
            line +=
                &format!("; restored from a copy: {anew} accounts begin a new device when they next write");
        }
        MeshStatus {
            line,
            direct: words::direct(&links),
            told: self.shared.told().iter().map(|at| at.to_string()).collect(),
            circuits: lock(&self.shared.direct.carried).count(),
            carried: self.shared.direct.carried_bytes.load(Ordering::Relaxed),
            peer_key: hex::encode(self.peer_key.0),
            traffic: self.shared.traffic.with(&self.links()),
            relays,
            links,
        }
    }
}
