//! What stands in blocks is read as it was read of rows.

mod changed;

use super::Sizes;
use crate::store::{ReadTables, SealingKey, WriteTables};
use nexus_core::store::{Range, Spot, head_of};
use nexus_core::{Arrival, DISCORD_EPOCH_MS, MessageRow, Record, Snowflake, Store, StoredOp};
use nexus_crdt::body::content;
use nexus_crdt::body::rich_text::RichText;
use nexus_crdt::hlc::Hlc;
use nexus_crdt::id::{OpId, SpaceId, StreamId, Tenure, UserId};
use nexus_crdt::kind::Kind;
use nexus_crdt::op::{self, Draft};
use nexus_crypto::SecretKey;
use redb::backends::InMemoryBackend;
use redb::{Database, ReadableDatabase as _, ReadableTableMetadata as _};
use std::collections::HashMap;
use std::sync::Arc;

const SPACE: SpaceId = SpaceId([1; 32]);
const STREAMS: [StreamId; 2] = [StreamId([2; 16]), StreamId([3; 16])];
const SMALL: Sizes = Sizes { block: 8, least: 2, newest: 3, at_once: 1 << 20 };
const NOW_MS: u64 = 1_700_000_000_000;

fn seal() -> SealingKey {
    SealingKey::of([7; 32])
}

/// Three people in two channels; every number is a moment.
#[derive(Default)]
struct Talk {
    logs: HashMap<(StreamId, u8), (u64, OpId)>,
    ops: Vec<StoredOp>,
}

impl Talk {
    fn say(&mut self, number: u64) -> [Record; 2] {
        self.say_at(number, NOW_MS + number * 1_000)
    }

    fn say_at(&mut self, number: u64, at_ms: u64) -> [Record; 2] {
        let (stream, author) = (STREAMS[(number % 5 / 3) as usize], (number % 3) as u8);
        let last = self.logs.get(&(stream, author)).copied();
        let text = RichText::plain(&format!("what was said, number {number}"));
        let body = content::Message { text, ..content::Message::default() };
        let draft = Draft {
            space: SPACE,
            stream,
            tenure: Tenure([author; 16]),
            seq: last.map_or(0, |(seq, _)| seq + 1),
            prev: last.map(|(_, id)| id),
            hlc: Hlc::from_ms(at_ms),
            kind: Kind::Message,
            deps: vec![OpId([4; 32])],
            target: None,
            body: op::open_body(&body),
        };
        let stored = StoredOp::of(draft.seal(&SecretKey::from_seed(&[author; 32]), [5; 16]));
        let header = &stored.op.header;
        self.logs.insert((stream, author), (header.seq, stored.op.id));
        self.ops.push(stored.clone());
        let row = MessageRow {
            space: SPACE,
            stream,
            id: stored.op.id,
            hlc: header.hlc,
            author: UserId([author; 32]),
            api_id: Snowflake((header.hlc.ms() - DISCORD_EPOCH_MS) << 22 | number),
            verdict: u8::from(number.is_multiple_of(7)),
            late: number.is_multiple_of(11),
        };
        [Record::Op { op: Arc::new(stored), mine: number.is_multiple_of(2) }, Record::Message(row)]
    }
}

fn write(database: &Database, records: &[Record]) {
    let transaction = database.begin_write().unwrap();
    WriteTables::open(&transaction, &seal()).unwrap().apply(records).unwrap();
    transaction.commit().unwrap();
}

fn read(database: &Database) -> ReadTables {
    ReadTables::open(&database.begin_read().unwrap(), &seal()).unwrap()
}

fn written_anew(database: &Database) -> Database {
    written_in(database, SMALL)
}

fn written_in(database: &Database, sizes: Sizes) -> Database {
    let new = Database::builder().create_with_backend(InMemoryBackend::new()).unwrap();
    let transaction = new.begin_write().unwrap();
    {
        let mut into = WriteTables::open(&transaction, &seal()).unwrap();
        assert!(read(database).write_into(&mut into, sizes, &|| true).unwrap());
    }
    transaction.commit().unwrap();
    new
}

fn store() -> Database {
    let database = Database::builder().create_with_backend(InMemoryBackend::new()).unwrap();
    let transaction = database.begin_write().unwrap();
    WriteTables::open(&transaction, &seal()).unwrap().stamp_format().unwrap();
    transaction.commit().unwrap();
    database
}

