//! The file's tables and rows, read a second time from `node/docs/store.md`, not from the code that writes them.

use nexus_crdt::hlc::Hlc;
use nexus_crdt::id::{DeviceKey, OpId, SpaceId, StreamId, Tenure};
use nexus_crdt::op::Header;
use redb::TableDefinition;
use std::collections::HashMap;

type Bytes<const N: usize> = &'static [u8; N];

pub(super) const FORMAT: u32 = 2;
/// The format before, which has no blocks.
pub(super) const FORMAT_BEFORE: u32 = 1;
pub(super) const META: TableDefinition<'_, &str, &[u8]> = TableDefinition::new("meta");
pub(super) const NAME: TableDefinition<'_, Bytes<4>, &[u8]> = TableDefinition::new("name");
pub(super) const OP: TableDefinition<'_, Bytes<32>, &[u8]> = TableDefinition::new("op");
pub(super) const BODY: TableDefinition<'_, Bytes<32>, &[u8]> = TableDefinition::new("body");
pub(super) const BY_ID: TableDefinition<'_, Bytes<16>, Bytes<16>> = TableDefinition::new("by_id");
pub(super) const LOG: TableDefinition<'_, Bytes<40>, Bytes<8>> = TableDefinition::new("log");
pub(super) const MESSAGE: TableDefinition<'_, Bytes<28>, Bytes<34>> = TableDefinition::new("message");
pub(super) const NUMBER: TableDefinition<'_, Bytes<12>, Bytes<24>> = TableDefinition::new("number");
pub(super) const ACT: TableDefinition<'_, Bytes<52>, &[u8]> = TableDefinition::new("act");
pub(super) const FRONTIER: TableDefinition<'_, Bytes<32>, &[u8]> = TableDefinition::new("frontier");
pub(super) const ARRIVAL: TableDefinition<'_, Bytes<12>, Bytes<32>> = TableDefinition::new("arrival");
pub(super) const FED: TableDefinition<'_, Bytes<4>, Bytes<8>> = TableDefinition::new("fed");
pub(super) const OUTBOX: TableDefinition<'_, Bytes<12>, Bytes<4>> = TableDefinition::new("outbox");
pub(super) const PART: TableDefinition<'_, Bytes<33>, Bytes<136>> = TableDefinition::new("part");
pub(super) const GAP: TableDefinition<'_, Bytes<8>, &[u8]> = TableDefinition::new("gap");
pub(super) const ORPHAN: TableDefinition<'_, Bytes<32>, Bytes<16>> = TableDefinition::new("orphan");
pub(super) const STANDING: TableDefinition<'_, Bytes<32>, ()> = TableDefinition::new("standing");
pub(super) const WAITING: TableDefinition<'_, Bytes<32>, &[u8]> = TableDefinition::new("waiting");
pub(super) const COUNT: TableDefinition<'_, Bytes<4>, Bytes<16>> = TableDefinition::new("count");
pub(super) const BLOCK: TableDefinition<'_, Bytes<7>, &[u8]> = TableDefinition::new("block");
pub(super) const BLOCK_AT: TableDefinition<'_, Bytes<32>, Bytes<28>> = TableDefinition::new("block_at");
pub(super) const BLOCK_OP: TableDefinition<'_, Bytes<10>, ()> = TableDefinition::new("block_op");
pub(super) const BLOCK_LOG: TableDefinition<'_, Bytes<28>, Bytes<8>> = TableDefinition::new("block_log");
pub(super) const BLOCK_NUMBER: TableDefinition<'_, Bytes<12>, Bytes<12>> =
    TableDefinition::new("block_number");
pub(super) const BLOCK_ARRIVAL: TableDefinition<'_, Bytes<12>, &[u8]> = TableDefinition::new("block_arrival");

/// A name's number in the file.
pub(super) type Short = [u8; 4];

/// The names behind the numbers.
pub(super) struct Names(pub(super) HashMap<Short, Vec<u8>>);

impl Names {
    pub(super) fn long<const N: usize>(&self, short: Short) -> Result<[u8; N], &'static str> {
        let name = self.0.get(&short).ok_or("a row points to a name that is not there")?;
        name.as_slice().try_into().map_err(|_| "a row points to a name of another length")
    }
}

/// An op's row with its key: what it takes to write the header out again.
#[derive(Clone)]
pub(super) struct OpRow {
    pub(super) id: OpId,
    pub(super) header: Header,
    pub(super) signature: [u8; 64],
    pub(super) space: Short,
    pub(super) stream: Short,
    pub(super) device: Short,
    pub(super) tenure: Short,
    /// Written by the node itself.
    pub(super) mine: bool,
}

