//! The one loop: what it takes, what it turns away, who hears of it and when.

use crate::forgetful_disk::ForgetfulDisk;
use crate::opening::options;
use crate::talk::{Place, make_channel, say, settle};
use nexus_core::{Arrival, Arriving, Change, Command, Refusal, View};
use nexus_crdt::id::ChannelId;
use nexus_node::store::{Medium, SealError, SealingKey};
use nexus_node::{ChangeFeed, FeedError, Node, OPS_MAX};
use redb::{Database, DatabaseError, StorageBackend};
use std::collections::BTreeSet;
use std::io;
use std::pin::Pin;
use std::sync::{Arc, Condvar, Mutex};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

async fn typed(node: &Node, place: &Place) -> Result<(), Refusal> {
    node.command(Some(place.owner), Command::Type { channel: place.channel }).await.map(drop)
}

type Asked<'a> = Pin<Box<dyn Future<Output = Result<(), Refusal>> + 'a>>;

/// Asks, and does not wait.
fn asked<F: Future + Unpin>(request: &mut F) -> Poll<F::Output> {
    Pin::new(request).poll(&mut Context::from_waker(Waker::noop()))
}

#[tokio::test]
async fn what_writes_nothing_makes_no_commit() {
    let disk = ForgetfulDisk::default();
    let node = Node::open_on(disk.clone(), 0).unwrap();
    let place = settle(&node).await;
    let syncs = disk.syncs();
    typed(&node, &place).await.unwrap();
    assert!(node.state_hash(place.guild).await.is_some());
    assert_eq!(disk.syncs(), syncs);
    say(&node, &place, "this does").await.unwrap();
    assert_eq!(disk.syncs(), syncs + 1, "one fsync a batch");
}

