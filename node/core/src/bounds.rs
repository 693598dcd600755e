//! How much of its channels a node holds that holds what is viewed, and what it lets go of when that is more.

use crate::store::{Gaps, Range, Spot};
use nexus_crdt::id::{SpaceId, StreamId};

/// What may be held of what is said in channels. What was written here is beyond any bound.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Bounds {
    /// Ops of one channel, windows that were looked at lately aside.
    pub ops_max: usize,
    /// Bytes of all channels, as [`HeldOp::bytes`] counts them.
    pub bytes_max: u64,
}

impl Bounds {
    /// Of a device the size of a phone: 5,000 ops a channel, 64 MiB in all.
    pub const PHONE: Self = Self { ops_max: 5_000, bytes_max: 64 << 20 };

    /// Of a channel that has become too long this much is kept, and of all channels together: what comes next does not exceed
    /// the bound again at once.
    const fn kept(self) -> (usize, u64) {
        (self.ops_max / 5 * 4, self.bytes_max / 5 * 4)
    }
}

/// An op of a channel that was not written here.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct HeldOp {
    /// Where it stands.
    pub spot: Spot,
    /// What it takes: its body, and [`ROW_BYTES`].
    pub bytes: u64,
}

/// A channel as it is held.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Holding {
    /// The space.
    pub space: SpaceId,
    /// The channel's stream.
    pub stream: StreamId,
    /// When somebody here last looked at it, by a clock of the caller's; 0: not since the program began.
    pub viewed: u64,
    /// Windows onto it that somebody here had open lately.
    pub windows: Vec<Range>,
    /// Ascending.
    pub ops: Vec<HeldOp>,
}

/// What is let go of: some of a stream.
pub type LetGo = (SpaceId, StreamId, Range);

/// What is to be let go of, so that what is left is within the bounds: of a channel that is too long the oldest, but for windows
/// that were looked at lately; where all channels together are too much, the oldest of the one that nobody has looked at for
/// longest, then of the next. The newest of each channel goes last.
#[must_use]
pub fn beyond(bounds: Bounds, mut holdings: Vec<Holding>) -> Vec<LetGo> {
    let (ops_kept, bytes_kept) = bounds.kept();
    let mut gone = Vec::new();
    for holding in &mut holdings {
        let old: Vec<Spot> =
            holding.ops.iter().map(|op| op.spot).filter(|spot| !holding.shows(spot)).collect();
        if let Some(from) = old.first().copied().filter(|_| old.len() > bounds.ops_max) {
            let upto = old.get(old.len() - ops_kept).copied();
            gone.extend(holding.let_go(&Range { from, upto }));
        }
    }
    let mut bytes: u64 = holdings.iter().map(Holding::bytes).sum();
    if bytes <= bounds.bytes_max {
        return gone;
    }
    holdings.sort_by_key(|holding| (holding.viewed, holding.stream));
    for newest in [NEWEST_KEPT, 0] {
        for holding in &mut holdings {
            // What somebody looks at is not what there is room for any more.
            holding.windows.clear();
            let before = holding.bytes();
            if let Some(range) = holding.oldest(bytes.saturating_sub(bytes_kept), newest) {
                gone.extend(holding.let_go(&range));
            }
            bytes -= before - holding.bytes();
        }
    }
    gone
}

impl Holding {
    fn bytes(&self) -> u64 {
        self.ops.iter().map(|op| op.bytes).sum()
    }

    fn shows(&self, spot: &Spot) -> bool {
        self.windows.iter().any(|window| window.holds(spot))
    }

    // The oldest ops that take so many bytes, but for the newest so many.
    fn oldest(&self, bytes: u64, newest: usize) -> Option<Range> {
        let (mut sum, mut ops) = (0, 0);
        let most = self.ops.len().saturating_sub(newest);
        while sum < bytes && ops < most {
            sum += self.ops.get(ops)?.bytes;
            ops += 1;
        }
        let (first, last) = (self.ops.first()?.spot, self.ops.get(ops.checked_sub(1)?)?.spot);
        Some(Range { from: first, upto: Some(last.next()) })
    }

