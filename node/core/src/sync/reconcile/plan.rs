//! What is said of ranges that differ where one message has to hold the answer.

use super::Says;
use super::look::Found;
use super::parts::{self, PART_MAX};
use crate::store::{Head, Range};

/// What becomes of a range that differs.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Plan {
    List,
    Cut,
    Later,
}

/// What differs is listed or cut where there is room; `sizes` are the bytes that each range took in the message.
pub(super) fn plan(found: &mut [(Range, Found)], sizes: &[usize]) {
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
    for (_, found) in found.iter_mut() {
        if let Found::Differs { count, plan, .. } = found
            && *count <= LEAF
            && taken + LIST_BYTES <= PART_MAX - parts::SPARE
        {
            *plan = Plan::List;
            taken += LIST_BYTES;
        }
    }
    let is_listed = |found: &(Range, Found)| matches!(found.1, Found::Differs { plan: Plan::List, .. });
    let mut asked = found.iter().filter(|found| is_listed(found)).count() as u64;
    for (_, found) in found.iter_mut() {
        let Found::Differs { count, plan, .. } = found else { continue };
        let bytes = usize::try_from(parts_of(*count)).unwrap_or(usize::MAX).saturating_mul(PRINT_BYTES);
        let fits = taken + bytes <= PART_MAX - parts::SPARE;
        // Half of a message is for lists. But one that asks for little goes on with the ranges that it has.
        if *count > LEAF && fits && (prints + bytes <= PART_MAX / 2 || asked < ASKED_ANYWAY) {
            *plan = Plan::Cut;
            (taken, prints, asked) = (taken + bytes, prints + bytes, asked + parts_of(*count));
        }
    }
}

/// As many parts as bring the range down to lists in the fewest cuts, and no more than that takes.
pub(super) fn parts_of(count: u64) -> u64 {
    let is_enough = |parts: u64, cuts: u32| parts.saturating_pow(cuts).saturating_mul(LEAF) >= count;
    let cuts = (1..).find(|cuts| is_enough(SPLIT_MAX, *cuts)).unwrap_or(1);
    (2..SPLIT_MAX).find(|parts| is_enough(*parts, cuts)).unwrap_or(SPLIT_MAX)
}

/// Parts that a range is cut into at most.
pub(super) const SPLIT_MAX: u64 = 40;
/// Bytes of a fingerprint and the bound of its range, mostly.
pub(super) const PRINT_BYTES: usize = 14;
/// Bytes of a bound, mostly.
pub(super) const BOUND_BYTES: usize = 5;
/// Ops of a range that are listed.
pub(super) const LEAF: u64 = 32;
/// Bytes of such a list at most.
pub(super) const LIST_BYTES: usize = 32 * 16 + 30;
/// What one message asks for, beyond which more fingerprints only wait.
const ASKED_ANYWAY: u64 = 96;
