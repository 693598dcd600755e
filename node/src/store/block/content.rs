//! What a block holds of its ops beside its index: headers, signatures, bodies.

use super::{Index, frame};
use crate::store::fault;
use crate::store::row::{BODY_HASH, Deps, EXT, FRONTIER, GENESIS, MINE, OpRow, PREV, TARGET};
use crate::store::row::{Unpacker, count, pack_ext, put_varint};
use nexus_core::StoreFault;
use nexus_crdt::id::OpId;
use std::collections::BTreeMap;

/// An op as a block keeps it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(in crate::store) struct Kept {
    pub(in crate::store) row: OpRow,
    /// Salt and body; none where there is none, or no more.
    pub(in crate::store) body: Option<Vec<u8>>,
}

/// Beside those of a row: its body is here.
const BODY: u8 = 1 << 7;
const SALT: usize = 16;

/// Packs what belongs to the ops of an index.
pub(in crate::store) fn pack_content(index: &Index, ops: &[Kept]) -> Result<Vec<u8>, StoreFault> {
    let frame = frame::pack(&columns(index, ops)?)?;
    let mut out = u32::try_from(frame.len()).map_err(fault)?.to_be_bytes().to_vec();
    out.extend(frame);
    out.extend(ops.iter().flat_map(|op| op.row.signature));
    out.extend(ops.iter().filter_map(|op| op.body.as_deref()).flat_map(|body| body.iter().take(SALT)));
    put_columns(&mut out, index)?;
    Ok(out)
}

/// A content of which nothing is left but what finds its ops.
pub(in crate::store) fn emptied(index: &Index) -> Result<Vec<u8>, StoreFault> {
    let mut out = vec![0; 4];
    put_columns(&mut out, index)?;
    Ok(out)
}

fn put_columns(out: &mut Vec<u8>, index: &Index) -> Result<(), StoreFault> {
    let columns = frame::pack(&index.columns()?)?;
    out.extend(&columns);
    out.extend(u32::try_from(columns.len()).map_err(fault)?.to_be_bytes());
    Ok(())
}

/// The columns of the index, as a content repeats them.
pub(in crate::store) fn columns_again(content: &[u8]) -> Option<&[u8]> {
    Some(split_columns(content)?.1)
}

// They stand at the end, and behind them how long they are.
fn split_columns(content: &[u8]) -> Option<(&[u8], &[u8])> {
    let (rest, len) = content.split_last_chunk()?;
    let len = usize::try_from(u32::from_be_bytes(*len)).ok()?;
    rest.split_at_checked(rest.len().checked_sub(len)?)
}

fn columns(index: &Index, ops: &[Kept]) -> Result<Vec<u8>, StoreFault> {
    let places: BTreeMap<OpId, usize> = index.ops.iter().enumerate().map(|(at, op)| (op.id(), at)).collect();
    let body = |op: &Kept| if op.body.is_some() { BODY } else { 0 };
    let mut out: Vec<u8> = ops.iter().map(|op| op.row.flags() | body(op)).collect();
    out.extend(ops.iter().flat_map(|op| op.row.kind.to_be_bytes()));
    for cited in [|row: &OpRow| row.prev, |row: &OpRow| row.target] {
        for (at, op) in ops.iter().enumerate() {
            if let Some(id) = cited(&op.row) {
                put_cited(&mut out, at, &id, &places);
            }
        }
    }
    for op in ops {
        match &op.row.deps {
            Deps::Frontier(short) => out.extend(short),
            Deps::Ops(ids) => {
                out.push(count(ids.len()));
                out.extend(ids.iter().flat_map(|id| id.0));
            }
        }
    }
    ops.iter().filter(|op| !op.row.ext.is_empty()).for_each(|op| pack_ext(&mut out, &op.row.ext));
    for op in ops {
        match &op.body {
            Some(body) => {
                let len = body.len().checked_sub(SALT).ok_or_else(|| fault("a body without its salt"))?;
                put_varint(&mut out, len as u64);
            }
            None => {
                put_varint(&mut out, u64::from(op.row.body_len));
                out.extend(op.row.body_hash.into_iter().flatten());
            }
        }
    }
    out.extend(ops.iter().filter_map(|op| op.body.as_deref()).flat_map(|body| body.iter().skip(SALT)));
    Ok(out)
}

// How far before it in the block, where it is there; else 0 and the id.
fn put_cited(out: &mut Vec<u8>, at: usize, id: &OpId, places: &BTreeMap<OpId, usize>) {
    match places.get(id).and_then(|before| at.checked_sub(*before)).filter(|back| *back > 0) {
        Some(back) => put_varint(out, back as u64),
        None => {
            put_varint(out, 0);
            out.extend(id.0);
        }
    }
}

