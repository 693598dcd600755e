//! A store in memory, for the simulator, for tests, and for what a turn has written so far.

use super::{
    ActRow, Arrival, Cursor, Erasure, Gaps, Head, LIVES_MAX, LogEntry, LogId, MessageRow, PeerKey, Range,
    Record, Secret, SetSum, SpaceCount, Spot, Standing, Store, StoreFault, StoredOp, StreamGaps, StreamSum,
    Tally, TokenHash, feed_of, head_of,
};
use crate::snowflake::Snowflake;
use nexus_crdt::hlc::Hlc;
use nexus_crdt::id::{DeviceKey, FrontierId, OpId, SpaceId, StreamId, Tenure, UserId};
use nexus_crdt::timeline::{Deed, TimelineEntry};
use nexus_crypto::{Mark, MarkKey};
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Bound;
use std::sync::Arc;

/// Everything a node keeps, in ordered maps. Never fails but where a disk is played that does ([`super::Rot`]).
#[derive(Clone, Debug, Default)]
pub struct MemoryStore {
    pub(super) ops: BTreeMap<OpId, Arc<StoredOp>>,
    /// What the disk has in the place of some of them.
    pub(super) rotten: BTreeMap<OpId, Arc<StoredOp>>,
    mine: BTreeSet<OpId>,
    streams: BTreeMap<(SpaceId, StreamId), BTreeSet<(Hlc, OpId)>>,
    logs: BTreeMap<LogId, BTreeMap<(u64, OpId), Hlc>>,
    messages: BTreeMap<(StreamId, OpId), MessageRow>,
    numbers: BTreeMap<(StreamId, Snowflake), OpId>,
    acts: BTreeMap<(StreamId, OpId), BTreeMap<OpId, ActRow>>,
    tallies: BTreeMap<StreamId, Tally>,
    notes: BTreeMap<(StreamId, [u8; 16]), (Hlc, OpId)>,
    frontiers: BTreeMap<FrontierId, Vec<OpId>>,
    snowflakes: BTreeMap<Snowflake, OpId>,
    tokens: BTreeMap<TokenHash, UserId>,
    secrets: BTreeMap<(u8, OpId), Secret>,
    owner: Option<UserId>,
    forks: BTreeSet<LogId>,
    home_relays: BTreeSet<String>,
    set_back: Option<Vec<UserId>>,
    epoch: Option<[u8; 16]>,
    /// From which arrival on which life numbers a feed.
    lives: BTreeMap<(SpaceId, Arrival), [u8; 16]>,
    arrivals: BTreeMap<SpaceId, Vec<OpId>>,
    places: BTreeMap<OpId, Arrival>,
    sums: BTreeMap<(SpaceId, StreamId), SetSum>,
    handed_over: BTreeMap<SpaceId, Arrival>,
    cursors: BTreeMap<(PeerKey, SpaceId), Cursor>,
    waiting: BTreeMap<OpId, StoredOp>,
    gaps: BTreeMap<(SpaceId, StreamId), Gaps>,
    holds_viewed: bool,
    orphans: BTreeMap<OpId, BTreeSet<OpId>>,
    standing: BTreeSet<Standing>,
    erasures: BTreeMap<(SpaceId, StreamId, Hlc, OpId), Erasure>,
    marks: Marks,
}

#[derive(Clone, Debug)]
struct Marks {
    key: MarkKey,
    of: BTreeMap<OpId, Mark>,
}

/// In memory nobody else writes: any key will do.
impl Default for Marks {
    fn default() -> Self {
        Self { key: MarkKey::from_secret(&[0; 32]), of: BTreeMap::new() }
    }
}

impl MemoryStore {
    /// What was last written of it, where anything was.
    pub(super) const fn written_set_back(&self) -> Option<&Vec<UserId>> {
        self.set_back.as_ref()
    }

    /// The name that was given to it, where any was.
    pub(super) const fn written_epoch(&self) -> Option<[u8; 16]> {
        self.epoch
    }

    /// What was last written of it, where anything was.
    pub(super) fn written_tally(&self, stream: &StreamId) -> Option<Tally> {
        self.tallies.get(stream).copied()
    }

    /// What was last written of gaps, those that were closed too.
    pub(super) const fn written_gaps(&self) -> &BTreeMap<(SpaceId, StreamId), Gaps> {
        &self.gaps
    }

