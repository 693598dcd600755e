//! Rows into what the core and the window ask for, the same over a read and a write transaction.

use super::assemble::two_numbers;
use super::fault;
use super::intern::Short;
use super::key;
use super::packed::Found;
use super::row::{ActValue, MessageValue};
use super::table::{Access, Tables};
use nexus_core::store::{Gaps, Head, Piece, Range, SetSum, Spot, Standing, StreamGaps};
use nexus_core::{
    ActRow, Arrival, Cursor, Erasure, InviteCode, LogEntry, LogId, MessageRow, PeerKey, Secret, Snowflake,
    SpaceCount, Store, StoreFault, StoredOp, StreamSum, Tally, TokenHash,
};
use nexus_crdt::hlc::Hlc;
use nexus_crdt::id::{DeviceKey, FrontierId, OpId, SpaceId, StreamId, Tenure, UserId};
use nexus_crdt::op;
use nexus_crdt::timeline::TimelineEntry;
use nexus_crypto::{Mark, MarkKey, SecretKey};
use redb::ReadableTable;
use std::collections::BTreeSet;

impl<A: Access> Store for Tables<A> {
    fn op(&self, id: &OpId) -> Result<Option<StoredOp>, StoreFault> {
        let stored = match self.find(key::head(id))? {
            None => None,
            Some(Found::Packed(block, at)) => self.packed_op(&block, at)?,
            Some(Found::Row(place)) => {
                let op_key = key::op_at(&place, id);
                let row = self.op.get(&op_key).map_err(fault)?;
                let row = row.ok_or_else(|| fault("an op's place is known and its row is not here"))?;
                self.stored_op(&op_key, row.value())?
            }
        };
        // Two ids with one head take 2^64 hashes to make; who has them gains nothing but this None.
        Ok(stored.filter(|stored| stored.op.id == *id))
    }

    fn has_op(&self, id: &OpId) -> Result<bool, StoreFault> {
        Ok(self.place_of(id)?.is_some())
    }

    fn stream_ops(&self, space: &SpaceId, stream: &StreamId) -> Result<Vec<StoredOp>, StoreFault> {
        let (Some(space), Some(stream)) = (self.short(&space.0)?, self.short(&stream.0)?) else {
            return Ok(Vec::new());
        };
        // Of a stream that is read whole each op counts: what follows from the others would not be true.
        let whole = |op: Option<StoredOp>| op.ok_or_else(|| fault("an op was changed on the disk"));
        if self.has_blocks(space, stream)? {
            let ops = self.in_order(space, stream, &Range::ALL, usize::MAX)?;
            let op = |(spot, at)| self.op_standing(space, stream, spot, at).and_then(whole);
            return ops.iter().map(|(spot, at)| op((spot, at))).collect();
        }
        let (first, last) = key::ops_of(space, stream);
        let rows = self.op.range::<&[u8; 32]>(&first..=&last).map_err(fault)?;
        rows.map(|row| {
            let (op_key, value) = row.map_err(fault)?;
            self.stored_op(op_key.value(), value.value()).and_then(whole)
        })
        .collect()
    }

    fn mark_key(&self) -> &MarkKey {
        self.seal.mark_key()
    }

    fn marks(&self, space: &SpaceId, stream: &StreamId) -> Result<Vec<(Spot, Mark)>, StoreFault> {
        let (Some(space), Some(stream)) = (self.short(&space.0)?, self.short(&stream.0)?) else {
            return Ok(Vec::new());
        };
        let (first, last) = key::ops_of(space, stream);
        let rows = self.mark.range::<&[u8; 32]>(&first..=&last).map_err(fault)?;
        rows.map(|row| {
            let (at, mark) = row.map_err(fault)?;
            Ok((key::spot(at.value()), Mark(*mark.value())))
        })
        .collect()
    }

    fn spaces(&self) -> Result<Vec<SpaceId>, StoreFault> {
        let rows = self.count.iter().map_err(fault)?;
        let mut spaces = rows
            .map(|row| self.long(*row.map_err(fault)?.0.value()).map(SpaceId))
            .collect::<Result<Vec<_>, StoreFault>>()?;
        spaces.sort_unstable();
        Ok(spaces)
    }