/// Reads one row of `op`.
pub(super) fn op_row(key: &[u8; 32], value: &[u8], names: &Names) -> Result<OpRow, &'static str> {
    let mut at = Cursor(key);
    let (space, stream, hlc, head): (Short, Short, _, [u8; 16]) =
        (at.take()?, at.take()?, at.u64()?, at.take()?);
    let mut from = Cursor(value);
    let flags = from.byte()?;
    let has = |flag: u8| flags & flag != 0;
    let tail: [u8; 16] = from.take()?;
    let signature = from.take()?;
    let (device, tenure): (Short, Short) = (from.take()?, from.take()?);
    let header = Header {
        version: 1,
        space: if has(2) { SpaceId::NONE } else { SpaceId(names.long(space)?) },
        stream: StreamId(names.long(stream)?),
        author: DeviceKey(names.long(device)?),
        tenure: Tenure(names.long(tenure)?),
        hlc: Hlc(hlc),
        kind: from.u16()?,
        seq: from.u64()?,
        body_len: u32::from_be_bytes(from.take()?),
        prev: from.take_if(has(4))?.map(OpId),
        target: from.take_if(has(8))?.map(OpId),
        body_hash: from.take_if(has(16))?,
        deps: if has(32) { vec![OpId(names.long(from.take()?)?)] } else { from.ids()? },
        ext: if has(64) { from.ext()? } else { Default::default() },
    };
    from.end()?;
    Ok(OpRow { id: joined(&head, &tail), header, signature, space, stream, device, tenure, mine: has(1) })
}

/// What is asked of a message's row.
#[derive(Clone)]
pub(super) struct MessageRow {
    pub(super) stream: Short,
    pub(super) hlc: u64,
    pub(super) id: OpId,
    pub(super) author: Short,
    pub(super) number: u64,
    pub(super) verdict: u8,
}

/// Reads one row of `message`.
pub(super) fn message_row(key: &[u8; 28], value: &[u8; 34]) -> Result<MessageRow, &'static str> {
    let (mut at, mut from) = (Cursor(key), Cursor(value));
    let (stream, hlc, head) = (at.take()?, at.u64()?, at.take()?);
    let tail = from.take()?;
    let _space: Short = from.take()?;
    let (author, number, verdict) = (from.take()?, from.u64()?, from.byte()?);
    Ok(MessageRow { stream, hlc, id: joined(&head, &tail), author, number, verdict })
}

/// What is asked of an act's row.
pub(super) struct ActRow {
    pub(super) message: OpId,
    pub(super) message_hlc: u64,
    pub(super) id: OpId,
    pub(super) author: Short,
    pub(super) verdict: u8,
    /// 0 edit, 1 delete, 2 react, 3 unreact, 4 pin.
    pub(super) deed: u8,
}

/// Reads one row of `act`.
pub(super) fn act_row(key: &[u8; 52], value: &[u8]) -> Result<ActRow, &'static str> {
    let (mut at, mut from) = (Cursor(key), Cursor(value));
    let _stream: Short = at.take()?;
    let (message_hlc, message_head) = (at.u64()?, at.take()?);
    let (_hlc, head) = (at.u64()?, at.take()?);
    let (tail, message_tail) = (from.take()?, from.take()?);
    let _space: Short = from.take()?;
    let author = from.take()?;
    let (verdict, _void, deed) = (from.byte()?, from.byte()?, from.byte()?);
    let (message, id) = (joined(&message_head, &message_tail), joined(&head, &tail));
    Ok(ActRow { message, message_hlc, id, author, verdict, deed })
}

/// Reads a key of `arrival` or `outbox`: its feed, and its place in it.
pub(super) fn arrival(key: &[u8; 12]) -> Result<(Short, u64), &'static str> {
    let mut at = Cursor(key);
    Ok((at.take()?, at.u64()?))
}

/// Bytes that are taken from the front.
pub(super) struct Cursor<'a>(pub(super) &'a [u8]);

impl Cursor<'_> {
    pub(super) fn take<const N: usize>(&mut self) -> Result<[u8; N], &'static str> {
        let (head, rest) = self.0.split_first_chunk::<N>().ok_or("a row ends too early")?;
        self.0 = rest;
        Ok(*head)
    }

    pub(super) fn take_if<const N: usize>(&mut self, there: bool) -> Result<Option<[u8; N]>, &'static str> {
        there.then(|| self.take()).transpose()
    }

    pub(super) fn byte(&mut self) -> Result<u8, &'static str> {
        self.take().map(u8::from_be_bytes)
    }

    pub(super) fn u16(&mut self) -> Result<u16, &'static str> {
        self.take().map(u16::from_be_bytes)
    }

    pub(super) fn u64(&mut self) -> Result<u64, &'static str> {
        self.take().map(u64::from_be_bytes)
    }

    pub(super) fn ids(&mut self) -> Result<Vec<OpId>, &'static str> {
        (0..self.byte()?).map(|_| self.take().map(OpId)).collect()
    }

    pub(super) fn ext(
        &mut self,
    ) -> Result<std::collections::BTreeMap<u16, minicbor::bytes::ByteVec>, &'static str> {
        (0..self.byte()?)
            .map(|_| {
                let number = self.u16()?;
                let len = usize::from(self.u16()?);
                let (bytes, rest) = self.0.split_at_checked(len).ok_or("a row ends too early")?;
                self.0 = rest;
                Ok((number, bytes.to_vec().into()))
            })
            .collect()
    }

    pub(super) fn end(&self) -> Result<(), &'static str> {
        if self.0.is_empty() { Ok(()) } else { Err("a row has bytes beyond its end") }
    }
}

pub(super) fn joined(head: &[u8; 16], tail: &[u8; 16]) -> OpId {
    let mut id = [0; 32];
    id[..16].copy_from_slice(head);
    id[16..].copy_from_slice(tail);
    OpId(id)
}
