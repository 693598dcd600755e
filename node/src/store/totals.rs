//! Running totals of what is written: each is read and written once for all ops that come together.

use super::apply::done;
use super::intern::Short;
use super::table::WriteTables;
use nexus_core::store::Spot;
use nexus_core::{Arrival, SpaceCount, StoreFault};
use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

/// Of ops whose rows are written, what their rows of totals do not say yet.
#[derive(Default)]
pub(super) struct Totals {
    /// So many more in each space.
    counts: BTreeMap<Short, SpaceCount>,
    /// The last arrival of each feed.
    fed: BTreeMap<Short, Arrival>,
    /// Where in a stream of a space they stand.
    spots: BTreeMap<(Short, Short), Vec<Spot>>,
}

impl Totals {
    /// Counts an op in, new here. What was written here waits until somebody else holds it.
    pub(super) fn count(&mut self, space: Short, stream: Short, spot: Spot, mine: bool) {
        let count = self.counts.entry(space).or_default();
        count.ops += 1;
        count.outbox += u64::from(mine);
        self.spots.entry((space, stream)).or_default().push(spot);
    }
}

impl WriteTables<'_> {
    /// The number of what arrives next in a feed.
    pub(super) fn next_arrival(&self, feed: Short, totals: &mut Totals) -> Result<Arrival, StoreFault> {
        let last = match totals.fed.entry(feed) {
            Entry::Occupied(last) => last.into_mut(),
            Entry::Vacant(free) => free.insert(self.fed_at(feed)?),
        };
        last.0 += 1;
        Ok(*last)
    }

    /// Writes the totals of what was counted in: before anything reads them, or counts out.
    pub(super) fn write_totals(&mut self, totals: &mut Totals) -> Result<(), StoreFault> {
        let Totals { counts, fed, spots } = std::mem::take(totals);
        for (space, more) in counts {
            let SpaceCount { ops, outbox } = self.count_at(space)?;
            self.write_count(space, SpaceCount { ops: ops + more.ops, outbox: outbox + more.outbox })?;
        }
        for (feed, last) in fed {
            done(self.fed.insert(&feed, &last.0.to_be_bytes()))?;
        }
        spots.into_iter().try_for_each(|((space, stream), spots)| self.add_to_parts(space, stream, spots))
    }
}

#[cfg(test)]
mod tests;
