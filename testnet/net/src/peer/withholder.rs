//! A relay whose program was changed: it says of everything that it has it, and throws away what one person writes.
//!
//! Its core, its store and what it says on its links are an honest relay's, so nobody can tell by how it speaks.

use super::account::now_ms;
use super::transport::Transport;
use crate::program::free_address;
use anyhow::{Result, anyhow};
use futures_util::StreamExt as _;
use futures_util::io::{AsyncReadExt as _, AsyncWriteExt as _, ReadHalf};
use libp2p::{PeerId, Stream};
use nexus_core::store::feed_of;
use nexus_core::sync::frame::Role;
use nexus_core::sync::{Action, Env as LinkEnv, Event, Hold, Hosting, Link, Setup, Whose};
use nexus_core::{Arriving, Command, Core, Effect, Env, Input, MemoryStore, PeerKey, Record, Taken, Ticket};
use nexus_crdt::id::SpaceId;
use nexus_crdt::op;
use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::time::Duration;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;
use tokio::sync::mpsc;
use tokio::task::JoinSet;

/// It runs until it is dropped.
pub struct Withholder {
    base: String,
    withholds: Arc<AtomicBool>,
    _tasks: JoinSet<()>,
}

/// What comes from a link.
enum Heard {
    Opened(PeerKey, mpsc::UnboundedSender<Vec<u8>>),
    Frame(Vec<u8>),
    Ended,
}

struct Peer {
    link: Link,
    out: mpsc::UnboundedSender<Vec<u8>>,
}

struct Program {
    core: Core,
    store: MemoryStore,
    me: PeerKey,
    peers: BTreeMap<u64, Peer>,
    /// Whose messages it throws away, by name.
    whose: String,
    withholds: Arc<AtomicBool>,
    /// Spaces in which something arrived that links were not told of.
    fed: BTreeSet<SpaceId>,
}

impl Withholder {
    /// A relay at a base URL of its own that keeps any guild, but nothing that people of this name write in channels.
    ///
    /// # Errors
    /// Where there are no sockets to be had.
    pub async fn of(whose: &str) -> Result<Self> {
        let mesh = free_address()?;
        let transport = Transport::listening(mesh)?;
        let window = TcpListener::bind("127.0.0.1:0").await?;
        let base = format!("http://{}", window.local_addr()?);
        let withholds = Arc::new(AtomicBool::new(true));
        let program = Program::new(transport.key, whose, &base, withholds.clone())?;
        let (tx, rx) = mpsc::unbounded_channel();
        let mut tasks = JoinSet::new();
        tasks.spawn(be_found(window, transport.key, mesh));
        let mut incoming = transport.incoming()?;
        tasks.spawn(async move {
            let mut readers = JoinSet::new();
            let mut links = 0;
            while let Some((peer, stream)) = incoming.next().await {
                links += 1;
                readers.spawn(hear(links, peer, stream, tx.clone()));
            }
            drop(transport);
        });
        tasks.spawn(program.run(rx));
        Ok(Self { base, withholds, _tasks: tasks })
    }

    /// Its base URL.
    #[must_use]
    pub fn base(&self) -> String {
        self.base.clone()
    }

    /// From now on it keeps what it is given.
    pub fn repents(&self) {
        self.withholds.store(false, Relaxed);
    }
}

/// The one page of a relay's window that its mesh needs.
async fn be_found(window: TcpListener, key: [u8; 32], mesh: SocketAddr) {
    let body = format!("{{\"peer_key\":\"{}\",\"mesh_port\":{}}}", hex::encode(key), mesh.port());
    while let Ok((mut stream, _)) = window.accept().await {
        let head = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nconnection: close\r\n";
        let answer = format!("{head}content-length: {}\r\n\r\n{body}", body.len());
        // Who asked may have gone away.
        let _ = stream.read(&mut [0; 1024]).await;
        let _ = stream.write_all(answer.as_bytes()).await;
    }
}

async fn hear(link: u64, peer: PeerId, stream: Stream, tx: mpsc::UnboundedSender<(u64, Heard)>) {
    let Some(key) = key_of(&peer) else { return };
    let (from, mut to) = stream.split();
    let (out, mut frames) = mpsc::unbounded_channel::<Vec<u8>>();
    let mut writer = JoinSet::new();
    writer.spawn(async move {
        while let Some(frame) = frames.recv().await {
            let length = u32::try_from(frame.len()).unwrap_or(u32::MAX).to_be_bytes();
            if to.write_all(&[&length[..], &frame].concat()).await.is_err() || to.flush().await.is_err() {
                break;
            }
        }
    });
    // It fails only where the relay is being dropped.
    let _ = tx.send((link, Heard::Opened(key, out)));
    let _ = read(link, from, &tx).await;
    let _ = tx.send((link, Heard::Ended));
}

async fn read(link: u64, mut from: ReadHalf<Stream>, tx: &mpsc::UnboundedSender<(u64, Heard)>) -> Result<()> {
    loop {
        let mut length = [0; 4];
        from.read_exact(&mut length).await?;
        let mut frame = vec![0; u32::from_be_bytes(length).min(1 << 20) as usize];
        from.read_exact(&mut frame).await?;
        if !frame.is_empty() {
            tx.send((link, Heard::Frame(frame)))?;
        }
    }
}

// The id of a peer with an Ed25519 key is its key, behind six bytes that say so.
fn key_of(peer: &PeerId) -> Option<PeerKey> {
    Some(PeerKey(*peer.to_bytes().last_chunk::<32>()?))
}

