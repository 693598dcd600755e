//! Blocks of ops, read a second time from `node/docs/store.md`, not from the code that writes them.

use super::layout::{Cursor, MessageRow, Names, OpRow, Short, joined};
use nexus_crdt::hlc::Hlc;
use nexus_crdt::id::{DeviceKey, OpId, SpaceId, StreamId, Tenure};
use nexus_crdt::op::Header;

/// Most ops of a block, and most arrivals of a list.
const OPS_MAX: usize = 128;
const LIST_MAX: u64 = 256;
/// Most bytes that a frame holds.
const RAW_MAX: u32 = 512 << 10;
/// Milliseconds of 2015 in API numbers.
const EPOCH_MS: u64 = 1_420_070_400_000;

/// Where the ops of a block stand.
pub(super) struct Index {
    pub(super) space: Short,
    pub(super) stream: Short,
    pub(super) ops: Vec<Listed>,
    /// The columns, to be held against those that the content repeats.
    columns: Vec<u8>,
}

pub(super) struct Listed {
    pub(super) id: OpId,
    pub(super) hlc: u64,
    pub(super) device: Short,
    pub(super) tenure: Short,
    pub(super) seq: u64,
    pub(super) message: Option<MessageRow>,
}

/// An op as a content holds it, and its body: salt and all, where that is here.
pub(super) struct Packed {
    pub(super) row: OpRow,
    pub(super) body: Option<Vec<u8>>,
}

type Read<T> = Result<T, &'static str>;

impl Index {
    /// The key in `op` that an op of it would have.
    pub(super) fn key(&self, op: &Listed) -> [u8; 32] {
        let mut key = [0; 32];
        let (head, _) = op.id.0.split_at(16);
        let parts = [&self.space[..], &self.stream, &op.hlc.to_be_bytes(), head].concat();
        key.copy_from_slice(&parts);
        key
    }
}

/// Reads an index. Its ids have to be those that were written.
pub(super) fn index(bytes: &[u8]) -> Read<Index> {
    let count = usize::from(*bytes.first().ok_or("an index of nothing")?);
    let (ids, packed) = bytes[1..].split_at_checked(32 * count).ok_or("an index ends too early")?;
    let columns = unframed(packed)?;
    let mut from = Cursor(&columns);
    if usize::from(from.byte()?) != count || count == 0 || count > OPS_MAX {
        return Err("an index of no size that there is");
    }
    let (space, stream, sum): (Short, Short, [u8; 8]) = (from.take()?, from.take()?, from.take()?);
    let (heads, tails) = ids.split_at(16 * count);
    let (heads, tails) = (heads.as_chunks::<16>().0, tails.as_chunks::<16>().0);
    let ids: Vec<OpId> = heads.iter().zip(tails).map(|(head, tail)| joined(head, tail)).collect();
    let all: Vec<u8> = ids.iter().flat_map(|id| id.0).collect();
    if blake3::hash(&all).as_bytes()[..8] != sum {
        return Err("an id of its index is another");
    }
    let mut ops = places(&mut from, ids)?;
    messages(&mut from, stream, &mut ops)?;
    from.end()?;
    Ok(Index { space, stream, ops, columns })
}

fn places(from: &mut Cursor<'_>, ids: Vec<OpId>) -> Read<Vec<Listed>> {
    let mut hlcs = Vec::new();
    let mut hlc: u64 = 0;
    for _ in &ids {
        hlc = hlc.checked_add(varint(from)?).ok_or("a time beyond all times")?;
        hlcs.push(hlc);
    }
    let mut known = Vec::new();
    let logs = ids.iter().map(|_| said::<8>(from, &mut known)).collect::<Read<Vec<_>>>()?;
    let mut ops: Vec<Listed> = Vec::new();
    for ((id, hlc), log) in ids.into_iter().zip(hlcs).zip(logs) {
        let mut log = Cursor(&log);
        let (device, tenure) = (log.take()?, log.take()?);
        let before = ops.iter().rev().find(|op| op.device == device && op.tenure == tenure);
        let next = before.map_or(0, |op| op.seq.wrapping_add(1));
        let seq = next.wrapping_add(varint(from)?);
        ops.push(Listed { id, hlc, device, tenure, seq, message: None });
    }
    Ok(ops)
}

