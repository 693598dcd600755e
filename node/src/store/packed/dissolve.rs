//! Blocks of which some is let go: what they hold is rows again, before any of it goes.

use super::{Block, Part};
use crate::store::apply::done;
use crate::store::block::{Kept, Listed, pack_arrived, unpack_arrived};
use crate::store::intern::Short;
use crate::store::let_go::Gone;
use crate::store::pack::Ways;
use crate::store::table::WriteTables;
use crate::store::{fault, key};
use nexus_core::{Arrival, Snowflake, StoreFault};
use nexus_crdt::id::OpId;
use redb::ReadableTable;
use std::collections::BTreeMap;
use std::sync::Arc;

impl WriteTables<'_> {
    /// Makes rows of every block of a space that holds one of these ops, and notes it. Those that are to stay as they are, since the
    /// disk has changed the block and nobody knows what else is in it, are left out of what is given back.
    pub(in crate::store) fn unpack_all(
        &mut self,
        space: Short,
        ops: &[OpId],
        gone: &mut Gone,
    ) -> Result<Vec<OpId>, StoreFault> {
        let mut rows = Vec::with_capacity(ops.len());
        for id in ops {
            if let Some((block, _)) = self.in_block(key::head(id))? {
                if self.content(&block)?.is_none() {
                    continue;
                }
                self.dissolve(&block)?;
                gone.blocks.entry(space).or_default().insert(block.number, block);
            }
            rows.push(*id);
        }
        Ok(rows)
    }

    fn dissolve(&mut self, block: &Block) -> Result<(), StoreFault> {
        let kept = self.content(block)?.ok_or_else(|| fault("a block that cannot be read"))?.to_vec();
        for (op, kept) in block.index.ops.iter().zip(&kept) {
            self.write_rows(block, op, kept)?;
        }
        let ways = Ways::of(&block.index, block.number);
        for op in &block.index.ops {
            done(self.block_op.remove(&key::block_op(&op.spot.head, block.number)))?;
        }
        ways.at.iter().try_for_each(|(at, _)| done(self.block_at.remove(at)))?;
        ways.number.iter().try_for_each(|(at, _)| done(self.block_number.remove(at)))?;
        ways.logs.iter().try_for_each(|(at, _)| done(self.block_log.remove(at)))?;
        for part in [Part::Index, Part::Content] {
            let (first, last) = key::pieces(block.number, part as u8);
            self.block.retain_in::<&[u8; 7], _>(&first..=&last, |_, _| false).map_err(fault)?;
        }
        self.blocks.forget(block.number);
        Ok(())
    }

    // A row that is there already says more than the block.
    fn write_rows(&mut self, block: &Block, op: &Listed, kept: &Kept) -> Result<(), StoreFault> {
        let (space, stream) = (block.index.space, block.index.stream);
        let op_key = key::op_in(space, stream, &op.spot);
        if self.op.get(&op_key).map_err(fault)?.is_none() {
            let log: key::LogKey = key::join(&[&space, &op.device, &stream, &op.tenure]);
            let hlc = op.spot.hlc.0.to_be_bytes();
            done(self.op.insert(&op_key, kept.row.pack().as_slice()))?;
            done(self.by_id.insert(&op.spot.head, &key::place(space, stream, op.spot.hlc)))?;
            done(self.log.insert(&key::entry(&log, op.seq, &op.id()), &hlc))?;
            if let Some(body) = &kept.body {
                done(self.body.insert(&op_key, body.as_slice()))?;
            }
        }
        let Some(row) = op.message else { return Ok(()) };
        let at = key::message(stream, op.spot.hlc, &op.id());
        if self.message.get(&at).map_err(fault)?.is_none() {
            done(self.message.insert(&at, &row.pack()))?;
            let place: [u8; 24] = key::join(&[&op.spot.hlc.0.to_be_bytes(), &op.spot.head]);
            done(self.number.insert(&key::number(stream, Snowflake(row.number)), &place))?;
        }
        Ok(())
    }

    /// Makes rows of what a feed says of blocks that are rows by now.
    pub(in crate::store) fn unpack_arrivals(
        &mut self,
        feed: Short,
        blocks: &BTreeMap<Short, Arc<Block>>,
    ) -> Result<(), StoreFault> {
        let (first, last) = (key::arrival(feed, Arrival(0)), key::arrival(feed, Arrival(u64::MAX)));
        let mut changed = Vec::new();
        for row in self.block_arrival.range::<&[u8; 12]>(&first..=&last).map_err(fault)? {
            let (at, list) = row.map_err(fault)?;
            let Ok(list) = unpack_arrived(key::arrival_at(at.value()).0, list.value()) else { continue };
            if list.iter().any(|arrived| blocks.contains_key(&arrived.block)) {
                changed.push((*at.value(), list));
            }
        }
        for (at, list) in changed {
            done(self.block_arrival.remove(&at))?;
            let (gone, left): (Vec<_>, Vec<_>) =
                list.into_iter().partition(|arrived| blocks.contains_key(&arrived.block));
            for arrived in gone {
                let op =
                    blocks.get(&arrived.block).and_then(|it| it.index.ops.get(usize::from(arrived.place)));
                let Some(op) = op else { continue };
                done(self.arrival.insert(&key::arrival(feed, Arrival(arrived.at)), &op.id().0))?;
            }
            if let Some(first) = left.first() {
                let at = key::arrival(feed, Arrival(first.at));
                done(self.block_arrival.insert(&at, pack_arrived(&left)?.as_slice()))?;
            }
        }
        Ok(())
    }
}
