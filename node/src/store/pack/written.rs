//! The rows by which blocks are found, written beside those that stay.

use super::Packing;
use crate::store::block::{Arrived, LIST_MAX, pack_arrived, unpack_arrived};
use crate::store::intern::Short;
use crate::store::table::{ReadTables, WriteTables};
use crate::store::{fault, key};
use nexus_core::{Arrival, StoreFault};
use redb::{Key, ReadableTable, ReadableTableMetadata, Table, Value};
use std::ops::Bound;

impl ReadTables {
    /// Writes them into a store that has everything else.
    pub(in crate::store) fn find_packed(
        &self,
        into: &mut WriteTables<'_>,
        packing: &Packing,
        at_once: usize,
    ) -> Result<(), StoreFault> {
        put(&mut into.block_at, packing.at.iter().map(|(at, value)| (at, value)))?;
        put(&mut into.block_log, packing.logs.iter().map(|(at, value)| (at, value)))?;
        put(&mut into.block_number, packing.numbers.iter().map(|(at, value)| (at, value)))?;
        self.find_by_id(into, packing)?;
        self.find_by_arrival(into, packing)?;
        // Where there was more than is packed at once, the next time comes soon.
        let rows = if packing.ops.len() < at_once { into.op.len().map_err(fault)? } else { 0 };
        into.meta.insert(ROWS, rows.to_be_bytes().as_slice()).map_err(fault)?;
        Ok(())
    }

    fn find_by_id(&self, into: &mut WriteTables<'_>, packing: &Packing) -> Result<(), StoreFault> {
        let mut new: Vec<[u8; 10]> =
            packing.ops.iter().map(|(head, block, _)| key::block_op(head, *block)).collect();
        new.sort_unstable();
        new.dedup();
        let mut new = new.into_iter().peekable();
        let mut at_end = into.block_op.upper_bound_mut(Bound::<&[u8; 10]>::Unbounded).map_err(fault)?;
        for row in self.block_op.iter().map_err(fault)? {
            let old = *row.map_err(fault)?.0.value();
            while let Some(before) = new.next_if(|new| *new < old) {
                at_end.insert_before(&before, ()).map_err(fault)?;
            }
            at_end.insert_before(&old, ()).map_err(fault)?;
        }
        for rest in new {
            at_end.insert_before(&rest, ()).map_err(fault)?;
        }
        at_end.close().map_err(fault)
    }

    // The lists that are here and what is packed now, in one order.
    fn find_by_arrival(&self, into: &mut WriteTables<'_>, packing: &Packing) -> Result<(), StoreFault> {
        let mut lists = Lists { into, open: None };
        let mut old = self.block_arrival.iter().map_err(fault)?;
        let mut known: std::vec::IntoIter<(Short, Arrived)> = Vec::new().into_iter();
        let mut held: Option<(Short, Arrived)> = None;
        let mut next_held = || -> Result<Option<(Short, Arrived)>, StoreFault> {
            loop {
                if let Some(held) = known.next() {
                    return Ok(Some(held));
                }
                let Some(row) = old.next() else { return Ok(None) };
                let (at, list) = row.map_err(fault)?;
                let (feed, first) = (key::arrival_feed(at.value()), key::arrival_at(at.value()).0);
                // One that the disk has changed tells nobody anything.
                let list = unpack_arrived(first, list.value()).unwrap_or_default();
                known = list.into_iter().map(|arrived| (feed, arrived)).collect::<Vec<_>>().into_iter();
            }
        };
        held = next_held()?.or(held);
        for row in self.arrival.iter().map_err(fault)? {
            let (at, id) = row.map_err(fault)?;
            let Some(head) = id.value().first_chunk() else { continue };
            let Some((block, place)) = packing.place_of(head) else { continue };
            let (feed, at) = (key::arrival_feed(at.value()), key::arrival_at(at.value()).0);
            while let Some((held_feed, arrived)) = held.filter(|(of, arrived)| (*of, arrived.at) < (feed, at))
            {
                lists.put(held_feed, arrived)?;
                held = next_held()?;
            }
            lists.put(feed, Arrived { at, block, place })?;
        }
        while let Some((feed, arrived)) = held {
            lists.put(feed, arrived)?;
            held = next_held()?;
        }
        lists.close()
    }
}

/// Arrivals, list after list.
struct Lists<'a, 'tx> {
    into: &'a mut WriteTables<'tx>,
    open: Option<(Short, Vec<Arrived>)>,
}

impl Lists<'_, '_> {
    fn put(&mut self, feed: Short, arrived: Arrived) -> Result<(), StoreFault> {
        match &mut self.open {
            Some((of, list)) if *of == feed && list.len() < LIST_MAX => list.push(arrived),
            _ => {
                self.close()?;
                self.open = Some((feed, vec![arrived]));
            }
        }
        Ok(())
    }

    fn close(&mut self) -> Result<(), StoreFault> {
        let Some((feed, list)) = self.open.take() else { return Ok(()) };
        let Some(first) = list.first() else { return Ok(()) };
        let at = key::arrival(feed, Arrival(first.at));
        let list = pack_arrived(&list)?;
        self.into.block_arrival.insert(&at, list.as_slice()).map_err(fault)?;
        Ok(())
    }
}

/// Writes rows that ascend: behind what is there, where all belong there, so that pages are full.
fn put<'row, K, V>(
    table: &mut Table<'_, K, V>,
    rows: impl Iterator<Item = (K::SelfType<'row>, V::SelfType<'row>)>,
) -> Result<(), StoreFault>
where
    K: Key + 'static,
    V: Value + 'static,
{
    let is_new = table.is_empty().map_err(fault)?;
    if is_new {
        let mut at_end = table.upper_bound_mut(Bound::<K::SelfType<'_>>::Unbounded).map_err(fault)?;
        for (at, value) in rows {
            at_end.insert_before(at, value).map_err(fault)?;
        }
        return at_end.close().map_err(fault);
    }
    for (at, value) in rows {
        table.insert(at, value).map_err(fault)?;
    }
    Ok(())
}

/// Of `meta`: rows of `op` that were left when the file was last written anew.
pub(in crate::store) const ROWS: &str = "rows";
