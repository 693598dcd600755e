//! Older ops of one stream, packed: up to [`OPS_MAX`] of them, where each stands in an index, all else in a content. Ids and
//! signatures stand there as they are, the rest by columns and compressed. The columns of the index stand in the content once
//! more: by them all ops of a block are found, and no op says them. Byte layout: `node/docs/store.md`.

mod arrived;
mod content;
mod frame;

pub(super) use arrived::{Arrived, LIST_MAX, pack_arrived, unpack_arrived};
pub(super) use content::{Kept, columns_again, emptied, pack_content, unpack_content};

use super::fault;
use super::intern::Short;
use super::row::{MessageValue, Unpacker, put_varint};
use nexus_core::store::{Head, Spot};
use nexus_core::{DISCORD_EPOCH_MS, StoreFault};
use nexus_crdt::hlc::Hlc;
use nexus_crdt::id::OpId;

/// Most ops of a block.
pub(super) const OPS_MAX: usize = 128;
/// The first bytes of the BLAKE3 of a block's ids.
pub(super) type SumOfIds = [u8; 8];

/// Where the ops of a block stand, ascending.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Index {
    pub(super) space: Short,
    pub(super) stream: Short,
    pub(super) ops: Vec<Listed>,
}

/// An op, as the index of its block has it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Listed {
    pub(super) spot: Spot,
    pub(super) tail: [u8; 16],
    pub(super) device: Short,
    pub(super) tenure: Short,
    pub(super) seq: u64,
    /// What there is of it as a message, where it is one.
    pub(super) message: Option<MessageValue>,
}

impl Listed {
    pub(super) fn id(&self) -> OpId {
        super::key::id(&self.spot.head, &self.tail)
    }
}

impl Index {
    /// Which of its ops has this head.
    pub(super) fn place_of(&self, head: &Head) -> Option<usize> {
        self.ops.iter().position(|op| op.spot.head == *head)
    }

    pub(super) fn pack(&self) -> Result<Vec<u8>, StoreFault> {
        let mut out = vec![u8::try_from(self.ops.len()).map_err(fault)?];
        out.extend(self.ops.iter().flat_map(|op| op.spot.head));
        out.extend(self.ops.iter().flat_map(|op| op.tail));
        out.extend(frame::pack(&self.columns()?)?);
        Ok(out)
    }

    fn columns(&self) -> Result<Vec<u8>, StoreFault> {
        let mut out = vec![u8::try_from(self.ops.len()).map_err(fault)?];
        out.extend([self.space, self.stream].as_flattened());
        out.extend(self.sum_of_ids());
        let mut before = 0;
        for op in &self.ops {
            put_varint(&mut out, op.spot.hlc.0.wrapping_sub(before));
            before = op.spot.hlc.0;
        }
        let mut logs = Known::<8>::default();
        for op in &self.ops {
            logs.put(&mut out, super::key::join(&[&op.device, &op.tenure]));
        }
        // Along a log seq rises by one.
        let mut expected = Expected::default();
        for op in &self.ops {
            put_varint(&mut out, op.seq.wrapping_sub(expected.seq(op)));
            expected.note(op);
        }
        out.extend(self.ops.iter().map(|op| op.message.map_or(0, |row| 1 | u8::from(row.late) << 1)));
        let messages = || self.ops.iter().filter_map(|op| Some((op.spot.hlc, op.message?)));
        let mut authors = Known::default();
        messages().for_each(|(_, row)| authors.put(&mut out, row.author));
        out.extend(messages().map(|(_, row)| row.verdict));
        messages().for_each(|(hlc, row)| put_varint(&mut out, row.number ^ number_base(hlc)));
        Ok(out)
    }

    /// What the ids are held against, which stand outside of what has a checksum.
    pub(super) fn sum_of_ids(&self) -> SumOfIds {
        let ids: Vec<u8> = self.ops.iter().flat_map(|op| op.id().0).collect();
        let sum = nexus_crypto::hash_parts(&[&ids]);
        std::array::from_fn(|at| sum[at])
    }

    /// Reads an index that nobody has changed.
    pub(super) fn unpack(bytes: &[u8]) -> Result<Self, StoreFault> {
        let (index, sum) = Self::unpack_by(bytes, None)?;
        if index.sum_of_ids() == sum { Ok(index) } else { Err(fault("an id of a block is another")) }
    }