    fn log_head(&self, log: &LogId) -> Result<Option<LogEntry>, StoreFault> {
        let Some(log) = self.log_key(log)? else { return Ok(None) };
        let (first, last) = key::entries(&log, 0, u64::MAX);
        let newest = self.log.range::<&[u8; 40]>(&first..=&last).map_err(fault)?.next_back();
        let newest = newest
            .map(|row| row.map_err(fault).and_then(|(at, hlc)| self.log_entry(at.value(), hlc.value())))
            .transpose()?;
        let packed = self.packed_head(&log, newest.as_ref().map(|entry| entry.seq))?;
        Ok(newest.max(packed))
    }

    fn log_at(&self, log: &LogId, seq: u64) -> Result<Vec<LogEntry>, StoreFault> {
        self.log_entries(log, seq, seq, usize::MAX)
    }

    fn logs_of(&self, space: &SpaceId, device: &DeviceKey) -> Result<Vec<LogId>, StoreFault> {
        let (Some(space_short), Some(device_short)) = (self.short(&space.0)?, self.short(&device.0)?) else {
            return Ok(Vec::new());
        };
        let (mut first, last) = key::device(space_short, device_short);
        let mut keys = self.packed_logs(space_short, device_short)?;
        while let Some(row) = self.log.range::<&[u8; 40]>(&first..=&last).map_err(fault)?.next() {
            let (at, _) = row.map_err(fault)?;
            let log = key::entry_log(at.value());
            keys.push(log);
            first = key::entry(&log, u64::MAX, &OpId([255; 32]));
        }
        let mut logs = keys
            .iter()
            .map(|log| {
                let (_, _, stream, tenure) = key::log_parts(log);
                let (stream, tenure) = (StreamId(self.long(stream)?), Tenure(self.long(tenure)?));
                Ok(LogId { space: *space, stream, device: *device, tenure })
            })
            .collect::<Result<Vec<_>, StoreFault>>()?;
        logs.sort_unstable();
        logs.dedup();
        Ok(logs)
    }

    fn log_from(&self, log: &LogId, seq: u64, limit: usize) -> Result<Vec<LogEntry>, StoreFault> {
        self.log_entries(log, seq, u64::MAX, limit)
    }

    fn message(&self, stream: &StreamId, id: &OpId) -> Result<Option<MessageRow>, StoreFault> {
        let (Some(place), Some(short)) = (self.place_of(id)?, self.short(&stream.0)?) else {
            return Ok(None);
        };
        let message = key::message(short, key::place_hlc(&place), id);
        let row = self.message.get(&message).map_err(fault)?;
        let row = match row {
            Some(row) => Some(MessageValue::unpack(row.value())?),
            None => self
                .in_block(key::head(id))?
                .filter(|(block, _)| block.index.stream == short)
                .and_then(|(block, at)| block.index.ops.get(at)?.message),
        };
        row.map(|row| self.message_row(*stream, &message, row)).transpose()
    }

    fn message_by_number(&self, stream: &StreamId, number: Snowflake) -> Result<Option<OpId>, StoreFault> {
        let Some(short) = self.short(&stream.0)? else { return Ok(None) };
        let place = self.number.get(&key::number(short, number)).map_err(fault)?.map(|row| *row.value());
        if let Some(place) = place {
            return Ok(Some(self.message_at(*stream, short, &place)?.id));
        }
        let packed = self.packed_messages(short, number.0, Some(number.0), false, 1)?;
        let packed = packed.first().filter(|(_, row)| row.number == number.0);
        Ok(packed.map(|(at, row)| key::id(&key::message_parts(at).1, &row.tail)))
    }