    /// What ever arrived of a space, in order, and whether it is held still.
    pub(super) fn arrived(&self, space: &SpaceId) -> impl Iterator<Item = (OpId, bool)> {
        let log = self.arrivals.get(space).map_or(&[][..], Vec::as_slice);
        log.iter().zip(1..).map(|(id, number)| (*id, self.places.get(id) == Some(&Arrival(number))))
    }

    /// A store with a name of its own in cursors.
    #[must_use]
    pub fn named(epoch: [u8; 16]) -> Self {
        Self { epoch: Some(epoch), ..Self::default() }
    }

    /// Writes all of `records`, in order.
    pub fn apply(&mut self, records: &[Record]) {
        for record in records {
            self.write(record);
        }
    }

    /// Every op here as it was signed, ids ascending: what another holder may be offered.
    pub fn ops(&self) -> impl Iterator<Item = &StoredOp> {
        let ops = self.ops.values().map(AsRef::as_ref);
        ops.filter(|stored| !self.rotten.contains_key(&stored.op.id))
    }

    fn write(&mut self, record: &Record) {
        match record {
            Record::Op { op, mine } => self.write_op(op, *mine),
            Record::Marked { op, mark } => {
                if self.ops.contains_key(op) {
                    self.marks.of.insert(*op, *mark);
                }
            }
            Record::Frontier(id, heads) => drop(self.frontiers.insert(*id, heads.clone())),
            Record::Message(row) => {
                self.numbers.insert((row.stream, row.api_id), row.id);
                self.messages.insert((row.stream, row.id), row.clone());
            }
            Record::Act(row) => {
                let acts = self.acts.entry((row.stream, row.message)).or_default();
                acts.insert(row.act.op, row.clone());
                if let Some(orphans) = self.orphans.get_mut(&row.message) {
                    orphans.remove(&row.act.op);
                }
            }
            Record::Tally(stream, tally) => drop(self.tallies.insert(*stream, *tally)),
            Record::Note { stream, key, op: Some(op) } => drop(self.notes.insert((*stream, *key), *op)),
            Record::Note { stream, key, op: None } => drop(self.notes.remove(&(*stream, *key))),
            Record::Snowflake(number, op) => drop(self.snowflakes.insert(*number, *op)),
            Record::Token(token, user) => drop(self.tokens.insert(*token, *user)),
            Record::TokenRevoked(token) => drop(self.tokens.remove(token)),
            Record::Secret(secret) => drop(self.secrets.insert(key_of(secret), secret.clone())),
            Record::SecretGone(passing) => self.secrets.retain(|_, secret| !passing.is(secret)),
            Record::Owner(user) => self.owner = Some(*user),
            Record::Fork(log) => drop(self.forks.insert(*log)),
            Record::Cursor { peer, space, cursor } => drop(self.cursors.insert((*peer, *space), *cursor)),
            Record::HandedOver { space, upto } => {
                let handed = self.handed_over.entry(*space).or_default();
                *handed = (*handed).max(*upto);
            }
            Record::Waiting(op) => drop(self.waiting.insert(op.op.id, (**op).clone())),
            Record::NoLongerWaiting(id) => drop(self.waiting.remove(id)),
            Record::HomeRelay(url) => drop(self.home_relays.insert(url.clone())),
            Record::HomeRelayGone(url) => drop(self.home_relays.remove(url)),
            Record::SetBack(users) => self.set_back = Some(users.clone()),
            Record::Epoch(epoch) => {
                self.epoch = Some(*epoch);
                self.lives.clear();
            }
            Record::Life { space, epoch } => {
                let next = self.arrivals.get(space).map_or(0, |log| log.len() as u64) + 1;
                self.lives.insert((*space, Arrival(next)), *epoch);
                let mut lives = self.lives.range((*space, Arrival(0))..=(*space, Arrival(u64::MAX)));
                let oldest = lives.next().map(|(at, _)| *at);
                if let Some(oldest) = oldest.filter(|_| lives.count() >= LIVES_MAX) {
                    self.lives.remove(&oldest);
                }
            }
            Record::Gaps { space, stream, gaps } => {
                drop(self.gaps.insert((*space, *stream), gaps.clone()));
            }
            Record::Orphan { message, act } => {
                self.orphans.entry(*message).or_default().insert(*act);
            }
            Record::HoldsViewed(viewed) => self.holds_viewed = *viewed,
            // Files lie beside a store on a disk.
            Record::FileToGo(_) | Record::FileSettled { .. } => {}
            Record::Erasure(erasure) => drop(self.erasures.entry(place_of(erasure)).or_insert(*erasure)),
            Record::ErasureOver(erasure) => drop(self.erasures.remove(&place_of(erasure))),
            Record::LetGo { stream, ops, acts, .. } => {
                ops.iter().for_each(|id| self.let_go(stream, id));
                for row in acts {
                    if let Some(rows) = self.acts.get_mut(&(row.stream, row.message)) {
                        rows.remove(&row.act.op);
                    }
                }
            }
            Record::Stands(standing) => drop(self.standing.insert(*standing)),
            Record::StandsNoMore(standing) => drop(self.standing.remove(standing)),
            Record::BodyDestroyed(id) => {
                for stored in [self.ops.get_mut(id), self.rotten.get_mut(id)].into_iter().flatten() {
                    Arc::make_mut(stored).op.body = None;
                }
            }
        }
    }