    /// Reads an index by its own columns or by those that its content repeats, and what the sum of its ids was.
    pub(super) fn unpack_by(bytes: &[u8], columns: Option<&[u8]>) -> Result<(Self, SumOfIds), StoreFault> {
        let mut listed = Unpacker::of(bytes);
        let said = usize::from(listed.byte()?);
        let raw = frame::unpack(match columns {
            Some(columns) => columns,
            None => bytes.get(1 + 32 * said..).unwrap_or_default(),
        })?;
        let mut from = Unpacker::of(&raw);
        let count = usize::from(from.byte()?);
        if count == 0 || count > OPS_MAX {
            return Err(fault("a block of no size that there is"));
        }
        let (space, stream) = (from.take()?, from.take()?);
        let sum = from.take()?;
        let mut ids = || (0..count).map(|_| listed.take()).collect::<Result<Vec<[u8; 16]>, _>>();
        let (heads, tails) = (ids()?, ids()?);
        let mut hlc: u64 = 0;
        let mut hlcs = Vec::with_capacity(count);
        for _ in 0..count {
            hlc = hlc.checked_add(from.varint()?).ok_or_else(|| fault("a time beyond all times"))?;
            hlcs.push(hlc);
        }
        let mut logs = Known::<8>::default();
        let logs = (0..count).map(|_| logs.take(&mut from)).collect::<Result<Vec<[u8; 8]>, _>>()?;
        let mut ops = Vec::with_capacity(count);
        let mut expected = Expected::default();
        for (((head, tail), hlc), log) in heads.into_iter().zip(tails).zip(hlcs).zip(logs) {
            let (device, tenure) = halves(log);
            let spot = Spot { hlc: Hlc(hlc), head };
            let mut op = Listed { spot, tail, device, tenure, seq: 0, message: None };
            op.seq = from.varint()?.wrapping_add(expected.seq(&op));
            expected.note(&op);
            ops.push(op);
        }
        unpack_messages(&mut from, space, &mut ops)?;
        Ok((from.end(Self { space, stream, ops })?, sum))
    }
}

fn unpack_messages(from: &mut Unpacker<'_>, space: Short, ops: &mut [Listed]) -> Result<(), StoreFault> {
    for op in ops.iter_mut() {
        let flags = from.byte()?;
        let message =
            |late| MessageValue { tail: op.tail, space, author: [0; 4], number: 0, verdict: 0, late };
        op.message = match flags {
            0 => None,
            1 | 3 => Some(message(flags == 3)),
            _ => return Err(fault("an op of a block that is no message and none else")),
        };
    }
    let mut authors = Known::default();
    for row in ops.iter_mut().filter_map(|op| op.message.as_mut()) {
        row.author = authors.take(from)?;
    }
    for row in ops.iter_mut().filter_map(|op| op.message.as_mut()) {
        row.verdict = from.byte()?;
    }
    for op in ops.iter_mut() {
        let base = number_base(op.spot.hlc);
        if let Some(row) = op.message.as_mut() {
            row.number = from.varint()? ^ base;
        }
    }
    Ok(())
}

/// What a message's number is made of but for the bits of its hash: most differ from it in these alone.
fn number_base(hlc: Hlc) -> u64 {
    let ms = hlc.ms().saturating_sub(DISCORD_EPOCH_MS) & ((1 << 42) - 1);
    ms << 22 | u64::from(hlc.counter().min(1023)) << 12
}

fn halves(log: [u8; 8]) -> (Short, Short) {
    let [a, b, c, d, e, f, g, h] = log;
    ([a, b, c, d], [e, f, g, h])
}

/// Values that come again and again: each is written out once, and is a number from then on.
#[derive(Default)]
struct Known<const N: usize>(Vec<[u8; N]>);

impl<const N: usize> Known<N> {
    fn put(&mut self, out: &mut Vec<u8>, value: [u8; N]) {
        match self.0.iter().position(|known| *known == value) {
            Some(at) => put_varint(out, at as u64),
            None => {
                put_varint(out, self.0.len() as u64);
                out.extend(value);
                self.0.push(value);
            }
        }
    }

    fn take(&mut self, from: &mut Unpacker<'_>) -> Result<[u8; N], StoreFault> {
        let at = usize::try_from(from.varint()?).map_err(fault)?;
        if at == self.0.len() {
            self.0.push(from.take()?);
        }
        self.0.get(at).copied().ok_or_else(|| fault("a block names what it has not said"))
    }
}

/// What seq comes next in each log of a block.
#[derive(Default)]
struct Expected(Vec<(Short, Short, u64)>);

impl Expected {
    fn seq(&self, op: &Listed) -> u64 {
        let of = |(device, tenure, _): &&(Short, Short, u64)| (*device, *tenure) == (op.device, op.tenure);
        self.0.iter().find(of).map_or(0, |(.., next)| *next)
    }