    fn messages(
        &self,
        stream: &StreamId,
        from: Snowflake,
        older: bool,
        limit: usize,
    ) -> Result<Vec<MessageRow>, StoreFault> {
        let Some(short) = self.short(&stream.0)? else { return Ok(Vec::new()) };
        let here = key::number(short, from);
        let (first, last) = (key::number(short, Snowflake(0)), key::number(short, Snowflake(u64::MAX)));
        let (low, high) = if older { (first, here) } else { (here, last) };
        let mut places = self.number.range::<&[u8; 12]>(&low..=&high).map_err(fault)?;
        let mut rows = Vec::new();
        while rows.len() < limit {
            let Some(place) = (if older { places.next_back() } else { places.next() }) else { break };
            rows.push(self.message_at(*stream, short, place.map_err(fault)?.1.value())?);
        }
        // A page that is full needs nothing beyond its last.
        let beyond = rows.last().filter(|_| rows.len() == limit).map(|row| row.api_id.0);
        let packed = self.packed_messages(short, from.0, beyond, older, limit)?;
        if !packed.is_empty() {
            for (at, row) in packed {
                rows.push(self.message_row(*stream, &at, row)?);
            }
            // Stable: of one message the row stays.
            rows.sort_by_key(|row| if older { !row.api_id.0 } else { row.api_id.0 });
            rows.dedup_by_key(|row| row.api_id);
            rows.truncate(limit);
        }
        Ok(rows)
    }

    fn acts(&self, stream: &StreamId, message: &OpId, message_hlc: Hlc) -> Result<Vec<ActRow>, StoreFault> {
        let Some(short) = self.short(&stream.0)? else { return Ok(Vec::new()) };
        let (first, last) = key::acts_of(&key::message(short, message_hlc, message));
        let rows = self.act.range::<&[u8; 52]>(&first..=&last).map_err(fault)?;
        rows.map(|row| {
            let (at, value) = row.map_err(fault)?;
            self.act_row(*stream, at.value(), ActValue::unpack(value.value())?)
        })
        .collect()
    }

    fn pinned(&self, stream: &StreamId) -> Result<Vec<OpId>, StoreFault> {
        let Some(short) = self.short(&stream.0)? else { return Ok(Vec::new()) };
        let (first, last) = key::messages_of(short);
        let pins = self.pin.range::<&[u8; 28]>(&first..=&last).map_err(fault)?;
        pins.map(|pin| {
            let (at, tail) = pin.map_err(fault)?;
            Ok(key::id(&key::message_parts(at.value()).1, tail.value()))
        })
        .collect()
    }

    fn moved_into(&self, thread: &StreamId) -> Result<BTreeSet<(StreamId, OpId)>, StoreFault> {
        let Some(short) = self.short(&thread.0)? else { return Ok(BTreeSet::new()) };
        let (first, last) = key::moved_into(short);
        let rows = self.moved.range::<&[u8; 32]>(&first..=&last).map_err(fault)?;
        rows.map(|row| {
            let (at, tail) = row.map_err(fault)?;
            let (stream, head) = key::moved_parts(at.value());
            Ok((StreamId(self.long(stream)?), key::id(&head, tail.value())))
        })
        .collect()
    }

    fn tally(&self, stream: &StreamId) -> Result<Tally, StoreFault> {
        let Some(short) = self.short(&stream.0)? else { return Ok(Tally::default()) };
        let row = self.tally.get(&short).map_err(fault)?.map(|row| *row.value());
        let (shown, said) = row.as_ref().map_or((0, 0), two_numbers);
        Ok(Tally { shown, said })
    }

    fn notes(&self, stream: &StreamId) -> Result<Vec<(Hlc, OpId)>, StoreFault> {
        let Some(short) = self.short(&stream.0)? else { return Ok(Vec::new()) };
        let (first, last): ([u8; 20], [u8; 20]) =
            (key::join(&[&short, &[0; 16]]), key::join(&[&short, &[255; 16]]));
        let rows = self.note.range::<&[u8; 20]>(&first..=&last).map_err(fault)?;
        let op = |row: &[u8; 40]| {
            let (mut hlc, mut id) = ([0; 8], [0; 32]);
            hlc.copy_from_slice(&row[..8]);
            id.copy_from_slice(&row[8..]);
            (Hlc(u64::from_be_bytes(hlc)), OpId(id))
        };
        rows.map(|row| Ok(op(row.map_err(fault)?.1.value()))).collect()
    }