impl Program {
    fn new(key: [u8; 32], whose: &str, base: &str, withholds: Arc<AtomicBool>) -> Result<Self> {
        let store = MemoryStore::named(rand::random());
        let core = Core::load(&store).map_err(|error| anyhow!("{error}"))?;
        let (whose, peers, fed) = (whose.to_owned(), BTreeMap::new(), BTreeSet::new());
        let mut program = Self { core, store, me: PeerKey(key), peers, whose, withholds, fed };
        let command = Box::new(Command::UseRelay { url: base.to_owned() });
        program.turn(Input::Command { ticket: Ticket(1), actor: None, command })?;
        Ok(program)
    }

    async fn run(mut self, mut rx: mpsc::UnboundedReceiver<(u64, Heard)>) {
        let mut tick = tokio::time::interval(Duration::from_secs(1));
        loop {
            tokio::select! {
                heard = rx.recv() => match heard {
                    Some((link, Heard::Opened(peer, out))) => self.meet(link, peer, out),
                    Some((link, Heard::Frame(frame))) => self.happens(link, Event::Frame(&frame)),
                    Some((link, Heard::Ended)) => drop(self.peers.remove(&link)),
                    None => return,
                },
                _ = tick.tick() => {
                    for link in self.links() {
                        self.happens(link, Event::Due);
                        self.happens(link, Event::Tick);
                    }
                }
            }
            let fed = std::mem::take(&mut self.fed);
            if !fed.is_empty() {
                for link in self.links() {
                    self.happens(link, Event::Arrived(Some(&fed)));
                }
            }
        }
    }

    fn links(&self) -> Vec<u64> {
        self.peers.keys().copied().collect()
    }

    fn meet(&mut self, link: u64, peer: PeerKey, out: mpsc::UnboundedSender<Vec<u8>>) {
        let hosting = Hosting { whose: Whose::Anybodys, spaces_max: 64, ops_max: 1_000_000 };
        let (nonce, blind, role) = (rand::random(), rand::random(), Role::Relay);
        let (grace_ms, hold) = (0, Hold::Everything);
        let setup = Setup {
            me: self.me,
            peer,
            role,
            relay: None,
            nonce,
            blind,
            hosting,
            grace_ms,
            hold,
            in_order: 0,
        };
        let mut new = Peer { link: Link::new(setup), out };
        let actions = new.link.begin(&env(&self.core, &self.store));
        self.peers.insert(link, new);
        self.perform(link, actions);
    }

    fn happens(&mut self, link: u64, event: Event<'_>) {
        let Some(peer) = self.peers.get_mut(&link) else { return };
        match peer.link.handle(event, &env(&self.core, &self.store)) {
            Ok(actions) => self.perform(link, actions),
            Err(_) => drop(self.peers.remove(&link)),
        }
    }

    fn perform(&mut self, link: u64, actions: Vec<Action>) {
        for action in actions {
            match action {
                Action::Send(frame) => {
                    if let Some(peer) = self.peers.get(&link) {
                        // A link that has ended is taken away by its reader.
                        let _ = peer.out.send(peer.link.encode(&frame));
                    }
                }
                Action::Prove { .. } => self.happens(link, Event::Proofs(Vec::new())),
                Action::Integrate { batch, mut ops, frontiers, cursor, gaps } => {
                    if self.withholds.load(Relaxed) {
                        let theirs = self.devices();
                        ops.retain(|op| !is_said_by(op, &theirs));
                    }
                    if let Ok(taken) = self.turn(Input::Ops { ops, frontiers, cursor, gaps }) {
                        self.happens(link, Event::Durable { batch, taken: &taken });
                    }
                }
                Action::AskTurn(space) => self.happens(link, Event::Turn { space, among: false }),
                Action::AskQuiet { space, .. } => self.happens(link, Event::Quiet(space)),
                Action::Close(_) => drop(self.peers.remove(&link)),
                _ => {}
            }
        }
    }

    /// The keys by which those write whom it withholds.
    fn devices(&self) -> BTreeSet<[u8; 32]> {
        let users = self.core.view().users.values().filter(|user| user.name == self.whose);
        users.flat_map(|user| user.devices.iter().map(|device| device.0)).collect()
    }

    fn turn(&mut self, input: Input) -> Result<Taken> {
        let entropy = std::array::from_fn(|_| rand::random());
        let env = Env { now_ms: now_ms(), entropy, store: &self.store };
        let mut taken = Taken::default();
        for effect in self.core.handle(input, &env)? {
            match effect {
                Effect::Append(records) => {
                    let ops = records.iter().filter_map(|record| match record {
                        Record::Op { op, .. } => Some(feed_of(&op.op)),
                        _ => None,
                    });
                    self.fed.extend(ops);
                    self.store.apply(&records);
                }
                Effect::Taken(now) => taken = now,
                _ => {}
            }
        }
        Ok(taken)
    }
}

fn env<'a>(core: &'a Core, store: &'a MemoryStore) -> LinkEnv<'a> {
    LinkEnv { now_ms: now_ms(), view: core.view(), store }
}

fn is_said_by(op: &Arriving, devices: &BTreeSet<[u8; 32]>) -> bool {
    let header = |op: &op::Op| op.header.stream.is_channel() && devices.contains(&op.header.author.0);
    match op {
        Arriving::Verified(op) => header(op),
        Arriving::Claimed(claim) => header(claim.untrusted()),
        Arriving::Bytes(bytes) => op::decode(bytes).is_ok_and(|claim| header(claim.untrusted())),
    }
}
