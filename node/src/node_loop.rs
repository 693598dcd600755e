//! The one loop: take what has arrived, decide it, make it durable, show it, answer. Its contract stands in
//! [`nexus_core`]'s head; this is the only place that carries effects out.

mod batch;
mod rewriting;

use crate::handle::OpenError;
use crate::stage::Stage;
use crate::store::{
    FORMAT, FORMAT_BEFORE, FormatError, Medium, Place, ReadTables, STAMP_EVERY_MS, SealingKey, WriteTables,
    fault,
};
use crate::unreadable::Unreadable;
use batch::Batch;
use nexus_core::store::{GapChange, Range};
use nexus_core::{Advance, Arrival, Arriving, Command, Core, DeviceProof, Refusal, Reply, StoreFault, Taken};
use nexus_crdt::id::{ChannelId, OpId, SpaceId, StreamId, UserId};
use redb::{Database, DatabaseError, Durability, ReadableDatabase};
use rewriting::{FIRST_LOOK, READY_LOOK, Rewriting};
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};
use std::time::{Duration, Instant};
use tokio::sync::{broadcast, oneshot};

/// What the handle asks of the loop. An answer that is dropped unsent means "unavailable".
pub(crate) enum Request {
    Command {
        actor: Option<UserId>,
        command: Box<Command>,
        answer: oneshot::Sender<Result<Reply, Refusal>>,
    },
    Ops {
        ops: Vec<Arriving>,
        frontiers: Vec<Vec<OpId>>,
        cursor: Option<Advance>,
        gaps: Vec<GapChange>,
        answer: oneshot::Sender<Result<Taken, Refusal>>,
    },
    Heard {
        space: SpaceId,
        channel: ChannelId,
        user: UserId,
    },
    HoldsViewed(bool),
    LetGo {
        space: SpaceId,
        stream: StreamId,
        range: Range,
        answer: oneshot::Sender<()>,
    },
    HandedOver {
        space: SpaceId,
        upto: Arrival,
    },
    StateHash {
        space: SpaceId,
        answer: oneshot::Sender<Option<[u8; 32]>>,
    },
    Prove {
        transcript: Vec<u8>,
        whom: Option<BTreeSet<UserId>>,
        answer: oneshot::Sender<Vec<DeviceProof>>,
    },
    Rewrite {
        answer: rewriting::Answer,
    },
    FilesSettled(Vec<([u8; 32], u64)>),
    SetBack,
    Told,
    Tick,
    Stop,
}

/// What the loop and the handles both see.
pub(crate) struct Shared {
    pub(crate) stage: Stage,
    /// What readers could not read.
    pub(crate) unreadable: Arc<Unreadable>,
    /// Spaces whose arrival log grew, after each durable batch.
    pub(crate) arrivals: broadcast::Sender<Arc<BTreeSet<SpaceId>>>,
    // As it was when the node was opened: its file may be out of reach by now.
    seal: SealingKey,
    // None while it is being reopened, and after the end.
    database: RwLock<Option<Database>>,
    newest: Mutex<Newest>,
}

/// The tables as of the last commit, where somebody has opened them since. Two dozen tables take as long to open as a message
/// takes to read, and one message is looked at many times.
#[derive(Default)]
struct Newest {
    commits: u64,
    tables: Option<Arc<ReadTables>>,
}

/// The thread's own.
pub(crate) struct NodeLoop {
    medium: Box<dyn Medium>,
    disk_reserve: u64,
    inbox: Receiver<Request>,
    shared: Arc<Shared>,
    // None while the store cannot be opened again.
    core: Option<Core>,
    disk_low: bool,
    next_tick: Instant,
    handed_over: HandedOver,
    /// The store is a copy, and the core has not been told.
    is_copy: bool,
    /// When it was last noted where the store is, Unix ms.
    stamped_ms: u64,
    /// The store that is to take the place of this one.
    rewriting: Option<Rewriting>,
    /// When it is looked whether there should be one.
    look_again: Instant,
    /// Who asked for one.
    asked: Vec<rewriting::Answer>,
}