    fn timeline(&self, stream: &StreamId, each: &mut dyn FnMut(TimelineEntry)) -> Result<(), StoreFault> {
        let Some(short) = self.short(&stream.0)? else { return Ok(()) };
        let (first, last) = key::messages_of(short);
        let messages = self.message.range::<&[u8; 28]>(&first..=&last).map_err(fault)?;
        let (first, last) = key::acts_of(&short);
        let mut acts = self.act.range::<&[u8; 52]>(&first..=&last).map_err(fault)?.peekable();
        let mut take = |at: &[u8; 28], row: MessageValue| {
            let acts = self.acts_at(*stream, at, &mut acts)?;
            let row = self.message_row(*stream, at, row)?;
            if row.verdict == 0 {
                each(row.timeline_entry(&acts));
            }
            Ok(())
        };
        let mut packed = self.all_packed_messages(short);
        for message in messages {
            let (at, value) = message.map_err(fault)?;
            while let Some((at, row)) = packed.next_before(Some(at.value()))? {
                take(&at, row)?;
            }
            packed.skip(at.value());
            take(at.value(), MessageValue::unpack(value.value())?)?;
        }
        while let Some((at, row)) = packed.next_before(None)? {
            take(&at, row)?;
        }
        Ok(())
    }

    fn frontier(&self, id: &FrontierId) -> Result<Option<Vec<OpId>>, StoreFault> {
        Ok(self.frontier.get(&id.0).map_err(fault)?.map(|heads| heads_in(heads.value())))
    }

    fn frontiers(&self) -> Result<Vec<Vec<OpId>>, StoreFault> {
        let rows = self.frontier.iter().map_err(fault)?;
        rows.map(|row| Ok(heads_in(row.map_err(fault)?.1.value()))).collect()
    }

    fn forks(&self) -> Result<Vec<LogId>, StoreFault> {
        let rows = self.fork.iter().map_err(fault)?;
        rows.map(|row| {
            let (space, device, stream, tenure) = key::log_parts(row.map_err(fault)?.0.value());
            Ok(LogId {
                space: SpaceId(self.long(space)?),
                stream: StreamId(self.long(stream)?),
                device: DeviceKey(self.long(device)?),
                tenure: Tenure(self.long(tenure)?),
            })
        })
        .collect()
    }

    fn snowflakes(&self) -> Result<Vec<(Snowflake, OpId)>, StoreFault> {
        let rows = self.snowflake.iter().map_err(fault)?;
        rows.map(|row| {
            let (number, op) = row.map_err(fault)?;
            Ok((Snowflake(u64::from_be_bytes(*number.value())), OpId(*op.value())))
        })
        .collect()
    }

    fn tokens(&self) -> Result<Vec<(TokenHash, UserId)>, StoreFault> {
        let rows = self.token.iter().map_err(fault)?;
        rows.map(|row| {
            let (token, user) = row.map_err(fault)?;
            Ok((TokenHash(*token.value()), UserId(*user.value())))
        })
        .collect()
    }

    fn secrets(&self) -> Result<Vec<Secret>, StoreFault> {
        let rows = self.secret.iter().map_err(fault)?;
        rows.map(|row| {
            let (at, sealed) = row.map_err(fault)?;
            let bytes = self.seal.open(at.value(), sealed.value());
            let bytes = bytes.ok_or_else(|| fault("a secret that this key did not seal here"))?;
            secret_of(at.value(), bytes.as_slice().try_into().map_err(fault)?)
        })
        .collect()
    }

    fn owner(&self) -> Result<Option<UserId>, StoreFault> {
        let row = self.meta.get("owner").map_err(fault)?;
        row.map(|row| row.value().try_into().map(UserId).map_err(fault)).transpose()
    }

    fn epoch(&self) -> Result<[u8; 16], StoreFault> {
        let row = self.meta.get("epoch").map_err(fault)?;
        row.ok_or_else(|| fault("the store has no name of its own"))?.value().try_into().map_err(fault)
    }

    fn life_at(&self, space: &SpaceId, at: Arrival) -> Result<Option<(Arrival, [u8; 16])>, StoreFault> {
        let Some(feed) = self.short(&space.0)? else { return Ok(None) };
        let (first, last) = (key::arrival(feed, Arrival(0)), key::arrival(feed, at));
        let row = self.life.range::<&[u8; 12]>(&first..=&last).map_err(fault)?.next_back();
        row.map(|row| row.map(|(at, name)| (key::arrival_at(at.value()), *name.value())).map_err(fault))
            .transpose()
    }

    fn last_arrival(&self, space: &SpaceId) -> Result<Arrival, StoreFault> {
        self.short(&space.0)?.map_or(Ok(Arrival(0)), |feed| self.fed_at(feed))
    }

