//! A link's place among the links of this program. It is given up whichever way the link ends: whoever carries it may be
//! dropped at any moment, since the relay is dialed no more, or the link that took its place is over.

use super::carry::Asking;
use super::direct::Word;
use super::{LinkStatus, Shared, lock};
use nexus_core::PeerKey;
use nexus_core::sync::LinkId;
use std::sync::Arc;
use tokio::sync::{Notify, mpsc};

/// A link that is up, as the others see it.
pub(super) struct LinkSlot {
    pub(super) id: LinkId,
    pub(super) status: LinkStatus,
    /// Invites to be asked for on it.
    pub(super) asks: mpsc::Sender<Asking>,
    /// What others of this program have to say on it.
    pub(super) words: mpsc::Sender<Word>,
    /// Told where another link to the same peer has come up.
    pub(super) replaced: Arc<Notify>,
    /// Told where its turn to catch up has come.
    pub(super) turn: Arc<Notify>,
}

/// The place; given up when dropped.
pub(super) struct Held {
    shared: Arc<Shared>,
    peer: PeerKey,
    id: LinkId,
}

impl Held {
    /// Takes the place of whatever link there was to the peer.
    pub(super) fn take(shared: Arc<Shared>, peer: PeerKey, slot: LinkSlot) -> Self {
        let id = slot.id;
        // Who comes again has lost the link that is still waited for here, or found a better road.
        if let Some(before) = lock(&shared.links).insert(peer, slot) {
            shared.traffic.ended(&before.status.facts);
            before.replaced.notify_one();
        }
        Self { shared, peer, id }
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        let Self { shared, peer, id } = self;
        let mut links = lock(&shared.links);
        let mut has_brought = true;
        let is_last = links.get(peer).is_some_and(|slot| slot.id == *id);
        if is_last && let Some(slot) = links.remove(peer) {
            shared.traffic.ended(&slot.status.facts);
            has_brought = slot.status.facts.news > 0;
        }
        drop(links);
        if has_brought {
            // Fails only where there is no other.
            let _ = shared.ended.send(());
        }
        if is_last {
            shared.is_gone(peer);
        }
        shared.give_turns(|turns| turns.gone(*id));
        shared.see(|seen| seen.gone(*id));
        shared.caption(|captioned| captioned.gone(*id));
    }
}

#[cfg(test)]
mod tests {
    use super::super::carry::{self, End};
    use super::super::pulse::Pulse;
    use super::super::{Mesh, MeshOptions, Network, RELAY_GRACE, Road, Roots};
    use super::*;
    use crate::{Node, Options};
    use futures_util::io::{AsyncRead, AsyncWrite};
    use nexus_core::sync::frame::Role;
    use nexus_core::sync::{Hold, Hosting, Whose};
    use nexus_crdt::id::SpaceId;
    use std::io;
    use std::pin::Pin;
    use std::task::{Context, Poll};
    use std::time::Instant;

    /// Takes everything and says nothing.
    struct Silent;

    impl AsyncRead for Silent {
        fn poll_read(self: Pin<&mut Self>, _: &mut Context<'_>, _: &mut [u8]) -> Poll<io::Result<usize>> {
            Poll::Pending
        }
    }

    impl AsyncWrite for Silent {
        fn poll_write(self: Pin<&mut Self>, _: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
            Poll::Ready(Ok(bytes.len()))
        }

        fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
            Poll::Ready(Ok(()))
        }

        fn poll_close(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
            Poll::Ready(Ok(()))
        }
    }

    async fn mesh(folder: &tempfile::TempDir) -> Mesh {
        let data = folder.path().to_owned();
        let node = Node::open(Options { data: data.clone(), disk_reserve: 0 }).unwrap();
        let options = MeshOptions {
            data,
            listen: None,
            role: Role::Node,
            hosting: Hosting { whose: Whose::Own, spaces_max: 1, ops_max: 1 },
            hold: Hold::Everything,
            network: Network::RelayOnly,
            roots: Roots::default(),
            addresses: Vec::new(),
            circuits: 0,
            relay_grace: RELAY_GRACE,
        };
        Mesh::start(node, options).await.unwrap()
    }

    /// A node whose address had changed took in nothing any more: a link that was replaced, and dropped while it lingered, kept
    /// its turn to catch up for ever.
    #[tokio::test]
    async fn a_link_that_is_dropped_passes_its_turn_on_and_leaves_its_place() {
        let folder = tempfile::tempdir().unwrap();
        let mesh = mesh(&folder).await;
        let (shared, peer, space) = (mesh.shared.clone(), PeerKey([7; 32]), SpaceId([1; 32]));
        let pulse = Arc::new(Pulse::new(Instant::now()));
        let end = End { peer, relay: None, road: Road::Quic, address: None, seen_at: None, pulse };
        let carrying = tokio::spawn(carry::carry(shared.clone(), end, Silent, None));
        let id = loop {
            if let Some(slot) = lock(&shared.links).get(&peer) {
                break slot.id;
            }
            tokio::task::yield_now().await;
        };
        shared.give_turns(|turns| {
            turns.ask(space, id);
            turns.ask(space, 99);
        });
        carrying.abort();
        assert!(carrying.await.unwrap_err().is_cancelled());
        assert!(lock(&shared.links).is_empty());
        assert_eq!(lock(&shared.turns).next(), [99].into());
        mesh.stop().await;
    }
}