/// Batches a link may be behind before it must look at every space.
const ARRIVALS: usize = 256;
/// Requests decided within one commit.
const BATCH_MAX: usize = 512;
const TICK: Duration = Duration::from_secs(60);
/// Short beside what people notice, long beside a commit.
const HANDED_OVER_WAITS: Duration = Duration::from_millis(20);
/// As long as what is taken away from now on is kept at most.
const LEFT_BY_OTHERS_KEPT_MS: u64 = 30 * 24 * 3_600_000;
/// Between two attempts to open a store that has failed.
const REOPEN_AFTER: Duration = Duration::from_millis(500);

impl NodeLoop {
    /// Opens the store and loads the core.
    pub(crate) fn open(
        medium: Box<dyn Medium>,
        disk_reserve: u64,
        inbox: Receiver<Request>,
    ) -> Result<(Self, Arc<Shared>), OpenError> {
        // As it is before this program touches it.
        let place = medium.place();
        let (database, seal, core) = open_whole(&*medium)?;
        let is_copy = place.is_some_and(|place| is_copy(&database, &seal, place));
        let shared = Arc::new(Shared {
            stage: Stage::new(core.view()),
            unreadable: Arc::default(),
            arrivals: broadcast::Sender::new(ARRIVALS),
            seal,
            database: RwLock::new(Some(database)),
            newest: Mutex::default(),
        });
        let next_tick = Instant::now() + TICK;
        let disk_low = false;
        let core = Some(core);
        let (own, handed_over) = (shared.clone(), HandedOver::default());
        Ok((
            Self {
                medium,
                disk_reserve,
                inbox,
                shared: own,
                core,
                disk_low,
                next_tick,
                handed_over,
                is_copy,
                stamped_ms: 0,
                rewriting: None,
                look_again: Instant::now() + FIRST_LOOK,
                asked: Vec::new(),
            },
            shared,
        ))
    }

    /// Runs until it is told to stop or nobody holds a handle any more.
    pub(crate) fn run(mut self) {
        let mut going_on = true;
        self.stamp();
        if self.is_copy {
            self.turn(vec![Request::SetBack]);
        }
        while going_on {
            let mut requests;
            (requests, going_on) = self.gather();
            if self.core.is_none() {
                self.reopen();
            }
            if self.is_copy {
                tracing::warn!("the store is a copy of an older state: no device goes on from here");
                requests.insert(0, Request::SetBack);
            }
            self.turn(requests);
            self.rewrite();
        }
        self.rewriting = None;
        self.stamp();
        self.shared.close();
        self.shared.stage.end();
    }

    // Whatever has arrived, and whether more may follow. What arrives during a commit is the next batch: no timer
    // delays anybody.
    fn gather(&mut self) -> (Vec<Request>, bool) {
        let mut requests = Vec::new();
        let mut going_on = true;
        while requests.is_empty() && (self.asked.is_empty() || self.rewriting.is_some()) {
            match self.inbox.recv_timeout(self.wake().saturating_duration_since(Instant::now())) {
                Ok(Request::HandedOver { space, upto }) => self.handed_over.note(space, upto),
                Ok(Request::Stop) | Err(RecvTimeoutError::Disconnected) => {
                    requests.extend(self.handed_over.take());
                    return (requests, false);
                }
                Ok(Request::Rewrite { answer }) => self.asked.push(answer),
                Ok(first) => requests.push(first),
                Err(RecvTimeoutError::Timeout) => break,
            }
        }
        while requests.len() < BATCH_MAX && going_on {
            match self.inbox.try_recv() {
                Ok(Request::HandedOver { space, upto }) => self.handed_over.note(space, upto),
                Ok(Request::Rewrite { answer }) => self.asked.push(answer),
                Ok(Request::Stop) => going_on = false,
                Ok(request) => requests.push(request),
                Err(_) => break,
            }
        }
        let now = Instant::now();
        if now >= self.next_tick {
            self.next_tick = now + TICK;
            requests.push(Request::Tick);
        }
        if !going_on || self.handed_over.due.is_some_and(|due| now >= due) {
            requests.extend(self.handed_over.take());
        }
        (requests, going_on)
    }

