//! How fast a node takes in what it missed: messages of many authors, in the order of their arrival at the giver, a batch
//! as a link brings it, each commit with its fsync. `cargo bench -p nexus-node` prints ops per second.

#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a measurement: it prints, and ends where it cannot go on"
)]

use nexus_core::{Arrival, Arriving, BotInstall, Command, MessageDraft, Reply, Store, StoredOp};
use nexus_crdt::id::{ChannelId, OpId, SpaceId, UserId};
use nexus_crdt::op;
use nexus_node::store::{Folder, Medium, ReadTables};
use nexus_node::{Node, Options};
use redb::ReadableDatabase as _;
use std::collections::{BTreeSet, VecDeque};
use std::path::Path;
use std::time::Instant;
use tokio::sync::mpsc;

const AUTHORS: usize = 50;
const MESSAGES: usize = 10_000;
/// Ops of a batch: about what a frame of the sync protocol holds.
const BATCH: usize = 128;
/// Batches on their way to the store at a time.
const WINDOWS: [usize; 3] = [1, 4, LINK];
/// What a link may have under way.
const LINK: usize = 16;
const ROUNDS: usize = 3;

/// What a giver holds: what there is to know before its messages, and these.
struct Feed {
    before: Vec<Vec<u8>>,
    frontiers: Vec<Vec<OpId>>,
    messages: Vec<Vec<u8>>,
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let folder = tempfile::tempdir().unwrap();
    let guild = talk(folder.path()).await;
    let feed = Feed::of(folder.path(), &guild);
    println!("{} messages of {AUTHORS} authors, in batches of {BATCH}", feed.messages.len());
    for _ in 0..ROUNDS {
        let (seconds, bytes) = feed.taken_in(4, |bytes| Arriving::Bytes(bytes.to_vec())).await;
        report("signatures checked by the loop", seconds, bytes);
        for window in WINDOWS {
            let (seconds, bytes) = feed.taken_in(window, verified).await;
            report(&format!("checked before, {window} batches at a time"), seconds, bytes);
        }
        let (seconds, bytes) = feed.caught_up().await;
        report("read and checked beside the loop", seconds, bytes);
    }
}

fn verified(bytes: &[u8]) -> Arriving {
    Arriving::Verified(Box::new(op::verify(op::decode(bytes).unwrap()).unwrap()))
}

fn report(how: &str, seconds: f64, bytes: u64) {
    let rate = MESSAGES as f64 / seconds;
    println!(
        "{how:36} {rate:8.0} ops/s ({seconds:.3} s), {} bytes of store for each",
        bytes / MESSAGES as u64
    );
}

/// A guild in which many speak.
async fn talk(folder: &Path) -> SpaceId {
    let node = Node::open(Options { data: folder.to_owned(), disk_reserve: 0 }).unwrap();
    let setup = node.command(None, Command::Setup { name: String::from("Ann") }).await.unwrap();
    let Reply::Setup { user: ann, .. } = setup else { panic!("{setup:?}") };
    let guild = created(&node, ann, Command::CreateGuild { name: String::from("Harbour") }).await.into();
    let mut authors = Vec::new();
    for number in 0..AUTHORS {
        let create =
            Command::CreateApplication { name: format!("Echo {number}"), description: String::new() };
        let application = UserId::from(created(&node, ann, create).await);
        let install = BotInstall { guild, application, permissions: None };
        node.command(Some(ann), Command::InstallBot(install)).await.unwrap();
        authors.push(application);
    }
    let view = node.view();
    let channel = view.guilds[&guild].channels.values().find(|channel| channel.name == "general").unwrap().id;
    let mut speaking = tokio::task::JoinSet::new();
    for author in authors {
        let node = node.clone();
        speaking.spawn(async move {
            for number in 0..MESSAGES / AUTHORS {
                let text = format!("{number}: the tide is in, and the ferry to the island is late again");
                node.command(Some(author), say(channel, &text)).await.unwrap();
            }
        });
    }
    speaking.join_all().await;
    node.stop().await;
    guild
}

