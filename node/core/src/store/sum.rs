//! Sums of sets of ops: what two holders compare instead of the sets, and the parts of a stream that a store keeps them for.

use nexus_crdt::hlc::Hlc;
use nexus_crdt::id::OpId;

/// The first 16 bytes of an op's id: by it ops are named in comparisons. Two ops with one head take 2^64 hashes to make.
pub type Head = [u8; 16];

/// The head of an id.
#[must_use]
pub fn head_of(op: &OpId) -> Head {
    op.0.first_chunk().copied().unwrap_or_default()
}

/// A place in a stream, where an op stands or between two.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Spot {
    /// When it was written.
    pub hlc: Hlc,
    /// The head of its id.
    pub head: Head,
}

impl Spot {
    /// Before every op.
    pub const FIRST: Self = Self { hlc: Hlc::ZERO, head: [0; 16] };

    /// Behind every op that anybody writes.
    pub const LAST: Self = Self { hlc: Hlc(u64::MAX), head: [255; 16] };

    /// The very next place.
    #[must_use]
    pub fn next(self) -> Self {
        match u128::from_be_bytes(self.head).checked_add(1) {
            Some(head) => Self { head: head.to_be_bytes(), ..self },
            None => Self { hlc: Hlc(self.hlc.0.saturating_add(1)), head: [0; 16] },
        }
    }

    /// Where an op stands.
    #[must_use]
    pub fn of(hlc: Hlc, op: &OpId) -> Self {
        Self { hlc, head: head_of(op) }
    }

    /// Whether a part begins here in a store that keeps parts of about 64 ops (level 1) and of about 4,096 (level 2).
    /// The id says it, so that two stores with the same ops cut them alike and compare parts as they are. Who grinds ids
    /// against it makes comparisons of their own messages slower, and never wrong.
    #[must_use]
    pub const fn begins(&self, level: u8) -> bool {
        let low = u16::from_be_bytes([self.head[14], self.head[15]]);
        match level {
            1 => low.trailing_zeros() >= 6,
            _ => low.trailing_zeros() >= 12,
        }
    }
}

/// A range of a stream: from a spot on, up to another (exclusive) or to its end.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Range {
    /// From here on ..
    pub from: Spot,
    /// .. up to here.
    pub upto: Option<Spot>,
}

impl Range {
    /// All of a stream.
    pub const ALL: Self = Self { from: Spot::FIRST, upto: None };

    /// Whether it holds a spot.
    #[must_use]
    pub fn holds(&self, spot: &Spot) -> bool {
        *spot >= self.from && self.upto.is_none_or(|upto| *spot < upto)
    }
}

/// A part of a range, and what it holds. The next one begins where it ends.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Piece {
    /// From here on.
    pub from: Spot,
    /// Of what is there.
    pub sum: SetSum,
}

/// A set of ops as a count and a sum: each op's head is spread to 1,024 bits (BLAKE3), and they are added up lane by lane.
///
/// Nobody finds two sets with one sum, even who chooses the ids: the best known way (Wagner's generalised birthday, with
/// 2^20 ops of one's own) takes about 2^69 steps, where a plain sum of ids modulo 2^128 falls to 2^21. So it can be kept, and
/// needs no key and no pass over the set. Bellare and Micciancio, "A new paradigm for collision-free hashing", 1997.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct SetSum {
    /// Ops.
    pub count: u64,
    lanes: [u64; LANES],
}

impl SetSum {
    /// Bytes of [`SetSum::to_bytes`].
    pub const LEN: usize = 8 + 8 * LANES;

    /// Of one op.
    #[must_use]
    pub fn of(head: &Head) -> Self {
        Self::of_all([head])
    }

    /// Of several ops.
    #[must_use]
    pub fn of_all<'a>(heads: impl IntoIterator<Item = &'a Head>) -> Self {
        Self::of_each(heads).fold(Self::default(), |sum, one| sum.and(&one))
    }

    /// Of each of several ops.
    pub fn of_each<'a>(heads: impl IntoIterator<Item = &'a Head>) -> impl Iterator<Item = Self> {
        // One for all: it is large, and making it takes as long as what it does here.
        let mut hasher = blake3::Hasher::new_keyed(SPREAD);
        let mut bytes = [0; 8 * LANES];
        heads.into_iter().map(move |head| {
            hasher.reset().update(head).finalize_xof().fill(&mut bytes);
            Self { count: 1, lanes: lanes_of(&bytes) }
        })
    }

    /// With one op more.
    #[must_use]
    pub fn with(self, op: &OpId) -> Self {
        self.and(&Self::of(&head_of(op)))
    }

    /// Of two sets that share nothing.
    #[must_use]
    pub fn and(mut self, other: &Self) -> Self {
        self.count = self.count.wrapping_add(other.count);
        for (lane, more) in self.lanes.iter_mut().zip(other.lanes) {
            *lane = lane.wrapping_add(more);
        }
        self
    }

    /// Of a set without a part of it.
    #[must_use]
    pub fn without(mut self, part: &Self) -> Self {
        self.count = self.count.wrapping_sub(part.count);
        for (lane, less) in self.lanes.iter_mut().zip(part.lanes) {
            *lane = lane.wrapping_sub(less);
        }
        self
    }

    /// As it is kept: the count, then the lanes, big-endian.
    #[must_use]
    pub fn to_bytes(&self) -> [u8; Self::LEN] {
        let mut bytes = [0; Self::LEN];
        let numbers = std::iter::once(self.count).chain(self.lanes);
        for (to, number) in bytes.as_chunks_mut().0.iter_mut().zip(numbers) {
            *to = number.to_be_bytes();
        }
        bytes
    }

    /// And back.
    #[must_use]
    pub fn from_bytes(bytes: &[u8; Self::LEN]) -> Self {
        let (count, rest) = bytes.split_first_chunk().unwrap_or((&[0; 8], &[]));
        Self { count: u64::from_be_bytes(*count), lanes: lanes_of(rest) }
    }
}

impl<'a> FromIterator<&'a Self> for SetSum {
    fn from_iter<T: IntoIterator<Item = &'a Self>>(sums: T) -> Self {
        sums.into_iter().fold(Self::default(), Self::and)
    }
}

fn lanes_of(bytes: &[u8]) -> [u64; LANES] {
    let mut lanes = [0; LANES];
    for (lane, bytes) in lanes.iter_mut().zip(bytes.as_chunks().0) {
        *lane = u64::from_be_bytes(*bytes);
    }
    lanes
}

const LANES: usize = 16;
/// The key under which a head is spread; known to all.
const SPREAD: &[u8; 32] = b"nexus 2026 sum of a set of ops 1";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sum_reads_back_and_loses_what_is_taken_away() {
        let ops = [[1; 16], [2; 16], [3; 16]];
        let all: SetSum = ops.iter().map(SetSum::of).collect::<Vec<_>>().iter().collect();
        assert_eq!(SetSum::from_bytes(&all.to_bytes()), all);
        let two = all.without(&SetSum::of(&[2; 16]));
        assert_eq!(two, SetSum::of(&[3; 16]).and(&SetSum::of(&[1; 16])));
        assert_eq!(two.count, 2);
    }

    /// The bytes that one op is spread to: another program must come to the same.
    #[test]
    fn the_sum_of_one_op_stays_what_it_is() {
        let bytes = SetSum::of(&[7; 16]).to_bytes();
        assert_eq!(bytes.len(), 136);
        let digest = blake3::hash(&bytes).to_hex();
        assert_eq!(digest.as_str(), "5732d110df5bcf0c1a1a417f953b74e4a664ed0c9c9ae3197a8655a10cd2ae0e");
    }
}
