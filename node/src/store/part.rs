//! A stream in parts that are summed up: of about 64 ops, of about 4,096, and all of it. So a range of a million ops is compared
//! at the price of a few rows. Where a part begins is said by the ops themselves ([`Spot::begins`]): two stores of one stream
//! cut it alike, in whatever order they got it.

mod sums;

use super::apply::done;
use super::intern::Short;
use super::packed::Found;
use super::row::OpRow;
use super::table::{Access, Tables, WriteTables};
use super::{fault, key};
use nexus_core::StoreFault;
use nexus_core::store::{Head, Piece, Range, SetSum, Spot};
use nexus_crdt::id::{OpId, SpaceId, StreamId};
use redb::ReadableTable;

impl WriteTables<'_> {
    /// Counts ops in, new here, whose rows are written.
    pub(super) fn add_to_parts(
        &mut self,
        space: Short,
        stream: Short,
        mut spots: Vec<Spot>,
    ) -> Result<(), StoreFault> {
        spots.sort_unstable();
        let sums = SetSum::of_each(spots.iter().map(|spot| &spot.head));
        let new: Vec<(Spot, SetSum)> = spots.iter().copied().zip(sums).collect();
        // Each level when the one below it is done, of which it is summed up.
        for level in 1..=WHOLE {
            let mut left = new.as_slice();
            while let Some((spot, _)) = left.first() {
                let cut = Cut { tables: self, space, stream };
                let upto = if level < WHOLE { cut.begin_after(level, spot)? } else { None };
                let count = left.partition_point(|(spot, _)| upto.is_none_or(|upto| *spot < upto));
                let (inside, beyond) = left.split_at(count);
                self.add_to_part(level, (space, stream), inside, upto)?;
                left = beyond;
            }
        }
        Ok(())
    }

    // Ops that fall in one part, which goes on up to where the next begins. Those among them that begin parts cut it.
    fn add_to_part(
        &mut self,
        level: u8,
        (space, stream): (Short, Short),
        new: &[(Spot, SetSum)],
        upto: Option<Spot>,
    ) -> Result<(), StoreFault> {
        let Some((first, _)) = new.first() else { return Ok(()) };
        let cut = Cut { tables: self, space, stream };
        let held = cut.part_around(level, first)?;
        let (begin, held) = held.unwrap_or((key::begins_of(level, space, stream).0, SetSum::default()));
        let begins = new.iter().map(|(spot, _)| *spot).filter(|spot| level < WHOLE && spot.begins(level));
        let (mut later, mut upto) = (Vec::new(), upto);
        for from in begins.rev() {
            later.push((from, cut.sum_below(level - 1, &Range { from, upto })?));
            upto = Some(from);
        }
        let all = new.iter().map(|(_, sum)| sum).fold(held, SetSum::and);
        let left = later.iter().fold(all, |sum, (_, later)| sum.without(later));
        done(self.part.insert(&begin, &left.to_bytes()))?;
        later.iter().try_for_each(|(from, sum)| {
            done(self.part.insert(&key::begin(level, space, stream, from), &sum.to_bytes()))
        })
    }

    /// Counts an op out, whose row is gone. What was two parts is one where it began the second.
    pub(super) fn take_from_parts(
        &mut self,
        space: Short,
        stream: Short,
        spot: &Spot,
    ) -> Result<(), StoreFault> {
        let one = SetSum::of(&spot.head);
        for level in 1..=WHOLE {
            let cut = Cut { tables: self, space, stream };
            let Some((begin, sum)) = cut.part_around(level, spot)? else { continue };
            let left = sum.without(&one);
            if level == WHOLE && left.count == 0 {
                return self.forget_parts(space, stream);
            }
            if level == WHOLE || begin != key::begin(level, space, stream, spot) {
                done(self.part.insert(&begin, &left.to_bytes()))?;
                continue;
            }
            let before = cut.part_before(level, spot)?;
            let (begin_before, sum) =
                before.unwrap_or((key::begins_of(level, space, stream).0, SetSum::default()));
            done(self.part.remove(&begin))?;
            done(self.part.insert(&begin_before, &sum.and(&left).to_bytes()))?;
        }
        Ok(())
    }

    // Of a stream of which nothing is here.
    fn forget_parts(&mut self, space: Short, stream: Short) -> Result<(), StoreFault> {
        for level in 1..=WHOLE {
            let (first, last) = key::begins_of(level, space, stream);
            self.part.retain_in::<&[u8; 33], _>(&first..=&last, |_, _| false).map_err(fault)?;
        }
        Ok(())
    }

    /// Sums up what a version wrote that kept no parts.
    ///
    /// # Errors
    /// [`StoreFault`] where the disk fails.
    pub fn sum_up(&mut self) -> Result<(), StoreFault> {
        let mut open: Option<(Short, Short, [OpenPart; WHOLE as usize])> = None;
        let mut next = Some([0; 32]);
        while let Some(from) = next {
            let rows = self.op.range::<&[u8; 32]>(&from..).map_err(fault)?.take(SUMMED_AT_ONCE);
            let ops = rows.map(|row| row.map(|(at, _)| *at.value()).map_err(fault));
            let ops = ops.collect::<Result<Vec<_>, _>>()?;
            next = ops.last().copied().filter(|_| ops.len() == SUMMED_AT_ONCE);
            // The first one is the last of the page before.
            for at in ops.iter().skip(usize::from(from != [0; 32])) {
                let (space, stream, ..) = key::op_parts(at);
                if open.as_ref().is_none_or(|(of, its, _)| (*of, *its) != (space, stream)) {
                    self.close_parts(open.take())?;
                    let first = [1, 2, WHOLE]
                        .map(|level| (key::begins_of(level, space, stream).0, SetSum::default()));
                    open = Some((space, stream, first));
                }
                let Some((.., parts)) = &mut open else { continue };
                let spot = key::spot(at);
                let one = SetSum::of(&spot.head);
                for (level, (begin, sum)) in (1..=WHOLE).zip(parts) {
                    if level < WHOLE && spot.begins(level) {
                        done(self.part.insert(&*begin, &sum.to_bytes()))?;
                        (*begin, *sum) = (key::begin(level, space, stream, &spot), SetSum::default());
                    }
                    *sum = sum.and(&one);
                }
            }
        }
        self.close_parts(open)
    }

    fn close_parts(
        &mut self,
        open: Option<(Short, Short, [OpenPart; WHOLE as usize])>,
    ) -> Result<(), StoreFault> {
        let Some((.., parts)) = open else { return Ok(()) };
        parts.iter().try_for_each(|(begin, sum)| done(self.part.insert(begin, &sum.to_bytes())))
    }
}