/// Reads what belongs to the ops of an index.
pub(in crate::store) fn unpack_content(index: &Index, bytes: &[u8]) -> Result<Vec<Kept>, StoreFault> {
    let (bytes, _) = split_columns(bytes).ok_or_else(|| fault("a content without the columns"))?;
    let (len, rest) = bytes.split_first_chunk().ok_or_else(|| fault("a content without its length"))?;
    let len = usize::try_from(u32::from_be_bytes(*len)).map_err(fault)?;
    let (packed, rest) = rest.split_at_checked(len).ok_or_else(|| fault("a content ends too early"))?;
    let raw = frame::unpack(packed)?;
    let mut signed = Unpacker::of(rest);
    let mut ops = heads(index, &mut Unpacker::of(&raw), &mut signed)?;
    fill_bodies(&mut ops.kept, &ops.lengths, ops.bodies, &mut signed)?;
    signed.end(ops.kept)
}

/// Headers, and what is left to be read.
struct Heads<'a> {
    kept: Vec<Kept>,
    /// Of each body that is here.
    lengths: Vec<Option<usize>>,
    bodies: &'a [u8],
}

fn heads<'a>(
    index: &Index,
    from: &mut Unpacker<'a>,
    signed: &mut Unpacker<'_>,
) -> Result<Heads<'a>, StoreFault> {
    let each =
        |from: &mut Unpacker<'a>| index.ops.iter().map(|_| from.byte()).collect::<Result<Vec<u8>, _>>();
    let flags = each(from)?;
    let has = |at: usize, flag: u8| flags.get(at).is_some_and(|flags| flags & flag != 0);
    let mut kept = Vec::with_capacity(index.ops.len());
    for (at, op) in index.ops.iter().enumerate() {
        let row = OpRow {
            tail: op.tail,
            signature: signed.take()?,
            author: op.device,
            tenure: op.tenure,
            kind: u16::from_be_bytes(from.take()?),
            seq: op.seq,
            body_len: 0,
            mine: has(at, MINE),
            genesis: has(at, GENESIS),
            prev: None,
            target: None,
            body_hash: None,
            deps: Deps::Ops(Vec::new()),
            ext: Vec::new(),
        };
        kept.push(Kept { row, body: None });
    }
    for (at, op) in kept.iter_mut().enumerate().filter(|(at, _)| has(*at, PREV)) {
        op.row.prev = Some(take_cited(from, at, index)?);
    }
    for (at, op) in kept.iter_mut().enumerate().filter(|(at, _)| has(*at, TARGET)) {
        op.row.target = Some(take_cited(from, at, index)?);
    }
    for (at, op) in kept.iter_mut().enumerate() {
        op.row.deps = if has(at, FRONTIER) { Deps::Frontier(from.take()?) } else { Deps::Ops(from.ops()?) };
    }
    for (_, op) in kept.iter_mut().enumerate().filter(|(at, _)| has(*at, EXT)) {
        op.row.ext = from.ext()?;
    }
    let mut lengths = Vec::with_capacity(kept.len());
    for (at, op) in kept.iter_mut().enumerate() {
        op.row.body_len = u32::try_from(from.varint()?).map_err(fault)?;
        lengths.push(has(at, BODY).then_some(op.row.body_len as usize));
        op.row.body_hash = from.take_if(has(at, BODY_HASH) && !has(at, BODY))?;
    }
    Ok(Heads { kept, lengths, bodies: from.rest() })
}

// The hash of a body that is here stands nowhere: it follows from the body, and the header holds only with it.
fn fill_bodies(
    kept: &mut [Kept],
    lengths: &[Option<usize>],
    mut bodies: &[u8],
    salts: &mut Unpacker<'_>,
) -> Result<(), StoreFault> {
    for (op, len) in kept.iter_mut().zip(lengths) {
        let Some(len) = len else { continue };
        let (bytes, rest) = bodies.split_at_checked(*len).ok_or_else(|| fault("a body ends too early"))?;
        bodies = rest;
        let salt: [u8; SALT] = salts.take()?;
        let body = [salt.as_slice(), bytes].concat();
        op.row.body_hash = Some(nexus_crypto::hash_parts(&[&body]));
        op.body = Some(body);
    }
    if bodies.is_empty() { Ok(()) } else { Err(fault("a block has bodies of nobody")) }
}

fn take_cited(from: &mut Unpacker<'_>, at: usize, index: &Index) -> Result<OpId, StoreFault> {
    let back = usize::try_from(from.varint()?).map_err(fault)?;
    if back == 0 {
        return from.take().map(OpId);
    }
    let cited = at.checked_sub(back).and_then(|before| index.ops.get(before));
    cited.map(super::Listed::id).ok_or_else(|| fault("an op cites what stands before its block"))
}
