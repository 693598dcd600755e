//! A batch of ops in which each says only what its reader cannot derive: names that came before are numbers, the op before it in its
//! log and the hash of a body that is here are not said at all, and what people wrote is compressed. Byte layout:
//! `node/core/docs/sync.md`, *Packed*. What is read is the same ops byte for byte, and nothing is taken on trust: each is decoded and
//! checked afterwards as one that came alone.
//!
//! What was written in one stream is compressed apart from what was written in another. Together, who writes in one and sees how many
//! bytes go over the line could learn what others write in one that they do not read (as in CRIME, Rizzo and Duong 2012).

mod read;
mod section;
mod written;

use super::{Garbage, OPS_MAX, Ops, Place};
use minicbor::bytes::ByteVec;
use minicbor::{Decode, Encode};
use nexus_crdt::cbor;
use nexus_crdt::id::{OpId, SpaceId};
use nexus_crdt::op;

/// The number of this form of an Ops frame.
pub const PACKED: u8 = 33;

/// As [`Ops`], but for the ops.
#[derive(Encode, Decode)]
#[cbor(array)]
struct Packed {
    #[n(0)]
    space: SpaceId,
    #[n(1)]
    upto: Option<Place>,
    #[n(2)]
    ops: ByteVec,
    #[n(3)]
    frontiers: Vec<Vec<OpId>>,
}

/// The frame after its number; none where there is nothing to pack, or no op that could be given to anybody.
pub(super) fn pack(ops: &Ops) -> Option<Vec<u8>> {
    let claims = ops.ops.iter().map(|bytes| op::decode(bytes)).collect::<Result<Vec<_>, _>>().ok()?;
    if claims.is_empty() || claims.len() > OPS_MAX {
        return None;
    }
    let packed = written::pack(&ops.space, &claims)?.into();
    let frontiers = ops.frontiers.clone();
    Some(cbor::encode(&Packed { space: ops.space, upto: ops.upto, ops: packed, frontiers }))
}

/// Reads what follows the number.
pub(super) fn unpack(body: &[u8]) -> Result<Ops, Garbage> {
    let packed: Packed = cbor::decode(body).map_err(|_| Garbage)?;
    let ops = read::unpack(&packed.space, &packed.ops)?.into_iter().map(ByteVec::from).collect();
    Ok(Ops { space: packed.space, upto: packed.upto, ops, frontiers: packed.frontiers })
}

/// Of an op, what its fields are.
mod flag {
    /// The op before it in its log is the last of that log in the batch.
    pub(super) const FOLLOWS: u8 = 1;
    /// .. or is named.
    pub(super) const PREV: u8 = 2;
    pub(super) const TARGET: u8 = 4;
    /// Its body is here.
    pub(super) const BODY: u8 = 8;
    /// It has one that is not: the hash is said.
    pub(super) const BARE: u8 = 16;
    /// It cites what the op before it in the batch cites.
    pub(super) const CITES_AS_BEFORE: u8 = 32;
    pub(super) const EXT: u8 = 64;
}

/// A log, for what comes next in it.
type Log = ([u8; 32], [u8; 16], [u8; 32], [u8; 16]);

#[cfg(test)]
mod tests;
