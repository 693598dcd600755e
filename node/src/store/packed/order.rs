//! A stream in its order, rows and blocks together.

use super::Block;
use crate::store::intern::Short;
use crate::store::table::{Access, Tables};
use crate::store::{fault, key};
use nexus_core::store::{Range, Spot};
use nexus_core::{StoreFault, StoredOp};
use redb::ReadableTable;
use std::ops::Bound;
use std::sync::Arc;

/// Where an op of a stream stands.
pub(in crate::store) enum Standing {
    Row,
    Packed(Arc<Block>, usize),
}

/// A block of a stream: the key of its first op, and its number.
type Begun = ([u8; 32], Short);

impl<A: Access> Tables<A> {
    /// The ops of a stream in a range, ascending, at most `limit`.
    pub(in crate::store) fn in_order(
        &self,
        space: Short,
        stream: Short,
        range: &Range,
        limit: usize,
    ) -> Result<Vec<(Spot, Standing)>, StoreFault> {
        if range.upto.is_some_and(|upto| upto <= range.from) {
            return Ok(Vec::new());
        }
        let mut ops = self.rows_in_order(space, stream, range, limit)?;
        let (rows, last_row) = (ops.len(), ops.last().map(|(spot, _)| *spot));
        let mut next = self.block_from(space, stream, &range.from)?;
        while let Some((begin, number)) = next {
            let begins = key::spot(&begin);
            let is_beyond = rows == limit && last_row.is_none_or(|last| last < begins);
            if ops.len() - rows >= limit || is_beyond || range.upto.is_some_and(|upto| begins >= upto) {
                break;
            }
            let block = self.block_of_stream(number, space, stream)?;
            let held = block.index.ops.iter().enumerate().filter(|(_, op)| range.holds(&op.spot));
            ops.extend(held.map(|(at, op)| (op.spot, Standing::Packed(block.clone(), at))));
            next = self.block_after(&begin)?;
        }
        if ops.len() > rows {
            // Stable: of one op the row stays.
            ops.sort_by_key(|(spot, _)| *spot);
            ops.dedup_by_key(|(spot, _)| *spot);
            ops.truncate(limit);
        }
        Ok(ops)
    }

    /// Whether any op of a stream stands in a range.
    pub(in crate::store) fn is_any_in(
        &self,
        space: Short,
        stream: Short,
        range: &Range,
    ) -> Result<bool, StoreFault> {
        if !self.rows_in_order(space, stream, range, 1)?.is_empty() {
            return Ok(true);
        }
        let Some((begin, number)) = self.block_from(space, stream, &range.from)? else { return Ok(false) };
        let begins = key::spot(&begin);
        if begins >= range.from {
            return Ok(range.holds(&begins));
        }
        let block = self.block_of_stream(number, space, stream)?;
        Ok(block.index.ops.iter().any(|op| range.holds(&op.spot)))
    }

    fn rows_in_order(
        &self,
        space: Short,
        stream: Short,
        range: &Range,
        limit: usize,
    ) -> Result<Vec<(Spot, Standing)>, StoreFault> {
        let from = key::op_in(space, stream, &range.from);
        let rows = match range.upto {
            Some(upto) => self.op.range::<&[u8; 32]>(&from..&key::op_in(space, stream, &upto)),
            None => self.op.range::<&[u8; 32]>(&from..=&key::ops_of(space, stream).1),
        };
        let rows = rows.map_err(fault)?.take(limit);
        rows.map(|row| Ok((key::spot(row.map_err(fault)?.0.value()), Standing::Row))).collect()
    }

    /// The op that stands there. None where the disk has changed it.
    pub(in crate::store) fn op_standing(
        &self,
        space: Short,
        stream: Short,
        spot: &Spot,
        standing: &Standing,
    ) -> Result<Option<StoredOp>, StoreFault> {
        match standing {
            Standing::Packed(block, at) => self.packed_op(block, *at),
            Standing::Row => {
                let op_key = key::op_in(space, stream, spot);
                let row = self.op.get(&op_key).map_err(fault)?;
                row.map_or(Ok(None), |row| self.stored_op(&op_key, row.value()))
            }
        }
    }

    /// Where the last op before a spot of a stream stands.
    pub(in crate::store) fn standing_before(
        &self,
        space: Short,
        stream: Short,
        spot: &Spot,
    ) -> Result<Option<Spot>, StoreFault> {
        let ((first, _), upto) = (key::ops_of(space, stream), key::op_in(space, stream, spot));
        if first >= upto {
            return Ok(None);
        }
        let row = self.op.range::<&[u8; 32]>(&first..&upto).map_err(fault)?.next_back();
        let row = row.transpose().map_err(fault)?.map(|(at, _)| key::spot(at.value()));
        let begun = self.block_at.range::<&[u8; 32]>(&first..&upto).map_err(fault)?.next_back();
        let Some((_, value)) = begun.transpose().map_err(fault)? else { return Ok(row) };
        let (number, end) = key::block_ends(value.value());
        if row >= Some(end) || end < *spot {
            return Ok(row.max(Some(end)));
        }
        let block = self.block_of_stream(number, space, stream)?;
        let packed = block.index.ops.iter().rev().map(|op| op.spot).find(|op| op < spot);
        Ok(row.max(packed))
    }

    fn block_of_stream(&self, number: Short, space: Short, stream: Short) -> Result<Arc<Block>, StoreFault> {
        let block = self.block(number)?;
        if block.is_of(space, stream) {
            Ok(block)
        } else {
            Err(fault("a stream leads to a block of another"))
        }
    }

    /// Whether any op of a stream stands in a block.
    pub(in crate::store) fn has_blocks(&self, space: Short, stream: Short) -> Result<bool, StoreFault> {
        Ok(self.block_from(space, stream, &Spot::FIRST)?.is_some())
    }

    /// The first block of a stream that does not end before a spot.
    pub(in crate::store) fn block_from(
        &self,
        space: Short,
        stream: Short,
        spot: &Spot,
    ) -> Result<Option<Begun>, StoreFault> {
        let ((first, last), from) = (key::ops_of(space, stream), key::op_in(space, stream, spot));
        let around = self.block_at.range::<&[u8; 32]>(&first..=&from).map_err(fault)?.next_back();
        if let Some((begin, value)) = around.transpose().map_err(fault)? {
            let (number, end) = key::block_ends(value.value());
            if end >= *spot {
                return Ok(Some((*begin.value(), number)));
            }
        }
        let next = self.block_at.range::<&[u8; 32]>(&from..=&last).map_err(fault)?.next();
        begun(next.transpose().map_err(fault)?)
    }

    fn block_after(&self, begin: &[u8; 32]) -> Result<Option<Begun>, StoreFault> {
        let (space, stream, ..) = key::op_parts(begin);
        let last = key::ops_of(space, stream).1;
        let range = (Bound::Excluded(begin), Bound::Included(&last));
        let next = self.block_at.range::<&[u8; 32]>(range).map_err(fault)?.next();
        begun(next.transpose().map_err(fault)?)
    }
}

type AtRow<'a> = (redb::AccessGuard<'a, &'static [u8; 32]>, redb::AccessGuard<'a, &'static [u8; 28]>);

fn begun(row: Option<AtRow<'_>>) -> Result<Option<Begun>, StoreFault> {
    Ok(row.map(|(begin, value)| (*begin.value(), key::block_ends(value.value()).0)))
}
