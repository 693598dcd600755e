//! Ops that a partial holder lets go of: their rows, and those that were made of them.

use super::apply::done;
use super::intern::Short;
use super::packed::Block;
use super::row::{ActValue, DeedValue, MessageValue, OpRow};
use super::table::{Access, Tables, WriteTables};
use super::{fault, key};
use nexus_core::store::{Spot, Standing};
use nexus_core::{ActRow, Arrival, Snowflake, SpaceCount, StoreFault};
use nexus_crdt::id::{ChannelId, OpId, SpaceId, StreamId};
use redb::ReadableTable;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

impl<A: Access> Tables<A> {
    pub(super) fn standing_after(
        &self,
        after: Option<&Standing>,
        limit: usize,
    ) -> Result<Vec<Standing>, StoreFault> {
        let after = after.map_or(Ok(None), |after| self.standing_at(after))?;
        let rows = self.standing.range::<&[u8; 32]>(&after.unwrap_or([0; 32])..).map_err(fault)?;
        let beyond = rows.filter(|row| row.as_ref().map_or(true, |(at, _)| Some(*at.value()) != after));
        beyond
            .take(limit)
            .map(|row| {
                let at = *row.map_err(fault)?.0.value();
                let (space, stream, ..) = key::op_parts(&at);
                let (space, stream) = (SpaceId(self.long(space)?), StreamId(self.long(stream)?));
                Ok(Standing { space, stream, spot: key::spot(&at) })
            })
            .collect()
    }

    pub(super) fn is_standing(&self, standing: &Standing) -> Result<bool, StoreFault> {
        let Some(at) = self.standing_at(standing)? else { return Ok(false) };
        Ok(self.standing.get(&at).map_err(fault)?.is_some())
    }

    fn standing_at(&self, standing: &Standing) -> Result<Option<[u8; 32]>, StoreFault> {
        let (space, stream) = (self.short(&standing.space.0)?, self.short(&standing.stream.0)?);
        Ok(space.zip(stream).map(|(space, stream)| key::op_in(space, stream, &standing.spot)))
    }
}

/// What a feed still says otherwise, by its space.
#[derive(Default)]
pub(super) struct Gone {
    /// Ops that are let go of.
    ops: BTreeMap<Short, BTreeSet<[u8; 32]>>,
    /// Blocks of which the ops are rows now.
    pub(super) blocks: BTreeMap<Short, BTreeMap<Short, Arc<Block>>>,
}

impl Gone {
    pub(super) fn holds(&self, id: &OpId) -> bool {
        self.ops.values().any(|gone| gone.contains(&id.0))
    }
}

