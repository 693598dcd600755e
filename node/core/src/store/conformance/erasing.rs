//! What a store remembers of bodies that are to go.

use super::{SPACE, STREAM, Writable, message_op, read, write};
use crate::store::{Erasure, Record};
use std::sync::Arc;

pub(super) fn an_erasure_is_remembered_until_it_is_over(store: &mut dyn Writable) {
    let mut erasures = Vec::new();
    for number in 1..=3 {
        let op = message_op(number, 0, None, u64::from(number) * 10, "to go");
        let (hlc, message) = (op.op.header.hlc, op.op.id);
        write(store, &[Record::Op { op: Arc::new(op), mine: false }]);
        erasures.push(Erasure { space: SPACE, stream: STREAM, hlc, message, due_ms: 7 });
    }
    assert_eq!(read(store.erasures(None, 9)), []);
    let records: Vec<Record> = erasures.iter().copied().map(Record::Erasure).collect();
    write(store, &records);
    let later = Erasure { due_ms: 9, ..erasures[0] };
    write(store, &[Record::Erasure(later)]);
    assert_eq!(read(store.erasures(None, 9)), erasures, "the earlier word stands");
    assert_eq!(read(store.erasures(None, 2)), erasures[..2]);
    assert_eq!(read(store.erasures(Some(&erasures[1]), 9)), erasures[2..]);
    write(store, &[Record::ErasureOver(erasures[1])]);
    assert_eq!(read(store.erasures(Some(&erasures[1]), 9)), erasures[2..], "after one that is over");
    assert_eq!(read(store.erasures(None, 9)), [erasures[0], erasures[2]]);
}