fn messages(from: &mut Cursor<'_>, stream: Short, ops: &mut [Listed]) -> Read<()> {
    let mut is_message = Vec::new();
    for _ in ops.iter() {
        let flags = from.byte()?;
        if ![0, 1, 3].contains(&flags) {
            return Err("an op of a block that is no message and none else");
        }
        is_message.push(flags != 0);
    }
    let mut rows: Vec<&mut Listed> =
        ops.iter_mut().zip(is_message).filter_map(|(op, is)| is.then_some(op)).collect();
    let mut known = Vec::new();
    let authors = rows.iter().map(|_| said::<4>(from, &mut known)).collect::<Read<Vec<_>>>()?;
    let verdicts = rows.iter().map(|_| from.byte()).collect::<Read<Vec<_>>>()?;
    for ((op, author), verdict) in rows.iter_mut().zip(authors).zip(verdicts) {
        let at = Hlc(op.hlc);
        let ms = at.ms().saturating_sub(EPOCH_MS) & ((1 << 42) - 1);
        let usual = ms << 22 | u64::from(at.counter().min(1_023)) << 12;
        let number = varint(from)? ^ usual;
        op.message = Some(MessageRow { stream, hlc: op.hlc, id: op.id, author, number, verdict });
    }
    Ok(())
}

/// Reads a content.
pub(super) fn content(index: &Index, bytes: &[u8], names: &Names) -> Read<Vec<Packed>> {
    let (bytes, len) = bytes.split_last_chunk::<4>().ok_or("a content without the columns")?;
    let len = u32::from_be_bytes(*len) as usize;
    let own = bytes.len().checked_sub(len).ok_or("a content without the columns")?;
    let (bytes, again) = bytes.split_at(own);
    if unframed(again)? != index.columns {
        return Err("the columns are not the same in index and content");
    }
    let (len, rest) = bytes.split_first_chunk::<4>().ok_or("a content without its length")?;
    let (packed, rest) =
        rest.split_at_checked(u32::from_be_bytes(*len) as usize).ok_or("a content ends too early")?;
    let raw = unframed(packed)?;
    let (signatures, salts) =
        rest.split_at_checked(64 * index.ops.len()).ok_or("a content ends too early")?;
    let mut ops = headers(index, &mut Cursor(&raw), signatures, names)?;
    salted(&mut ops, salts)?;
    Ok(ops)
}

fn headers(index: &Index, from: &mut Cursor<'_>, signatures: &[u8], names: &Names) -> Read<Vec<Packed>> {
    let flags = index.ops.iter().map(|_| from.byte()).collect::<Read<Vec<u8>>>()?;
    let has = |at: usize, flag: u8| flags[at] & flag != 0;
    let mut ops = Vec::new();
    for ((at, op), signature) in index.ops.iter().enumerate().zip(signatures.as_chunks::<64>().0) {
        let header = Header {
            version: 1,
            space: if has(at, 2) { SpaceId::NONE } else { SpaceId(names.long(index.space)?) },
            stream: StreamId(names.long(index.stream)?),
            author: DeviceKey(names.long(op.device)?),
            tenure: Tenure(names.long(op.tenure)?),
            hlc: Hlc(op.hlc),
            kind: from.u16()?,
            seq: op.seq,
            body_len: 0,
            prev: None,
            target: None,
            body_hash: None,
            deps: Vec::new(),
            ext: Default::default(),
        };
        let (space, stream) = (index.space, index.stream);
        let (device, tenure, mine) = (op.device, op.tenure, has(at, 1));
        let row = OpRow { id: op.id, header, signature: *signature, space, stream, device, tenure, mine };
        ops.push(Packed { row, body: None });
    }
    for at in (0..ops.len()).filter(|at| has(*at, 4)) {
        ops[at].row.header.prev = Some(cited(from, at, index)?);
    }
    for at in (0..ops.len()).filter(|at| has(*at, 8)) {
        ops[at].row.header.target = Some(cited(from, at, index)?);
    }
    for (at, op) in ops.iter_mut().enumerate() {
        op.row.header.deps = if has(at, 32) { vec![OpId(names.long(from.take()?)?)] } else { from.ids()? };
    }
    for (_, op) in ops.iter_mut().enumerate().filter(|(at, _)| has(*at, 64)) {
        op.row.header.ext = from.ext()?;
    }
    for (at, op) in ops.iter_mut().enumerate() {
        op.row.header.body_len =
            u32::try_from(varint(from)?).map_err(|_| "a body of no length that there is")?;
        op.row.header.body_hash = from.take_if(has(at, 16) && !has(at, 128))?;
    }
    for (_, op) in ops.iter_mut().enumerate().filter(|(at, _)| has(*at, 128)) {
        let len = op.row.header.body_len as usize;
        let (body, rest) = from.0.split_at_checked(len).ok_or("a body ends too early")?;
        from.0 = rest;
        op.body = Some(body.to_vec());
    }
    from.end()?;
    Ok(ops)
}

