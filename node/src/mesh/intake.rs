//! Ops of one link on their way into the store: what has come while a commit lasts shares the next one.

use crate::Node;
use nexus_core::store::GapChange;
use nexus_core::{Advance, Arriving, Refusal, Taken};
use nexus_crdt::id::OpId;
use tokio::sync::mpsc;

/// A batch as it came from the peer.
#[derive(Debug)]
pub(super) struct Arrived {
    pub(super) batch: u64,
    pub(super) ops: Vec<Arriving>,
    pub(super) frontiers: Vec<Vec<OpId>>,
    /// Where it brings this store in the peer's feed.
    pub(super) cursor: Option<Advance>,
    /// What is held of streams with it.
    pub(super) gaps: Vec<GapChange>,
}

/// Batches that are written together, all or none.
#[derive(Debug)]
struct Load {
    batches: Vec<u64>,
    ops: Vec<Arriving>,
    frontiers: Vec<Vec<OpId>>,
    cursor: Option<Advance>,
    gaps: Vec<GapChange>,
}

/// Writes what arrives, in order, and says of each batch what became of it. Ends where one cannot be written: a cursor
/// beyond it would say that it was. It never waits to be heard: whoever hands over a batch may be waiting for room here meanwhile,
/// and both would wait for good.
pub(super) async fn take_in(
    node: Node,
    mut arrived: mpsc::Receiver<Arrived>,
    durable: mpsc::UnboundedSender<(u64, Result<Taken, Refusal>)>,
) {
    let mut next = None;
    loop {
        let first = match next.take() {
            Some(first) => first,
            None => match arrived.recv().await {
                Some(first) => first,
                None => return,
            },
        };
        let mut load = Load::of(first);
        while let Ok(more) = arrived.try_recv() {
            next = load.add(more);
            if next.is_some() {
                break;
            }
        }
        let Load { batches, ops, frontiers, cursor, gaps } = load;
        let mut outcome = node.integrate_patiently(ops, frontiers, cursor, gaps).await;
        let failed = outcome.is_err();
        for batch in batches {
            // What was refused is told once; that there was no room, everybody.
            let told = outcome.clone();
            if let Ok(taken) = &mut outcome {
                *taken = taken.of_the_rest();
            }
            if durable.send((batch, told)).is_err() {
                return;
            }
        }
        if failed {
            return;
        }
    }
}

impl Load {
    fn of(first: Arrived) -> Self {
        let Arrived { batch, ops, frontiers, cursor, gaps } = first;
        Self { batches: vec![batch], ops, frontiers, cursor, gaps }
    }

    /// Takes a batch along, where it brings this store on in the same feed or in none; else gives it back.
    fn add(&mut self, more: Arrived) -> Option<Arrived> {
        if let (Some(here), Some(there)) = (&self.cursor, &more.cursor)
            && here.space != there.space
        {
            return Some(more);
        }
        self.batches.push(more.batch);
        self.ops.extend(more.ops);
        self.frontiers.extend(more.frontiers);
        let after = self.cursor.map(|first| first.after);
        self.cursor = more.cursor.or(self.cursor);
        if let (Some(cursor), Some(after)) = (&mut self.cursor, after) {
            cursor.after = after;
        }
        self.gaps.extend(more.gaps);
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use nexus_core::{Arrival, Cursor, PeerKey};
    use nexus_crdt::id::SpaceId;

    fn arrived(batch: u64, space: Option<u8>) -> Arrived {
        let cursor = |space| {
            let at = |at| Cursor { epoch: [1; 16], at: Arrival(at) };
            let (peer, space) = (PeerKey([7; 32]), SpaceId([space; 32]));
            Advance { peer, space, after: Some(at(batch - 1)), upto: at(batch) }
        };
        let ops = vec![Arriving::Bytes(vec![0; 3])];
        Arrived { batch, ops, frontiers: Vec::new(), cursor: space.map(cursor), gaps: Vec::new() }
    }

    #[test]
    fn batches_of_one_feed_share_a_commit_with_the_last_cursor() {
        let mut load = Load::of(arrived(1, Some(1)));
        assert!(load.add(arrived(2, Some(1))).is_none());
        assert!(load.add(arrived(3, None)).is_none());
        assert_eq!(load.batches, [1, 2, 3]);
        let cursor = load.cursor.unwrap();
        assert_eq!((load.ops.len(), cursor.after.unwrap().at, cursor.upto.at), (3, Arrival(0), Arrival(2)));
        assert_eq!(load.add(arrived(4, Some(2))).unwrap().batch, 4, "a load has one cursor");
    }

    #[tokio::test]
    async fn what_came_during_a_commit_is_told_batch_by_batch_and_a_refusal_once() {
        let folder = tempfile::tempdir().unwrap();
        let node = Node::open(crate::Options { data: folder.path().to_owned(), disk_reserve: 0 }).unwrap();
        let (tx, rx) = mpsc::channel(4);
        let (durable, mut told) = mpsc::unbounded_channel();
        for batch in 1..=2 {
            tx.send(arrived(batch, Some(1))).await.unwrap();
        }
        drop(tx);
        take_in(node, rx, durable).await;
        let (first, second) = (told.recv().await.unwrap(), told.recv().await.unwrap());
        assert_eq!((first.0, first.1.unwrap().refused), (1, vec!["malformed"; 2]));
        assert_eq!(second, (2, Ok(Taken::default())));
    }

    // A link brought many pages at once, noted each of them, and heard nothing while it waited for room to do so; what took them in
    // waited for it to hear. Neither ever went on, and the link, which had its turn to catch up, kept all the others from theirs.
    #[tokio::test]
    async fn who_hands_over_more_than_there_is_room_for_before_hearing_of_any_is_not_kept_waiting() {
        let folder = tempfile::tempdir().unwrap();
        let node = Node::open(crate::Options { data: folder.path().to_owned(), disk_reserve: 0 }).unwrap();
        let (tx, rx) = mpsc::channel(4);
        let (durable, mut told) = mpsc::unbounded_channel();
        let taking = tokio::spawn(take_in(node, rx, durable));
        for batch in 1..=100 {
            tx.send(arrived(batch, None)).await.unwrap();
        }
        drop(tx);
        taking.await.unwrap();
        let mut batches = Vec::new();
        while let Some((batch, Ok(_))) = told.recv().await {
            batches.push(batch);
        }
        assert_eq!(batches, (1..=100).collect::<Vec<_>>());
    }

    #[tokio::test]
    async fn after_a_batch_that_cannot_be_written_nothing_more_is() {
        let folder = tempfile::tempdir().unwrap();
        let node =
            Node::open(crate::Options { data: folder.path().to_owned(), disk_reserve: u64::MAX }).unwrap();
        let (tx, rx) = mpsc::channel(4);
        let (durable, mut told) = mpsc::unbounded_channel();
        for (batch, space) in [(1, 1), (2, 2)] {
            tx.send(arrived(batch, Some(space))).await.unwrap();
        }
        take_in(node, rx, durable).await;
        assert_eq!(told.recv().await, Some((1, Err(Refusal::Unavailable))));
        assert_eq!(told.recv().await, None);
    }
}