fn assert_same(packed: &dyn Store, rows: &dyn Store, talk: &Talk) {
    for stored in &talk.ops {
        let (id, stream, hlc) = (&stored.op.id, &stored.op.header.stream, stored.op.header.hlc);
        assert_eq!(packed.op(id), rows.op(id));
        assert_eq!(packed.has_op(id), rows.has_op(id));
        assert_eq!(packed.message(stream, id), rows.message(stream, id));
        assert_eq!(
            packed.op_headed(&SPACE, stream, &head_of(id)),
            rows.op_headed(&SPACE, stream, &head_of(id))
        );
        let (log, seq) = (stored.log(), stored.op.header.seq);
        assert_eq!(packed.log_at(&log, seq), rows.log_at(&log, seq));
        assert_eq!(packed.log_from(&log, seq, 5), rows.log_from(&log, seq, 5));
        assert_eq!(packed.log_head(&log), rows.log_head(&log));
        assert_eq!(packed.logs_of(&SPACE, &log.device), rows.logs_of(&SPACE, &log.device));
        let spot = Spot::of(hlc, id);
        assert_eq!(packed.spot_before(&SPACE, stream, &spot), rows.spot_before(&SPACE, stream, &spot));
        let range = Range { from: spot, upto: None };
        assert_eq!(packed.spots(&SPACE, stream, &range, 9), rows.spots(&SPACE, stream, &range, 9));
        assert_eq!(packed.range_sum(&SPACE, stream, &range), rows.range_sum(&SPACE, stream, &range));
        let after = Some((hlc, *id));
        assert_eq!(packed.stream_page(&SPACE, stream, after, 9), rows.stream_page(&SPACE, stream, after, 9));
        let Some(row) = rows.message(stream, id).unwrap() else { continue };
        let number = row.api_id;
        assert_eq!(packed.message_by_number(stream, number), Ok(Some(*id)));
        for older in [true, false] {
            let page = |store: &dyn Store| store.messages(stream, number, older, 12);
            assert_eq!(page(packed), page(rows));
        }
    }
    for after in 0..talk.ops.len() as u64 {
        let arrivals = |store: &dyn Store| store.arrivals(&SPACE, Arrival(after), 30);
        assert_eq!(arrivals(packed), arrivals(rows));
    }
    for stream in &STREAMS {
        assert_eq!(packed.stream_ops(&SPACE, stream), rows.stream_ops(&SPACE, stream));
        let timeline = |store: &dyn Store| {
            let mut entries = Vec::new();
            store.timeline(stream, &mut |entry| entries.push(entry)).unwrap();
            entries
        };
        assert_eq!(timeline(packed), timeline(rows));
    }
    assert!(!packed.has_op(&OpId([9; 32])).unwrap());
    assert_eq!(packed.count(&SPACE), rows.count(&SPACE));
    assert_eq!(packed.stream_sums(&SPACE), rows.stream_sums(&SPACE));
}

#[test]
fn what_stands_in_blocks_is_read_as_rows_are_however_often_it_is_written_anew() {
    let (rows, mut packed, mut talk) = (store(), store(), Talk::default());
    let mut late = Vec::new();
    for round in 0..4u64 {
        for number in round * 60..round * 60 + 60 {
            let records = talk.say(number);
            // Some come after all others, into the midst of what is packed by then.
            if number % 13 == 5 {
                late.extend(records);
            } else {
                [&rows, &packed].iter().for_each(|at| write(at, &records));
            }
        }
        packed = written_anew(&packed);
        let records = std::mem::take(&mut late);
        [&rows, &packed].iter().for_each(|at| write(at, &records));
        assert_same(&read(&packed), &read(&rows), &talk);
    }
    let (left, in_blocks) = (read(&packed).op.len().unwrap(), read(&packed).block_op.len().unwrap());
    assert_eq!(left + in_blocks, 240);
    assert!(in_blocks > 180, "{in_blocks} of 240 ops stand in blocks");
}

#[test]
fn what_changes_of_an_op_in_a_block_is_so_from_then_on() {
    let (rows, packed, mut talk) = (store(), store(), Talk::default());
    for number in 0..60 {
        let records = talk.say(number);
        [&rows, &packed].iter().for_each(|at| write(at, &records));
    }
    let packed = written_anew(&packed);
    let ids: Vec<OpId> = talk.ops.iter().map(|stored| stored.op.id).collect();
    assert!(read(&packed).in_block(&head_of(&ids[4])).unwrap().is_some());
    let row = read(&rows).message(&talk.ops[4].op.header.stream, &ids[4]).unwrap().unwrap();
    let changes = [
        Record::BodyDestroyed(ids[3]),
        Record::Message(MessageRow { verdict: 5, ..row }),
        // A body comes back, as a peer gives it.
        Record::BodyDestroyed(ids[6]),
        Record::Op { op: Arc::new(talk.ops[6].clone()), mine: false },
    ];
    [&rows, &packed].iter().for_each(|at| write(at, &changes));
    assert_same(&read(&packed), &read(&rows), &talk);
    assert_eq!(read(&packed).op(&ids[3]).unwrap().unwrap().op.body, None);
    assert_same(&read(&written_anew(&packed)), &read(&rows), &talk);
}

