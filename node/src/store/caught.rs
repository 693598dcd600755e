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
use std::collections::BTreeSet;
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

read_each!(CaughtTables, 0, caught);
