//! What the loop and the handles both see: the view, and the database, which is closed and opened anew where it failed.

use super::opening::{load, open_on};
use crate::stage::Stage;
use crate::store::{Beside, CaughtTables, Medium, ReadTables, SealingKey, caught, fault};
use crate::unreadable::Unreadable;
use nexus_core::{Core, StoreFault};
use nexus_crdt::id::SpaceId;
use redb::{Database, ReadableDatabase};
use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};
use tokio::sync::broadcast;

/// What the loop and the handles both see.
pub(crate) struct Shared {
    pub(crate) stage: Stage,
    /// What readers could not read.
    pub(crate) unreadable: Arc<Unreadable>,
    /// Spaces whose arrival log grew, after each durable batch.
    pub(crate) arrivals: broadcast::Sender<Arc<BTreeSet<SpaceId>>>,
    // As it was when the node was opened: its file may be out of reach by now.
    pub(super) seal: SealingKey,
    // None while it is being reopened, and after the end.
    database: RwLock<Option<Database>>,
    newest: Mutex<Newest>,
}

/// The tables as of the last commit, where somebody has opened them since. Two dozen tables take as long to open as a message
/// takes to read, and one message is looked at many times.
#[derive(Default)]
struct Newest {
    commits: u64,
    tables: Option<CaughtTables>,
}

impl Shared {
    pub(super) fn new(stage: Stage, seal: SealingKey, database: Database) -> Self {
        Self {
            stage,
            unreadable: Arc::default(),
            arrivals: broadcast::Sender::new(ARRIVALS),
            seal,
            database: RwLock::new(Some(database)),
            newest: Mutex::default(),
        }
    }

    /// The tables as of the last commit.
    pub(crate) fn read(&self) -> Result<CaughtTables, StoreFault> {
        let commits = {
            let newest = self.newest();
            if let Some(tables) = &newest.tables {
                return Ok(tables.clone());
            }
            newest.commits
        };
        let tables = caught(|| {
            let transaction = self.with_database(|database| database.begin_read().map_err(fault))?;
            ReadTables::open(&transaction, &self.seal).map(CaughtTables::new)
        })?;
        let mut newest = self.newest();
        // What was opened before a commit that came meanwhile is nobody else's newest.
        if newest.commits == commits {
            newest.tables = Some(tables.clone());
        }
        Ok(tables)
    }

    /// Something was committed, or the store is closed: the next reader opens the tables anew.
    pub(super) fn forget_tables(&self) {
        let mut newest = self.newest();
        newest.commits += 1;
        newest.tables = None;
    }

    fn newest(&self) -> MutexGuard<'_, Newest> {
        self.newest.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn with_database<T>(
        &self,
        f: impl FnOnce(&Database) -> Result<T, StoreFault>,
    ) -> Result<T, StoreFault> {
        let database = self.database.read().unwrap_or_else(PoisonError::into_inner);
        database.as_ref().map_or_else(|| Err(fault("the store is being reopened")), f)
    }

    // Who wants to read meanwhile waits for the outcome.
    pub(super) fn reopen(&self, medium: &dyn Medium) -> Result<Core, StoreFault> {
        let mut place = self.database.write().unwrap_or_else(PoisonError::into_inner);
        self.forget_tables();
        close(place.take());
        let database = open_on(medium).map_err(fault)?;
        let core = load(&database, &self.seal).map_err(fault)?;
        *place = Some(database);
        Ok(core)
    }

    // Who wants to read meanwhile waits for it.
    pub(super) fn replace(&self, medium: &dyn Medium, beside: Beside) -> Result<(), StoreFault> {
        let mut place = self.database.write().unwrap_or_else(PoisonError::into_inner);
        self.forget_tables();
        // Both are open: at no moment can another program open what is about to lose its name.
        medium.take_place().map_err(fault)?;
        close(place.replace(beside.database));
        Ok(())
    }

    pub(super) fn close(&self) {
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

/// Batches a link may be behind before it must look at every space.
const ARRIVALS: usize = 256;