/// Sixty messages, as rows and with the older ones in blocks.
fn sixty() -> (Database, Database, Talk) {
    let (rows, packed, mut talk) = (store(), store(), Talk::default());
    for number in 0..60 {
        let records = talk.say(number);
        [&rows, &packed].iter().for_each(|at| write(at, &records));
    }
    let packed = written_anew(&packed);
    (rows, packed, talk)
}

fn ids(talk: &Talk, which: impl Fn(usize, &StoredOp) -> bool) -> Vec<OpId> {
    let chosen = talk.ops.iter().enumerate().filter(|(at, stored)| which(*at, stored));
    chosen.map(|(_, stored)| stored.op.id).collect()
}

#[test]
fn what_is_let_go_of_in_blocks_is_as_if_it_had_never_come() {
    let (rows, mut packed, talk) = sixty();
    let of_stream = |stored: &StoredOp, stream: usize| stored.op.header.stream == STREAMS[stream];
    let let_go = |stream: usize, ops: Vec<OpId>| Record::LetGo {
        space: SPACE,
        stream: STREAMS[stream],
        ops,
        acts: Vec::new(),
    };
    for every in [7, 3] {
        let gone = ids(&talk, |at, stored| at % every == 1 && of_stream(stored, 0));
        assert!(gone.iter().any(|id| read(&packed).in_block(&head_of(id)).unwrap().is_some()));
        [&rows, &packed].iter().for_each(|at| write(at, &[let_go(0, gone.clone())]));
        assert!(gone.iter().all(|id| !read(&packed).has_op(id).unwrap()));
        assert_same(&read(&packed), &read(&rows), &talk);
        packed = written_anew(&packed);
        assert_same(&read(&packed), &read(&rows), &talk);
    }
    // All of a stream, and then some of it comes again.
    let all = ids(&talk, |_, stored| of_stream(stored, 1));
    let first = talk.ops.iter().find(|stored| of_stream(stored, 1)).unwrap();
    let again = Record::Op { op: Arc::new(first.clone()), mine: false };
    [&rows, &packed].iter().for_each(|at| write(at, &[let_go(1, all.clone()), again.clone()]));
    assert_same(&read(&packed), &read(&rows), &talk);
    assert_same(&read(&written_anew(&packed)), &read(&rows), &talk);
}

#[test]
fn a_liars_log_whose_clock_does_not_rise_stays_rows_where_blocks_would_lie_across_each_other() {
    let (rows, packed, mut talk) = (store(), store(), Talk::default());
    for number in 0..40 {
        let records = talk.say(number * 10);
        [&rows, &packed].iter().for_each(|at| write(at, &records));
    }
    let mut packed = written_anew(&packed);
    // The next of each log, dated before all that is packed.
    for number in 0..12 {
        let records = talk.say_at(number, NOW_MS - 900_000 + number * 1_000);
        [&rows, &packed].iter().for_each(|at| write(at, &records));
    }
    for _ in 0..2 {
        packed = written_anew(&packed);
        assert_same(&read(&packed), &read(&rows), &talk);
    }
}

#[test]
fn of_many_blocks_few_are_kept_at_hand_and_bodies_go_from_all_of_them() {
    let (rows, packed, mut talk) = (store(), store(), Talk::default());
    for number in 0..90 {
        let records = talk.say(number);
        [&rows, &packed].iter().for_each(|at| write(at, &records));
    }
    let packed = written_in(&packed, Sizes { block: 1, ..SMALL });
    let tables = read(&packed);
    assert_same(&tables, &read(&rows), &talk);
    assert!(tables.block_at.len().unwrap() > 64 && tables.blocks.len() == 16);
    let gone: Vec<Record> = talk.ops.iter().map(|stored| Record::BodyDestroyed(stored.op.id)).collect();
    [&rows, &packed].iter().for_each(|at| write(at, &gone));
    assert_same(&read(&packed), &read(&rows), &talk);
    assert_eq!(read(&packed).erased().unwrap(), 90);
}