    fn wake(&self) -> Instant {
        let soon = if self.core.is_some() { self.next_tick } else { Instant::now() + REOPEN_AFTER };
        let soon = if self.rewriting.is_some() { soon.min(Instant::now() + READY_LOOK) } else { soon };
        self.handed_over.due.map_or(soon, |due| due.min(soon))
    }

    // A failure or a panic leaves the core ahead of the disk: it is dropped, and what the disk holds is loaded. The
    // batch is dropped after that, and with it the answers it could not give: its callers hear "unavailable".
    fn turn(&mut self, requests: Vec<Request>) {
        let Some(mut core) = self.core.take() else { return };
        self.watch_disk();
        let mut requests = self.admitted(requests);
        if requests.is_empty() {
            self.core = Some(core);
            return;
        }
        let mut batch = Batch::default();
        if self.rewriting.is_some() {
            batch.keep_records();
        }
        let tells_the_core = matches!(requests.front(), Some(Request::SetBack));
        match caught(|| self.attempt(&mut core, &mut requests, &mut batch)) {
            Ok(stamped_ms) => {
                self.core = Some(core);
                self.is_copy &= !tells_the_core;
                self.stamped_ms = stamped_ms;
                self.note_written(batch.kept_records());
            }
            Err(failure) => {
                tracing::error!(%failure, "a batch was not written; reopening the store");
                drop(core);
                self.reopen();
            }
        }
    }

    fn attempt(
        &self,
        core: &mut Core,
        requests: &mut VecDeque<Request>,
        batch: &mut Batch,
    ) -> Result<u64, StoreFault> {
        let mut stamped_ms = self.stamped_ms;
        let mut transaction = self.shared.with_database(|database| database.begin_write().map_err(fault))?;
        let mut tables = WriteTables::open(&transaction, &self.shared.seal)?;
        while let Some(request) = requests.pop_front() {
            batch.decide(core, request, &mut tables)?;
        }
        let (now_ms, place) = (crate::node_now_ms(), self.medium.place());
        if batch.has_written()
            && now_ms.abs_diff(stamped_ms) >= STAMP_EVERY_MS
            && let Some(place) = place
        {
            tables.stamp_place(place, now_ms)?;
            stamped_ms = now_ms;
        }
        drop(tables);
        if batch.has_written() {
            let durability = if batch.is_lasting() { Durability::Immediate } else { Durability::None };
            transaction.set_durability(durability).map_err(fault)?;
            transaction.commit().map_err(fault)?;
            self.shared.forget_tables();
        } else {
            transaction.abort().map_err(fault)?;
        }
        self.shared.stage.show(core.view(), || batch.carry_out());
        if let Some(spaces) = batch.take_fed() {
            // Fails only where nobody listens.
            let _ = self.shared.arrivals.send(Arc::new(spaces));
        }
        Ok(stamped_ms)
    }

    // Opening and closing write to the file, too. Until the core knows that it is a copy, the store must go on saying so; and
    // on a disk that is full it says what it said.
    fn stamp(&mut self) {
        self.watch_disk();
        let (now_ms, place) = (crate::node_now_ms(), self.medium.place());
        let may_write = !self.is_copy && !self.disk_low && self.core.is_some();
        let Some(place) = place.filter(|_| may_write) else { return };
        let write = |database: &Database| {
            let transaction = database.begin_write().map_err(fault)?;
            WriteTables::open(&transaction, &self.shared.seal)?.stamp_place(place, now_ms)?;
            transaction.commit().map_err(fault)
        };
        let stamped = caught(|| self.shared.with_database(write));
        self.shared.forget_tables();
        match stamped {
            Ok(()) => self.stamped_ms = now_ms,
            Err(error) => {
                tracing::warn!(%error, "it was not noted where the store is; reopening it");
                self.core = None;
                self.reopen();
            }
        }
    }

    // Below the reserve whatever may write is turned away before the core sees it: a core that has decided what
    // cannot be kept would have to be loaded anew.
    fn admitted(&self, requests: Vec<Request>) -> VecDeque<Request> {
        requests.into_iter().filter(|request| !(self.disk_low && request.may_write())).collect()
    }

