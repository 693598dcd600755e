//! Which ops may go into blocks.

use crate::store::block::{Kept, Listed};
use crate::store::fault;
use crate::store::intern::Short;
use crate::store::key::{self, LogKey};
use crate::store::row::{MessageValue, OpRow};
use crate::store::table::ReadTables;
use nexus_core::store::{Gaps, Spot};
use nexus_core::{DISCORD_EPOCH_MS, StoreFault};
use nexus_crdt::id::StreamId;
use std::collections::{BTreeMap, VecDeque};

/// An op that may go into a block.
pub(super) struct Candidate {
    pub(super) spot: Spot,
    row: OpRow,
    body: Option<Vec<u8>>,
    message: Option<MessageValue>,
}

/// A stream that is gone through in its order.
pub(super) struct Stream {
    pub(super) space: Short,
    pub(super) stream: Short,
    /// Authority is read whole and often: it stays rows.
    pub(super) is_channel: bool,
    /// Blocks that are here and begin further on: where they begin and end, ascending.
    blocks: VecDeque<(Spot, Spot, Short)>,
    /// Where gaps begin and end: no block reaches across.
    gaps: Vec<Spot>,
    before: Spot,
    /// Up to here a block reaches: what stands before it and is a row came later, and stays one.
    within: Option<Spot>,
    /// The greatest number of a message so far: those of a block lie above all before.
    number: Option<u64>,
    seqs: BTreeMap<LogKey, u64>,
}

impl Stream {
    pub(super) fn holds(&self, op_key: &[u8; 32]) -> bool {
        let (space, stream, ..) = key::op_parts(op_key);
        (space, stream) == (self.space, self.stream)
    }

    /// Whether no block may reach across from what came before to this spot; where a block begins in between, where that is.
    pub(super) fn cut_before(&mut self, spot: &Spot) -> Option<Option<Spot>> {
        let before = std::mem::replace(&mut self.before, *spot);
        let block = self.blocks.front().map(|(begin, ..)| *begin).filter(|begin| begin <= spot);
        let is_gap = self.gaps.iter().any(|gap| *gap > before && gap <= spot);
        (block.is_some() || is_gap).then_some(block)
    }
}

impl Candidate {
    pub(super) fn listed(&self) -> Listed {
        Listed {
            spot: self.spot,
            tail: self.row.tail,
            device: self.row.author,
            tenure: self.row.tenure,
            seq: self.row.seq,
            message: self.message,
        }
    }

    pub(super) fn kept(self) -> Kept {
        Kept { row: self.row, body: self.body }
    }

    pub(super) fn body_bytes(&self) -> usize {
        self.body.as_ref().map_or(0, Vec::len)
    }
}

impl ReadTables {
    pub(super) fn stream_of(&self, op_key: &[u8; 32]) -> Result<Stream, StoreFault> {
        let (space, stream, ..) = key::op_parts(op_key);
        let (first, last) = key::ops_of(space, stream);
        let mut blocks = VecDeque::new();
        for row in self.block_at.range::<&[u8; 32]>(&first..=&last).map_err(fault)? {
            let (begin, ends) = row.map_err(fault)?;
            let (number, end) = key::block_ends(ends.value());
            blocks.push_back((key::spot(begin.value()), end, number));
        }
        let gaps = self.gap.get(&key::join(&[&space, &stream])).map_err(fault)?;
        let gaps = gaps.map_or_else(Gaps::default, |gaps| Gaps::from_bytes(gaps.value()));
        let ends = gaps.iter().flat_map(|gap| [Some(gap.from), gap.upto]).flatten().collect();
        Ok(Stream {
            space,
            stream,
            is_channel: StreamId(self.long(stream)?).is_channel(),
            blocks,
            gaps: ends,
            before: Spot::FIRST,
            within: None,
            number: None,
            seqs: BTreeMap::new(),
        })
    }

    /// Passes the blocks that begin before a spot or there; whether the last of them reaches to it.
    pub(super) fn passes_block(&self, stream: &mut Stream, spot: &Spot) -> Result<bool, StoreFault> {
        while let Some((begin, end, number)) = stream.blocks.front().copied() {
            if begin > *spot {
                break;
            }
            stream.blocks.pop_front();
            stream.within = Some(end);
            let block = self.block(number)?;
            let last = block.index.ops.iter().rev().find_map(|op| op.message);
            stream.number = stream.number.max(last.map(|row| row.number));
            for op in &block.index.ops {
                let seq = stream.seqs.entry(stream_log(stream.space, stream.stream, op)).or_insert(op.seq);
                *seq = op.seq.max(*seq);
            }
        }
        Ok(stream.within.is_some_and(|end| *spot <= end))
    }

    // The last run of a log in blocks that begins at a seq or before: its first and last.
    fn run_around(&self, log: &LogKey, seq: u64) -> Result<Option<(u64, u64)>, StoreFault> {
        let range = key::run(log, 0, [0; 4])..=key::run(log, seq, [255; 4]);
        let run = self.block_log.range::<&[u8; 28]>(range.start()..=range.end()).map_err(fault)?.next_back();
        let run = run.transpose().map_err(fault)?;
        Ok(run.map(|(run, last)| (key::run_seq(run.value()), u64::from_be_bytes(*last.value()))))
    }

    /// An op, unless it is to stay a row: one that the disk has changed, one of a log that forked, a message whose number is not
    /// in the order of time.
    pub(super) fn candidate(
        &self,
        stream: &mut Stream,
        op_key: &[u8; 32],
        value: &[u8],
    ) -> Result<Option<Candidate>, StoreFault> {
        let Ok(row) = OpRow::unpack(value) else { return Ok(None) };
        let spot = key::spot(op_key);
        let body = self.body.get(op_key).map_err(fault)?.map(|body| body.value().to_vec());
        let stored = self.assembled(op_key, row.clone(), body.as_deref())?;
        if stored.is_none_or(|stored| stored.op.body.is_some() != body.is_some()) {
            return Ok(None);
        }
        let log: LogKey = key::join(&[&stream.space, &row.author, &stream.stream, &row.tenure]);
        let before = stream.seqs.get(&log).copied();
        if before.is_some_and(|seq| seq >= row.seq) || self.fork.get(&log).map_err(fault)?.is_some() {
            return Ok(None);
        }
        // Blocks hold a log in runs, none of which lies within another: a liar's clock may not rise along it.
        if let Some((first, last)) = self.run_around(&log, row.seq)?
            && (last >= row.seq || before.is_none_or(|seq| first > seq))
        {
            return Ok(None);
        }
        let at = key::join(&[&stream.stream, &spot.hlc.0.to_be_bytes(), &spot.head]);
        let message = self.message.get(&at).map_err(fault)?;
        let message = message.map(|row| MessageValue::unpack(row.value())).transpose()?;
        if let Some(message) = message {
            let of_its_time = message.number >> 22 == spot.hlc.ms().saturating_sub(DISCORD_EPOCH_MS);
            let is_above = stream.number.is_none_or(|number| number < message.number);
            if !of_its_time || !is_above || message.tail != row.tail || message.space != stream.space {
                return Ok(None);
            }
            stream.number = Some(message.number);
        }
        stream.seqs.insert(log, row.seq);
        Ok(Some(Candidate { spot, row, body, message }))
    }
}

fn stream_log(space: Short, stream: Short, op: &Listed) -> LogKey {
    key::join(&[&space, &op.device, &stream, &op.tenure])
}
