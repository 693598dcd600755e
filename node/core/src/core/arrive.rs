//! The second door: ops from elsewhere. Everything about them is doubted, cheapest doubt first.

use super::admit::{Fate, Origin};
use super::parked::Parked;
use super::pending::Missing;
use super::turn::Turn;
use crate::change::Change;
use crate::effect::{Advance, Arriving};
use crate::store::{Arrival, LogId, Record, Store, StoreFault, StoredOp};
use nexus_crdt::id::{FrontierId, OpId, SpaceId};
use nexus_crdt::op::{self, Op};
use nexus_crypto::{Signed, Verified};
use std::sync::Arc;

impl Turn<'_> {
    /// Takes in ops, and the heads behind frontiers they may cite.
    pub(super) fn take_in(&mut self, ops: Vec<Arriving>, frontiers: &[Vec<OpId>]) -> Result<(), StoreFault> {
        for heads in frontiers.iter().filter(|heads| (1..=FRONTIER_HEADS_MAX).contains(&heads.len())) {
            let frontier = FrontierId::of(heads);
            self.core.pending.frontiers.insert(frontier, heads.clone());
            self.found.push(Missing::Frontier(frontier));
        }
        self.settle()?;
        for op in ops {
            match op {
                Arriving::Bytes(bytes) => self.take_in_bytes(&bytes)?,
                Arriving::Claimed(claim) => self.take_in_claim(*claim)?,
                Arriving::Verified(op) => self.take_in_verified(*op)?,
            }
            self.settle()?;
        }
        Ok(())
    }

    /// Notes how far this store is in a peer's feed, where that is news and nothing before it is lacking for want of room.
    pub(super) fn keep_cursor(&mut self, cursor: Option<Advance>) -> Result<(), StoreFault> {
        let Some(Advance { peer, space, after, upto: cursor }) = cursor else { return Ok(()) };
        let held = self.store.cursor(&peer, &space)?;
        let is_next = after
            .is_none_or(|after| held.is_some_and(|held| held.epoch == after.epoch && held.at >= after.at));
        if is_next && held != Some(cursor) && self.taken.had_room() {
            self.write(Record::Cursor { peer, space, cursor });
        }
        Ok(())
    }

    /// What was written here of a space is held elsewhere too: it leaves the outbox, and whoever waits is told.
    pub(super) fn hand_over(&mut self, space: SpaceId, upto: Arrival) -> Result<(), StoreFault> {
        let waited = self.store.count(&space)?.outbox > 0;
        // Accounts have no outbox of their own to look at: theirs is counted with each of them.
        if waited || space == SpaceId::NONE {
            self.write(Record::HandedOver { space, upto });
        }
        if waited {
            self.handed_over.push(Change::HandedOver { space });
        }
        Ok(())
    }

    /// Takes in what was parked and is due, and tries what waited when the program ended, or has waited for long.
    pub(super) fn release_due(&mut self) -> Result<(), StoreFault> {
        let waited = self.core.pending.take_overdue(self.now_ms).into_iter();
        let waited = waited.chain(self.core.pending.take_revived());
        for op in waited.chain(self.core.parked.take_due(self.now_ms)) {
            self.receive(op, Came::FromWaiting)?;
            self.settle()?;
        }
        Ok(())
    }

    /// Tries again what waited for anything that is here now, until nothing more comes of it.
    pub(super) fn settle(&mut self) -> Result<(), StoreFault> {
        while let Some(found) = self.found.pop() {
            for op in self.core.pending.wake(&found) {
                self.receive(op, Came::FromWaiting)?;
            }
        }
        Ok(())
    }

    fn take_in_bytes(&mut self, bytes: &[u8]) -> Result<(), StoreFault> {
        let Ok(claim) = op::decode(bytes) else {
            self.taken.refused.push("malformed");
            return Ok(());
        };
        self.take_in_claim(claim)
    }

    // What is here already costs no signature.
    fn take_in_claim(&mut self, claim: Signed<Op>) -> Result<(), StoreFault> {
        if self.is_here(claim.untrusted())? {
            return self.mend(claim);
        }
        match op::verify(claim) {
            Ok(op) => self.receive(op, Came::JustNow),
            Err(_) => {
                self.taken.refused.push("forged");
                Ok(())
            }
        }
    }

    fn take_in_verified(&mut self, op: Verified<Op>) -> Result<(), StoreFault> {
        if self.is_here(&op)? { Ok(()) } else { self.receive(op, Came::JustNow) }
    }

    fn is_here(&mut self, op: &Op) -> Result<bool, StoreFault> {
        if self.core.pending.contains(&op.id) || self.core.parked.contains(op) {
            self.taken.waiting += 1;
            return Ok(true);
        }
        if !self.store.has_op(&op.id)? {
            return Ok(false);
        }
        self.taken.known += 1;
        self.give_body_back(op)?;
        Ok(true)
    }

    /// An op that is here, but not as it was signed, is put back as a whole: its header is what the disk changed.
    fn mend(&mut self, claim: Signed<Op>) -> Result<(), StoreFault> {
        let id = claim.untrusted().id;
        if !self.store.has_op(&id)? || self.store.op(&id)?.is_some() {
            return Ok(());
        }
        let Ok(mut op) = op::verify(claim).map(StoredOp::of) else {
            self.taken.refused.push("forged");
            return Ok(());
        };
        let stream = op.op.header.stream;
        let Some(row) = self.store.message(&stream, &op.op.header.target.unwrap_or(id))? else {
            return Ok(());
        };
        let acts = self.store.acts(&stream, &row.id, row.hlc)?;
        if self.is_forgotten(&row, &acts, &op.op)? {
            op.op.body = None;
        }
        self.look_again_at(&row);
        self.judge_anew(&op.op)?;
        self.write(Record::Op { op: Arc::new(op), mine: false });
        self.tell_updated(&row)
    }

    /// A holder may have passed an op on without its body. Who has it gives it back; only what was
    /// taken away or replaced stays away. (The id fixes the body: what was decoded under it is the one that was signed.)
    fn give_body_back(&mut self, offered: &Op) -> Result<(), StoreFault> {
        if offered.body.is_none() {
            return Ok(());
        }
        let Some(mut stored) = self.store.op(&offered.id)?.filter(|stored| stored.op.body.is_none()) else {
            return Ok(());
        };
        let stream = offered.header.stream;
        let message = offered.header.target.unwrap_or(offered.id);
        let Some(row) = self.store.message(&stream, &message)? else { return Ok(()) };
        let acts = self.store.acts(&stream, &row.id, row.hlc)?;
        if self.is_forgotten(&row, &acts, offered)? {
            return Ok(());
        }
        stored.op.body.clone_from(&offered.body);
        self.look_again_at(&row);
        self.judge_anew(offered)?;
        self.write(Record::Op { op: Arc::new(stored), mine: false });
        self.tell_updated(&row)
    }

    /// What was not to be read was not judged either when authority turned, nor was the op behind it in its log by what it cites, nor
    /// a log that forks by where its branches lead; and what follows it waits.
    fn judge_anew(&mut self, op: &Op) -> Result<(), StoreFault> {
        let log = LogId::of(op);
        if self.core.forks.contains_key(&log) {
            self.forked.insert(log);
        }
        let next = self.store.log_at(&log, op.header.seq.saturating_add(1))?;
        self.crowded.extend(next.into_iter().map(|entry| entry.op));
        self.crowded.insert(op.id);
        self.found.push(Missing::Op(op.id));
        Ok(())
    }

    // What has to wait is written down, so that whoever gave it need not give it again.
    fn receive(&mut self, op: Verified<Op>, came: Came) -> Result<(), StoreFault> {
        let id = op.id;
        let own = self.core.mind.view.local_devices.contains(&op.header.author).then(|| (*op).clone());
        let fate = if Parked::is_due(op.header.hlc, self.now_ms) {
            // What has just come was looked for when it was asked whether it is here.
            let is_known = came == Came::FromWaiting && self.store.has_op(&id)?;
            match if is_known { Fate::Known } else { self.admit(&op, Origin::Elsewhere)? } {
                Fate::Waits(missing) => self.wait(op, Some(missing), came)?,
                fate => Some(fate),
            }
        } else {
            self.wait(op, None, came)?
        };
        match fate {
            Some(Fate::Admitted(_)) => {
                self.taken.admitted += 1;
                own.iter().for_each(|own| self.recognise_own(own));
            }
            Some(Fate::Refused(reason)) => self.taken.refused.push(reason),
            _ => {}
        }
        if fate.is_some() && came == Came::FromWaiting {
            self.write(Record::NoLongerWaiting(id));
        }
        Ok(())
    }

    /// Keeps an op until what is missing is here; where that is nothing but time, until it is due. Gives its fate where
    /// there is no room for what has just come.
    fn wait(
        &mut self,
        op: Verified<Op>,
        missing: Option<Missing>,
        came: Came,
    ) -> Result<Option<Fate>, StoreFault> {
        let is_new = came == Came::JustNow;
        let room = match missing {
            _ if !is_new => Ok(()),
            Some(_) => self.core.pending.has_room_for(&op),
            None => self.core.parked.has_room_for(&op, self.now_ms),
        };
        if let Err(reason) = room {
            return Ok(Some(Fate::Refused(reason)));
        }
        if is_new {
            self.taken.waiting += 1;
            self.write(Record::Waiting(Box::new(StoredOp::of(op.clone()))));
            self.keep_what_it_cites(&op)?;
        }
        match missing {
            Some(missing) => self.core.pending.hold(op, missing, self.now_ms),
            None => self.core.parked.park(op),
        }
        Ok(None)
    }

    /// The heads of the frontier that it cites came along with it, and are given once: they stay as it does.
    fn keep_what_it_cites(&mut self, op: &Op) -> Result<(), StoreFault> {
        let Some(frontier) = op.frontier() else { return Ok(()) };
        let Some(heads) = self.core.pending.frontiers.get(&frontier) else { return Ok(()) };
        if heads.len() > WAITING_HEADS_MAX || self.store.frontier(&frontier)?.is_some() {
            return Ok(());
        }
        let heads = heads.clone();
        self.write(Record::Frontier(frontier, heads));
        Ok(())
    }
}

/// Where an op is received from.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Came {
    JustNow,
    /// It is in the store as one that waits.
    FromWaiting,
}

/// Heads of a frontier that is taken in. Honest work merges heads as fast as it makes them; a member who forks
/// their governance log can make many.
const FRONTIER_HEADS_MAX: usize = 1_024;
/// Of a frontier that is cited by what waits, and kept with it: who may never be a member fills no disk with heads. What cites more
/// is given again, by who compares.
const WAITING_HEADS_MAX: usize = 64;
