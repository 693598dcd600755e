//! A range as it is said: in fingerprints of its parts, or by name.

use super::parts::{self, Writer};
use super::plan::{CUT_BY_OPS, LEAF, SPLIT_MAX, parts_of};
use super::{Ops, Says, Side};
use crate::store::{Gaps, Head, Piece, Range, SetSum, Spot, StoreFault};

impl<O: Ops> Side<'_, O> {
    /// Into parts of about one size; `known` is the sum of it where that is at hand.
    pub(super) fn cut(
        &self,
        range: &Range,
        count: u64,
        known: Option<&SetSum>,
        writer: &mut Writer,
    ) -> Result<(), StoreFault> {
        let parts = parts_of(count);
        if count <= CUT_BY_OPS {
            return self.cut_by_ops(range, count.div_ceil(parts), known, writer);
        }
        let wanted = (count / OPS_OF_A_PIECE).clamp(4, 2 * parts);
        let pieces = self.ops.pieces(range, usize::try_from(wanted).unwrap_or(usize::MAX))?;
        let groups = grouped(&pieces, count.div_ceil(parts));
        // Where parts are as uneven as that, a cut between them could say the same range again, for ever.
        if groups.len() < 2 {
            return self.cut_by_ops(range, count.div_ceil(SPLIT_MAX), known, writer);
        }
        let bounds: Vec<Spot> = groups.iter().skip(1).map(|group| group.from).collect();
        for (group, upto) in groups.iter().zip(bounds.iter().map(Some).chain([None])) {
            let upto = upto.map_or(Ok(range.upto), |upto| self.between(upto).map(Some))?;
            writer.put(upto, Says::Print(self.key.print(&group.sum)));
        }
        Ok(())
    }

    // Each op is read once, here; of those of one part none is added up where the sum of all is known.
    fn cut_by_ops(
        &self,
        range: &Range,
        size: u64,
        known: Option<&SetSum>,
        writer: &mut Writer,
    ) -> Result<(), StoreFault> {
        let spots = self.ops.spots(range, usize::MAX)?;
        if spots.is_empty() {
            writer.put(range.upto, Says::Print(self.key.print(&SetSum::default())));
        }
        let mut parts = spots.chunks(usize::try_from(size).unwrap_or(usize::MAX).max(1)).peekable();
        let mut others = SetSum::default();
        while let Some(part) = parts.next() {
            let next = parts.peek().and_then(|next| next.first());
            let upto = part.last().zip(next).map(|(before, next)| parts::roundest(before, next));
            let sum = match known.filter(|_| upto.is_none()) {
                Some(known) => known.without(&others),
                None => SetSum::of_all(part.iter().map(|spot| &spot.head)),
            };
            others = others.and(&sum);
            writer.put(upto.or(range.upto), Says::Print(self.key.print(&sum)));
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

// Pieces put together until there are `size` ops, or nearly.
fn grouped(pieces: &[Piece], size: u64) -> Vec<Piece> {
    let count = pieces.iter().map(|piece| piece.sum.count).sum::<u64>();
    // The last piece of a group is mostly cut off half way where it is full: as much more stands in it.
    let mean = count / (pieces.len() as u64).max(1);
    let enough = size.saturating_sub(mean).max(LEAF);
    let mut groups: Vec<Piece> = Vec::new();
    for piece in pieces {
        let is_last = groups.len() as u64 >= SPLIT_MAX;
        match groups.last_mut().filter(|group| group.sum.count < enough || is_last) {
            Some(group) => group.sum = group.sum.and(&piece.sum),
            None => groups.push(*piece),
        }
    }
    groups
}

/// A store keeps sums of smaller parts than this, mostly.
const OPS_OF_A_PIECE: u64 = 256;