    fn arrivals(
        &self,
        space: &SpaceId,
        after: Arrival,
        limit: usize,
    ) -> Result<Vec<(Arrival, OpId)>, StoreFault> {
        let (Some(feed), Some(next)) = (self.short(&space.0)?, after.0.checked_add(1)) else {
            return Ok(Vec::new());
        };
        self.arrived(feed, Arrival(next), limit)
    }

    fn outbox_from(&self, space: &SpaceId) -> Result<Option<Arrival>, StoreFault> {
        let Some(feed) = self.short(&space.0)? else { return Ok(None) };
        let (first, last) = (key::arrival(feed, Arrival(0)), key::arrival(feed, Arrival(u64::MAX)));
        let row = self.outbox.range::<&[u8; 12]>(&first..=&last).map_err(fault)?.next();
        row.map(|row| Ok(key::arrival_at(row.map_err(fault)?.0.value()))).transpose()
    }

    fn cursor(&self, peer: &PeerKey, space: &SpaceId) -> Result<Option<Cursor>, StoreFault> {
        let Some(space) = self.short(&space.0)? else { return Ok(None) };
        let row = self.cursor.get(&key::join(&[&peer.0, &space])).map_err(fault)?;
        Ok(row.map(|row| {
            let (epoch, at) = row.value().split_first_chunk().unwrap_or((&[0; 16], &[]));
            let at = at.first_chunk().copied().map_or(0, u64::from_be_bytes);
            Cursor { epoch: *epoch, at: Arrival(at) }
        }))
    }

    fn stream_sums(&self, space: &SpaceId) -> Result<Vec<(StreamId, StreamSum)>, StoreFault> {
        let Some(space) = self.short(&space.0)? else { return Ok(Vec::new()) };
        let mut sums = Vec::new();
        for (stream, sum) in self.whole_streams(space)? {
            sums.push((StreamId(self.long(stream)?), StreamSum::of(&sum)));
        }
        sums.sort_unstable_by_key(|(stream, _)| *stream);
        Ok(sums)
    }

    fn op_headed(&self, space: &SpaceId, stream: &StreamId, head: &Head) -> Result<Option<OpId>, StoreFault> {
        self.cut(space, stream)?.map_or(Ok(None), |cut| cut.op_headed(head))
    }

    fn spots(
        &self,
        space: &SpaceId,
        stream: &StreamId,
        range: &Range,
        limit: usize,
    ) -> Result<Vec<Spot>, StoreFault> {
        self.cut(space, stream)?.map_or(Ok(Vec::new()), |cut| cut.spots(range, limit))
    }

    fn spot_before(
        &self,
        space: &SpaceId,
        stream: &StreamId,
        spot: &Spot,
    ) -> Result<Option<Spot>, StoreFault> {
        self.cut(space, stream)?.map_or(Ok(None), |cut| cut.spot_before(spot))
    }

    fn range_sums(
        &self,
        space: &SpaceId,
        stream: &StreamId,
        ranges: &[Range],
    ) -> Result<Vec<SetSum>, StoreFault> {
        let nothing = || Ok(vec![SetSum::default(); ranges.len()]);
        self.cut(space, stream)?.map_or_else(nothing, |cut| cut.sums(ranges))
    }

    fn pieces(
        &self,
        space: &SpaceId,
        stream: &StreamId,
        range: &Range,
        wanted: usize,
    ) -> Result<Vec<Piece>, StoreFault> {
        self.cut(space, stream)?.map_or(Ok(Vec::new()), |cut| cut.pieces(range, wanted))
    }

    fn stream_page(
        &self,
        space: &SpaceId,
        stream: &StreamId,
        after: Option<(Hlc, OpId)>,
        limit: usize,
    ) -> Result<Vec<StoredOp>, StoreFault> {
        let (Some(space), Some(stream)) = (self.short(&space.0)?, self.short(&stream.0)?) else {
            return Ok(Vec::new());
        };
        let mut from = after.map_or(Spot::FIRST, |(hlc, id)| Spot::of(hlc, &id).next());
        let mut page = Vec::new();
        // What the disk changed makes no page shorter: a short one is the last.
        while page.len() < limit {
            let wanted = limit - page.len();
            let ops = self.in_order(space, stream, &Range { from, upto: None }, wanted)?;
            for (spot, at) in &ops {
                page.extend(self.op_standing(space, stream, spot, at)?);
            }
            let Some((last, _)) = ops.last().filter(|_| ops.len() == wanted) else { break };
            from = last.next();
        }
        Ok(page)
    }

