//! The store as it will be when the turn is through: what was there, and what the turn has written over it.

use super::{
    ActRow, Arrival, Cursor, Erasure, Gaps, Head, LogEntry, LogId, MemoryStore, MessageRow, Passing, PeerKey,
    Range, Record, Secret, SpaceCount, Spot, Standing, Store, StoreFault, StoredOp, StreamGaps, StreamSum,
    Tally, TokenHash,
};
use crate::snowflake::Snowflake;
use nexus_crdt::hlc::Hlc;
use nexus_crdt::id::{DeviceKey, FrontierId, OpId, SpaceId, StreamId, UserId};
use nexus_crdt::timeline::TimelineEntry;
use nexus_crypto::{Mark, MarkKey};
use std::collections::{BTreeMap, BTreeSet};

/// A base nobody writes to, and records on top of it.
pub(crate) struct Overlay<'a> {
    base: &'a dyn Store,
    fresh: MemoryStore,
    records: Vec<Record>,
    destroyed: BTreeSet<OpId>,
    revoked: BTreeSet<TokenHash>,
    relays_gone: BTreeSet<String>,
    secrets_gone: BTreeSet<Passing>,
    released: BTreeSet<OpId>,
    adopted: BTreeSet<OpId>,
    erasures_over: BTreeSet<OpId>,
    stand_no_more: BTreeSet<Standing>,
    gone: Gone,
}

/// Ops that the turn has let go of.
#[derive(Default)]
struct Gone {
    ops: BTreeSet<OpId>,
    streams: BTreeSet<(SpaceId, StreamId)>,
}

impl Gone {
    fn stays(&self, id: &OpId) -> bool {
        !self.ops.contains(id)
    }

    fn spot_stays(&self, spot: &Spot) -> bool {
        let mut first = [0; 32];
        first[..16].copy_from_slice(&spot.head);
        self.ops.range(OpId(first)..).next().is_none_or(|id| !id.0.starts_with(&spot.head))
    }

    /// How many are asked of the base, so that so many are left.
    fn more(&self, limit: usize) -> usize {
        limit.saturating_add(self.ops.len())
    }
}

impl<'a> Overlay<'a> {
    pub(crate) fn new(base: &'a dyn Store) -> Self {
        Self {
            base,
            fresh: MemoryStore::default(),
            records: Vec::new(),
            destroyed: BTreeSet::new(),
            revoked: BTreeSet::new(),
            relays_gone: BTreeSet::new(),
            secrets_gone: BTreeSet::new(),
            released: BTreeSet::new(),
            adopted: BTreeSet::new(),
            erasures_over: BTreeSet::new(),
            stand_no_more: BTreeSet::new(),
            gone: Gone::default(),
        }
    }

    /// Puts a record on top; the base stays as it is until the records are carried out.
    pub(crate) fn write(&mut self, record: Record) {
        match &record {
            Record::BodyDestroyed(op) => drop(self.destroyed.insert(*op)),
            Record::Act(row) => drop(self.adopted.insert(row.act.op)),
            Record::TokenRevoked(token) => drop(self.revoked.insert(*token)),
            Record::Token(token, _) => drop(self.revoked.remove(token)),
            Record::Waiting(op) => drop(self.released.remove(&op.op.id)),
            Record::NoLongerWaiting(op) => drop(self.released.insert(*op)),
            Record::Secret(secret) => self.secrets_gone.retain(|gone| !gone.is(secret)),
            Record::SecretGone(gone) => drop(self.secrets_gone.insert(*gone)),
            Record::Erasure(erasure) => drop(self.erasures_over.remove(&erasure.message)),
            Record::ErasureOver(erasure) => drop(self.erasures_over.insert(erasure.message)),
            Record::Orphan { act, .. } => drop(self.adopted.remove(act)),
            Record::Stands(standing) => drop(self.stand_no_more.remove(standing)),
            Record::StandsNoMore(standing) => drop(self.stand_no_more.insert(*standing)),
            Record::Op { op, .. } => drop(self.gone.ops.remove(&op.op.id)),
            Record::LetGo { space, stream, ops, .. } => {
                self.gone.ops.extend(ops);
                self.gone.streams.insert((*space, *stream));
            }
            Record::HomeRelay(url) => drop(self.relays_gone.remove(url)),
            Record::HomeRelayGone(url) => drop(self.relays_gone.insert(url.clone())),
            _ => {}
        }
        self.fresh.apply(std::slice::from_ref(&record));
        self.records.push(record);
    }

