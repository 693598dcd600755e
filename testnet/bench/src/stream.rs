//! A long stream of ops. A store does not look into them, so their signatures are none.

use nexus_core::Record;
use nexus_core::StoredOp;
use nexus_core::store::{Spot, head_of};
use nexus_crdt::hlc::Hlc;
use nexus_crdt::id::{DeviceKey, OpId, SpaceId, StreamId, Tenure};
use nexus_crdt::op::{Header, Op};
use nexus_crypto::Signature;
use std::collections::BTreeMap;
use std::sync::Arc;

pub(crate) const SPACE: SpaceId = SpaceId([1; 32]);
pub(crate) const STREAM: StreamId = StreamId([2; 16]);

/// When the op of a number was written: one every 13 s, and between two of them there is room for another.
fn hlc(number: u64, between: bool) -> Hlc {
    Hlc::from_ms(1_500_000_000_000 + number * 13_000 + u64::from(between) * 6_500)
}

fn id(number: u64, between: bool) -> OpId {
    OpId(*blake3::hash(&[&number.to_be_bytes()[..], &[u8::from(between)]].concat()).as_bytes())
}

/// The op of a number, or one that stands between it and the next.
pub(crate) fn record(number: u64, between: bool) -> Record {
    let header = Header {
        version: 1,
        space: SPACE,
        stream: STREAM,
        author: DeviceKey([3; 32]),
        tenure: Tenure([4; 16]),
        seq: 2 * number + u64::from(between),
        prev: None,
        hlc: hlc(number, between),
        kind: 0x0301,
        deps: vec![OpId([5; 32])],
        target: None,
        body_len: 0,
        body_hash: None,
        ext: BTreeMap::new(),
    };
    let op = Op { id: id(number, between), header, body: None };
    Record::Op { op: Arc::new(StoredOp { op, signature: Signature([0; 64]) }), mine: false }
}

/// Where it stands.
pub(crate) fn spot(number: u64, between: bool) -> Spot {
    Spot { hlc: hlc(number, between), head: head_of(&id(number, between)) }
}
