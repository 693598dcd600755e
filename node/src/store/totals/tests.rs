use crate::store::{SealingKey, WriteTables};
use nexus_core::{Arrival, Record, StoredOp};
use nexus_crdt::hlc::Hlc;
use nexus_crdt::id::{OpId, SpaceId, StreamId, Tenure};
use nexus_crdt::kind::Kind;
use nexus_crdt::op::Draft;
use nexus_crypto::SecretKey;
use rand::rngs::StdRng;
use rand::{RngExt as _, SeedableRng as _};
use redb::backends::InMemoryBackend;
use redb::{Database, Key, ReadableTable, Value, WriteTransaction};
use std::sync::Arc;

const SPACES: [SpaceId; 2] = [SpaceId([1; 32]), SpaceId([2; 32])];
const STREAMS: [StreamId; 2] = [StreamId([3; 16]), StreamId([4; 16])];

/// Signed, but not as it says it is called: parts begin at many of them, on both levels.
fn op(random: &mut StdRng, number: u64) -> StoredOp {
    let draft = Draft {
        space: SPACES[random.random_range(0..2)],
        stream: STREAMS[random.random_range(0..2)],
        tenure: Tenure([3; 16]),
        seq: number,
        prev: None,
        hlc: Hlc(random.random_range(1..200)),
        kind: Kind::Message,
        deps: vec![OpId([4; 32])],
        target: None,
        body: vec![0, 1, 2],
    };
    let mut stored = StoredOp::of(draft.seal(&SecretKey::from_seed(&[9; 32]), [5; 16]));
    stored.op.id = OpId(random.random());
    let ends = [[0, 0], [0, 64], [1, 1], [1, 2], [1, 3]];
    stored.op.id.0[14..16].copy_from_slice(&ends[random.random_range(0..5)]);
    stored
}

/// Ops that come, some of them twice, are handed over, are let go of, and come again.
fn records(random: &mut StdRng) -> Vec<Record> {
    let (mut records, mut ops): (Vec<Record>, Vec<StoredOp>) = (Vec::new(), Vec::new());
    for number in 0..random.random_range(1..300) {
        let any = random.random_range(0..ops.len().max(1));
        match (random.random_range(0..20), ops.get(any)) {
            (0, Some(stored)) => {
                let (space, stream, ids) = (stored.op.space(), stored.op.header.stream, vec![stored.op.id]);
                records.push(Record::LetGo { space, stream, ops: ids, acts: Vec::new() });
            }
            (1, Some(stored)) => records.push(Record::Op { op: Arc::new(stored.clone()), mine: false }),
            (2, Some(stored)) => {
                let (space, upto) = (stored.op.space(), Arrival(random.random_range(0..100)));
                records.push(Record::HandedOver { space, upto });
            }
            (3, Some(stored)) => {
                records.push(Record::Life { space: stored.op.space(), epoch: random.random() });
            }
            _ => {
                ops.push(op(random, number));
                let op = Arc::new(ops[ops.len() - 1].clone());
                records.push(Record::Op { op, mine: random.random() });
            }
        }
    }
    records
}

fn begin() -> (WriteTransaction, SealingKey) {
    let database = Database::builder().create_with_backend(InMemoryBackend::new()).unwrap();
    (database.begin_write().unwrap(), SealingKey::of([7; 32]))
}

type Rows = Vec<(Vec<u8>, Vec<u8>)>;

fn rows<K: Key + 'static, V: Value + 'static>(table: &impl ReadableTable<K, V>) -> Rows {
    let bytes = |row: (redb::AccessGuard<'_, K>, redb::AccessGuard<'_, V>)| {
        let key = K::as_bytes(&row.0.value()).as_ref().to_vec();
        (key, V::as_bytes(&row.1.value()).as_ref().to_vec())
    };
    table.iter().unwrap().map(|row| bytes(row.unwrap())).collect()
}

fn all_rows(tables: &WriteTables<'_>) -> Vec<Rows> {
    vec![
        rows(&tables.count),
        rows(&tables.fed),
        rows(&tables.part),
        rows(&tables.arrival),
        rows(&tables.outbox),
        rows(&tables.life),
        rows(&tables.op),
        rows(&tables.body),
        rows(&tables.by_id),
        rows(&tables.log),
        rows(&tables.name),
    ]
}

#[test]
fn ops_that_come_together_leave_the_rows_that_they_leave_when_they_come_one_by_one() {
    for seed in 0..60 {
        let random = &mut StdRng::seed_from_u64(seed);
        let records = records(random);
        let ((one_by_one, key), (together, _)) = (begin(), begin());
        let mut one_by_one = WriteTables::open(&one_by_one, &key).unwrap();
        let mut together = WriteTables::open(&together, &key).unwrap();
        for record in &records {
            one_by_one.apply(std::slice::from_ref(record)).unwrap();
        }
        let mut left = records.as_slice();
        while !left.is_empty() {
            let (some, rest) = left.split_at(random.random_range(1..=left.len()));
            together.apply(some).unwrap();
            left = rest;
        }
        assert_eq!(all_rows(&one_by_one), all_rows(&together), "seed {seed}");
    }
}

#[test]
fn parts_to_which_ops_came_in_any_order_are_those_that_a_stream_is_cut_into_at_one_reading() {
    for seed in 0..60 {
        let records = records(&mut StdRng::seed_from_u64(seed));
        let (transaction, key) = begin();
        let mut tables = WriteTables::open(&transaction, &key).unwrap();
        tables.apply(&records).unwrap();
        let parts = rows(&tables.part);
        tables.part.retain(|_, _| false).unwrap();
        tables.sum_up().unwrap();
        assert_eq!(parts, rows(&tables.part), "seed {seed}");
    }
}