impl WriteTables<'_> {
    pub(super) fn note_viewed(&mut self, viewed: bool) -> Result<(), StoreFault> {
        if viewed { done(self.meta.insert(VIEWED, b"".as_slice())) } else { done(self.meta.remove(VIEWED)) }
    }

    pub(super) fn note_standing(&mut self, standing: &Standing) -> Result<[u8; 32], StoreFault> {
        let (space, stream) = (self.shorten(&standing.space.0)?, self.shorten(&standing.stream.0)?);
        Ok(key::op_in(space, stream, &standing.spot))
    }

    /// The row of an act whose message stays. (That the message has a pin act is said of it still: none of them is found.)
    pub(super) fn let_go_of_act(&mut self, row: &ActRow) -> Result<(), StoreFault> {
        let Some(stream) = self.short(&row.stream.0)? else { return Ok(()) };
        let message = key::message(stream, row.message_hlc, &row.message);
        done(self.act.remove(&key::act(&message, row.act.hlc, &row.act.op)))
    }

    /// As if they had never come; what is left of them is taken from the feed by [`Self::take_from_feed`].
    pub(super) fn let_go(
        &mut self,
        space: &SpaceId,
        stream: &StreamId,
        ops: &[OpId],
        gone: &mut Gone,
    ) -> Result<(), StoreFault> {
        let (Some(space), Some(stream)) = (self.short(&space.0)?, self.short(&stream.0)?) else {
            return Ok(());
        };
        for id in &self.unpack_all(space, ops, gone)? {
            if self.let_go_of_op(space, stream, id)? {
                gone.ops.entry(space).or_default().insert(id.0);
            }
        }
        Ok(())
    }

    /// The rows of their arrival go; the numbers stay used. It reads the whole feed, so it is done once for all that a commit
    /// lets go of.
    pub(super) fn take_from_feed(&mut self, gone: Gone) -> Result<(), StoreFault> {
        for (feed, blocks) in &gone.blocks {
            self.unpack_arrivals(*feed, blocks)?;
        }
        for (space, gone) in gone.ops {
            let count = self.count_at(space)?;
            let left = count.ops.saturating_sub(gone.len() as u64);
            self.write_count(space, SpaceCount { ops: left, ..count })?;
            // Of a guild the feed is the space's own.
            let (first, last) = (key::arrival(space, Arrival(0)), key::arrival(space, Arrival(u64::MAX)));
            self.arrival
                .retain_in::<&[u8; 12], _>(&first..=&last, |_, id| !gone.contains(id))
                .map_err(fault)?;
            self.count_erased(gone.len() as u64)?;
            done(self.meta.insert("thinned", b"".as_slice()))?;
        }
        Ok(())
    }

    fn let_go_of_op(&mut self, space: Short, stream: Short, id: &OpId) -> Result<bool, StoreFault> {
        let Some(place) = self.by_id.remove(key::head(id)).map_err(fault)?.map(|place| *place.value()) else {
            return Ok(false);
        };
        let at = key::op_at(&place, id);
        let row = self.op.remove(&at).map_err(fault)?;
        let Some(row) = row.map(|row| OpRow::unpack(row.value())).transpose()? else { return Ok(false) };
        let log: key::LogKey = key::join(&[&space, &row.author, &stream, &row.tenure]);
        done(self.log.remove(&key::entry(&log, row.seq, id)))?;
        done(self.body.remove(&at))?;
        done(self.mark.remove(&at))?;
        done(self.standing.remove(&at))?;
        if let Some(message) = &row.target {
            done(self.orphan.remove(&key::orphan(message, id)))?;
        }
        let spot = key::spot(&at);
        self.let_go_of_message(stream, &spot, id)?;
        self.take_from_parts(space, stream, &spot)?;
        Ok(true)
    }

    fn let_go_of_message(&mut self, stream: Short, spot: &Spot, id: &OpId) -> Result<(), StoreFault> {
        let message = key::message(stream, spot.hlc, id);
        let row = self.message.remove(&message).map_err(fault)?;
        let Some(row) = row.map(|row| MessageValue::unpack(row.value())).transpose()? else { return Ok(()) };
        done(self.number.remove(&key::number(stream, Snowflake(row.number))))?;
        done(self.pin.remove(&message))?;
        self.let_go_of_moves(&message)?;
        let (first, last) = key::acts_of(&message);
        self.act.retain_in::<&[u8; 52], _>(&first..=&last, |_, _| false).map_err(fault)
    }

    fn let_go_of_moves(&mut self, message: &[u8; 28]) -> Result<(), StoreFault> {
        let (first, last) = key::acts_of(message);
        let mut threads = BTreeSet::new();
        for row in self.act.range::<&[u8; 52]>(&first..=&last).map_err(fault)? {
            if let DeedValue::Move { to: Some(to) } = ActValue::unpack(row.map_err(fault)?.1.value())?.deed {
                threads.insert(ChannelId(self.long(to)?).stream());
            }
        }
        for thread in threads {
            let thread = self.shorten(&thread.0)?;
            done(self.moved.remove(&key::moved(thread, message)))?;
        }
        Ok(())
    }
}

/// Of `meta`: there where the store has never held more than what is viewed.
pub(super) const VIEWED: &str = "viewed";