impl<A: Access> Tables<A> {
    /// Every stream of a space, and what is in it.
    pub(super) fn whole_streams(&self, space: Short) -> Result<Vec<(Short, SetSum)>, StoreFault> {
        let (first, last) = key::begins_in(WHOLE, space);
        let rows = self.part.range::<&[u8; 33]>(&first..=&last).map_err(fault)?;
        rows.map(|row| {
            let (begin, sum) = row.map_err(fault)?;
            Ok((key::begin_parts(begin.value()).0, SetSum::from_bytes(sum.value())))
        })
        .collect()
    }

    /// A stream; none where nothing of it is here.
    pub(super) fn cut(&self, space: &SpaceId, stream: &StreamId) -> Result<Option<Cut<'_, A>>, StoreFault> {
        let (Some(space), Some(stream)) = (self.short(&space.0)?, self.short(&stream.0)?) else {
            return Ok(None);
        };
        Ok(Some(Cut { tables: self, space, stream }))
    }
}

/// A stream, to be read by ranges.
pub(super) struct Cut<'a, A: Access> {
    tables: &'a Tables<A>,
    space: Short,
    stream: Short,
}

impl<A: Access> Cut<'_, A> {
    pub(super) fn op_headed(&self, head: &Head) -> Result<Option<OpId>, StoreFault> {
        let here = |place: &[u8; 16]| *place == key::place(self.space, self.stream, key::place_hlc(place));
        let place = match self.tables.find(head)? {
            None => return Ok(None),
            Some(Found::Packed(block, at)) => {
                let op = block.index.ops.get(at).filter(|_| block.place(at).as_ref().is_some_and(here));
                return Ok(op.map(super::block::Listed::id));
            }
            Some(Found::Row(place)) => place,
        };
        if !here(&place) {
            return Ok(None);
        }
        let row = self.tables.op.get(&key::op_under(&place, head)).map_err(fault)?;
        row.map(|row| Ok(key::id(head, &OpRow::unpack(row.value())?.tail))).transpose()
    }

    pub(super) fn spots(&self, range: &Range, limit: usize) -> Result<Vec<Spot>, StoreFault> {
        let ops = self.tables.in_order(self.space, self.stream, range, limit)?;
        Ok(ops.into_iter().map(|(spot, _)| spot).collect())
    }

    fn is_any_in(&self, range: &Range) -> Result<bool, StoreFault> {
        self.tables.is_any_in(self.space, self.stream, range)
    }

    pub(super) fn spot_before(&self, spot: &Spot) -> Result<Option<Spot>, StoreFault> {
        self.tables.standing_before(self.space, self.stream, spot)
    }

    pub(super) fn pieces(&self, range: &Range, wanted: usize) -> Result<Vec<Piece>, StoreFault> {
        let range = self.snug(range)?;
        for level in (1..WHOLE).rev() {
            let rows = self.parts(level, &range)?;
            if rows.len() >= wanted {
                return self.with_ends(level, &range, rows);
            }
        }
        let spots = self.spots(&range, usize::MAX)?;
        Ok(spots.into_iter().map(|from| Piece { from, sum: SetSum::of(&from.head) }).collect())
    }

    // The same range with its ends where ops stand, as parts have them.
    fn snug(&self, range: &Range) -> Result<Range, StoreFault> {
        let next = |from| Ok(self.spots(&Range { from, upto: None }, 1)?.first().copied());
        // Before the first op a part begins, too.
        let from = if range.from == Spot::FIRST { Some(Spot::FIRST) } else { next(range.from)? };
        let held = from.filter(|from| range.upto.is_none_or(|upto| *from < upto));
        let Some(from) = held else { return Ok(Range { from: range.from, upto: Some(range.from) }) };
        Ok(Range { from, upto: range.upto.map_or(Ok(None), next)? })
    }

    // Before the first part, and of the last one, there may be less than a part in the range.
    fn with_ends(&self, level: u8, range: &Range, mut parts: Vec<Piece>) -> Result<Vec<Piece>, StoreFault> {
        let is_whole = self.ends_a_part(level, range)?;
        if let Some(last) = parts.last_mut().filter(|_| !is_whole) {
            last.sum = self.sum_below(level - 1, &Range { from: last.from, upto: range.upto })?;
        }
        if let Some(first) = parts.first().map(|part| part.from).filter(|first| *first > range.from) {
            let sum = self.sum_below(level - 1, &Range { from: range.from, upto: Some(first) })?;
            parts.insert(0, Piece { from: range.from, sum });
        }
        Ok(parts)
    }

    // Whether a range that ends where an op stands ends with a part of a level.
    fn ends_a_part(&self, level: u8, range: &Range) -> Result<bool, StoreFault> {
        let Some(upto) = range.upto else { return Ok(true) };
        let next = self.tables.part.get(&key::begin(level, self.space, self.stream, &upto));
        Ok(next.map_err(fault)?.is_some())
    }

    // Those of a level that begin in a range.
    fn parts(&self, level: u8, range: &Range) -> Result<Vec<Piece>, StoreFault> {
        let begin = |spot: &Spot| key::begin(level, self.space, self.stream, spot);
        let rows = match range.upto {
            Some(upto) if upto <= range.from => return Ok(Vec::new()),
            Some(upto) => self.tables.part.range::<&[u8; 33]>(&begin(&range.from)..&begin(&upto)),
            None => {
                let last = key::begins_of(level, self.space, self.stream).1;
                self.tables.part.range::<&[u8; 33]>(&begin(&range.from)..=&last)
            }
        };
        let rows = rows.map_err(fault)?.map(|row| {
            let (begin, sum) = row.map_err(fault)?;
            Ok(Piece { from: key::begin_parts(begin.value()).1, sum: SetSum::from_bytes(sum.value()) })
        });
        rows.collect()
    }

    // The part of a level that a spot falls in: where it begins, and its sum.
    fn part_around(&self, level: u8, spot: &Spot) -> Result<Option<([u8; 33], SetSum)>, StoreFault> {
        let (first, _) = key::begins_of(level, self.space, self.stream);
        let upto = key::begin(level, self.space, self.stream, spot);
        let mut rows = self.tables.part.range::<&[u8; 33]>(&first..=&upto).map_err(fault)?;
        let row = rows.next_back().transpose().map_err(fault)?;
        Ok(row.map(|(begin, sum)| (*begin.value(), SetSum::from_bytes(sum.value()))))
    }

    // The part of a level before the one that begins at a spot.
    fn part_before(&self, level: u8, spot: &Spot) -> Result<Option<([u8; 33], SetSum)>, StoreFault> {
        let (first, _) = key::begins_of(level, self.space, self.stream);
        let upto = key::begin(level, self.space, self.stream, spot);
        let mut rows = self.tables.part.range::<&[u8; 33]>(&first..&upto).map_err(fault)?;
        let row = rows.next_back().transpose().map_err(fault)?;
        Ok(row.map(|(begin, sum)| (*begin.value(), SetSum::from_bytes(sum.value()))))
    }

    fn begin_after(&self, level: u8, spot: &Spot) -> Result<Option<Spot>, StoreFault> {
        let (at, last) = (
            key::begin(level, self.space, self.stream, spot),
            key::begins_of(level, self.space, self.stream).1,
        );
        let mut rows = self.tables.part.range::<&[u8; 33]>(&at..=&last).map_err(fault)?;
        let row = rows.next().transpose().map_err(fault)?;
        Ok(row.map(|(begin, _)| key::begin_parts(begin.value()).1))
    }
}

/// Where a part begins, and what is in it so far.
type OpenPart = ([u8; 33], SetSum);

/// The level of whole streams; below it parts of about 4,096 (2) and of about 64 ops (1).
const WHOLE: u8 = 3;
/// Ops that are read before they are summed up.
const SUMMED_AT_ONCE: usize = 4_096;

#[cfg(test)]
mod tests;