    fn watch_disk(&mut self) {
        let low = match self.medium.free_bytes() {
            Ok(free) => free < self.disk_reserve,
            Err(error) => {
                tracing::warn!(%error, "cannot tell how much space the disk has");
                self.disk_low
            }
        };
        if low != self.disk_low {
            self.disk_low = low;
            if low {
                tracing::error!(
                    reserve = self.disk_reserve,
                    "the disk is full: writes are refused, reads go on"
                );
            } else {
                tracing::info!("the disk has space again: writes are taken");
            }
        }
    }

    fn reopen(&mut self) {
        self.rewriting = None;
        match caught(|| self.shared.reopen(&*self.medium)) {
            Ok(core) => {
                self.shared.stage.show_reloaded(core.view());
                self.core = Some(core);
            }
            Err(error) => tracing::error!(%error, "cannot reopen the store; trying again"),
        }
    }
}

/// What others were heard to hold, until it is written down: nobody waits for it, and who is just writing does not wait
/// for a commit of it.
#[derive(Default)]
struct HandedOver {
    upto: BTreeMap<SpaceId, Arrival>,
    due: Option<Instant>,
}

impl HandedOver {
    fn note(&mut self, space: SpaceId, upto: Arrival) {
        let known = self.upto.entry(space).or_insert(upto);
        *known = upto.max(*known);
        self.due.get_or_insert_with(|| Instant::now() + HANDED_OVER_WAITS);
    }

    fn take(&mut self) -> impl Iterator<Item = Request> + use<> {
        self.due = None;
        std::mem::take(&mut self.upto).into_iter().map(|(space, upto)| Request::HandedOver { space, upto })
    }
}

impl Request {
    fn may_write(&self) -> bool {
        match self {
            Self::Command { command, .. } => !matches!(**command, Command::Type { .. }),
            Self::Ops { .. }
            | Self::HoldsViewed(_)
            | Self::LetGo { .. }
            | Self::HandedOver { .. }
            | Self::FilesSettled(_)
            | Self::SetBack
            | Self::Tick => true,
            Self::Heard { .. }
            | Self::StateHash { .. }
            | Self::Prove { .. }
            | Self::Rewrite { .. }
            | Self::Told
            | Self::Stop => false,
        }
    }
}

impl Shared {
    /// The tables as of the last commit.
    pub(crate) fn read(&self) -> Result<Arc<ReadTables>, StoreFault> {
        let commits = {
            let newest = self.newest();
            if let Some(tables) = &newest.tables {
                return Ok(tables.clone());
            }
            newest.commits
        };
        let transaction = self.with_database(|database| database.begin_read().map_err(fault))?;
        let tables = Arc::new(ReadTables::open(&transaction, &self.seal)?);
        let mut newest = self.newest();
        // What was opened before a commit that came meanwhile is nobody else's newest.
        if newest.commits == commits {
            newest.tables = Some(tables.clone());
        }
        Ok(tables)
    }

    /// Something was committed, or the store is closed: the next reader opens the tables anew.
    fn forget_tables(&self) {
        let mut newest = self.newest();
        newest.commits += 1;
        newest.tables = None;
    }

    fn newest(&self) -> MutexGuard<'_, Newest> {
        self.newest.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn with_database<T>(&self, f: impl FnOnce(&Database) -> Result<T, StoreFault>) -> Result<T, StoreFault> {
        let database = self.database.read().unwrap_or_else(PoisonError::into_inner);
        database.as_ref().map_or_else(|| Err(fault("the store is being reopened")), f)
    }

    // Who wants to read meanwhile waits for the outcome.
    fn reopen(&self, medium: &dyn Medium) -> Result<Core, StoreFault> {
        let mut place = self.database.write().unwrap_or_else(PoisonError::into_inner);
        self.forget_tables();
        close(place.take());
        let database = open_on(medium).map_err(fault)?;
        let core = load(&database, &self.seal).map_err(fault)?;
        *place = Some(database);
        Ok(core)
    }

    fn close(&self) {
        let mut place = self.database.write().unwrap_or_else(PoisonError::into_inner);
        self.forget_tables();
        close(place.take());
    }
}