    /// Ops that were not here before, by their numbers from the first on that is free, and how many numbers are used.
    fn new_in(&self, space: &SpaceId) -> Result<(Vec<(u64, OpId)>, u64), StoreFault> {
        let (mut new, mut used) = (Vec::new(), 0);
        for (id, is_held) in self.fresh.arrived(space) {
            if !self.base.has_op(&id)? {
                used += 1;
                new.extend(is_held.then_some((used, id)));
            }
        }
        Ok((new, used))
    }

    /// Whether anything was written.
    pub(crate) const fn has_records(&self) -> bool {
        !self.records.is_empty()
    }

    /// What was written, in order.
    pub(crate) fn into_records(self) -> Vec<Record> {
        self.records
    }
}

impl Store for Overlay<'_> {
    fn op(&self, id: &OpId) -> Result<Option<StoredOp>, StoreFault> {
        if let Some(op) = self.fresh.op(id)? {
            return Ok(Some(op));
        }
        let mut op = self.base.op(id)?.filter(|_| self.gone.stays(id));
        if let Some(stored) = op.as_mut().filter(|_| self.destroyed.contains(id)) {
            stored.op.body = None;
        }
        Ok(op)
    }

    fn has_op(&self, id: &OpId) -> Result<bool, StoreFault> {
        Ok(self.fresh.has_op(id)? || self.gone.stays(id) && self.base.has_op(id)?)
    }

    fn stream_ops(&self, space: &SpaceId, stream: &StreamId) -> Result<Vec<StoredOp>, StoreFault> {
        let mut ops = self.base.stream_ops(space, stream)?;
        ops.retain(|stored| self.gone.stays(&stored.op.id));
        ops.extend(self.fresh.stream_ops(space, stream)?);
        ops.sort_by_key(|stored| (stored.op.header.hlc, stored.op.id));
        ops.dedup_by_key(|stored| stored.op.id);
        Ok(ops)
    }

    fn mark_key(&self) -> &MarkKey {
        self.base.mark_key()
    }

    fn marks(&self, space: &SpaceId, stream: &StreamId) -> Result<Vec<(Spot, Mark)>, StoreFault> {
        let base = self.base.marks(space, stream)?.into_iter();
        let marks: BTreeMap<Spot, Mark> = base.chain(self.fresh.marks(space, stream)?).collect();
        Ok(marks.into_iter().collect())
    }

    fn spaces(&self) -> Result<Vec<SpaceId>, StoreFault> {
        Ok(union(self.base.spaces()?, self.fresh.spaces()?))
    }

    fn log_head(&self, log: &LogId) -> Result<Option<LogEntry>, StoreFault> {
        let (base, fresh) = (self.base.log_head(log)?, self.fresh.log_head(log)?);
        let head = base.into_iter().chain(fresh).max_by_key(|entry| (entry.seq, entry.op));
        match head {
            Some(head) if !self.gone.stays(&head.op) => Ok(self.log_from(log, 0, usize::MAX)?.pop()),
            head => Ok(head),
        }
    }

    fn log_at(&self, log: &LogId, seq: u64) -> Result<Vec<LogEntry>, StoreFault> {
        let mut base = self.base.log_at(log, seq)?;
        base.retain(|entry| self.gone.stays(&entry.op));
        Ok(union(base, self.fresh.log_at(log, seq)?))
    }

    fn logs_of(&self, space: &SpaceId, device: &DeviceKey) -> Result<Vec<LogId>, StoreFault> {
        Ok(union(self.base.logs_of(space, device)?, self.fresh.logs_of(space, device)?))
    }

    fn log_from(&self, log: &LogId, seq: u64, limit: usize) -> Result<Vec<LogEntry>, StoreFault> {
        let mut base = self.base.log_from(log, seq, self.gone.more(limit))?;
        base.retain(|entry| self.gone.stays(&entry.op));
        let mut entries = union(base, self.fresh.log_from(log, seq, limit)?);
        entries.truncate(limit);
        Ok(entries)
    }

    fn message(&self, stream: &StreamId, id: &OpId) -> Result<Option<MessageRow>, StoreFault> {
        match self.fresh.message(stream, id)? {
            Some(row) => Ok(Some(row)),
            None => Ok(self.base.message(stream, id)?.filter(|row| self.gone.stays(&row.id))),
        }
    }

    fn message_by_number(&self, stream: &StreamId, number: Snowflake) -> Result<Option<OpId>, StoreFault> {
        match self.fresh.message_by_number(stream, number)? {
            Some(id) => Ok(Some(id)),
            None => Ok(self.base.message_by_number(stream, number)?.filter(|id| self.gone.stays(id))),
        }
    }

    fn messages(
        &self,
        stream: &StreamId,
        from: Snowflake,
        older: bool,
        limit: usize,
    ) -> Result<Vec<MessageRow>, StoreFault> {
        let mut base = self.base.messages(stream, from, older, self.gone.more(limit))?;
        base.retain(|row| self.gone.stays(&row.id));
        let fresh = self.fresh.messages(stream, from, older, limit)?;
        let rows: BTreeMap<Snowflake, MessageRow> =
            base.into_iter().chain(fresh).map(|row| (row.api_id, row)).collect();
        let rows = rows.into_values();
        Ok(if older { rows.rev().take(limit).collect() } else { rows.take(limit).collect() })
    }

    fn acts(&self, stream: &StreamId, message: &OpId, at: Hlc) -> Result<Vec<ActRow>, StoreFault> {
        let (mut base, fresh) = (self.base.acts(stream, message, at)?, self.fresh.acts(stream, message, at)?);
        base.retain(|row| self.gone.stays(message) && self.gone.stays(&row.act.op));
        if fresh.is_empty() {
            return Ok(base);
        }
        let rows: BTreeMap<OpId, ActRow> =
            base.into_iter().chain(fresh).map(|row| (row.act.op, row)).collect();
        Ok(rows.into_values().collect())
    }

    fn pinned(&self, stream: &StreamId) -> Result<Vec<OpId>, StoreFault> {
        let mut pinned = union(self.base.pinned(stream)?, self.fresh.pinned(stream)?);
        pinned.retain(|message| self.gone.stays(message));
        Ok(pinned)
    }

    fn moved_into(&self, thread: &StreamId) -> Result<BTreeSet<(StreamId, OpId)>, StoreFault> {
        let mut moved = self.base.moved_into(thread)?;
        moved.append(&mut self.fresh.moved_into(thread)?);
        moved.retain(|(_, message)| self.gone.stays(message));
        Ok(moved)
    }

    fn tally(&self, stream: &StreamId) -> Result<Tally, StoreFault> {
        self.fresh.written_tally(stream).map_or_else(|| self.base.tally(stream), Ok)
    }

    // Asked for at a start alone, when nothing is written on top.
    fn notes(&self, stream: &StreamId) -> Result<Vec<(Hlc, OpId)>, StoreFault> {
        let mut all = self.base.notes(stream)?;
        all.extend(self.fresh.notes(stream)?);
        Ok(all)
    }

    fn timeline(&self, stream: &StreamId, each: &mut dyn FnMut(TimelineEntry)) -> Result<(), StoreFault> {
        let rows = self.messages(stream, Snowflake(0), false, usize::MAX)?;
        let mut rows: Vec<MessageRow> = rows.into_iter().filter(|row| row.verdict == 0).collect();
        rows.sort_by_key(|row| (row.hlc, row.id));
        for row in rows {
            each(row.timeline_entry(&self.acts(stream, &row.id, row.hlc)?));
        }
        Ok(())
    }

    fn frontier(&self, id: &FrontierId) -> Result<Option<Vec<OpId>>, StoreFault> {
        match self.fresh.frontier(id)? {
            Some(heads) => Ok(Some(heads)),
            None => self.base.frontier(id),
        }
    }

    fn frontiers(&self) -> Result<Vec<Vec<OpId>>, StoreFault> {
        Ok(union(self.base.frontiers()?, self.fresh.frontiers()?))
    }

    fn forks(&self) -> Result<Vec<LogId>, StoreFault> {
        Ok(union(self.base.forks()?, self.fresh.forks()?))
    }

    fn snowflakes(&self) -> Result<Vec<(Snowflake, OpId)>, StoreFault> {
        Ok(union(self.base.snowflakes()?, self.fresh.snowflakes()?))
    }

    fn tokens(&self) -> Result<Vec<(TokenHash, UserId)>, StoreFault> {
        let tokens = union(self.base.tokens()?, self.fresh.tokens()?);
        Ok(tokens.into_iter().filter(|(token, _)| !self.revoked.contains(token)).collect())
    }

    fn secrets(&self) -> Result<Vec<Secret>, StoreFault> {
        let mut secrets = self.base.secrets()?;
        secrets.retain(|secret| !self.secrets_gone.iter().any(|gone| gone.is(secret)));
        secrets.extend(self.fresh.secrets()?);
        Ok(secrets)
    }

    fn owner(&self) -> Result<Option<UserId>, StoreFault> {
        Ok(self.fresh.owner()?.or(self.base.owner()?))
    }

    fn epoch(&self) -> Result<[u8; 16], StoreFault> {
        self.fresh.written_epoch().map_or_else(|| self.base.epoch(), Ok)
    }

    fn life_at(&self, space: &SpaceId, at: Arrival) -> Result<Option<(Arrival, [u8; 16])>, StoreFault> {
        let base = self.base.last_arrival(space)?.0;
        let fresh = self.fresh.life_at(space, Arrival(at.0.saturating_sub(base)))?;
        match fresh {
            Some((first, name)) => Ok(Some((Arrival(base + first.0), name))),
            None if self.fresh.written_epoch().is_some() => Ok(None),
            None => self.base.life_at(space, at),
        }
    }

    fn last_arrival(&self, space: &SpaceId) -> Result<Arrival, StoreFault> {
        Ok(Arrival(self.base.last_arrival(space)?.0 + self.new_in(space)?.1))
    }

    fn arrivals(
        &self,
        space: &SpaceId,
        after: Arrival,
        limit: usize,
    ) -> Result<Vec<(Arrival, OpId)>, StoreFault> {
        let mut arrivals = self.base.arrivals(space, after, self.gone.more(limit))?;
        arrivals.retain(|(_, id)| self.gone.stays(id));
        let last = self.base.last_arrival(space)?.0;
        let new = self.new_in(space)?.0.into_iter().map(|(number, id)| (Arrival(last + number), id));
        arrivals.extend(new.filter(|(at, _)| *at > after));
        arrivals.truncate(limit);
        Ok(arrivals)
    }

    fn outbox_from(&self, space: &SpaceId) -> Result<Option<Arrival>, StoreFault> {
        let base = self.base.last_arrival(space)?.0;
        let fresh = self.fresh.outbox_from(space)?.map(|first| Arrival(base + first.0));
        Ok(self.base.outbox_from(space)?.or(fresh))
    }

    fn cursor(&self, peer: &PeerKey, space: &SpaceId) -> Result<Option<Cursor>, StoreFault> {
        Ok(self.fresh.cursor(peer, space)?.or(self.base.cursor(peer, space)?))
    }

    fn stream_sums(&self, space: &SpaceId) -> Result<Vec<(StreamId, StreamSum)>, StoreFault> {
        let mut sums: BTreeMap<StreamId, StreamSum> = self.base.stream_sums(space)?.into_iter().collect();
        let fresh = self.fresh.ops().filter(|stored| stored.op.space() == *space);
        let thinned = self.gone.streams.iter().filter(|(of, _)| of == space).map(|(_, stream)| *stream);
        let touched: BTreeSet<StreamId> =
            fresh.map(|stored| stored.op.header.stream).chain(thinned).collect();
        for stream in touched {
            let pieces = self.pieces(space, &stream, &Range::ALL, 1)?;
            let sum = StreamSum::of(&pieces.iter().map(|piece| &piece.sum).collect());
            match sum.count {
                0 => drop(sums.remove(&stream)),
                _ => drop(sums.insert(stream, sum)),
            }
        }
        Ok(sums.into_iter().collect())
    }

    fn stream_page(
        &self,
        space: &SpaceId,
        stream: &StreamId,
        after: Option<(Hlc, OpId)>,
        limit: usize,
    ) -> Result<Vec<StoredOp>, StoreFault> {
        let mut page = self.base.stream_page(space, stream, after, self.gone.more(limit))?;
        page.retain(|stored| self.gone.stays(&stored.op.id));
        page.extend(self.fresh.stream_page(space, stream, after, limit)?);
        page.sort_by_key(|stored| (stored.op.header.hlc, stored.op.id));
        page.dedup_by_key(|stored| stored.op.id);
        page.truncate(limit);
        Ok(page)
    }

    fn op_headed(&self, space: &SpaceId, stream: &StreamId, head: &Head) -> Result<Option<OpId>, StoreFault> {
        let fresh = self.fresh.op_headed(space, stream, head)?;
        let base = self.base.op_headed(space, stream, head)?.filter(|id| self.gone.stays(id));
        Ok(fresh.or(base))
    }

    fn spots(
        &self,
        space: &SpaceId,
        stream: &StreamId,
        range: &Range,
        limit: usize,
    ) -> Result<Vec<Spot>, StoreFault> {
        let mut base = self.base.spots(space, stream, range, self.gone.more(limit))?;
        base.retain(|spot| self.gone.spot_stays(spot));
        let mut spots = union(base, self.fresh.spots(space, stream, range, limit)?);
        spots.truncate(limit);
        Ok(spots)
    }

    fn spot_before(
        &self,
        space: &SpaceId,
        stream: &StreamId,
        spot: &Spot,
    ) -> Result<Option<Spot>, StoreFault> {
        let mut base = self.base.spot_before(space, stream, spot)?;
        while let Some(gone) = base.filter(|spot| !self.gone.spot_stays(spot)) {
            base = self.base.spot_before(space, stream, &gone)?;
        }
        Ok(base.max(self.fresh.spot_before(space, stream, spot)?))
    }

    fn gaps(&self) -> Result<Vec<StreamGaps>, StoreFault> {
        let mut gaps: BTreeMap<(SpaceId, StreamId), Gaps> = self.base.gaps()?.into_iter().collect();
        gaps.extend(self.fresh.written_gaps().clone());
        gaps.retain(|_, gaps| !gaps.is_empty());
        Ok(gaps.into_iter().collect())
    }

    fn holds_viewed(&self) -> Result<bool, StoreFault> {
        self.base.holds_viewed()
    }

    fn orphans(&self, message: &OpId) -> Result<Vec<OpId>, StoreFault> {
        let mut orphans = union(self.base.orphans(message)?, self.fresh.orphans(message)?);
        orphans.retain(|act| !self.adopted.contains(act) && self.gone.stays(act));
        Ok(orphans)
    }

    // As with erasures: the order is the base's as long as this turn has written none.
    fn standing(&self, after: Option<&Standing>, limit: usize) -> Result<Vec<Standing>, StoreFault> {
        let mut standing = self.base.standing(after, limit)?;
        standing.retain(|one| !self.stand_no_more.contains(one) && self.gone.spot_stays(&one.spot));
        let mut standing = union(standing, self.fresh.standing(after, limit)?);
        standing.truncate(limit);
        Ok(standing)
    }

    fn stands(&self, standing: &Standing) -> Result<bool, StoreFault> {
        let in_base = !self.stand_no_more.contains(standing) && self.gone.spot_stays(&standing.spot);
        Ok(self.fresh.stands(standing)? || in_base && self.base.stands(standing)?)
    }

    fn waiting(&self) -> Result<Vec<StoredOp>, StoreFault> {
        let mut waiting = self.base.waiting()?;
        waiting.retain(|stored| !self.released.contains(&stored.op.id));
        waiting.extend(self.fresh.waiting()?);
        Ok(waiting)
    }

    fn home_relays(&self) -> Result<Vec<String>, StoreFault> {
        let relays = union(self.base.home_relays()?, self.fresh.home_relays()?);
        Ok(relays.into_iter().filter(|url| !self.relays_gone.contains(url)).collect())
    }

    fn set_back(&self) -> Result<Vec<UserId>, StoreFault> {
        self.fresh.written_set_back().map_or_else(|| self.base.set_back(), |users| Ok(users.clone()))
    }

    // The order is the base's as long as this turn has written none; where both have one of a message, the earlier stands.
    fn erasures(&self, after: Option<&Erasure>, limit: usize) -> Result<Vec<Erasure>, StoreFault> {
        let mut erasures = self.base.erasures(after, limit)?;
        erasures.retain(|erasure| !self.erasures_over.contains(&erasure.message));
        erasures = union(erasures, self.fresh.erasures(after, limit)?);
        erasures.dedup_by_key(|erasure| erasure.message);
        erasures.truncate(limit);
        Ok(erasures)
    }

    fn count(&self, space: &SpaceId) -> Result<SpaceCount, StoreFault> {
        let (base, fresh) = (self.base.count(space)?, self.fresh.count(space)?);
        let mut gone = 0;
        for id in &self.gone.ops {
            let stored = self.base.op(id)?;
            gone += u64::from(stored.is_some_and(|stored| stored.op.space() == *space));
        }
        Ok(SpaceCount { ops: base.ops.saturating_sub(gone) + fresh.ops, outbox: base.outbox + fresh.outbox })
    }
}

fn union<T: Ord>(mut base: Vec<T>, fresh: Vec<T>) -> Vec<T> {
    if !fresh.is_empty() {
        base.extend(fresh);
        base.sort_unstable();
        base.dedup();
    }
    base
}
