//! The store is written anew beside the loop, which goes on: what it writes meanwhile is written there too, at the end.

use super::NodeLoop;
use crate::store::{Copied, Worth, caught, fault};
use nexus_core::{Record, StoreFault};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};
use tokio::sync::oneshot;

/// The answer to who asked for it: bytes that the file takes before and after, where it is a file and was written anew.
pub(crate) type Answer = oneshot::Sender<Option<(u64, u64)>>;

/// A store that is being written.
pub(super) struct Rewriting {
    thread: Option<JoinHandle<Result<Option<Copied>, StoreFault>>>,
    given_up: Arc<AtomicBool>,
    /// What the loop has written since.
    since: Vec<Record>,
    answers: Vec<Answer>,
}

/// After a start, and after each time, it is looked again whether it is worth it.
const LOOK_EVERY: Duration = Duration::from_secs(6 * 3_600);
/// After a start what was there before has the disk.
pub(super) const FIRST_LOOK: Duration = Duration::from_secs(60);
/// How often it is asked whether the other store is ready.
pub(super) const READY_LOOK: Duration = Duration::from_millis(20);
/// Records that may be written meanwhile; beyond them it is tried another time.
const SINCE_MAX: usize = 1 << 16;

impl Drop for Rewriting {
    fn drop(&mut self) {
        self.given_up.store(true, Ordering::Relaxed);
    }
}

impl NodeLoop {
    /// What is to be done of it between two batches.
    pub(super) fn rewrite(&mut self) {
        self.finish_rewriting();
        if self.rewriting.is_some() {
            return;
        }
        if !self.asked.is_empty() {
            let asked = std::mem::take(&mut self.asked);
            self.begin_rewriting(Worth::Asked, asked);
        } else if Instant::now() >= self.look_again {
            self.begin_rewriting(Worth::Looked { taken_bytes: self.medium.taken_bytes() }, Vec::new());
        }
    }

    /// Begins, where the medium can hold two stores and the disk has room for them.
    fn begin_rewriting(&mut self, worth: Worth, answers: Vec<Answer>) {
        self.look_again = Instant::now() + LOOK_EVERY;
        let room = self.medium.free_bytes().unwrap_or(0).saturating_sub(self.disk_reserve);
        if self.core.is_none() || self.is_copy || room < self.medium.taken_bytes().unwrap_or(0) {
            return;
        }
        match caught(|| self.begin(worth, answers)) {
            Ok(rewriting) => self.rewriting = rewriting,
            Err(error) => tracing::warn!(%error, "the store cannot be written anew"),
        }
    }

    fn begin(&self, worth: Worth, answers: Vec<Answer>) -> Result<Option<Rewriting>, StoreFault> {
        // Nothing is committed between this and the first record that is noted.
        let tables = self.shared.read()?;
        let Some(beside) = self.medium.beside().map_err(fault)? else { return Ok(None) };
        let (seal, given_up) = (self.shared.seal.clone(), Arc::new(AtomicBool::new(false)));
        let told = given_up.clone();
        let work = move || caught(|| Copied::of(tables.bare(), beside, &seal, worth, &told));
        let thread = std::thread::Builder::new().name(String::from("nexus-rewrite")).spawn(work);
        let thread = thread.map_err(fault)?;
        Ok(Some(Rewriting { thread: Some(thread), given_up, since: Vec::new(), answers }))
    }

    /// Notes what was committed; none: it is not known what was, or too much.
    pub(super) fn note_written(&mut self, records: Option<Vec<Record>>) {
        let Some(rewriting) = &mut self.rewriting else { return };
        match records {
            Some(records) if rewriting.since.len() + records.len() <= SINCE_MAX => {
                rewriting.since.extend(records);
            }
            _ => self.rewriting = None,
        }
    }

    /// Gives the new store the place of the old one, once it is there.
    fn finish_rewriting(&mut self) {
        let ready = |rewriting: &Rewriting| rewriting.thread.as_ref().is_none_or(JoinHandle::is_finished);
        if !self.rewriting.as_ref().is_some_and(ready) {
            return;
        }
        let Some(mut rewriting) = self.rewriting.take() else { return };
        let (since, answers) = (std::mem::take(&mut rewriting.since), std::mem::take(&mut rewriting.answers));
        match rewriting.copied() {
            Ok(None) => {}
            Ok(Some(copied)) => self.replace(copied, &since, answers),
            Err(error) => tracing::warn!(%error, "the store was not written anew"),
        }
    }

    fn replace(&mut self, copied: Copied, since: &[Record], answers: Vec<Answer>) {
        let before = self.medium.taken_bytes();
        let now_ms = crate::node_now_ms();
        let beside = match caught(|| copied.catch_up(since, &self.shared.seal, now_ms)) {
            Ok(beside) => beside,
            Err(error) => return tracing::warn!(%error, "the store was not written anew"),
        };
        if let Err(error) = self.shared.replace(&*self.medium, beside) {
            tracing::error!(%error, "the new store did not get its place; reopening the old one");
            self.core = None;
            self.reopen();
            return;
        }
        self.stamped_ms = now_ms;
        let lengths = before.zip(self.medium.taken_bytes());
        tracing::info!(?lengths, "the store was written anew");
        for answer in answers {
            // Fails only where nobody waits any more.
            let _ = answer.send(lengths);
        }
    }
}

impl Rewriting {
    fn copied(mut self) -> Result<Option<Copied>, StoreFault> {
        let thread = self.thread.take().ok_or_else(|| fault("nobody writes it"))?;
        thread.join().unwrap_or_else(|_| Err(fault("a panic")))
    }
}