    fn write_op(&mut self, stored: &Arc<StoredOp>, mine: bool) {
        let (id, header) = (stored.op.id, &stored.op.header);
        let space = stored.op.space();
        self.rotten.remove(&id);
        self.streams.entry((space, header.stream)).or_default().insert((header.hlc, id));
        self.logs.entry(stored.log()).or_default().insert((header.seq, id), header.hlc);
        if mine {
            self.mine.insert(id);
        }
        if self.ops.insert(id, Arc::clone(stored)).is_none() {
            let log = self.arrivals.entry(feed_of(&stored.op)).or_default();
            log.push(id);
            self.places.insert(id, Arrival(log.len() as u64));
            let sum = self.sums.entry((space, header.stream)).or_default();
            *sum = sum.with(&id);
        }
    }

    fn let_go(&mut self, stream: &StreamId, id: &OpId) {
        let Some(stored) = self.ops.remove(id) else { return };
        self.rotten.remove(id);
        self.standing.remove(&Standing::of(&stored.op));
        let (space, header) = (stored.op.space(), &stored.op.header);
        if let Some(ids) = self.streams.get_mut(&(space, *stream)) {
            ids.remove(&(header.hlc, *id));
        }
        if let Some(entries) = self.logs.get_mut(&stored.log()) {
            entries.remove(&(header.seq, *id));
        }
        if let Some(row) = self.messages.remove(&(*stream, *id)) {
            self.numbers.remove(&(*stream, row.api_id));
            self.acts.remove(&(*stream, *id));
        }
        if let Some(orphans) = header.target.and_then(|message| self.orphans.get_mut(&message)) {
            orphans.remove(id);
        }
        self.places.remove(id);
        let left = self.sums.get(&(space, *stream)).map(|sum| sum.without(&SetSum::of(&head_of(id))));
        match left.filter(|left| left.count > 0) {
            Some(left) => drop(self.sums.insert((space, *stream), left)),
            None => drop(self.sums.remove(&(space, *stream))),
        }
    }

    fn waits_for_a_taker(&self, id: &OpId) -> bool {
        let Some(stored) = self.ops.get(id).filter(|_| self.mine.contains(id)) else { return false };
        let handed = self.handed_over.get(&feed_of(&stored.op)).copied().unwrap_or_default();
        self.places.get(id).is_some_and(|place| handed < *place)
    }
}

impl Store for MemoryStore {
    fn op(&self, id: &OpId) -> Result<Option<StoredOp>, StoreFault> {
        Ok(self.as_signed(id))
    }

    fn has_op(&self, id: &OpId) -> Result<bool, StoreFault> {
        Ok(self.ops.contains_key(id))
    }

    fn stream_ops(&self, space: &SpaceId, stream: &StreamId) -> Result<Vec<StoredOp>, StoreFault> {
        let ids = self.streams.get(&(*space, *stream)).into_iter().flatten();
        let changed = || StoreFault(String::from("an op was changed on the disk"));
        ids.map(|(_, id)| self.as_signed(id).ok_or_else(changed)).collect()
    }

    fn mark_key(&self) -> &MarkKey {
        &self.marks.key
    }

    fn marks(&self, space: &SpaceId, stream: &StreamId) -> Result<Vec<(Spot, Mark)>, StoreFault> {
        let ids = self.streams.get(&(*space, *stream)).into_iter().flatten();
        Ok(ids.filter_map(|(hlc, id)| Some((Spot::of(*hlc, id), *self.marks.of.get(id)?))).collect())
    }

