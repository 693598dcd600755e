//! Somebody who forges: damaged bytes, another's name under one's own key, ops out of nothing.

use crate::people::pick;
use nexus_core::StoredOp;
use nexus_crdt::id::OpId;
use nexus_crdt::op::{self, Draft, Op};
use nexus_crypto::{SecretKey, Verified};
use rand::RngExt;
use rand::rngs::StdRng;

/// A forgery after the pattern of a true op; with it the id it would go by, where it has one of its own.
pub(crate) fn forge(rng: &mut StdRng, pattern: &StoredOp) -> (Vec<u8>, Option<OpId>) {
    let Ok(true_op) = pattern.verify() else { return (Vec::new(), None) };
    if rng.random_bool(0.4) {
        let mut bytes = op::encode(&true_op);
        let place = rng.random_range(0..bytes.len());
        bytes[place] ^= 1 << rng.random_range(0..8);
        return (bytes, None);
    }
    let Some(body) = pattern.op.body.clone() else { return (Vec::new(), None) };
    // The forger knows everything about the true author but their key.
    let key = SecretKey::from_seed(&[rng.random_range(1..4); 32]);
    match sealed(&pattern.op, &key, (body.bytes, body.salt)) {
        Some(forged) => (op::encode(&forged), Some(forged.id)),
        None => (Vec::new(), None),
    }
}

/// What an op's header says with a body, by whoever has a key; none of a kind that nobody knows.
pub(crate) fn sealed(op: &Op, key: &SecretKey, (body, salt): (Vec<u8>, [u8; 16])) -> Option<Verified<Op>> {
    let header = &op.header;
    let draft = Draft {
        space: header.space,
        stream: header.stream,
        tenure: header.tenure,
        seq: header.seq,
        prev: header.prev,
        hlc: header.hlc,
        kind: op.kind()?,
        deps: header.deps.clone(),
        target: header.target,
        body,
    };
    Some(draft.seal(key, salt))
}

/// One of somebody's ops to forge after.
pub(crate) fn pattern<'a>(rng: &mut StdRng, ops: impl Iterator<Item = &'a StoredOp>) -> Option<&'a StoredOp> {
    pick(rng, ops.filter(|stored| stored.op.header.space != nexus_crdt::id::SpaceId::NONE))
}
