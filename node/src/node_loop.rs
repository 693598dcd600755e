//! The one loop: take what has arrived, decide it, make it durable, show it, answer. Its contract stands in
//! [`nexus_core`]'s head; this is the only place that carries effects out.

mod batch;
pub(crate) mod database;
mod handed_over;
mod opening;
pub(crate) mod request;
mod rewriting;

use crate::handle::OpenError;
use crate::stage::Stage;
use crate::store::{Medium, STAMP_EVERY_MS, WriteTables, caught, fault};
use batch::Batch;
use database::Shared;
use handed_over::HandedOver;
use nexus_core::{Core, StoreFault};
use opening::{is_copy, open_whole};
use redb::{Database, Durability};
use request::Request;
use rewriting::{FIRST_LOOK, READY_LOOK, Rewriting};
use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::{Duration, Instant};

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

/// Requests decided within one commit.
const BATCH_MAX: usize = 512;
const TICK: Duration = Duration::from_secs(60);
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
        let shared = Arc::new(Shared::new(Stage::new(core.view()), seal, database));
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
