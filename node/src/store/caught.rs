//! Reading that survives a page which the disk has changed: redb trusts its pages and panics over one that points out of
//! itself. Whoever reads hears a [`StoreFault`] in the place of it.

use super::erase::FilesToGo;
use super::{ReadTables, fault};
use nexus_core::store::{Head, Piece, Range, SetSum, Spot, Standing, StreamGaps};
use nexus_core::{
    ActRow, Arrival, Cursor, Erasure, LogEntry, LogId, MessageRow, PeerKey, Secret, Snowflake, SpaceCount,
    Store, StoreFault, StoredOp, StreamSum, Tally, TokenHash,
};
use nexus_crdt::hlc::Hlc;
use nexus_crdt::id::{DeviceKey, FrontierId, OpId, SpaceId, StreamId, UserId};
use nexus_crdt::timeline::TimelineEntry;
use nexus_crypto::{Mark, MarkKey};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

/// Does what reads the store, or writes it; a panic in it is a fault of the store.
pub(crate) fn caught<T>(f: impl FnOnce() -> Result<T, StoreFault>) -> Result<T, StoreFault> {
    catch_unwind(AssertUnwindSafe(f)).unwrap_or_else(|_| Err(fault("a panic")))
}

/// The tables of one moment, as everybody beside the loop reads them. Nothing in them changes, so what a panic leaves is whole.
#[derive(Clone)]
pub(crate) struct CaughtTables(Arc<ReadTables>);

impl CaughtTables {
    pub(crate) fn new(tables: ReadTables) -> Self {
        Self(Arc::new(tables))
    }

    /// As they are, for who catches what is done with them as one.
    pub(crate) fn bare(&self) -> &ReadTables {
        &self.0
    }

    pub(crate) fn queued(&self, space: &SpaceId, limit: usize) -> Result<Vec<OpId>, StoreFault> {
        caught(|| self.0.queued(space, limit))
    }

    pub(crate) fn files_to_go(&self) -> Result<FilesToGo, StoreFault> {
        caught(|| self.0.files_to_go())
    }
}

macro_rules! caught_each {
    ($($name:ident($($argument:ident: $type:ty),*) -> $read:ty;)*) => {
        impl Store for CaughtTables {
            fn mark_key(&self) -> &MarkKey {
                self.0.mark_key()
            }

            $(fn $name(&self, $($argument: $type),*) -> Result<$read, StoreFault> {
                caught(|| self.0.$name($($argument),*))
            })*
        }
    };
}

caught_each! {
    op(id: &OpId) -> Option<StoredOp>;
    has_op(id: &OpId) -> bool;
    stream_ops(space: &SpaceId, stream: &StreamId) -> Vec<StoredOp>;
    marks(space: &SpaceId, stream: &StreamId) -> Vec<(Spot, Mark)>;
    spaces() -> Vec<SpaceId>;
    log_head(log: &LogId) -> Option<LogEntry>;
    log_at(log: &LogId, seq: u64) -> Vec<LogEntry>;
    logs_of(space: &SpaceId, device: &DeviceKey) -> Vec<LogId>;
    log_from(log: &LogId, seq: u64, limit: usize) -> Vec<LogEntry>;
    message(stream: &StreamId, id: &OpId) -> Option<MessageRow>;
    message_by_number(stream: &StreamId, number: Snowflake) -> Option<OpId>;
    messages(stream: &StreamId, from: Snowflake, older: bool, limit: usize) -> Vec<MessageRow>;
    acts(stream: &StreamId, message: &OpId, message_hlc: Hlc) -> Vec<ActRow>;
    pinned(stream: &StreamId) -> Vec<OpId>;
    tally(stream: &StreamId) -> Tally;
    notes(stream: &StreamId) -> Vec<(Hlc, OpId)>;
    timeline(stream: &StreamId, each: &mut dyn FnMut(TimelineEntry)) -> ();
    frontier(id: &FrontierId) -> Option<Vec<OpId>>;
    frontiers() -> Vec<Vec<OpId>>;
    forks() -> Vec<LogId>;
    snowflakes() -> Vec<(Snowflake, OpId)>;
    tokens() -> Vec<(TokenHash, UserId)>;
    secrets() -> Vec<Secret>;
    owner() -> Option<UserId>;
    epoch() -> [u8; 16];
    last_arrival(space: &SpaceId) -> Arrival;
    arrivals(space: &SpaceId, after: Arrival, limit: usize) -> Vec<(Arrival, OpId)>;
    outbox_from(space: &SpaceId) -> Option<Arrival>;
    cursor(peer: &PeerKey, space: &SpaceId) -> Option<Cursor>;
    stream_sums(space: &SpaceId) -> Vec<(StreamId, StreamSum)>;
    stream_page(space: &SpaceId, stream: &StreamId, after: Option<(Hlc, OpId)>, limit: usize) -> Vec<StoredOp>;
    op_headed(space: &SpaceId, stream: &StreamId, head: &Head) -> Option<OpId>;
    spots(space: &SpaceId, stream: &StreamId, range: &Range, limit: usize) -> Vec<Spot>;
    spot_before(space: &SpaceId, stream: &StreamId, spot: &Spot) -> Option<Spot>;
    range_sum(space: &SpaceId, stream: &StreamId, range: &Range) -> SetSum;
    range_sums(space: &SpaceId, stream: &StreamId, ranges: &[Range]) -> Vec<SetSum>;
    pieces(space: &SpaceId, stream: &StreamId, range: &Range, wanted: usize) -> Vec<Piece>;
    gaps() -> Vec<StreamGaps>;
    holds_viewed() -> bool;
    orphans(message: &OpId) -> Vec<OpId>;
    standing(after: Option<&Standing>, limit: usize) -> Vec<Standing>;
    stands(standing: &Standing) -> bool;
    waiting() -> Vec<StoredOp>;
    home_relays() -> Vec<String>;
    set_back() -> Vec<UserId>;
    erasures(after: Option<&Erasure>, limit: usize) -> Vec<Erasure>;
    count(space: &SpaceId) -> SpaceCount;
}