    fn let_go(&mut self, range: &Range) -> Vec<LetGo> {
        let around = |gaps: Gaps, window: &Range| gaps.after(window, true);
        let ranges = self.windows.iter().fold(Gaps::default().after(range, false), around);
        let goes = |op: &HeldOp| ranges.iter().any(|range| range.holds(&op.spot));
        let gone = ranges.iter().filter(|range| self.ops.iter().any(|op| range.holds(&op.spot)));
        let gone = gone.map(|range| (self.space, self.stream, *range)).collect();
        self.ops.retain(|op| !goes(op));
        gone
    }
}

/// What an op takes beside its body, in rows and indices: about what `cargo xtask bench store` measures.
pub const ROW_BYTES: u64 = 450;
/// The newest ops of each channel: what somebody looks at first.
const NEWEST_KEPT: usize = 50;

#[cfg(test)]
mod tests {
    use super::*;
    use nexus_crdt::hlc::Hlc;

    const BOUNDS: Bounds = Bounds { ops_max: 100, bytes_max: 200_000 };

    fn spot(at: u64) -> Spot {
        Spot { hlc: Hlc(at), head: [0; 16] }
    }

    fn held(stream: u8, viewed: u64, ops: u64) -> Holding {
        let ops = (1..=ops).map(|at| HeldOp { spot: spot(at), bytes: 1_000 }).collect();
        Holding { space: SpaceId([1; 32]), stream: StreamId([stream; 16]), viewed, windows: Vec::new(), ops }
    }

    fn gone(let_go: &[LetGo], stream: u8, ops: u64) -> Vec<u64> {
        let of_it = let_go.iter().filter(|(_, of, _)| *of == StreamId([stream; 16]));
        let ranges: Vec<Range> = of_it.map(|(_, _, range)| *range).collect();
        (1..=ops).filter(|at| ranges.iter().any(|range| range.holds(&spot(*at)))).collect()
    }

    #[test]
    fn a_channel_that_is_too_long_loses_its_oldest_but_not_what_somebody_looks_at() {
        assert_eq!(beyond(BOUNDS, vec![held(1, 0, 100)]), []);
        let let_go = beyond(BOUNDS, vec![held(1, 0, 101)]);
        assert_eq!(gone(&let_go, 1, 101), (1..=21).collect::<Vec<_>>());
        let mut looked_at = held(1, 0, 120);
        looked_at.windows.push(Range { from: spot(5), upto: Some(spot(10)) });
        let let_go = beyond(BOUNDS, vec![looked_at]);
        assert_eq!(gone(&let_go, 1, 120), (1..5).chain(10..=40).collect::<Vec<_>>());
    }

    #[test]
    fn where_all_is_too_much_what_nobody_looked_at_for_longest_goes_first_and_the_newest_of_each_last() {
        let let_go = beyond(BOUNDS, vec![held(1, 9, 100), held(2, 3, 100), held(3, 7, 50)]);
        assert_eq!(gone(&let_go, 2, 100), (1..=50).collect::<Vec<_>>(), "but for its newest");
        assert_eq!(gone(&let_go, 3, 50), []);
        assert_eq!(gone(&let_go, 1, 100), (1..=40).collect::<Vec<_>>(), "160,000 bytes are left");
    }

    #[test]
    fn many_channels_of_few_messages_are_bounded_too() {
        let holdings = (0..10).map(|stream| held(stream, u64::from(stream), 50)).collect();
        let let_go = beyond(BOUNDS, holdings);
        let left: usize = (0..10).map(|stream| 50 - gone(&let_go, stream, 50).len()).sum();
        assert_eq!(left, 160);
        assert_eq!(gone(&let_go, 9, 50), [], "what was looked at last stays");
        assert_eq!(gone(&let_go, 0, 51).last(), Some(&50), "what comes next is held");
    }
}
