//! Marks of what was checked.

use super::feed::account;
use super::{Record, Writable, read, write};
use crate::store::{Spot, StoredOp};
use nexus_crdt::id::{OpId, StreamId};
use nexus_crypto::Mark;
use std::sync::Arc;

pub(super) fn a_mark_stands_beside_its_op(store: &mut dyn Writable) {
    let (ann, ben) = (account(1, 10), account(2, 20));
    for op in [&ann, &ben] {
        write(store, &[Record::Op { op: Arc::new(op.clone()), mine: false }]);
        assert_eq!(marks(store, op), []);
    }
    let spot = Spot::of(ann.op.header.hlc, &ann.op.id);
    for mark in [Mark([1; 16]), Mark([2; 16])] {
        write(store, &[Record::Marked { op: ann.op.id, mark }]);
        assert_eq!(marks(store, &ann), [(spot, mark)], "the last one stands");
    }
    // What is not here has none, whatever is written of it.
    write(store, &[Record::Marked { op: OpId([9; 32]), mark: Mark([3; 16]) }]);
    assert_eq!(marks(store, &ben), []);
}

fn marks(store: &dyn Writable, op: &StoredOp) -> Vec<(Spot, Mark)> {
    read(store.marks(&op.op.space(), &StreamId::GOVERNANCE))
}