// Open readers hear a fault from now on; the file's lock is free. After a panic within redb its own locks are poisoned,
// and closing panics once more.
fn close(database: Option<Database>) {
    if let Err(error) = caught(|| database.map_or(Ok(()), Database::close).map_err(fault)) {
        tracing::warn!(%error, "the store was not closed cleanly; opening repairs it");
    }
}

fn caught<T>(f: impl FnOnce() -> Result<T, StoreFault>) -> Result<T, StoreFault> {
    catch_unwind(AssertUnwindSafe(f)).unwrap_or_else(|_| Err(fault("a panic")))
}

// redb panics over pages of its own that the disk has changed.
fn open_whole(medium: &dyn Medium) -> Result<(Database, SealingKey, Core), OpenError> {
    let open = || {
        let database = open_on(medium)?;
        let seal = prepare(&database, medium)?;
        let core = load(&database, &seal)?;
        Ok((database, seal, core))
    };
    catch_unwind(AssertUnwindSafe(open)).unwrap_or_else(|_| Err(store("the disk has changed what was kept")))
}

fn open_on(medium: &dyn Medium) -> Result<Database, OpenError> {
    medium.open().map_err(|error| match error {
        DatabaseError::DatabaseAlreadyOpen => OpenError::InUse,
        error => OpenError::Store(error.to_string()),
    })
}

// A store that is there is not written to before something is asked of it: it opens on a full disk, too.
fn prepare(database: &Database, medium: &dyn Medium) -> Result<SealingKey, OpenError> {
    let reading = database.begin_read().map_err(store)?;
    match crate::store::format_of(&reading).map_err(store)? {
        Some(found @ (FORMAT_BEFORE | FORMAT)) => {
            let seal = medium.sealing_key(false)?;
            if found != FORMAT || !crate::store::has_all_tables(&reading).map_err(store)? {
                let has_parts = crate::store::has_parts(&reading).map_err(store)?;
                let has_erasures = crate::store::has_erasures(&reading).map_err(store)?;
                bring_up(database, &seal, has_parts, has_erasures)?;
            }
            return Ok(seal);
        }
        Some(found) => return Err(OpenError::Format(FormatError { found })),
        None => {}
    }
    let seal = medium.sealing_key(true)?;
    let transaction = database.begin_write().map_err(store)?;
    WriteTables::open(&transaction, &seal).and_then(|mut tables| tables.stamp_format()).map_err(store)?;
    transaction.commit().map_err(store)?;
    Ok(seal)
}

// A version before this one kept a sum of each stream and none of its parts, or for ever what moderators took away and what edits
// replaced, or knew no threads, no files that are to go, nothing that people keep for themselves, or no blocks. In one commit: a table that is there says that what
// belongs in it was put in.
fn bring_up(
    database: &Database,
    seal: &SealingKey,
    has_parts: bool,
    has_erasures: bool,
) -> Result<(), OpenError> {
    let at_ms = crate::node_now_ms().saturating_add(LEFT_BY_OTHERS_KEPT_MS);
    let transaction = database.begin_write().map_err(store)?;
    {
        let mut tables = WriteTables::open(&transaction, seal).map_err(store)?;
        if !has_parts {
            tables.sum_up().map_err(store)?;
        }
        if !has_erasures {
            tables.note_erasures(at_ms).map_err(store)?;
        }
        tables.stamp_brought_up().map_err(store)?;
    }
    transaction.commit().map_err(store)
}

fn load(database: &Database, seal: &SealingKey) -> Result<Core, OpenError> {
    let transaction = database.begin_read().map_err(store)?;
    let tables = ReadTables::open(&transaction, seal).map_err(store)?;
    tables.check_seal()?;
    Ok(Core::load(&tables)?)
}

// What cannot be read is no reason to take the store for a copy: reading it has just worked.
fn is_copy(database: &Database, seal: &SealingKey, place: Place) -> bool {
    let stamp = caught(|| {
        let transaction = database.begin_read().map_err(fault)?;
        ReadTables::open(&transaction, seal)?.stamp()
    });
    stamp.ok().flatten().is_some_and(|stamp| stamp.is_of_another(place))
}

fn store(error: impl std::fmt::Display) -> OpenError {
    OpenError::Store(error.to_string())
}
