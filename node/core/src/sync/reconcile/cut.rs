//! A range as it is said: in fingerprints of its parts, or by name.

use super::parts::{self, Writer};
use super::plan::{LEAF, SPLIT_MAX, parts_of};
use super::{Ops, Says, Side};
use crate::store::{Gaps, Head, Range, SetSum, Spot, StoreFault};

impl<O: Ops> Side<'_, O> {
    /// Into parts of about one size.
    pub(super) fn cut(&self, range: &Range, count: u64, writer: &mut Writer) -> Result<(), StoreFault> {
        let size = count.div_ceil(parts_of(count)).max(1);
        if count <= CUT_BY_OPS {
            return self.cut_by_ops(range, usize::try_from(size).unwrap_or(usize::MAX), writer);
        }
        let wanted = usize::try_from(SPLIT_MAX).unwrap_or(usize::MAX);
        let pieces = self.ops.pieces(range, wanted)?;
        let mut pieces = pieces.iter().peekable();
        let mut sum = SetSum::default();
        while let Some(piece) = pieces.next() {
            sum = sum.and(&piece.sum);
            let next = pieces.peek();
            if let Some(next) = next.filter(|_| sum.count >= size) {
                writer.put(Some(self.between(&next.from)?), Says::Print(self.key.print(&sum)));
                sum = SetSum::default();
            }
        }
        writer.put(range.upto, Says::Print(self.key.print(&sum)));
        Ok(())
    }

    fn cut_by_ops(&self, range: &Range, size: usize, writer: &mut Writer) -> Result<(), StoreFault> {
        let spots = self.ops.spots(range, usize::MAX)?;
        let mut from = range.from;
        let mut ranges = Vec::with_capacity(spots.len() / size + 1);
        for (before, next) in spots.iter().zip(spots.iter().skip(1)).skip(size - 1).step_by(size) {
            let upto = parts::roundest(before, next);
            ranges.push(Range { from, upto: Some(upto) });
            from = upto;
        }
        ranges.push(Range { from, upto: range.upto });
        for (range, sum) in ranges.iter().zip(self.ops.sums(&ranges)?) {
            writer.put(range.upto, Says::Print(self.key.print(&sum)));
        }
        Ok(())
    }

    /// Of its gaps nothing, of each range between them the fingerprint.
    pub(super) fn say_what_is_held(
        &self,
        range: &Range,
        gaps: &Gaps,
        writer: &mut Writer,
    ) -> Result<(), StoreFault> {
        for (piece, held) in gaps.cut(range) {
            writer.put(piece.upto, if held { self.print(&piece)? } else { Says::Same });
        }
        Ok(())
    }

    pub(super) fn print(&self, range: &Range) -> Result<Says, StoreFault> {
        let sum: SetSum = self.ops.sums(std::slice::from_ref(range))?.iter().collect();
        Ok(Says::Print(self.key.print(&sum)))
    }

    pub(super) fn names(&self, range: &Range) -> Result<Vec<Head>, StoreFault> {
        let spots = self.ops.spots(range, usize::try_from(LEAF).unwrap_or(usize::MAX))?;
        Ok(spots.into_iter().map(|spot| spot.head).collect())
    }

    /// Any place behind the op before says the same, and the roundest one is short.
    pub(super) fn between(&self, spot: &Spot) -> Result<Spot, StoreFault> {
        let before = self.ops.before(spot)?.map_or(Spot::FIRST, |before| before);
        Ok(parts::roundest(&before, spot))
    }
}

/// A range of so many ops is cut between ops; a larger one where a store's own parts begin.
const CUT_BY_OPS: u64 = 3_072;
