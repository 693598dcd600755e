//! Ranges of a stream summed up at one reading. What they share of parts is read once; and where a part's sum is kept, the largest
//! of the pieces that it is cut into is what the others leave of it, so that ops are seldom added up one by one.

use super::{Cut, WHOLE};
use crate::store::table::Access;
use crate::store::{fault, key};
use nexus_core::StoreFault;
use nexus_core::store::{Piece, Range, SetSum, Spot};
use redb::ReadableTable as _;

impl<A: Access> Cut<'_, A> {
    /// What is in each of some ranges, which ascend and share nothing.
    pub(in crate::store) fn sums(&self, ranges: &[Range]) -> Result<Vec<SetSum>, StoreFault> {
        if let [Range::ALL] = ranges {
            return Ok(vec![self.whole()?]);
        }
        let mut sums = vec![SetSum::default(); ranges.len()];
        let mut left = sums.as_mut_slice();
        for run in ranges.chunk_by(|one, next| one.upto == Some(next.from)) {
            let Some((of_run, others)) = std::mem::take(&mut left).split_at_mut_checked(run.len()) else {
                break;
            };
            left = others;
            self.sum_up(run, of_run)?;
        }
        Ok(sums)
    }

    /// What is in a range whose ends are where ops stand, by the parts of a level and of those below it.
    pub(super) fn sum_below(&self, level: u8, range: &Range) -> Result<SetSum, StoreFault> {
        let mut sum = [SetSum::default()];
        self.split(level, range, None, &[], &mut sum)?;
        Ok(sum[0])
    }

    fn whole(&self) -> Result<SetSum, StoreFault> {
        let (begin, _) = key::begins_of(WHOLE, self.space, self.stream);
        let row = self.tables.part.get(&begin).map_err(fault)?;
        Ok(row.map_or_else(SetSum::default, |row| SetSum::from_bytes(row.value())))
    }

    // Ranges of which each begins where the one before ends.
    fn sum_up(&self, run: &[Range], sums: &mut [SetSum]) -> Result<(), StoreFault> {
        let (Some(first), Some(last)) = (run.first(), run.last()) else { return Ok(()) };
        let all = self.snug(&Range { from: first.from, upto: last.upto })?;
        let bounds: Vec<Spot> = run.iter().skip(1).map(|range| range.from).collect();
        self.split(WHOLE - 1, &all, None, &bounds, sums)
    }

    // Adds what is in a stretch to the sums of the ranges that bounds cut it into, one more than there are bounds. The stretch is
    // a part, whose sum is known, or its ends are where ops stand.
    fn split(
        &self,
        level: u8,
        stretch: &Range,
        known: Option<&SetSum>,
        bounds: &[Spot],
        sums: &mut [SetSum],
    ) -> Result<(), StoreFault> {
        let before = bounds.partition_point(|bound| *bound <= stretch.from);
        let upto = bounds.partition_point(|bound| stretch.upto.is_none_or(|upto| *bound < upto));
        let (Some(mut bounds), Some(sums)) = (bounds.get(before..upto), sums.get_mut(before..=upto)) else {
            return Ok(());
        };
        // A bound right before the next part is the usual one, and cuts nothing off.
        if let (Some(_), 1.., [bound]) = (known, level, bounds)
            && !self.is_any_in(&Range { from: *bound, upto: stretch.upto })?
        {
            bounds = &[];
        }
        match (known, bounds, &mut *sums) {
            (Some(known), [], [sum, ..]) => *sum = sum.and(known),
            _ if level == 0 => self.split_ops(stretch, known, bounds, sums)?,
            _ => {
                for (piece, sum) in self.parts_and_ends(level, stretch, known.is_some())? {
                    self.split(level - 1, &piece, sum.as_ref(), bounds, sums)?;
                }
            }
        }
        Ok(())
    }

    // A stretch as parts of a level, with their sums, and what of it is before the first and behind the last whole one.
    fn parts_and_ends(
        &self,
        level: u8,
        stretch: &Range,
        is_part: bool,
    ) -> Result<Vec<(Range, Option<SetSum>)>, StoreFault> {
        let parts = self.parts(level, stretch)?;
        let is_whole = is_part || parts.is_empty() || self.ends_a_part(level, stretch)?;
        let first = parts.first().map_or(stretch.upto, |part| Some(part.from));
        let mut pieces = Vec::with_capacity(parts.len() + 1);
        if first.is_none_or(|first| first > stretch.from) {
            pieces.push((Range { from: stretch.from, upto: first }, None));
        }
        let mut parts = parts.into_iter().peekable();
        while let Some(Piece { from, sum }) = parts.next() {
            let next = parts.peek().map(|next| next.from);
            let sum = Some(sum).filter(|_| next.is_some() || is_whole);
            pieces.push((Range { from, upto: next.or(stretch.upto) }, sum));
        }
        Ok(pieces)
    }

    fn split_ops(
        &self,
        stretch: &Range,
        known: Option<&SetSum>,
        bounds: &[Spot],
        sums: &mut [SetSum],
    ) -> Result<(), StoreFault> {
        // Of a part whose sum is known it is enough to read what is behind a bound that cuts it in two: often nothing.
        let read_from = match bounds {
            [bound] if known.is_some() => bound,
            _ => &stretch.from,
        };
        let mut spots = self.spots(&Range { from: *read_from, upto: stretch.upto }, usize::MAX)?;
        let Some(known) = known else {
            add(&spots, bounds, sums, None);
            return Ok(());
        };
        let unread = known.count.saturating_sub(spots.len() as u64);
        let largest = largest(&spots, bounds, unread);
        if largest > 0 {
            let mut all = self.spots(&Range { from: stretch.from, upto: Some(*read_from) }, usize::MAX)?;
            all.append(&mut spots);
            spots = all;
        }
        let others = add(&spots, bounds, sums, Some(largest));
        if let Some(sum) = sums.get_mut(largest) {
            *sum = sum.and(&known.without(&others));
        }
        Ok(())
    }
}

// Adds ops up range by range, but in one that is left out; what was added.
fn add(spots: &[Spot], bounds: &[Spot], sums: &mut [SetSum], left_out: Option<usize>) -> SetSum {
    let mut added = SetSum::default();
    for (at, (sum, spots)) in sums.iter_mut().zip(segments(spots, bounds)).enumerate() {
        if left_out != Some(at) {
            let more = SetSum::of_all(spots.iter().map(|spot| &spot.head));
            *sum = sum.and(&more);
            added = added.and(&more);
        }
    }
    added
}

// Which range has the most ops, where so many of the first were not read.
fn largest(spots: &[Spot], bounds: &[Spot], unread: u64) -> usize {
    let counts = segments(spots, bounds).map(|segment| segment.len() as u64).enumerate();
    let counts = counts.map(|(at, count)| (if at == 0 { count.max(unread) } else { count }, at));
    counts.max_by_key(|(count, at)| (*count, std::cmp::Reverse(*at))).map_or(0, |(_, at)| at)
}

fn segments<'s>(mut spots: &'s [Spot], bounds: &[Spot]) -> impl Iterator<Item = &'s [Spot]> {
    let ends = bounds.iter().copied().map(Some).chain([None]);
    ends.map(move |end| {
        let count = end.map_or(spots.len(), |end| spots.partition_point(|spot| *spot < end));
        let (segment, rest) = spots.split_at(count);
        spots = rest;
        segment
    })
}
