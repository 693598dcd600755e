//! Rows become blocks while a store is written anew: of each channel's stream what is older than the newest ops.

mod candidate;
mod written;

pub(super) use written::ROWS;

use super::block::{Index, Kept, Listed, OPS_MAX, pack_content};
use super::fault;
use super::intern::Short;
use super::key;
use super::packed::{PIECE, Part};
use super::table::{ReadTables, WriteTables};
use candidate::{Candidate, Stream};
use nexus_core::store::Head;
use nexus_core::{Snowflake, StoreFault};
use redb::ReadableTable;
use std::collections::{BTreeMap, VecDeque};
use std::ops::Bound;

/// What goes into blocks: which ops, and the rows by which they are found there.
pub(super) struct Packing {
    /// By head: its block, and the place in it. Ascending.
    ops: Vec<(Head, Short, u8)>,
    at: Vec<([u8; 32], [u8; 28])>,
    logs: Vec<([u8; 28], [u8; 8])>,
    numbers: Vec<([u8; 12], [u8; 12])>,
    next: u32,
}

/// How much is packed.
#[derive(Clone, Copy, Debug)]
pub(super) struct Sizes {
    /// Ops of a block, at most [`OPS_MAX`].
    pub(super) block: usize,
    /// Fewer where no more stand between two blocks or gaps; fewer yet stay rows.
    pub(super) least: usize,
    /// The newest of a stream stay rows: what is looked at, edited and answered most.
    pub(super) newest: usize,
    /// Ops that are packed at once, for each of which 24 bytes are kept in memory.
    pub(super) at_once: usize,
}

/// Where a row of a table names the op by which it goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum HeadAt {
    /// At an offset of its key stands the head ..
    Key(usize),
    /// .. or of its value.
    Value(usize),
    /// Nowhere: the row stays.
    Nowhere,
    /// The rows of this table are written by who packs.
    Left,
}

impl Sizes {
    pub(super) const USUAL: Self = Self { block: OPS_MAX, least: 32, newest: 64, at_once: 1 << 19 };
}

/// Takes a piece of a block and its key.
type Write<'a> = dyn FnMut(&[u8; 7], &[u8]) -> Result<(), StoreFault> + 'a;

/// A block whose bodies reach this many bytes is closed.
const BODIES_MAX: usize = 64 << 10;

impl HeadAt {
    pub(super) fn of_table(name: &str) -> Self {
        match name {
            "op" | "body" | "mark" => Self::Key(16),
            "by_id" => Self::Key(0),
            "log" => Self::Key(24),
            "message" => Self::Key(12),
            "number" => Self::Value(8),
            "arrival" => Self::Value(0),
            "block" | "block_op" | "block_arrival" => Self::Left,
            _ => Self::Nowhere,
        }
    }

    pub(super) fn is_left(self) -> bool {
        self == Self::Left
    }

    pub(super) fn head(self, key: &[u8], value: &[u8]) -> Option<Head> {
        let (bytes, at) = match self {
            Self::Key(at) => (key, at),
            Self::Value(at) => (value, at),
            Self::Nowhere | Self::Left => return None,
        };
        bytes.get(at..)?.first_chunk().copied()
    }
}

impl Packing {
    pub(super) fn has(&self, head: &Head) -> bool {
        self.place_of(head).is_some()
    }

    fn place_of(&self, head: &Head) -> Option<(Short, u8)> {
        let at = self.ops.binary_search_by_key(head, |(head, ..)| *head).ok()?;
        self.ops.get(at).map(|(_, block, place)| (*block, *place))
    }
}

impl ReadTables {
    /// Writes the blocks that are here, and behind them those that rows make, into a store in which nothing is yet. None where
    /// `go_on`, asked after each op, said no.
    pub(super) fn pack_into(
        &self,
        into: &mut WriteTables<'_>,
        sizes: Sizes,
        go_on: &dyn Fn() -> bool,
    ) -> Result<Option<Packing>, StoreFault> {
        let mut at_end = into.block.upper_bound_mut(Bound::<&[u8; 7]>::Unbounded).map_err(fault)?;
        let mut next: u32 = 1;
        while let Some(number) = self.block_number_from(next)? {
            for part in [Part::Index, Part::Content] {
                for (at, piece) in self.whole_part(number, part)?.chunks(PIECE).enumerate() {
                    at_end.insert_before(&key::piece(number, part as u8, at)?, piece).map_err(fault)?;
                }
            }
            next = u32::from_be_bytes(number).checked_add(1).ok_or_else(|| fault("no free block"))?;
            if !go_on() {
                return Ok(None);
            }
        }
        let (ops, at, logs, numbers) = Default::default();
        let mut packing = Packing { ops, at, logs, numbers, next };
        let mut write = |piece: &[u8; 7], bytes: &[u8]| at_end.insert_before(piece, bytes).map_err(fault);
        if !self.fill(&mut packing, sizes, &mut write, go_on)? {
            return Ok(None);
        }
        at_end.close().map_err(fault)?;
        packing.ops.sort_unstable();
        packing.logs.sort_unstable();
        packing.numbers.sort_unstable();
        Ok(Some(packing))
    }

    fn block_number_from(&self, number: u32) -> Result<Option<Short>, StoreFault> {
        let from = key::piece(number.to_be_bytes(), 0, 0)?;
        let row = self.block.range::<&[u8; 7]>(&from..).map_err(fault)?.next();
        let row = row.transpose().map_err(fault)?;
        Ok(row.map(|(at, _)| key::piece_block(at.value())))
    }