    fn note(&mut self, op: &Listed) {
        let next = op.seq.wrapping_add(1);
        let of =
            |(device, tenure, _): &&mut (Short, Short, u64)| (*device, *tenure) == (op.device, op.tenure);
        match self.0.iter_mut().find(of) {
            Some((.., seq)) => *seq = next,
            None => self.0.push((op.device, op.tenure, next)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::row::{Deps, OpRow};
    use super::*;

    pub(super) fn index() -> Index {
        let op = |n: u8| Listed {
            spot: Spot { hlc: Hlc::from_ms(1_700_000_000_000 + u64::from(n) * 7_000), head: [n; 16] },
            tail: [n ^ 255; 16],
            device: [0, 0, 0, n % 3],
            tenure: [0, 0, 1, n % 3],
            seq: u64::from(n / 3) + 40,
            message: (n % 4 != 3).then(|| MessageValue {
                tail: [n ^ 255; 16],
                space: [0, 0, 0, 9],
                author: [0, 0, 2, n % 3],
                number: u64::from(n) << 30,
                verdict: n % 2,
                late: n.is_multiple_of(5),
            }),
        };
        Index { space: [0, 0, 0, 9], stream: [0, 0, 0, 8], ops: (0..40).map(op).collect() }
    }

    fn kept(index: &Index) -> Vec<Kept> {
        let row = |(at, op): (usize, &Listed)| {
            let body = (at % 6 != 5).then(|| vec![at as u8; 40 + at]);
            let hash = body.as_ref().map_or([7; 32], |body| nexus_crypto::hash_parts(&[body]));
            OpRow {
                tail: op.tail,
                signature: [at as u8; 64],
                author: op.device,
                tenure: op.tenure,
                kind: 0x0300 + at as u16 % 4,
                seq: op.seq,
                body_len: 24 + at as u32,
                mine: at % 2 == 0,
                genesis: false,
                prev: at.checked_sub(3).map(|before| index.ops[before].id()),
                target: (at % 4 == 3).then(|| if at > 20 { index.ops[at - 9].id() } else { OpId([5; 32]) }),
                body_hash: (at % 12 != 11).then_some(hash),
                deps: if at % 7 == 0 { Deps::Ops(vec![OpId([8; 32])]) } else { Deps::Frontier([0, 0, 3, 1]) },
                ext: if at == 9 { vec![(0x8002, vec![9; 30])] } else { Vec::new() },
            }
        };
        let body = |at: usize| (at % 6 != 5).then(|| vec![at as u8; 40 + at]);
        index.ops.iter().enumerate().map(|op| Kept { row: row(op), body: body(op.0) }).collect()
    }

    #[test]
    fn a_block_is_read_as_it_was_written() {
        let index = index();
        assert_eq!(Index::unpack(&index.pack().unwrap()).unwrap(), index);
        let kept = kept(&index);
        let content = pack_content(&index, &kept).unwrap();
        assert_eq!(unpack_content(&index, &content).unwrap(), kept);
    }

    #[test]
    fn a_content_that_was_emptied_holds_nothing_but_the_columns() {
        let index = index();
        let content = pack_content(&index, &kept(&index)).unwrap();
        let emptied = emptied(&index).unwrap();
        assert!(unpack_content(&index, &emptied).is_err());
        assert!(columns_again(&emptied).is_some() && columns_again(&emptied) == columns_again(&content));
        assert!(emptied.len() < content.len() / 4);
    }

    #[test]
    fn a_length_that_lies_takes_no_memory() {
        let index = index();
        let (packed, content) = (index.pack().unwrap(), pack_content(&index, &kept(&index)).unwrap());
        let frame = 1 + 32 * index.ops.len();
        for len in [u32::MAX, 1 << 30, (512 << 10) + 1, 0] {
            let mut lying = packed.clone();
            lying[frame..frame + 4].copy_from_slice(&len.to_be_bytes());
            assert!(Index::unpack(&lying).is_err(), "{len}");
            let mut lying = content.clone();
            lying[4..8].copy_from_slice(&len.to_be_bytes());
            assert!(unpack_content(&index, &lying).is_err(), "{len}");
        }
        // A frame that says little and gives much.
        let much = zstd::bulk::compress(&vec![0; 64 << 20], 1).unwrap();
        let lying = [&packed[..frame], &16u32.to_be_bytes(), &much].concat();
        assert!(much.len() < 16 << 10 && Index::unpack(&lying).is_err());
    }

    #[test]
    fn a_block_that_the_disk_has_cut_short_or_changed_is_no_other_block() {
        let index = index();
        let (packed, kept) = (index.pack().unwrap(), kept(&index));
        let content = pack_content(&index, &kept).unwrap();
        assert!((0..packed.len()).all(|len| Index::unpack(&packed[..len]).is_err()));
        assert!((0..content.len()).all(|len| unpack_content(&index, &content[..len]).is_err()));
        let ids = 1..1 + 32 * index.ops.len();
        for at in 0..packed.len() {
            let mut changed = packed.clone();
            changed[at] ^= 4;
            // A bit of a frame that means nothing may be another.
            assert!(Index::unpack(&changed).ok().is_none_or(|read| read == index), "byte {at}");
            let (again, sum) = Index::unpack_by(&changed, columns_again(&content)).unwrap();
            let stands = again.sum_of_ids() == sum;
            assert_eq!(stands, !ids.contains(&at), "byte {at}: the columns stand in the content, too");
            assert!(again == index || !stands, "byte {at}");
        }
        // Signatures and salts are held against the op when it is read.
        for at in 0..content.len() {
            let mut changed = content.clone();
            changed[at] ^= 4;
            if let Ok(read) = unpack_content(&index, &changed) {
                let same = |(read, kept): (&Kept, &Kept)| {
                    let signature = OpRow { signature: kept.row.signature, ..read.row.clone() };
                    signature == kept.row || read.row.body_hash != kept.row.body_hash
                };
                assert!(read.iter().zip(&kept).all(same), "byte {at}");
            }
        }
    }
}