    fn spaces(&self) -> Result<Vec<SpaceId>, StoreFault> {
        let mut spaces: Vec<SpaceId> = self.streams.keys().map(|(space, _)| *space).collect();
        spaces.dedup();
        Ok(spaces)
    }

    fn log_head(&self, log: &LogId) -> Result<Option<LogEntry>, StoreFault> {
        Ok(self.logs.get(log).and_then(|entries| entries.last_key_value()).map(entry))
    }

    fn log_at(&self, log: &LogId, seq: u64) -> Result<Vec<LogEntry>, StoreFault> {
        let Some(entries) = self.logs.get(log) else { return Ok(Vec::new()) };
        Ok(entries.range((seq, OpId([0; 32]))..=(seq, OpId([255; 32]))).map(entry).collect())
    }

    fn logs_of(&self, space: &SpaceId, device: &DeviceKey) -> Result<Vec<LogId>, StoreFault> {
        let first = LogId {
            space: *space,
            stream: StreamId([0; 16]),
            device: DeviceKey([0; 32]),
            tenure: Tenure([0; 16]),
        };
        let logs = self.logs.range(first..).map(|(log, _)| *log).take_while(|log| log.space == *space);
        Ok(logs.filter(|log| log.device == *device).collect())
    }

    fn log_from(&self, log: &LogId, seq: u64, limit: usize) -> Result<Vec<LogEntry>, StoreFault> {
        let Some(entries) = self.logs.get(log) else { return Ok(Vec::new()) };
        Ok(entries.range((seq, OpId([0; 32]))..).take(limit).map(entry).collect())
    }

    fn message(&self, stream: &StreamId, id: &OpId) -> Result<Option<MessageRow>, StoreFault> {
        Ok(self.messages.get(&(*stream, *id)).cloned())
    }

    fn message_by_number(&self, stream: &StreamId, number: Snowflake) -> Result<Option<OpId>, StoreFault> {
        Ok(self.numbers.get(&(*stream, number)).copied())
    }

    fn messages(
        &self,
        stream: &StreamId,
        from: Snowflake,
        older: bool,
        limit: usize,
    ) -> Result<Vec<MessageRow>, StoreFault> {
        let row = |(_, id): (&(StreamId, Snowflake), &OpId)| self.messages.get(&(*stream, *id)).cloned();
        let here = (*stream, from);
        Ok(if older {
            self.numbers.range((*stream, Snowflake(0))..=here).rev().filter_map(row).take(limit).collect()
        } else {
            let end = (*stream, Snowflake(u64::MAX));
            self.numbers.range(here..=end).filter_map(row).take(limit).collect()
        })
    }

    fn acts(&self, stream: &StreamId, message: &OpId, _: Hlc) -> Result<Vec<ActRow>, StoreFault> {
        Ok(self.acts.get(&(*stream, *message)).into_iter().flatten().map(|(_, row)| row.clone()).collect())
    }

    fn pinned(&self, stream: &StreamId) -> Result<Vec<OpId>, StoreFault> {
        let all = self.acts.range((*stream, OpId([0; 32]))..=(*stream, OpId([255; 32])));
        let pin = |row: &ActRow| matches!(row.act.deed, Deed::Pin { .. });
        Ok(all.filter(|(_, acts)| acts.values().any(pin)).map(|((_, message), _)| *message).collect())
    }

    fn moved_into(&self, thread: &StreamId) -> Result<BTreeSet<(StreamId, OpId)>, StoreFault> {
        let there =
            |row: &ActRow| matches!(row.act.deed, Deed::Move { to: Some(to) } if to.stream() == *thread);
        let moved = self.acts.iter().filter(|(_, acts)| acts.values().any(there));
        Ok(moved.map(|(message, _)| *message).collect())
    }

    fn tally(&self, stream: &StreamId) -> Result<Tally, StoreFault> {
        Ok(self.written_tally(stream).unwrap_or_default())
    }

    fn notes(&self, stream: &StreamId) -> Result<Vec<(Hlc, OpId)>, StoreFault> {
        let all = self.notes.range((*stream, [0; 16])..=(*stream, [255; 16]));
        Ok(all.map(|(_, op)| *op).collect())
    }

