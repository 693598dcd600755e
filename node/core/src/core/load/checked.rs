//! What a start checks: every op that does not bear the store's own mark, as if it had just come, on as many cores as there are.

use crate::store::{Spot, Store, StoreFault, StoredOp};
use nexus_crdt::id::{OpId, SpaceId, StreamId};
use nexus_crdt::op::{self, Op};
use nexus_crypto::{Mark, MarkKey, Verified};

/// An op as a store gives it, and its mark, where it has one.
pub(super) struct Kept {
    stored: StoredOp,
    mark: Option<Mark>,
}

/// An op that its author has signed.
pub(super) struct Checked {
    pub(super) op: Verified<Op>,
    /// Its mark says so, and that whatever else is signed in it was checked as well.
    pub(super) known: bool,
}

/// Ops that were checked and have no mark, with the one they get.
pub(super) type Unmarked = Vec<(OpId, Mark)>;

/// Every op of a stream with its mark.
pub(super) fn kept_in(
    store: &dyn Store,
    space: &SpaceId,
    stream: &StreamId,
) -> Result<Vec<Kept>, StoreFault> {
    let mut marks = store.marks(space, stream)?.into_iter().peekable();
    let with_mark = |stored: StoredOp| {
        let spot = Spot::of(stored.op.header.hlc, &stored.op.id);
        // A mark of what is not here stands in nobody's way.
        while marks.next_if(|(at, _)| *at < spot).is_some() {}
        Kept { stored, mark: marks.next_if(|(at, _)| *at == spot).map(|(_, mark)| mark) }
    };
    Ok(store.stream_ops(space, stream)?.into_iter().map(with_mark).collect())
}

impl Kept {
    /// By its mark or, where that is missing or another, by its signature.
    pub(super) fn check(&self, key: &MarkKey) -> Result<Checked, StoreFault> {
        let StoredOp { op, signature } = &self.stored;
        match self.mark.and_then(|mark| op::recognise(op, signature, key, &mark)) {
            Some(op) => Ok(Checked { op, known: true }),
            None => self.stored.verify().map(|op| Checked { op, known: false }),
        }
    }
}

impl Checked {
    /// Notes the mark it lacks, once all that is signed in it was checked.
    pub(super) fn note(&self, key: &MarkKey, unmarked: &mut Unmarked) {
        if !self.known {
            unmarked.push((self.op.id, op::mark(&self.op, key)));
        }
    }
}

/// Does the same to each, on as many cores as there are, and gives what came of it in order. No time and no chance comes into it.
pub(super) fn on_all_cores<T: Sync, R: Send, E: Send + From<StoreFault>>(
    items: &[T],
    each: impl Fn(&T) -> Result<R, E> + Sync,
) -> Result<Vec<R>, E> {
    let all = |items: &[T]| items.iter().map(&each).collect::<Result<Vec<R>, E>>();
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    if cores == 1 || items.len() < WORTH_A_THREAD {
        return all(items);
    }
    let done = std::thread::scope(|scope| {
        let begin = |part| {
            // Where no thread is to be had, this one does it.
            std::thread::Builder::new().spawn_scoped(scope, move || all(part)).map_err(|_| part)
        };
        let parts: Vec<_> = items.chunks(items.len().div_ceil(cores)).map(begin).collect();
        let end = |part: Result<std::thread::ScopedJoinHandle<'_, _>, _>| match part {
            Ok(thread) => {
                thread.join().unwrap_or_else(|_| Err(StoreFault(String::from("a check has failed")).into()))
            }
            Err(part) => all(part),
        };
        parts.into_iter().map(end).collect::<Vec<_>>()
    });
    let mut results = Vec::with_capacity(items.len());
    for part in done {
        results.extend(part?);
    }
    Ok(results)
}

/// Fewer are checked sooner than a thread is begun.
const WORTH_A_THREAD: usize = 64;