async fn created(node: &Node, actor: UserId, command: Command) -> OpId {
    match node.command(Some(actor), command).await.unwrap() {
        Reply::Created(id) => id,
        other => panic!("{other:?}"),
    }
}

fn say(channel: ChannelId, text: &str) -> Command {
    Command::SendMessage(MessageDraft::plain(channel, text))
}

impl Feed {
    fn of(folder: &Path, guild: &SpaceId) -> Self {
        let folder = Folder::at(folder).unwrap();
        let (database, key) = (folder.open().unwrap(), folder.sealing_key(false).unwrap());
        let store = ReadTables::open(&database.begin_read().unwrap(), &key).unwrap();
        let (mut before, mut messages, mut frontiers) = (Vec::new(), Vec::new(), BTreeSet::new());
        for space in [SpaceId::NONE, *guild] {
            for (_, id) in store.arrivals(&space, Arrival(0), usize::MAX).unwrap() {
                let stored: StoredOp = store.op(&id).unwrap().unwrap();
                if let Some(frontier) = stored.op.frontier() {
                    frontiers.extend(store.frontier(&frontier).unwrap());
                }
                let to = if stored.op.header.stream.is_channel() { &mut messages } else { &mut before };
                to.push(stored.encode());
            }
        }
        Self { before, frontiers: frontiers.into_iter().collect(), messages }
    }

    /// Seconds until the messages are durable in a new store, and how much it grew.
    async fn taken_in(&self, window: usize, arriving: impl Fn(&[u8]) -> Arriving) -> (f64, u64) {
        let (tx, rx) = mpsc::channel(MESSAGES);
        for ops in self.messages.chunks(BATCH) {
            tx.try_send(ops.iter().map(|op| arriving(op)).collect()).unwrap();
        }
        drop(tx);
        self.measured(window, || rx).await
    }

    /// The same as a link does it: one thread reads and checks while the loop takes in.
    async fn caught_up(&self) -> (f64, u64) {
        let messages = self.messages.clone();
        let begin = move || {
            let (tx, rx) = mpsc::channel(LINK);
            std::thread::spawn(move || {
                for ops in messages.chunks(BATCH) {
                    tx.blocking_send(ops.iter().map(|op| verified(op)).collect()).unwrap();
                }
            });
            rx
        };
        self.measured(LINK, begin).await
    }

    async fn measured(
        &self,
        window: usize,
        begin: impl FnOnce() -> mpsc::Receiver<Vec<Arriving>>,
    ) -> (f64, u64) {
        let folder = tempfile::tempdir().unwrap();
        let node = Node::open(Options { data: folder.path().to_owned(), disk_reserve: 0 }).unwrap();
        let size = || Folder::store_path(folder.path()).metadata().unwrap().len();
        for ops in self.before.chunks(BATCH) {
            let ops = ops.iter().cloned().map(Arriving::Bytes).collect();
            node.integrate(ops, self.frontiers.clone(), None).await.unwrap();
        }
        let before = size();
        let mut under_way = VecDeque::new();
        let (began, mut admitted) = (Instant::now(), 0);
        let mut batches = begin();
        while let Some(ops) = batches.recv().await {
            let node = node.clone();
            under_way.push_back(tokio::spawn(async move { node.integrate(ops, Vec::new(), None).await }));
            if under_way.len() == window {
                admitted += under_way.pop_front().unwrap().await.unwrap().unwrap().admitted;
            }
        }
        for batch in under_way {
            admitted += batch.await.unwrap().unwrap().admitted;
        }
        let seconds = began.elapsed().as_secs_f64();
        assert_eq!(admitted as usize, MESSAGES);
        node.stop().await;
        (seconds, size().saturating_sub(before))
    }
}
