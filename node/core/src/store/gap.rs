//! Ranges of a stream of which this store does not hold all, as far as it knows.

use super::{Range, Spot};

/// The gaps of a stream: ranges in which ops may be missing, ascending and apart. None where the stream is held whole.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Gaps(Vec<Range>);

/// A stream, and its gaps.
pub type StreamGaps = ((nexus_crdt::id::SpaceId, nexus_crdt::id::StreamId), Gaps);

/// A range of a stream that is held whole from now on, or no longer.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct GapChange {
    /// The space.
    pub space: nexus_crdt::id::SpaceId,
    /// The stream in it.
    pub stream: nexus_crdt::id::StreamId,
    /// The range.
    pub range: Range,
    /// All of it is here: there is no gap in it. Else ops may be missing there.
    pub held: bool,
    /// The view's count of what was let go of, when that was seen: what is held is not believed once more has gone.
    pub let_go: u64,
}

/// Gaps of one stream. Where there would be more, the lowest grow together: less is claimed than is held.
pub const GAPS_MAX: usize = 64;
/// Bytes of a gap as it is kept.
const LEN: usize = 2 * (8 + 16) + 1;

impl Gaps {
    /// Of a stream of which nothing is claimed.
    #[must_use]
    pub fn all() -> Self {
        Self(vec![Range::ALL])
    }

    /// Whether the stream is held whole.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Ascending.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = &Range> {
        self.0.iter()
    }

    /// Whether something may be missing in a range.
    #[must_use]
    pub fn meet(&self, range: &Range) -> bool {
        self.0.iter().any(|gap| !common(gap, range).is_none_or(|common| is_nothing(&common)))
    }

    /// Whether something may be missing before a spot.
    #[must_use]
    pub fn are_below(&self, spot: &Spot) -> bool {
        self.0.first().is_some_and(|gap| gap.from < *spot)
    }

    /// The highest gap in a range, as far as it lies in it.
    #[must_use]
    pub fn highest_in(&self, range: &Range) -> Option<Range> {
        self.0.iter().rev().filter_map(|gap| common(gap, range)).find(|common| !is_nothing(common))
    }

    /// The lowest.
    #[must_use]
    pub fn lowest_in(&self, range: &Range) -> Option<Range> {
        self.0.iter().filter_map(|gap| common(gap, range)).find(|common| !is_nothing(common))
    }

    /// A range cut where gaps begin and end: the pieces, ascending, and whether each is held.
    #[must_use]
    pub fn cut(&self, range: &Range) -> Vec<(Range, bool)> {
        let mut pieces = Vec::new();
        let mut from = range.from;
        for gap in self.0.iter().filter_map(|gap| common(gap, range)).filter(|gap| !is_nothing(gap)) {
            if from < gap.from {
                pieces.push((Range { from, upto: Some(gap.from) }, true));
            }
            pieces.push((gap, false));
            match gap.upto {
                Some(upto) => from = upto,
                None => return pieces,
            }
        }
        let rest = Range { from, upto: range.upto };
        if !is_nothing(&rest) {
            pieces.push((rest, true));
        }
        pieces
    }

    /// After a change.
    #[must_use]
    pub fn after(&self, range: &Range, held: bool) -> Self {
        let mut gaps: Vec<Range> = self.0.iter().flat_map(|gap| without(gap, range)).collect();
        if !held && !is_nothing(range) {
            gaps.push(*range);
        }
        gaps.sort_by_key(|gap| gap.from);
        let mut joined: Vec<Range> = Vec::with_capacity(gaps.len());
        for gap in gaps {
            match joined.last_mut() {
                Some(last) if last.upto.is_none_or(|upto| upto >= gap.from) => {
                    last.upto = last.upto.zip(gap.upto).map(|(one, other)| one.max(other));
                }
                _ => joined.push(gap),
            }
        }
        while joined.len() > GAPS_MAX {
            let lowest = joined.remove(0);
            joined[0].from = lowest.from;
        }
        Self(joined)
    }

    /// As they are kept: each its beginning, 24 bytes, then a byte that is 1 where it has an end, and that or zeros.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let spot = |spot: &Spot| [spot.hlc.0.to_be_bytes().as_slice(), &spot.head].concat();
        let gap = |gap: &Range| {
            let upto = gap.upto.unwrap_or(Spot::FIRST);
            [spot(&gap.from), vec![u8::from(gap.upto.is_some())], spot(&upto)].concat()
        };
        self.0.iter().flat_map(gap).collect()
    }

    /// And back.
    #[must_use]
    pub fn from_bytes(bytes: &[u8]) -> Self {
        Self(bytes.as_chunks::<LEN>().0.iter().map(range_of).collect())
    }
}