    fn holds_viewed(&self) -> Result<bool, StoreFault> {
        Ok(self.meta.get(super::let_go::VIEWED).map_err(fault)?.is_some())
    }

    fn gaps(&self) -> Result<Vec<StreamGaps>, StoreFault> {
        let rows = self.gap.iter().map_err(fault)?;
        rows.map(|row| {
            let (at, gaps) = row.map_err(fault)?;
            let [a, b, c, d, stream @ ..] = *at.value();
            let stream = (SpaceId(self.long([a, b, c, d])?), StreamId(self.long(stream)?));
            Ok((stream, Gaps::from_bytes(gaps.value())))
        })
        .collect()
    }

    fn orphans(&self, message: &OpId) -> Result<Vec<OpId>, StoreFault> {
        let (first, last) = key::orphans_of(message);
        let rows = self.orphan.range::<&[u8; 32]>(&first..=&last).map_err(fault)?;
        rows.map(|row| {
            let (at, tail) = row.map_err(fault)?;
            Ok(key::id(&key::orphan_act(at.value()), tail.value()))
        })
        .collect()
    }

    fn standing(&self, after: Option<&Standing>, limit: usize) -> Result<Vec<Standing>, StoreFault> {
        self.standing_after(after, limit)
    }

    fn stands(&self, standing: &Standing) -> Result<bool, StoreFault> {
        self.is_standing(standing)
    }

    fn waiting(&self) -> Result<Vec<StoredOp>, StoreFault> {
        let rows = self.waiting.iter().map_err(fault)?;
        rows.map(|row| {
            let op = op::decode(row.map_err(fault)?.1.value()).map_err(fault)?;
            op::verify(op).map(StoredOp::of).map_err(fault)
        })
        .collect()
    }

    fn set_back(&self) -> Result<Vec<UserId>, StoreFault> {
        let row = self.meta.get("set_back").map_err(fault)?;
        let users = row.map(|row| row.value().as_chunks::<32>().0.iter().map(|user| UserId(*user)).collect());
        Ok(users.unwrap_or_default())
    }

    fn home_relays(&self) -> Result<Vec<String>, StoreFault> {
        let rows = self.home_relay.iter().map_err(fault)?;
        rows.map(|row| Ok(row.map_err(fault)?.0.value().to_owned())).collect()
    }

    fn erasures(&self, after: Option<&Erasure>, limit: usize) -> Result<Vec<Erasure>, StoreFault> {
        self.erasures_after(after, limit)
    }

    fn count(&self, space: &SpaceId) -> Result<SpaceCount, StoreFault> {
        self.short(&space.0)?.map_or_else(|| Ok(SpaceCount::default()), |short| self.count_at(short))
    }
}

impl<A: Access> Tables<A> {
    pub(super) fn fed_at(&self, feed: Short) -> Result<Arrival, StoreFault> {
        let row = self.fed.get(&feed).map_err(fault)?;
        Ok(Arrival(row.map_or(0, |row| u64::from_be_bytes(*row.value()))))
    }
}

fn heads_in(bytes: &[u8]) -> Vec<OpId> {
    bytes.as_chunks().0.iter().copied().map(OpId).collect()
}

fn secret_of(at: &[u8; 33], bytes: &[u8; 32]) -> Result<Secret, StoreFault> {
    let [kind, owner @ ..] = *at;
    Ok(match kind {
        0 => Secret::Identity(UserId(owner), SecretKey::from_seed(bytes)),
        1 => Secret::Device(UserId(owner), SecretKey::from_seed(bytes)),
        2 => Secret::Recovery(UserId(owner), SecretKey::from_seed(bytes)),
        3 => Secret::InviteCode(OpId(owner), InviteCode::new(*bytes.first_chunk().unwrap_or(&[0; 16]))),
        4 => Secret::Claim(UserId(owner), SecretKey::from_seed(bytes)),
        5 => Secret::Spent(UserId(owner), SecretKey::from_seed(bytes)),
        _ => return Err(fault("a secret of an unknown kind")),
    })
}
