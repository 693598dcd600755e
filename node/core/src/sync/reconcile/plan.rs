//! What is said of ranges that differ where one message has to hold the answer.

use super::look::Found;
use super::parts::{self, PART_MAX};
use super::{Keeps, Says};
use crate::store::{Head, Range, SetSum};

/// What becomes of a range that differs.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Plan {
    List,
    Cut,
    Later,
}

/// What differs is listed or cut where there is room; `sizes` are the bytes that each range took in the message.
pub(super) fn plan(found: &mut [(Range, Found)], sizes: &[usize], keeps: Keeps) {
    // What is settled takes no more than it took, what differs as much when it waits.
    let (mut taken, mut prints) = (0, 0);
    for ((_, found), size) in found.iter().zip(sizes) {
        match found {
            Found::Settled(Says::Need(heads)) => taken += BOUND_BYTES + heads.len() * size_of::<Head>(),
            Found::Settled(_) => taken += BOUND_BYTES,
            Found::Beside => taken += 2 * PRINT_BYTES,
            Found::Differs { .. } => (taken, prints) = (taken + size, prints + size),
        }
    }
    let mut asked = 0;
    for (_, found) in found.iter_mut() {
        if let Found::Differs { sum, plan, .. } = found
            && sum.count <= LEAF
            && taken + list_bytes(sum.count) <= PART_MAX - parts::SPARE
        {
            *plan = Plan::List;
            (taken, asked) = (taken + list_bytes(sum.count), asked + 1);
        }
    }
    for (_, found) in found.iter_mut() {
        let Found::Differs { sum: SetSum { count, .. }, plan, .. } = found else { continue };
        let bytes = usize::try_from(parts_of(*count)).unwrap_or(usize::MAX).saturating_mul(PRINT_BYTES);
        let fits = taken + bytes <= PART_MAX - parts::SPARE;
        // Who keeps nothing has to list in one message what differs of these. But where little is asked for, the ranges that there are
        // are gone on with.
        let is_answered = keeps == Keeps::Unsaid || prints + bytes <= PART_MAX / 2 || asked < ASKED_ANYWAY;
        if *count > LEAF && fits && is_answered {
            *plan = Plan::Cut;
            (taken, prints, asked) = (taken + bytes, prints + bytes, asked + parts_of(*count));
        }
    }
}

/// Bytes of a list of so many ops.
pub(super) fn list_bytes(count: u64) -> usize {
    2 * BOUND_BYTES + usize::try_from(count).unwrap_or(0) * size_of::<Head>()
}

/// A small range is cut between its ops, into parts that are short when they are listed; a large one where a store's own parts begin,
/// into as many as bring it down to single ones of these in the fewest cuts. So ops are read, and added up, only of what differs.
pub(super) fn parts_of(count: u64) -> u64 {
    if count <= CUT_BY_OPS {
        return count.div_ceil(SHORT).clamp(2, SPLIT_MAX);
    }
    let is_enough = |parts: u64, cuts: u32| parts.saturating_pow(cuts).saturating_mul(OF_A_PART) >= count;
    let cuts = (1..).find(|cuts| is_enough(SPLIT_MAX, *cuts)).unwrap_or(1);
    (2..SPLIT_MAX).find(|parts| is_enough(*parts, cuts)).unwrap_or(SPLIT_MAX)
}

/// Parts that a range is cut into at most.
pub(super) const SPLIT_MAX: u64 = 40;
/// A range of so many ops is cut between ops.
pub(super) const CUT_BY_OPS: u64 = 640;
/// Ops that are listed in the end, of a range that was cut: half as many take more fingerprints than they spare names.
pub(super) const SHORT: u64 = 12;
/// Ops of a part as a store keeps them, with one half as large that is told with it.
pub(super) const OF_A_PART: u64 = 96;
/// Bytes of a fingerprint and the bound of its range, mostly.
pub(super) const PRINT_BYTES: usize = 14;
/// Bytes of a bound, mostly.
pub(super) const BOUND_BYTES: usize = 5;
/// Ops of a range that are listed.
pub(super) const LEAF: u64 = 32;
/// What one message asks for, beyond which more fingerprints only wait.
const ASKED_ANYWAY: u64 = 96;