// The salts stand apart, and the hash of a body that is here follows from both.
fn salted(ops: &mut [Packed], salts: &[u8]) -> Read<()> {
    let mut salts = Cursor(salts);
    for op in ops {
        let Some(bytes) = &op.body else { continue };
        let salt: [u8; 16] = salts.take()?;
        let body = [salt.as_slice(), bytes].concat();
        op.row.header.body_hash = Some(*blake3::hash(&body).as_bytes());
        op.body = Some(body);
    }
    salts.end()
}

/// Reads a list of arrivals that begins with one: each, its block, and its place there.
pub(super) fn arrivals(first: u64, bytes: &[u8]) -> Read<Vec<(u64, Short, usize)>> {
    let raw = unframed(bytes)?;
    let mut from = Cursor(&raw);
    let count = varint(&mut from)?;
    if count == 0 || count > LIST_MAX {
        return Err("a list of no size that there is");
    }
    let mut all = vec![first];
    for _ in 1..count {
        let last = all.last().copied().unwrap_or(first);
        all.push(last.checked_add(varint(&mut from)?).ok_or("an arrival beyond all arrivals")?);
    }
    let mut known = Vec::new();
    let blocks = all.iter().map(|_| said::<4>(&mut from, &mut known)).collect::<Read<Vec<_>>>()?;
    let places = all.iter().map(|_| from.byte().map(usize::from)).collect::<Read<Vec<_>>>()?;
    from.end()?;
    Ok(all.into_iter().zip(blocks).zip(places).map(|((at, block), place)| (at, block, place)).collect())
}

fn cited(from: &mut Cursor<'_>, at: usize, index: &Index) -> Read<OpId> {
    match usize::try_from(varint(from)?).ok() {
        Some(0) => from.take().map(OpId),
        back => {
            let before = back.and_then(|back| at.checked_sub(back)).and_then(|before| index.ops.get(before));
            before.map(|op| op.id).ok_or("an op cites what stands before its block")
        }
    }
}

fn varint(from: &mut Cursor<'_>) -> Read<u64> {
    let mut number: u128 = 0;
    for at in 0..10 {
        let byte = from.byte()?;
        number |= u128::from(byte & 0x7f) << (7 * at);
        if byte & 0x80 == 0 {
            return u64::try_from(number).map_err(|_| "a number is too long");
        }
    }
    Err("a number is too long")
}

/// A value by how many others were said before it, or a new one.
fn said<const N: usize>(from: &mut Cursor<'_>, known: &mut Vec<[u8; N]>) -> Read<[u8; N]> {
    let at = usize::try_from(varint(from)?).map_err(|_| "a number is too long")?;
    if at == known.len() {
        known.push(from.take()?);
    }
    known.get(at).copied().ok_or("a block names what it has not said")
}

fn unframed(bytes: &[u8]) -> Read<Vec<u8>> {
    let (len, frame) = bytes.split_first_chunk::<4>().ok_or("a frame without its length")?;
    let len = u32::from_be_bytes(*len);
    if len > RAW_MAX {
        return Err("a frame is too large");
    }
    let raw = zstd::bulk::decompress(frame, len as usize).map_err(|_| "a frame was changed")?;
    if raw.len() == len as usize { Ok(raw) } else { Err("a frame has another length than it says") }
}