    // An index that the disk has changed is whole again, where its content still tells how.
    fn whole_part(&self, number: Short, part: Part) -> Result<Vec<u8>, StoreFault> {
        let bytes = self.part_bytes(number, part)?;
        if part == Part::Content || Index::unpack(&bytes).is_ok() {
            return Ok(bytes);
        }
        self.block(number).and_then(|block| block.index.pack()).or(Ok(bytes))
    }

    fn fill(
        &self,
        packing: &mut Packing,
        sizes: Sizes,
        write: &mut Write<'_>,
        go_on: &dyn Fn() -> bool,
    ) -> Result<bool, StoreFault> {
        let mut stream: Option<Stream> = None;
        let mut run: VecDeque<Candidate> = VecDeque::new();
        for row in self.op.iter().map_err(fault)? {
            if !go_on() {
                return Ok(false);
            }
            if packing.ops.len() >= sizes.at_once {
                break;
            }
            let (op_key, value) = row.map_err(fault)?;
            let op_key = op_key.value();
            if stream.as_ref().is_none_or(|stream| !stream.holds(op_key)) {
                run.clear();
                stream = Some(self.stream_of(op_key)?);
            }
            let Some(stream) = stream.as_mut().filter(|stream| stream.is_channel) else { continue };
            let spot = key::spot(op_key);
            if let Some(cut) = stream.cut_before(&spot) {
                run.retain(|op| cut.is_none_or(|begin| op.spot.hlc.ms() < begin.hlc.ms()));
                while run.len() >= sizes.least {
                    packing.close(stream, &mut run, sizes.block, write)?;
                }
                run.clear();
            }
            if self.passes_block(stream, &spot)? {
                continue;
            }
            run.extend(self.candidate(stream, op_key, value.value())?);
            let bodies: usize = run.iter().map(Candidate::body_bytes).sum();
            if run.len() >= sizes.block + sizes.newest
                || bodies >= BODIES_MAX && run.len() >= sizes.least + sizes.newest
            {
                packing.close(stream, &mut run, sizes.block, write)?;
            }
        }
        Ok(true)
    }
}

impl Packing {
    /// Makes a block of the first of a run, as many as its size allows.
    fn close(
        &mut self,
        stream: &Stream,
        run: &mut VecDeque<Candidate>,
        size: usize,
        write: &mut Write<'_>,
    ) -> Result<(), StoreFault> {
        let mut bodies = 0;
        let fits = run.iter().take(size).take_while(|op| {
            let fits = bodies < BODIES_MAX;
            bodies += op.body_bytes();
            fits
        });
        let count = fits.count();
        let ops: Vec<Candidate> = run.drain(..count).collect();
        let number = self.next.to_be_bytes();
        self.next = self.next.checked_add(1).ok_or_else(|| fault("no free block"))?;
        let listed = ops.iter().map(Candidate::listed).collect();
        let index = Index { space: stream.space, stream: stream.stream, ops: listed };
        let kept: Vec<Kept> = ops.into_iter().map(Candidate::kept).collect();
        for (part, bytes) in [(Part::Index, index.pack()?), (Part::Content, pack_content(&index, &kept)?)] {
            for (at, piece) in bytes.chunks(PIECE).enumerate() {
                write(&key::piece(number, part as u8, at)?, piece)?;
            }
        }
        self.note(&index, number)
    }

    fn note(&mut self, index: &Index, number: Short) -> Result<(), StoreFault> {
        for (place, op) in index.ops.iter().enumerate() {
            self.ops.push((op.spot.head, number, u8::try_from(place).map_err(fault)?));
        }
        let ways = Ways::of(index, number);
        self.at.extend(ways.at);
        self.numbers.extend(ways.number);
        self.logs.extend(ways.logs);
        Ok(())
    }
}

/// The rows by which a block is found, but those of each op.
pub(super) struct Ways {
    pub(super) at: Option<([u8; 32], [u8; 28])>,
    pub(super) number: Option<([u8; 12], [u8; 12])>,
    pub(super) logs: Vec<([u8; 28], [u8; 8])>,
}

impl Ways {
    pub(super) fn of(index: &Index, number: Short) -> Self {
        let at = index.ops.first().zip(index.ops.last()).map(|(first, last)| {
            let end: [u8; 28] = key::join(&[&number, &last.spot.hlc.0.to_be_bytes(), &last.spot.head]);
            (key::op_in(index.space, index.stream, &first.spot), end)
        });
        let mut numbers = index.ops.iter().filter_map(|op| Some(op.message?.number));
        let at_number = numbers.next().map(|first| {
            let last = numbers.next_back().unwrap_or(first);
            let upto: [u8; 12] = key::join(&[&number, &last.to_be_bytes()]);
            (key::number(index.stream, Snowflake(first)), upto)
        });
        let log = |op: &Listed| key::join(&[&index.space, &op.device, &index.stream, &op.tenure]);
        let mut logs: BTreeMap<key::LogKey, (u64, u64)> = BTreeMap::new();
        for op in &index.ops {
            logs.entry(log(op)).or_insert((op.seq, op.seq)).1 = op.seq;
        }
        let run = |(log, (first, last)): (&key::LogKey, &(u64, u64))| {
            (key::run(log, *first, number), last.to_be_bytes())
        };
        Self { at, number: at_number, logs: logs.iter().map(run).collect() }
    }
}

#[cfg(test)]
mod tests;