#[tokio::test]
async fn a_hand_over_costs_no_fsync_and_is_there_after_a_clean_end() {
    let disk = ForgetfulDisk::default();
    let node = Node::open_on(disk.clone(), 0).unwrap();
    let place = settle(&node).await;
    let outbox = |node: &Node| node.read().unwrap().space_status(&node.view(), place.guild).unwrap().outbox;
    assert!(outbox(&node) > 0);
    let syncs = disk.syncs();
    node.handed_over(place.guild, Arrival(u64::MAX)).unwrap();
    // It is written down a moment later, with whatever else is written then, or by itself.
    while outbox(&node) > 0 {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    assert_eq!(disk.syncs(), syncs);
    node.stop().await;
    assert_eq!(outbox(&Node::open_on(disk, 0).unwrap()), 0);
}

#[tokio::test]
async fn a_full_inbox_says_later_at_once_and_keeps_what_it_took() {
    let disk = SlowDisk::default();
    let node = Node::open_on(disk.clone(), 0).unwrap();
    let place = settle(&node).await;
    disk.hold();
    let mut first = Box::pin(say(&node, &place, "its commit takes long"));
    assert!(asked(&mut first).is_pending());
    disk.until_it_is_waited_for();
    let mut requests: Vec<Asked<'_>> =
        (0..5_000).map(|_| -> Asked<'_> { Box::pin(typed(&node, &place)) }).collect();
    let turned_away =
        |request: &mut Asked<'_>| matches!(asked(request), Poll::Ready(Err(Refusal::Later { .. })));
    let taken: Vec<_> =
        requests.iter_mut().filter_map(|request| (!turned_away(request)).then_some(request)).collect();
    assert!((4_096..5_000).contains(&taken.len()), "{} were taken", taken.len());
    disk.go_on();
    first.await.unwrap();
    for request in taken {
        request.await.unwrap();
    }
    typed(&node, &place).await.unwrap();
}

#[tokio::test]
async fn what_is_no_op_changes_nothing_and_too_many_at_a_time_are_turned_away() {
    let folder = tempfile::tempdir().unwrap();
    let node = Node::open(options(folder.path())).unwrap();
    let place = settle(&node).await;
    let before = node.status().await.unwrap();
    let rubbish = [vec![], vec![0x83; 70_000], b"no op".to_vec()].map(Arriving::Bytes).to_vec();
    let taken = node.integrate(rubbish, vec![], None).await.unwrap();
    assert_eq!(taken.refused, ["malformed"; 3]);
    let many = node.integrate(vec![Arriving::Bytes(vec![]); OPS_MAX + 1], vec![], None).await;
    assert!(matches!(many, Err(Refusal::TooMany { .. })));
    assert_eq!(node.status().await.unwrap(), before);
    say(&node, &place, "and on").await.unwrap();
}

#[tokio::test]
async fn who_listens_too_slowly_is_told_to_begin_anew() {
    let folder = tempfile::tempdir().unwrap();
    let node = Node::open(options(folder.path())).unwrap();
    let place = settle(&node).await;
    let (_, mut slow) = node.subscribe();
    for _ in 0..5_000 {
        typed(&node, &place).await.unwrap();
    }
    assert_eq!(slow.next().await.unwrap_err(), FeedError::Lagged);
    let (_, mut anew) = node.subscribe();
    typed(&node, &place).await.unwrap();
    assert!(anew.next().await.is_ok());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_view_and_the_feed_leave_no_gap_and_no_overlap() {
    const CHANNELS: usize = 60;
    let folder = tempfile::tempdir().unwrap();
    let node = Node::open(options(folder.path())).unwrap();
    let place = settle(&node).await;
    let maker = {
        let node = node.clone();
        tokio::spawn(async move {
            for number in 0..CHANNELS {
                make_channel(&node, &place, number).await;
            }
        })
    };
    let mut listeners = tokio::task::JoinSet::new();
    let begun = channels(&node.view()).len();
    for _ in 0..2 * CHANNELS {
        let (view, feed) = node.subscribe();
        listeners.spawn(followed(channels(&view), feed, begun + CHANNELS));
        typed(&node, &place).await.unwrap();
    }
    maker.await.unwrap();
    let all = channels(&node.view());
    while let Some(seen) = listeners.join_next().await {
        assert_eq!(seen.unwrap(), all);
    }
}

fn channels(view: &View) -> BTreeSet<ChannelId> {
    view.channels.keys().copied().collect()
}

async fn followed(mut seen: BTreeSet<ChannelId>, mut feed: ChangeFeed, until: usize) -> BTreeSet<ChannelId> {
    while seen.len() < until {
        let published = feed.next().await.unwrap();
        for change in published.changes.iter() {
            if let Change::ChannelCreated { channel, .. } = change {
                assert!(seen.insert(*channel), "told twice of one channel");
            }
        }
        assert!(channels(&published.view).is_superset(&seen), "a view is never behind its changes");
    }
    seen
}

/// A disk whose syncs take as long as the test wants.
#[derive(Clone, Debug, Default)]
struct SlowDisk {
    disk: ForgetfulDisk,
    held: Arc<(Mutex<Held>, Condvar)>,
}

#[derive(Debug, Default)]
struct Held {
    is_held: bool,
    waits: bool,
}

/// Nobody waits longer: a test that fails while the disk is held comes to an end.
const HELD_MAX: Duration = Duration::from_secs(90);

impl SlowDisk {
    fn hold(&self) {
        self.held.0.lock().unwrap().is_held = true;
    }

    /// .. and somebody waits for it.
    fn until_it_is_waited_for(&self) {
        let (held, changed) = &*self.held;
        let (held, _) =
            changed.wait_timeout_while(held.lock().unwrap(), HELD_MAX, |held| !held.waits).unwrap();
        assert!(held.waits, "nothing is written");
    }

    fn go_on(&self) {
        self.held.0.lock().unwrap().is_held = false;
        self.held.1.notify_all();
    }
}

impl Medium for SlowDisk {
    fn open(&self) -> Result<Database, DatabaseError> {
        Database::builder().create_with_backend(self.clone())
    }

    fn sealing_key(&self, _: bool) -> Result<SealingKey, SealError> {
        Ok(SealingKey::of([7; 32]))
    }

    fn free_bytes(&self) -> io::Result<u64> {
        Ok(u64::MAX)
    }
}

impl StorageBackend for SlowDisk {
    fn len(&self) -> io::Result<u64> {
        self.disk.len()
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        self.disk.read(offset, out)
    }

    fn set_len(&self, len: u64) -> io::Result<()> {
        self.disk.set_len(len)
    }

    fn sync_data(&self) -> io::Result<()> {
        let (held, changed) = &*self.held;
        let mut held = held.lock().unwrap();
        held.waits = held.is_held;
        changed.notify_all();
        drop(changed.wait_timeout_while(held, HELD_MAX, |held| held.is_held).unwrap());
        self.disk.sync_data()
    }

    fn write(&self, offset: u64, data: &[u8]) -> io::Result<()> {
        self.disk.write(offset, data)
    }
}