    fn timeline(&self, stream: &StreamId, each: &mut dyn FnMut(TimelineEntry)) -> Result<(), StoreFault> {
        let all = self.messages.range((*stream, OpId([0; 32]))..=(*stream, OpId([255; 32])));
        let mut rows: Vec<&MessageRow> = all.map(|(_, row)| row).filter(|row| row.verdict == 0).collect();
        rows.sort_by_key(|row| (row.hlc, row.id));
        for row in rows {
            each(row.timeline_entry(&self.acts(stream, &row.id, row.hlc)?));
        }
        Ok(())
    }

    fn frontier(&self, id: &FrontierId) -> Result<Option<Vec<OpId>>, StoreFault> {
        Ok(self.frontiers.get(id).cloned())
    }

    fn frontiers(&self) -> Result<Vec<Vec<OpId>>, StoreFault> {
        Ok(self.frontiers.values().cloned().collect())
    }

    fn forks(&self) -> Result<Vec<LogId>, StoreFault> {
        Ok(self.forks.iter().copied().collect())
    }

    fn snowflakes(&self) -> Result<Vec<(Snowflake, OpId)>, StoreFault> {
        Ok(self.snowflakes.iter().map(|(number, op)| (*number, *op)).collect())
    }

    fn tokens(&self) -> Result<Vec<(TokenHash, UserId)>, StoreFault> {
        Ok(self.tokens.iter().map(|(token, user)| (*token, *user)).collect())
    }

    fn secrets(&self) -> Result<Vec<Secret>, StoreFault> {
        Ok(self.secrets.values().cloned().collect())
    }

    fn owner(&self) -> Result<Option<UserId>, StoreFault> {
        Ok(self.owner)
    }

    fn epoch(&self) -> Result<[u8; 16], StoreFault> {
        Ok(self.epoch.unwrap_or_default())
    }

    fn life_at(&self, space: &SpaceId, at: Arrival) -> Result<Option<(Arrival, [u8; 16])>, StoreFault> {
        let life = self.lives.range((*space, Arrival(0))..=(*space, at)).next_back();
        Ok(life.map(|((_, first), epoch)| (*first, *epoch)))
    }

    fn last_arrival(&self, space: &SpaceId) -> Result<Arrival, StoreFault> {
        Ok(Arrival(self.arrivals.get(space).map_or(0, |log| log.len() as u64)))
    }

    fn arrivals(
        &self,
        space: &SpaceId,
        after: Arrival,
        limit: usize,
    ) -> Result<Vec<(Arrival, OpId)>, StoreFault> {
        let log = self.arrivals.get(space).map_or(&[][..], Vec::as_slice);
        let numbered = log.iter().zip(1..).map(|(id, number)| (Arrival(number), *id));
        let later = numbered.skip(usize::try_from(after.0).unwrap_or(usize::MAX));
        // What was let go of, and may have come again since, is not at its place any more.
        Ok(later.filter(|(at, id)| self.places.get(id) == Some(at)).take(limit).collect())
    }

    fn outbox_from(&self, space: &SpaceId) -> Result<Option<Arrival>, StoreFault> {
        let log = self.arrivals.get(space).map_or(&[][..], Vec::as_slice);
        let mut numbered = log.iter().zip(1..);
        let first = numbered.find(|(id, _)| self.waits_for_a_taker(id));
        Ok(first.map(|(_, number)| Arrival(number)))
    }

    fn cursor(&self, peer: &PeerKey, space: &SpaceId) -> Result<Option<Cursor>, StoreFault> {
        Ok(self.cursors.get(&(*peer, *space)).copied())
    }

    fn stream_sums(&self, space: &SpaceId) -> Result<Vec<(StreamId, StreamSum)>, StoreFault> {
        let streams = self.sums.range((*space, StreamId([0; 16]))..=(*space, StreamId([255; 16])));
        Ok(streams.map(|((_, stream), sum)| (*stream, StreamSum::of(sum))).collect())
    }

    fn stream_page(
        &self,
        space: &SpaceId,
        stream: &StreamId,
        after: Option<(Hlc, OpId)>,
        limit: usize,
    ) -> Result<Vec<StoredOp>, StoreFault> {
        let ids = self.streams.get(&(*space, *stream)).into_iter().flatten();
        let page = ids.filter(|place| after.is_none_or(|after| **place > after));
        Ok(page.filter_map(|(_, id)| self.as_signed(id)).take(limit).collect())
    }

