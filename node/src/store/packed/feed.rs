//! The order in which what stands in blocks arrived.

use crate::store::block::unpack_arrived;
use crate::store::intern::Short;
use crate::store::table::{Access, Tables};
use crate::store::{fault, key};
use nexus_core::{Arrival, StoreFault};
use nexus_crdt::id::OpId;
use redb::ReadableTable;

impl<A: Access> Tables<A> {
    /// What arrived in a feed from a place on, in order, at most `limit`: rows and blocks together.
    pub(in crate::store) fn arrived(
        &self,
        feed: Short,
        from: Arrival,
        limit: usize,
    ) -> Result<Vec<(Arrival, OpId)>, StoreFault> {
        let (first, last) = (key::arrival(feed, from), key::arrival(feed, Arrival(u64::MAX)));
        let rows = self.arrival.range::<&[u8; 12]>(&first..=&last).map_err(fault)?.take(limit);
        let mut arrived = rows
            .map(|row| {
                let (place, id) = row.map_err(fault)?;
                Ok((key::arrival_at(place.value()), OpId(*id.value())))
            })
            .collect::<Result<Vec<_>, StoreFault>>()?;
        let packed = self.packed_arrivals(feed, from.0, limit)?;
        if packed.is_empty() {
            return Ok(arrived);
        }
        arrived.extend(packed);
        arrived.sort_unstable();
        arrived.truncate(limit);
        Ok(arrived)
    }

    // What the disk has changed makes no page shorter: a short one is the last.
    fn packed_arrivals(
        &self,
        feed: Short,
        from: u64,
        limit: usize,
    ) -> Result<Vec<(Arrival, OpId)>, StoreFault> {
        let (first, last) = (key::arrival(feed, Arrival(0)), key::arrival(feed, Arrival(u64::MAX)));
        let here = key::arrival(feed, Arrival(from));
        let around = self.block_arrival.range::<&[u8; 12]>(&first..=&here).map_err(fault)?.next_back();
        let begin = around.transpose().map_err(fault)?.map_or(here, |(at, _)| *at.value());
        let mut packed = Vec::new();
        for row in self.block_arrival.range::<&[u8; 12]>(&begin..=&last).map_err(fault)? {
            let (at, list) = row.map_err(fault)?;
            let list = match unpack_arrived(key::arrival_at(at.value()).0, list.value()) {
                Ok(list) => list,
                Err(error) => {
                    tracing::error!(%error, "a list of arrivals was changed on the disk: it is not used");
                    continue;
                }
            };
            for arrived in list.into_iter().filter(|arrived| arrived.at >= from) {
                if packed.len() >= limit {
                    return Ok(packed);
                }
                let block = self.block(arrived.block)?;
                let op = block.index.ops.get(usize::from(arrived.place));
                let op = op.ok_or_else(|| fault("an arrival of no op of its block"))?;
                packed.push((Arrival(arrived.at), op.id()));
            }
        }
        Ok(packed)
    }
}
