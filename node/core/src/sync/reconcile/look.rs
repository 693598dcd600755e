//! What a side sees in a message.

use super::plan::Plan;
use super::{Gift, Ops, Parts, Print, Says, Side};
use crate::store::{Gaps, Head, Range, SetSum, StoreFault};
use std::collections::BTreeSet;

/// What is seen in a range of a message.
pub(super) enum Found {
    /// It is answered, and that is all.
    Settled(Says),
    /// A gap reaches into it.
    Beside,
    /// There is more to find out.
    Differs {
        /// What is here.
        sum: SetSum,
        print: Print,
        plan: Plan,
    },
}

impl<O: Ops> Side<'_, O> {
    /// Range by range; fingerprints of ranges that adjoin are made at one reading.
    pub(super) fn look(
        &self,
        theirs: &Parts,
        gaps: &Gaps,
        gifts: &mut Vec<Gift>,
    ) -> Result<Vec<(Range, Found)>, StoreFault> {
        let ranges = theirs.ranges();
        let printed = theirs.0.iter().zip(&ranges).filter(|(part, _)| matches!(part.says, Says::Print(_)));
        let printed: Vec<Range> =
            printed.map(|(_, range)| *range).filter(|range| !gaps.meet(range)).collect();
        let mut sums = self.ops.sums(&printed)?.into_iter();
        let mut found = Vec::with_capacity(ranges.len());
        for (part, range) in theirs.0.iter().zip(ranges) {
            let what = match &part.says {
                Says::Same => Found::Settled(Says::Same),
                Says::Need(heads) => {
                    gifts.push(Gift::Named(heads.clone()));
                    Found::Settled(Says::Same)
                }
                _ if gaps.meet(&range) => Found::Beside,
                Says::Names(names) => Found::Settled(self.look_at_names(&range, names, gifts)?),
                Says::Print(theirs) => {
                    let sum = sums.next().unwrap_or_default();
                    let print = self.key.print(&sum);
                    let differs = Found::Differs { sum, print, plan: Plan::Later };
                    if print == *theirs { Found::Settled(Says::Same) } else { differs }
                }
            };
            found.push((range, what));
        }
        Ok(found)
    }

    fn look_at_names(
        &self,
        range: &Range,
        theirs: &[Head],
        gifts: &mut Vec<Gift>,
    ) -> Result<Says, StoreFault> {
        let spots = self.ops.spots(range, theirs.len() + NAMED_MAX)?;
        let here: BTreeSet<Head> = spots.iter().map(|spot| spot.head).collect();
        let mut lacking = Vec::new();
        for head in theirs {
            if !here.contains(head) && !self.ops.has(head)? {
                lacking.push(*head);
            }
        }
        let except: BTreeSet<Head> = theirs.iter().copied().collect();
        if spots.len() < theirs.len() + NAMED_MAX {
            let more = spots.iter().map(|spot| spot.head).filter(|head| !except.contains(head));
            let more: Vec<Head> = more.collect();
            if !more.is_empty() {
                gifts.push(Gift::Named(more));
            }
        } else {
            let shared = theirs.len() - lacking.len();
            let count = self.ops.sums(&[*range])?.iter().map(|sum| sum.count).sum::<u64>();
            let count = count.saturating_sub(shared as u64);
            gifts.push(Gift::Range { range: *range, except, count });
        }
        Ok(if lacking.is_empty() { Says::Same } else { Says::Need(lacking) })
    }
}

/// What is missing in a list is given by name up to so many ops, and else as a range.
const NAMED_MAX: usize = 64;