fn range_of(bytes: &[u8; LEN]) -> Range {
    let spot = |at: usize| {
        let (mut hlc, mut head) = ([0; 8], [0; 16]);
        hlc.copy_from_slice(&bytes[at..at + 8]);
        head.copy_from_slice(&bytes[at + 8..at + 24]);
        Spot { hlc: nexus_crdt::hlc::Hlc(u64::from_be_bytes(hlc)), head }
    };
    Range { from: spot(0), upto: (bytes[24] == 1).then(|| spot(25)) }
}

fn is_nothing(range: &Range) -> bool {
    range.upto.is_some_and(|upto| upto <= range.from)
}

fn common(one: &Range, other: &Range) -> Option<Range> {
    let upto = match (one.upto, other.upto) {
        (Some(one), Some(other)) => Some(one.min(other)),
        (upto, None) | (None, upto) => upto,
    };
    let both = Range { from: one.from.max(other.from), upto };
    (!is_nothing(&both)).then_some(both)
}

/// What is left of a range: before the other, and behind it.
fn without(range: &Range, other: &Range) -> Vec<Range> {
    let Some(both) = common(range, other) else { return vec![*range] };
    let before = Range { from: range.from, upto: Some(both.from) };
    let behind = both.upto.map(|from| Range { from, upto: range.upto });
    std::iter::once(before).chain(behind).filter(|left| !is_nothing(left)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use nexus_crdt::hlc::Hlc;

    fn spot(at: u64) -> Spot {
        Spot { hlc: Hlc(at), head: [0; 16] }
    }

    fn range(from: u64, upto: u64) -> Range {
        Range { from: spot(from), upto: (upto > 0).then(|| spot(upto)) }
    }

    fn of(ranges: &[(u64, u64)]) -> Gaps {
        Gaps(ranges.iter().map(|(from, upto)| range(*from, *upto)).collect())
    }

    #[test]
    fn what_comes_to_be_held_is_cut_out_and_what_is_no_longer_grows_together() {
        let gaps = Gaps::all().after(&range(50, 0), true);
        assert_eq!(gaps, of(&[(0, 50)]));
        let gaps = gaps.after(&range(20, 30), true);
        assert_eq!(gaps, of(&[(0, 20), (30, 50)]));
        assert_eq!(gaps.after(&range(25, 35), false), of(&[(0, 20), (25, 50)]));
        assert_eq!(gaps.after(&range(10, 0), false), of(&[(0, 0)]));
        assert_eq!(gaps.after(&range(0, 0), true), Gaps::default());
        assert_eq!(gaps.after(&range(7, 7), false), gaps, "nothing is no gap");
    }

    #[test]
    fn a_range_is_cut_where_gaps_begin_and_end() {
        let gaps = of(&[(10, 20), (30, 40)]);
        let pieces = gaps.cut(&range(15, 0));
        let expected =
            [(range(15, 20), false), (range(20, 30), true), (range(30, 40), false), (range(40, 0), true)];
        assert_eq!(pieces, expected);
        assert_eq!(gaps.cut(&range(21, 29)), [(range(21, 29), true)]);
        assert_eq!(gaps.highest_in(&range(0, 35)), Some(range(30, 35)));
        assert_eq!(gaps.lowest_in(&range(12, 35)), Some(range(12, 20)));
        assert_eq!(gaps.highest_in(&range(20, 30)), None);
        assert!(gaps.meet(&range(19, 21)) && !gaps.meet(&range(20, 30)) && !gaps.meet(&range(40, 0)));
        assert!(gaps.are_below(&spot(11)) && !gaps.are_below(&spot(10)));
    }

    #[test]
    fn gaps_read_back_and_too_many_claim_less_than_is_held() {
        let many = (0..GAPS_MAX as u64 + 9).fold(Gaps::default(), |gaps, number| {
            gaps.after(&range(10 * number + 1, 10 * number + 2), false)
        });
        assert_eq!(many.iter().count(), GAPS_MAX);
        assert_eq!(many.iter().next(), Some(&range(1, 92)), "the lowest grew together");
        assert_eq!(Gaps::from_bytes(&many.to_bytes()), many);
        assert_eq!(Gaps::from_bytes(&Gaps::all().to_bytes()), Gaps::all());
    }
}