    fn op_headed(&self, space: &SpaceId, stream: &StreamId, head: &Head) -> Result<Option<OpId>, StoreFault> {
        let mut first = [0; 32];
        first[..16].copy_from_slice(head);
        let next = self.ops.range(OpId(first)..).next();
        let found = next.map(|(_, stored)| &stored.op).filter(|op| op.id.0.starts_with(head));
        Ok(found.filter(|op| op.space() == *space && op.header.stream == *stream).map(|op| op.id))
    }

    fn spots(
        &self,
        space: &SpaceId,
        stream: &StreamId,
        range: &Range,
        limit: usize,
    ) -> Result<Vec<Spot>, StoreFault> {
        let Some(ids) = self.streams.get(&(*space, *stream)) else { return Ok(Vec::new()) };
        let spots = ids.range((range.from.hlc, OpId([0; 32]))..).map(|(hlc, id)| Spot::of(*hlc, id));
        let from = spots.skip_while(|spot| *spot < range.from);
        Ok(from.take_while(|spot| range.holds(spot)).take(limit).collect())
    }

    fn spot_before(
        &self,
        space: &SpaceId,
        stream: &StreamId,
        spot: &Spot,
    ) -> Result<Option<Spot>, StoreFault> {
        let Some(ids) = self.streams.get(&(*space, *stream)) else { return Ok(None) };
        let mut upto = ids.range(..=(spot.hlc, OpId([255; 32]))).rev().map(|(hlc, id)| Spot::of(*hlc, id));
        Ok(upto.find(|before| before < spot))
    }

    fn gaps(&self) -> Result<Vec<StreamGaps>, StoreFault> {
        let gaps = self.gaps.iter().filter(|(_, gaps)| !gaps.is_empty());
        Ok(gaps.map(|(stream, gaps)| (*stream, gaps.clone())).collect())
    }

    fn holds_viewed(&self) -> Result<bool, StoreFault> {
        Ok(self.holds_viewed)
    }

    fn orphans(&self, message: &OpId) -> Result<Vec<OpId>, StoreFault> {
        Ok(self.orphans.get(message).into_iter().flatten().copied().collect())
    }

    fn standing(&self, after: Option<&Standing>, limit: usize) -> Result<Vec<Standing>, StoreFault> {
        let after = after.map_or(Bound::Unbounded, Bound::Excluded);
        Ok(self.standing.range((after, Bound::Unbounded)).copied().take(limit).collect())
    }

    fn stands(&self, standing: &Standing) -> Result<bool, StoreFault> {
        Ok(self.standing.contains(standing))
    }

    fn waiting(&self) -> Result<Vec<StoredOp>, StoreFault> {
        Ok(self.waiting.values().cloned().collect())
    }

    fn home_relays(&self) -> Result<Vec<String>, StoreFault> {
        Ok(self.home_relays.iter().cloned().collect())
    }

    fn set_back(&self) -> Result<Vec<UserId>, StoreFault> {
        Ok(self.set_back.clone().unwrap_or_default())
    }

    fn erasures(&self, after: Option<&Erasure>, limit: usize) -> Result<Vec<Erasure>, StoreFault> {
        let after = after.map_or(Bound::Unbounded, |after| Bound::Excluded(place_of(after)));
        Ok(self.erasures.range((after, Bound::Unbounded)).map(|(_, erasure)| *erasure).take(limit).collect())
    }

    fn count(&self, space: &SpaceId) -> Result<SpaceCount, StoreFault> {
        let streams = self.streams.range((*space, StreamId([0; 16]))..=(*space, StreamId([255; 16])));
        let mut count = SpaceCount::default();
        for (_, id) in streams.flat_map(|(_, ids)| ids) {
            count.ops += 1;
            count.outbox += u64::from(self.waits_for_a_taker(id));
        }
        Ok(count)
    }
}

fn entry(((seq, op), hlc): (&(u64, OpId), &Hlc)) -> LogEntry {
    LogEntry { seq: *seq, op: *op, hlc: *hlc }
}

const fn place_of(erasure: &Erasure) -> (SpaceId, StreamId, Hlc, OpId) {
    (erasure.space, erasure.stream, erasure.hlc, erasure.message)
}

fn key_of(secret: &Secret) -> (u8, OpId) {
    match secret {
        Secret::Identity(user, _) => (0, (*user).into()),
        Secret::Device(user, _) => (1, (*user).into()),
        Secret::Recovery(user, _) => (2, (*user).into()),
        Secret::InviteCode(invite, _) => (3, *invite),
        Secret::Claim(user, _) => (4, (*user).into()),
        Secret::Spent(user, _) => (5, (*user).into()),
    }
}
