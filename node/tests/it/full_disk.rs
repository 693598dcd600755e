//! A disk that fills up: writes are refused, reads go on, and nobody has to restart anything.

use crate::talk::{ids, say, settle};
use nexus_core::{Command, Refusal};
use nexus_node::store::{Medium, SealError, SealingKey};
use nexus_node::{ChangeFeed, FeedError, Node, Page};
use redb::backends::InMemoryBackend;
use redb::{Database, DatabaseError, StorageBackend};
use std::collections::BTreeSet;
use std::io;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

const BLOCK: u64 = 4_096;

/// A disk of so many bytes. As on a real one a file may be longer than what it fills.
#[derive(Clone, Debug)]
struct SmallDisk {
    file: Arc<InMemoryBackend>,
    filled: Arc<Mutex<BTreeSet<u64>>>,
    size: Arc<AtomicU64>,
    ran_full: Arc<AtomicBool>,
    panics: Arc<AtomicBool>,
}

impl SmallDisk {
    fn of(size: u64) -> Self {
        Self {
            file: Arc::new(InMemoryBackend::new()),
            filled: Arc::default(),
            size: Arc::new(AtomicU64::new(size)),
            ran_full: Arc::default(),
            panics: Arc::default(),
        }
    }

    fn free(&self) -> u64 {
        let filled = self.filled.lock().unwrap().len() as u64 * BLOCK;
        self.size.load(Ordering::SeqCst).saturating_sub(filled)
    }

    /// Somebody else takes all but `left` bytes, or gives them back.
    fn leave_free(&self, left: u64) {
        let filled = self.filled.lock().unwrap().len() as u64 * BLOCK;
        self.size.store(filled + left, Ordering::SeqCst);
    }

    fn ran_full(&self) -> bool {
        self.ran_full.load(Ordering::SeqCst)
    }
}

impl Medium for SmallDisk {
    fn open(&self) -> Result<Database, DatabaseError> {
        Database::builder().create_with_backend(self.clone())
    }

    fn sealing_key(&self, _: bool) -> Result<SealingKey, SealError> {
        Ok(SealingKey::of([7; 32]))
    }

    fn free_bytes(&self) -> io::Result<u64> {
        Ok(self.free())
    }
}

impl StorageBackend for SmallDisk {
    fn len(&self) -> io::Result<u64> {
        self.file.len()
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        self.file.read(offset, out)
    }

    fn set_len(&self, len: u64) -> io::Result<()> {
        self.filled.lock().unwrap().retain(|block| *block < len.div_ceil(BLOCK));
        self.file.set_len(len)
    }

    fn sync_data(&self) -> io::Result<()> {
        self.file.sync_data()
    }

    fn write(&self, offset: u64, data: &[u8]) -> io::Result<()> {
        assert!(!self.panics.load(Ordering::SeqCst), "a bug in the middle of a commit");
        for block in offset / BLOCK..(offset + data.len() as u64).div_ceil(BLOCK) {
            let fresh = !self.filled.lock().unwrap().contains(&block);
            if fresh && self.free() < BLOCK {
                self.ran_full.store(true, Ordering::SeqCst);
                return Err(io::ErrorKind::StorageFull.into());
            }
            self.filled.lock().unwrap().insert(block);
        }
        self.file.write(offset, data)
    }
}

const RESERVE: u64 = 1 << 20;

#[tokio::test]
async fn below_the_reserve_writes_are_refused_and_reads_go_on() {
    let disk = SmallDisk::of(64 << 20);
    let node = Node::open_on(disk.clone(), RESERVE).unwrap();
    let place = settle(&node).await;
    let said = say(&node, &place, "while there is space").await.unwrap();
    let (_, mut feed) = node.subscribe();

    disk.leave_free(RESERVE - 1);
    assert_eq!(say(&node, &place, "too late").await.unwrap_err(), Refusal::Unavailable);
    let typing = node.command(Some(place.owner), Command::Type { channel: place.channel }).await;
    assert!(typing.is_ok(), "what is not stored needs no space");
    assert!(feed.next().await.is_ok(), "and sessions hear of it");
    let page = node.read().unwrap().messages(&node.view(), place.channel, Page::Latest, 10).unwrap();
    assert_eq!(ids(&page), [said.id]);
    assert!(node.status().await.is_ok());

    disk.leave_free(RESERVE);
    let again = say(&node, &place, "there is space again").await.unwrap();
    let page = node.read().unwrap().messages(&node.view(), place.channel, Page::Latest, 10).unwrap();
    assert_eq!(ids(&page), [again.id, said.id]);
    assert!(!disk.ran_full(), "redb never met the full disk");
}

/// redb refuses everything after an I/O error. Somebody else may fill the disk between our look at it and our write, so
/// the shell must find its way back: it opens the store again, and what was not durable is gone.
#[tokio::test]
async fn a_disk_that_fills_up_in_mid_commit_is_survived_without_a_restart() {
    let disk = SmallDisk::of(64 << 20);
    let node = Node::open_on(disk.clone(), 0).unwrap();
    let place = settle(&node).await;
    let mut acknowledged = vec![say(&node, &place, "first").await.unwrap().id];
    let (_, mut feed) = node.subscribe();

    disk.leave_free(0);
    let mut refused = 0;
    for number in 0..400 {
        match say(&node, &place, &format!("{number} {}", "long ".repeat(300))).await {
            Ok(said) => acknowledged.push(said.id),
            Err(refusal) => {
                assert_eq!(refusal, Refusal::Unavailable);
                refused += 1;
            }
        }
    }
    assert!(disk.ran_full() && refused > 0, "the disk was small enough");
    let reader = node.read().expect("reads go on while the disk is full");
    let mut there = ids(&reader.messages(&node.view(), place.channel, Page::Latest, 1_000).unwrap());
    there.reverse();
    assert_eq!(there, acknowledged);
    assert_eq!(first_error(&mut feed).await, FeedError::Lagged, "listeners begin anew");

    disk.leave_free(64 << 20);
    let said = say(&node, &place, "there is space again").await.unwrap();
    let newest = node.read().unwrap().messages(&node.view(), place.channel, Page::Latest, 1).unwrap();
    assert_eq!(ids(&newest), [said.id]);
}

#[tokio::test]
async fn a_panic_in_the_loop_leaves_nobody_waiting_and_nothing_lost() {
    let disk = SmallDisk::of(64 << 20);
    let node = Node::open_on(disk.clone(), 0).unwrap();
    let place = settle(&node).await;
    let said = say(&node, &place, "first").await.unwrap();

    disk.panics.store(true, Ordering::SeqCst);
    assert_eq!(say(&node, &place, "in the middle").await.unwrap_err(), Refusal::Unavailable);
    disk.panics.store(false, Ordering::SeqCst);
    let again = say(&node, &place, "after it").await.unwrap();
    let page = node.read().unwrap().messages(&node.view(), place.channel, Page::Latest, 10).unwrap();
    assert_eq!(ids(&page), [again.id, said.id]);
}

async fn first_error(feed: &mut ChangeFeed) -> FeedError {
    loop {
        if let Err(error) = feed.next().await {
            return error;
        }
    }
}
