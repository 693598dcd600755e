use super::*;
use crate::store::SealingKey;
use nexus_core::{Record, Store, StoredOp};
use nexus_crdt::body::content;
use nexus_crdt::body::rich_text::RichText;
use nexus_crdt::hlc::Hlc;
use nexus_crdt::id::Tenure;
use nexus_crdt::kind::Kind;
use nexus_crdt::op::{self, Draft};
use nexus_crypto::SecretKey;
use redb::backends::InMemoryBackend;
use redb::{Database, ReadableDatabase as _};
use std::sync::Arc;

const SPACE: SpaceId = SpaceId([1; 32]);
const STREAM: StreamId = StreamId([2; 16]);

fn message(number: u64) -> Record {
    let body = content::Message { text: RichText::plain("hello"), ..content::Message::default() };
    let draft = Draft {
        space: SPACE,
        stream: STREAM,
        tenure: Tenure([3; 16]),
        seq: number,
        prev: None,
        hlc: Hlc(number),
        kind: Kind::Message,
        deps: vec![OpId([4; 32])],
        target: None,
        body: op::open_body(&body),
    };
    let stored = StoredOp::of(draft.seal(&SecretKey::from_seed(&[9; 32]), [5; 16]));
    Record::Op { op: Arc::new(stored), mine: false }
}

#[test]
fn what_a_version_wrote_that_kept_no_parts_is_summed_up() {
    let database = Database::builder().create_with_backend(InMemoryBackend::new()).unwrap();
    let seal = SealingKey::of([7; 32]);
    let ops: Vec<Record> = (0..500).map(message).collect();
    let transaction = database.begin_write().unwrap();
    let before = {
        let mut tables = WriteTables::open(&transaction, &seal).unwrap();
        tables.apply(&ops).unwrap();
        (tables.stream_sums(&SPACE).unwrap(), tables.pieces(&SPACE, &STREAM, &Range::ALL, 8).unwrap())
    };
    let parts = redb::TableDefinition::<&[u8; 33], &[u8; SetSum::LEN]>::new("part");
    assert!(transaction.delete_table(parts).unwrap());
    transaction.commit().unwrap();
    assert!(!crate::store::has_parts(&database.begin_read().unwrap()).unwrap());

    let transaction = database.begin_write().unwrap();
    WriteTables::open(&transaction, &seal).unwrap().sum_up().unwrap();
    transaction.commit().unwrap();
    let reading = database.begin_read().unwrap();
    assert!(crate::store::has_parts(&reading).unwrap());
    let tables = crate::store::ReadTables::open(&reading, &seal).unwrap();
    let after =
        (tables.stream_sums(&SPACE).unwrap(), tables.pieces(&SPACE, &STREAM, &Range::ALL, 8).unwrap());
    assert_eq!(before, after);
    assert_eq!(before.0.first().unwrap().1.count, 500);
}
