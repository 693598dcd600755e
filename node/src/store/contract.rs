//! The store held against the contract that the core states for every backend.

use super::pack::Sizes;
use super::seal::SealingKey;
use super::table::{ReadTables, WriteTables};
use nexus_core::store::conformance::{CONTRACT, Writable};
use nexus_core::store::{Head, Piece, Range, SetSum, Spot, Standing, StreamGaps};
use nexus_core::{
    ActRow, Arrival, Cursor, Erasure, LogEntry, LogId, MessageRow, PeerKey, Record, Secret, Snowflake,
    SpaceCount, Store, StoreFault, StoredOp, StreamSum, Tally, TokenHash,
};
use nexus_crdt::hlc::Hlc;
use nexus_crdt::id::{DeviceKey, FrontierId, OpId, SpaceId, StreamId, UserId};
use nexus_crdt::timeline::TimelineEntry;
use nexus_crypto::{Mark, MarkKey};
use redb::backends::InMemoryBackend;
use redb::{Database, ReadableDatabase as _, ReadableTableMetadata as _};
use std::collections::BTreeSet;

fn seal() -> SealingKey {
    SealingKey::of([7; 32])
}

fn empty() -> Database {
    Database::builder().create_with_backend(InMemoryBackend::new()).unwrap()
}

impl Writable for WriteTables<'_> {
    fn apply(&mut self, records: &[Record]) -> Result<(), StoreFault> {
        WriteTables::apply(self, records)
    }
}

/// A store that is written anew after each write (of very many, after some), every op that may go into a block in one.
struct WrittenAnew {
    database: Database,
    tables: ReadTables,
    sizes: Sizes,
    /// Most ops that stood in blocks.
    packed: u64,
    writes: usize,
}

impl WrittenAnew {
    fn of(block: usize) -> Self {
        let database = empty();
        let transaction = database.begin_write().unwrap();
        WriteTables::open(&transaction, &seal()).unwrap().stamp_format().unwrap();
        transaction.commit().unwrap();
        let tables = read(&database);
        Self {
            database,
            tables,
            sizes: Sizes { block, least: 1, newest: 0, at_once: 1 << 20 },
            packed: 0,
            writes: 0,
        }
    }
}

fn read(database: &Database) -> ReadTables {
    ReadTables::open(&database.begin_read().unwrap(), &seal()).unwrap()
}

impl Writable for WrittenAnew {
    fn apply(&mut self, records: &[Record]) -> Result<(), StoreFault> {
        let transaction = self.database.begin_write().unwrap();
        WriteTables::open(&transaction, &seal())?.apply(records)?;
        transaction.commit().unwrap();
        self.writes += 1;
        if self.writes > 40 && !self.writes.is_multiple_of(50) {
            self.tables = read(&self.database);
            return Ok(());
        }
        let anew = empty();
        let transaction = anew.begin_write().unwrap();
        let mut into = WriteTables::open(&transaction, &seal())?;
        assert!(read(&self.database).write_into(&mut into, self.sizes, &|| true)?);
        drop(into);
        transaction.commit().unwrap();
        (self.tables, self.database) = (read(&anew), anew);
        self.packed = self.packed.max(self.tables.block_op.len().unwrap());
        Ok(())
    }
}

read_each!(WrittenAnew, tables, as_it_is);

fn as_it_is<T>(read: impl FnOnce() -> Result<T, StoreFault>) -> Result<T, StoreFault> {
    read()
}

#[test]
fn a_write_transaction_keeps_every_clause_of_the_contract() {
    for (_, clause) in CONTRACT {
        let database = empty();
        let transaction = database.begin_write().unwrap();
        let mut tables = WriteTables::open(&transaction, &seal()).unwrap();
        tables.stamp_format().unwrap();
        clause(&mut tables);
    }
}

#[test]
fn a_store_whose_ops_stand_in_blocks_keeps_every_clause_of_the_contract() {
    let mut in_blocks = 0;
    for block in [1, 3] {
        for (_, clause) in CONTRACT {
            let mut store = WrittenAnew::of(block);
            clause(&mut store);
            in_blocks += usize::from(store.packed > 0);
        }
    }
    assert!(in_blocks > 8, "a contract over rows proves nothing of blocks: {in_blocks}");
}
