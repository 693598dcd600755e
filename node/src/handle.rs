//! What a window holds of a node: ask, read, listen.

use crate::node_loop::NodeLoop;
use crate::node_loop::database::Shared;
use crate::node_loop::request::Request;
use crate::reader::Reader;
use crate::stage::ChangeFeed;
use crate::store::{CaughtTables, FilesToGo, Folder, FormatError, Medium, SealError};
use nexus_core::store::{GapChange, Range};
use nexus_core::{
    Advance, Arrival, Arriving, Command, DeviceProof, LoadError, Refusal, Reply, StoreFault, Taken, View,
};
use nexus_crdt::id::{ChannelId, OpId, SpaceId, StreamId, UserId};
use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::mpsc::{SyncSender, TrySendError, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;
use tokio::sync::{broadcast, oneshot};

/// How a node is opened.
#[derive(Clone, Debug)]
pub struct Options {
    /// Its data folder; made where it is missing.
    pub data: PathBuf,
    /// Bytes that must stay free on the disk; below it writes are refused, reads go on.
    pub disk_reserve: u64,
}

/// Why a data folder cannot be opened.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OpenError {
    /// Another process has it open.
    #[error("another program has this data folder open")]
    InUse,
    /// The folder or its store cannot be read.
    #[error("cannot open the store: {0}")]
    Store(String),
    /// Written by a later version of the program.
    #[error(transparent)]
    Format(FormatError),
    /// There is no key to its secrets, or not the right one.
    #[error(transparent)]
    Seal(#[from] SealError),
    /// What it holds does not fit together.
    #[error("cannot load the store: {0}")]
    Load(#[from] LoadError),
}

/// A running node. Cheap to clone; the last clone's drop stops the loop after what was accepted is durable.
#[derive(Clone)]
pub struct Node {
    loop_: Arc<LoopHandle>,
    shared: Arc<Shared>,
}

struct LoopHandle {
    inbox: Option<SyncSender<Request>>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

/// Most ops, and most frontiers, that [`Node::integrate`] takes at a time. Larger ones than a frame are refused alone.
pub const OPS_MAX: usize = 256;
/// Requests that may wait for the loop; the next one is told to come back later.
const INBOX: usize = 4_096;
/// When to come back where the inbox is full, in ms.
const INBOX_RETRY_MS: u64 = 250;

impl Node {
    /// Opens or makes a data folder and starts the loop on a thread of its own. Blocks while the store is repaired
    /// after a crash.
    ///
    /// # Errors
    /// [`OpenError`].
    pub fn open(options: Options) -> Result<Self, OpenError> {
        let folder = Folder::at(&options.data).map_err(|error| OpenError::Store(error.to_string()))?;
        Self::open_on(folder, options.disk_reserve)
    }

    /// As [`Node::open`], on a medium of the caller's: for tests with disks that forget or fill up.
    ///
    /// # Errors
    /// [`OpenError`].
    pub fn open_on(medium: impl Medium, disk_reserve: u64) -> Result<Self, OpenError> {
        let (tx, inbox) = sync_channel(INBOX);
        let (node_loop, shared) = NodeLoop::open(Box::new(medium), disk_reserve, inbox)?;
        let thread = std::thread::Builder::new()
            .name(String::from("nexus-loop"))
            .spawn(move || node_loop.run())
            .map_err(|error| OpenError::Store(error.to_string()))?;
        let loop_ = LoopHandle { inbox: Some(tx), thread: Mutex::new(Some(thread)) };
        Ok(Self { loop_: Arc::new(loop_), shared })
    }

    /// Asks for something. The answer comes when it is durable. `actor` is none only for setup.
    ///
    /// # Errors
    /// [`Refusal`]; nothing was written then. A full inbox is [`Refusal::Later`].
    pub async fn command(&self, actor: Option<UserId>, command: Command) -> Result<Reply, Refusal> {
        let (answer, rx) = oneshot::channel();
        self.ask(Request::Command { actor, command: Box::new(command), answer })?;
        // The loop drops an answer it cannot give: the batch failed, or the node has stopped.
        rx.await.unwrap_or(Err(Refusal::Unavailable))
    }

    /// Writes the store anew into a file of its own, where what was removed stands nowhere, while everything goes on. Done by
    /// itself where bodies were destroyed, or rows take too little of the file. Gives the bytes that the file takes before and after, where
    /// it is a file.
    ///
    /// # Errors
    /// [`Refusal::Unavailable`] where it was not done: no room, or too much was written meanwhile.
    pub async fn rewrite(&self) -> Result<Option<(u64, u64)>, Refusal> {
        let (answer, rx) = oneshot::channel();
        self.ask(Request::Rewrite { answer })?;
        rx.await.map_err(|_| Refusal::Unavailable)
    }

    /// The projection as of the last durable batch.
    #[must_use]
    pub fn view(&self) -> Arc<View> {
        self.shared.stage.view()
    }

    /// The projection, and every change after it, with no gap between the two.
    #[must_use]
    pub fn subscribe(&self) -> (Arc<View>, ChangeFeed) {
        self.shared.stage.subscribe()
    }

    /// Begins a read transaction. Blocking work is short (cached pages, no fsync): fine on an async thread.
    ///
    /// # Errors
    /// [`StoreFault`] while the store is being reopened.
    pub fn read(&self) -> Result<Reader, StoreFault> {
        let unreadable = self.shared.unreadable.clone();
        self.shared.read().map(|tables| Reader::new(tables, unreadable))
    }

    /// Files that were named by what is destroyed now. Reads every body where there are any: no work for a thread that
    /// others wait for.
    ///
    /// # Errors
    /// [`StoreFault`] while the store is being reopened.
    pub fn files_to_go(&self) -> Result<FilesToGo, StoreFault> {
        self.shared.read()?.files_to_go()
    }

    /// These were removed, or are named by others that are here: see [`FilesToGo`].
    ///
    /// # Errors
    /// As [`Node::heard`]: it is said again then.
    pub fn files_settled(&self, files: Vec<([u8; 32], u64)>) -> Result<(), Refusal> {
        self.ask(Request::FilesSettled(files))
    }

    /// What somebody looked at and could not read, as far as that is still so: others may have it.
    ///
    /// # Errors
    /// [`StoreFault`] while the store is being reopened.
    pub fn unreadable(&self) -> Result<BTreeSet<(SpaceId, OpId)>, StoreFault> {
        if self.shared.unreadable.is_empty() {
            return Ok(BTreeSet::new());
        }
        self.shared.unreadable.left(&self.shared.read()?)
    }

    /// Takes ops in from elsewhere, at most [`OPS_MAX`] at a time, and says what became of them. When it answers, they
    /// are durable, and so is `cursor`: where they bring this store in a peer's feed.
    ///
    /// # Errors
    /// [`Refusal::Later`] where the inbox is full, [`Refusal::TooMany`].
    pub async fn integrate(
        &self,
        ops: Vec<Arriving>,
        frontiers: Vec<Vec<OpId>>,
        cursor: Option<Advance>,
    ) -> Result<Taken, Refusal> {
        if ops.len() > OPS_MAX || frontiers.len() > OPS_MAX {
            return Err(Refusal::TooMany { what: "ops at a time", max: OPS_MAX as u32 });
        }
        let (answer, rx) = oneshot::channel();
        self.ask(Request::Ops { ops, frontiers, cursor, gaps: Vec::new(), answer })?;
        rx.await.unwrap_or(Err(Refusal::Unavailable))
    }

    /// Hears, after each durable batch, which spaces' arrival logs grew. Who is told that they lagged looks at all of them.
    #[must_use]
    pub fn arrived(&self) -> broadcast::Receiver<Arc<BTreeSet<SpaceId>>> {
        self.shared.arrivals.subscribe()
    }

    /// Says that a peer holds what this store gave it of a space, up to an arrival. Not waited for: where it is lost, the
    /// peer says so again.
    ///
    /// # Errors
    /// [`Refusal::Later`] where the inbox is full.
    pub fn handed_over(&self, space: SpaceId, upto: Arrival) -> Result<(), Refusal> {
        self.ask(Request::HandedOver { space, upto })
    }

    /// Says that a peer has told all the accounts it knows. Not waited for: where it is lost, time does the same.
    ///
    /// # Errors
    /// [`Refusal::Later`] where the inbox is full.
    pub fn told(&self) -> Result<(), Refusal> {
        self.ask(Request::Told)
    }

    /// Signs a link's transcript with the device of each account here, or of those among `whom`; none where the node has
    /// stopped.
    pub async fn prove(&self, transcript: Vec<u8>, whom: Option<BTreeSet<UserId>>) -> Vec<DeviceProof> {
        loop {
            let (answer, rx) = oneshot::channel();
            let (transcript, whom) = (transcript.clone(), whom.clone());
            match self.ask(Request::Prove { transcript, whom, answer }) {
                Ok(()) => return rx.await.unwrap_or_default(),
                Err(Refusal::Later { retry_ms }) => tokio::time::sleep(Duration::from_millis(retry_ms)).await,
                Err(_) => return Vec::new(),
            }
        }
    }

    /// A guild's derived state hash; none where the guild is not held here or the node has stopped.
    pub async fn state_hash(&self, space: SpaceId) -> Option<[u8; 32]> {
        loop {
            let (answer, rx) = oneshot::channel();
            match self.ask(Request::StateHash { space, answer }) {
                Ok(()) => return rx.await.ok().flatten(),
                Err(Refusal::Later { retry_ms }) => tokio::time::sleep(Duration::from_millis(retry_ms)).await,
                Err(_) => return None,
            }
        }
    }

    /// Stops the loop when everything asked before is durable, and closes the store. Later asks are
    /// [`Refusal::Unavailable`].
    pub async fn stop(&self) {
        let loop_ = self.loop_.clone();
        // The inbox may be full, and the thread's end is waited for: both block.
        let stopped = tokio::task::spawn_blocking(move || loop_.stop()).await;
        if stopped.is_err() {
            tracing::error!("the loop ended in a panic");
        }
    }

    /// As [`Node::integrate`], waiting for room in the inbox, and with what is held of streams from then on.
    pub(crate) async fn integrate_patiently(
        &self,
        ops: Vec<Arriving>,
        frontiers: Vec<Vec<OpId>>,
        cursor: Option<Advance>,
        gaps: Vec<GapChange>,
    ) -> Result<Taken, Refusal> {
        let (answer, rx) = oneshot::channel();
        let mut request = Request::Ops { ops, frontiers, cursor, gaps, answer };
        let inbox = self.loop_.inbox.as_ref().ok_or(Refusal::Unavailable)?;
        loop {
            match inbox.try_send(request) {
                Ok(()) => return rx.await.unwrap_or(Err(Refusal::Unavailable)),
                Err(TrySendError::Full(back)) => request = back,
                Err(TrySendError::Disconnected(_)) => return Err(Refusal::Unavailable),
            }
            tokio::time::sleep(Duration::from_millis(INBOX_RETRY_MS)).await;
        }
    }

    /// Notes that from now on what is viewed is held, or everything.
    pub(crate) fn holds_viewed(&self, viewed: bool) -> Result<(), Refusal> {
        self.ask(Request::HoldsViewed(viewed))
    }

    /// Holds some of a channel no more, but for what was written here: the first [`nexus_core::LET_GO_MAX`] ops of a range.
    pub(crate) async fn let_go(&self, space: SpaceId, stream: StreamId, range: Range) -> Result<(), Refusal> {
        let (answer, rx) = oneshot::channel();
        self.ask(Request::LetGo { space, stream, range, answer })?;
        rx.await.map_err(|_| Refusal::Unavailable)
    }

    /// Tells the windows that somebody elsewhere is writing.
    ///
    /// # Errors
    /// [`Refusal::Later`] where the inbox is full.
    pub(crate) fn heard(&self, space: SpaceId, channel: ChannelId, user: UserId) -> Result<(), Refusal> {
        self.ask(Request::Heard { space, channel, user })
    }

    /// The tables as of the last commit.
    pub(crate) fn tables(&self) -> Result<CaughtTables, StoreFault> {
        self.shared.read()
    }

    fn ask(&self, request: Request) -> Result<(), Refusal> {
        let inbox = self.loop_.inbox.as_ref().ok_or(Refusal::Unavailable)?;
        inbox.try_send(request).map_err(|error| match error {
            TrySendError::Full(_) => Refusal::Later { retry_ms: INBOX_RETRY_MS },
            TrySendError::Disconnected(_) => Refusal::Unavailable,
        })
    }
}

impl LoopHandle {
    fn stop(&self) {
        if let Some(inbox) = &self.inbox {
            // Fails only where the loop has ended already.
            let _ = inbox.send(Request::Stop);
        }
        self.join();
    }

    fn join(&self) {
        let thread = self.thread.lock().unwrap_or_else(PoisonError::into_inner).take();
        if thread.is_some_and(|thread| thread.join().is_err()) {
            tracing::error!("the loop ended in a panic");
        }
    }
}

impl Drop for LoopHandle {
    fn drop(&mut self) {
        self.inbox = None;
        self.join();
    }
}
