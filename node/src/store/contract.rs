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

macro_rules! read_from_its_tables {
    ($($name:ident($($arg:ident: $type:ty),*) -> $given:ty;)*) => {
        impl Store for WrittenAnew {
            $(fn $name(&self, $($arg: $type),*) -> Result<$given, StoreFault> {
                Store::$name(&self.tables, $($arg),*)
            })*

            fn mark_key(&self) -> &MarkKey {
                self.tables.mark_key()
            }
        }
    };
}

read_from_its_tables! {
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
    range_sums(space: &SpaceId, stream: &StreamId, ranges: &[Range]) -> Vec<SetSum>;
    pieces(space: &SpaceId, stream: &StreamId, range: &Range, wanted: usize) -> Vec<Piece>;
    gaps() -> Vec<StreamGaps>;
    orphans(message: &OpId) -> Vec<OpId>;
    standing(after: Option<&Standing>, limit: usize) -> Vec<Standing>;
    stands(standing: &Standing) -> bool;
    waiting() -> Vec<StoredOp>;
    home_relays() -> Vec<String>;
    set_back() -> Vec<UserId>;
    erasures(after: Option<&Erasure>, limit: usize) -> Vec<Erasure>;
    count(space: &SpaceId) -> SpaceCount;
    holds_viewed() -> bool;
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
