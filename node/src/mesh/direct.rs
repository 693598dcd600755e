//! What a program does so that two nodes come to a link of their own: it tells members where it is, keeps where they are, seeks
//! them at relays; and, at a relay, lets them find each other and carries their links.

use super::address_book::{self, AddressBook};
use super::circuit::Carried;
use super::rendezvous::Rendezvous;
use super::whereabouts::Whereabouts;
use super::{End, Network, Road, Shared, lock};
use libp2p::identity::Keypair;
use nexus_core::sync::Fetch;
use nexus_core::sync::frame::Tag;
use nexus_core::{Addresses, PeerAddress, PeerKey};
use nexus_crdt::id::SpaceId;
use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::AtomicU64;
use std::time::Instant;
use tokio::sync::{mpsc, oneshot, watch};

/// See above.
pub(super) struct Direct {
    pub(super) keypair: Keypair,
    whereabouts: Mutex<Whereabouts>,
    /// Where members are told that this node is; none: they are told nothing.
    pub(super) reachable: watch::Sender<Option<Addresses>>,
    /// Guilds that somebody here holds an invite of; none: nobody is sought.
    pub(super) seeking: watch::Sender<Option<BTreeSet<SpaceId>>>,
    book: Mutex<AddressBook>,
    punches: mpsc::Sender<Punch>,
    pub(super) rendezvous: Mutex<Rendezvous>,
    pub(super) carried: Mutex<Carried>,
    pub(super) carried_bytes: AtomicU64,
}

/// A peer to whom both sides now open their doors at the same time.
pub(super) struct Punch {
    pub(super) peer: PeerKey,
    pub(super) addresses: Addresses,
}

/// What is to be said on another link of this program.
pub(super) enum Word {
    /// Others who seek the same.
    Found(Vec<PeerKey>),
    /// Where the peer is seen.
    SeenAt(PeerAddress),
    /// Somebody here wants what is not held; whether it came.
    Fetch(Fetch, oneshot::Sender<bool>),
}

impl Direct {
    pub(super) fn new(
        keypair: Keypair,
        network: Network,
        data: &Path,
        given: Vec<PeerAddress>,
        circuits: usize,
    ) -> (Self, mpsc::Receiver<Punch>) {
        let is_direct = network == Network::Direct;
        let book = if is_direct { AddressBook::open(data) } else { AddressBook::default() };
        let (punches, rx) = mpsc::channel(PUNCHES);
        let direct = Self {
            keypair,
            whereabouts: Mutex::new(Whereabouts::given(given)),
            reachable: watch::Sender::new(None),
            seeking: watch::Sender::new(is_direct.then(BTreeSet::new)),
            book: Mutex::new(book),
            punches,
            rendezvous: Mutex::default(),
            carried: Mutex::new(Carried::new(circuits)),
            carried_bytes: AtomicU64::new(0),
        };
        (direct, rx)
    }
}

impl Shared {
    /// Where an invite made here says that this node is.
    pub(super) fn told(&self) -> Addresses {
        lock(&self.direct.whereabouts).told(self.network)
    }

    /// Changes what is known of where this node is, and tells whom it concerns.
    pub(super) fn moved(&self, change: impl FnOnce(&mut Whereabouts)) {
        let mut whereabouts = lock(&self.direct.whereabouts);
        change(&mut whereabouts);
        let now = (self.network == Network::Direct).then(|| whereabouts.told(self.network));
        // Under the lock: what is told last is what is true.
        self.direct.reachable.send_if_modified(|before| {
            let is_new = *before != now;
            *before = now;
            is_new
        });
    }

    /// Those who were there before are dialed again.
    pub(super) fn recall(&self) {
        let (book, now) = (lock(&self.direct.book), Instant::now());
        let mut nearby = lock(&self.nearby);
        book.entries().for_each(|(peer, addresses)| nearby.told(peer, addresses, now));
    }

    /// A member says where they are. Only a node that tells the same listens.
    pub(super) fn reaches(&self, end: &End, addresses: Addresses) {
        if self.network != Network::Direct {
            return;
        }
        let peer = end.peer;
        let mut book = lock(&self.direct.book);
        if book.note(peer, addresses.clone()) {
            let (file, page) = book.page();
            // Beside the link: a disk may take its time, and what is lost here is told again.
            tokio::task::spawn_blocking(move || {
                if let Err(error) = address_book::write(&file, &page) {
                    tracing::warn!(%error, "the address book was not kept");
                }
            });
        }
        drop(book);
        lock(&self.nearby).told(peer, &addresses, Instant::now());
        if end.road == Road::Circuit {
            // Full: the circuit carries, as it does where no door opens.
            let _ = self.direct.punches.try_send(Punch { peer, addresses });
        }
    }

    /// At a relay: a peer seeks others.
    pub(super) fn sought(&self, end: &End, tags: Vec<Tag>) {
        // Whom it would not join it does not let find each other.
        let carries = lock(&self.direct.carried).max() > 0;
        let tags = if carries { tags } else { Vec::new() };
        let sought = tags.len();
        let found = lock(&self.direct.rendezvous).seek(end.peer, tags);
        tracing::debug!(sought, found = found.len(), "a peer seeks others");
        for peer in &found {
            self.say(peer, Word::Found(vec![end.peer]));
        }
        let seen_at = end.seen_at.and_then(|at| PeerAddress::try_from(at).ok());
        seen_at.into_iter().for_each(|at| self.say(&end.peer, Word::SeenAt(at)));
        if !found.is_empty() {
            self.say(&end.peer, Word::Found(found));
        }
    }

    fn say(&self, peer: &PeerKey, word: Word) {
        if let Some(slot) = lock(&self.links).get(peer) {
            // Full: both are told of each other, and once is enough.
            let _ = slot.words.try_send(word);
        }
    }

    /// A relay says that these use it, too.
    pub(super) fn found_through(&self, relay: PeerKey, peers: Vec<PeerKey>) {
        tracing::debug!(found = peers.len(), "others use the same relay");
        let (mut nearby, now) = (lock(&self.nearby), Instant::now());
        let others = peers.into_iter().filter(|peer| *peer != self.me);
        others.for_each(|peer| nearby.found_through(peer, relay, now));
    }

    /// No link to a peer is left.
    pub(super) fn is_gone(&self, peer: &PeerKey) {
        lock(&self.direct.rendezvous).gone(peer);
        lock(&self.nearby).relay_is_gone(peer);
        self.moved(|whereabouts| whereabouts.relay_is_gone(peer));
    }
}

/// Peers that wait to be met half-way.
const PUNCHES: usize = 32;
