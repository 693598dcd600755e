//! What stands on a gap: ops that were taken in without the one before them in their log, since that may lie in a gap.
//!
//! Whoever holds the log whole may refuse such an op, or have it wait: nobody can tell here until what lies below is here. So each is
//! remembered, and looked at again and again. Where the one before it came, it follows that, or is given up; where no gap is left
//! below it and that did not come, it waits for it, as it does with everybody. With it goes what stands on it in its log. What acts on it
//! stays: an act on what is not here holds its place in its log and does nothing, at every holder.

use super::admit::{Origin, author_of};
use super::content::Content;
use super::pending::Missing;
use super::quota::Fork;
use super::turn::Turn;
use crate::store::{ActRow, LogId, Record, Spot, Standing, Store, StoreFault, StoredOp};
use nexus_crdt::id::OpId;
use nexus_crdt::op::Op;
use nexus_crdt::timeline::Deed;
use nexus_crdt::verdict::{Verdict, VoidReason};
use std::collections::VecDeque;
use std::sync::Arc;

/// What the one before an op in its log says of it.
enum Footing {
    /// It follows that.
    Firm,
    /// That may come: a gap is left below.
    OnAGap,
    /// That is not here, and there is no gap in which it could lie.
    Nowhere(OpId),
    /// It does not follow what it says that it follows.
    Never,
}

impl Turn<'_> {
    /// Whether what an op follows in its log is not here, or is not to be read.
    pub(super) fn has_no_footing(&self, op: &Op) -> Result<bool, StoreFault> {
        let Some(prev) = op.header.prev else { return Ok(false) };
        let is_head = self.known_head(&LogId::of(op)).is_some_and(|head| head.entry.op == prev);
        Ok(!is_head && self.store.op(&prev)?.is_none())
    }

    /// An op has come: those of its log that follow it stand on a gap no more.
    pub(super) fn give_footing(&mut self, op: &Op, followers: &[OpId]) -> Result<(), StoreFault> {
        for follower in followers {
            let Some(stored) = self.store.op(follower)? else { continue };
            let standing = Standing::of(&stored.op);
            if follows(op, &stored.op) && self.store.stands(&standing)? {
                self.write(Record::StandsNoMore(standing));
            }
        }
        Ok(())
    }

    /// Looks through what stands on gaps, some at a time.
    pub(super) fn look_at_standing(&mut self) -> Result<(), StoreFault> {
        let page = self.store.standing(self.core.standing.as_ref(), LOOKED_AT_ONCE)?;
        self.core.standing = page.last().filter(|_| page.len() == LOOKED_AT_ONCE).copied();
        let mut left: VecDeque<Standing> = page.into();
        let mut given_up = 0;
        while let Some(standing) = left.pop_front() {
            if given_up < LOOKED_AT_ONCE {
                let followers = self.settle_standing(&standing)?;
                given_up += followers.len();
                left.extend(followers);
            }
        }
        self.read_forks_anew()
    }

    // Without what has gone of them.
    fn read_forks_anew(&mut self) -> Result<(), StoreFault> {
        for log in &self.forked {
            if let Some(fork) = self.core.forks.get_mut(log) {
                *fork = Fork::read(&self.store, log)?;
            }
        }
        Ok(())
    }

    /// Gives what follows an op that was given up.
    fn settle_standing(&mut self, standing: &Standing) -> Result<Vec<Standing>, StoreFault> {
        let Standing { space, stream, spot } = standing;
        let id = self.store.op_headed(space, stream, &spot.head)?;
        let Some(id) = id else {
            self.write(Record::StandsNoMore(*standing));
            return Ok(Vec::new());
        };
        // What the disk has changed is looked at when it has come again.
        let Some(stored) = self.store.op(&id)? else { return Ok(Vec::new()) };
        match self.footing_of(&stored.op)? {
            Footing::Firm => self.write(Record::StandsNoMore(*standing)),
            Footing::OnAGap => {}
            Footing::Nowhere(prev) => return self.give_up(&stored, Some(prev)),
            Footing::Never => return self.give_up(&stored, None),
        }
        Ok(Vec::new())
    }

    fn footing_of(&self, op: &Op) -> Result<Footing, StoreFault> {
        let Some(prev) = op.header.prev else { return Ok(Footing::Firm) };
        Ok(match self.store.op(&prev)? {
            Some(before) if follows(&before.op, op) => Footing::Firm,
            // What was written here is let go of by nobody.
            _ if self.core.mind.view.local_devices.contains(&op.header.author) => Footing::OnAGap,
            Some(_) => Footing::Never,
            None if self.may_stand_on_a_gap(op) || self.store.has_op(&prev)? => Footing::OnAGap,
            None => Footing::Nowhere(prev),
        })
    }

    /// Takes an op back as if it had never been taken in; it waits, where what it follows may come.
    fn give_up(&mut self, stored: &StoredOp, missing: Option<OpId>) -> Result<Vec<Standing>, StoreFault> {
        let op = &stored.op;
        let (space, stream, log) = (op.space(), op.header.stream, LogId::of(op));
        let acts = self.take_effect_back(op)?;
        self.write(Record::StandsNoMore(Standing::of(op)));
        self.write(Record::LetGo { space, stream, ops: vec![op.id], acts });
        if self.core.forks.contains_key(&log) {
            self.forked.insert(log);
        }
        self.judge_what_counts_from(op)?;
        if let Some(prev) = missing
            && self.core.pending.has_room_for(op).is_ok()
        {
            self.write(Record::Waiting(Box::new(stored.clone())));
            self.core.pending.hold(stored.verify()?, Missing::Op(prev), self.now_ms);
        }
        self.stand_without(op)
    }

    /// What an op did is undone, and told; gives its row as an act.
    fn take_effect_back(&mut self, op: &Op) -> Result<Vec<ActRow>, StoreFault> {
        let Ok(content) = self.content_of(op)? else { return Ok(Vec::new()) };
        let (stream, at) = match &content {
            Content::Message(_) => {
                if let Some(row) = self.store.message(&op.header.stream, &op.id)? {
                    self.leave_acts_behind(&row)?;
                    self.put_verdict(row, VOID)?;
                }
                return Ok(Vec::new());
            }
            Content::Act { message, .. } => (message.stream, (message.id, message.hlc)),
            Content::Follow { thread, made, .. } => (op.header.stream, (OpId::from(*thread), *made)),
            Content::Notes(_) | Content::Sealing(_) => {
                self.take_register_back(op, &content)?;
                return Ok(Vec::new());
            }
            Content::Orphan | Content::Unknown => return Ok(Vec::new()),
        };
        let rows = self.store.acts(&stream, &at.0, at.1)?;
        let Some(row) = rows.into_iter().find(|row| row.act.op == op.id) else { return Ok(Vec::new()) };
        let row = row.judged(VOID);
        match content {
            Content::Act { message, .. } => self.put_act(&message, row.clone())?,
            _ if matches!(row.act.deed, Deed::Follow { .. }) => self.put_follow(row.clone())?,
            _ => {}
        }
        Ok(vec![row])
    }

    fn take_register_back(&mut self, op: &Op, content: &Content) -> Result<(), StoreFault> {
        let guild = self.core.mind.guilds.get(&op.space()).map(Arc::clone);
        let author = guild.and_then(|guild| author_of(&self.core.mind, &guild, op).ok());
        match (content, author) {
            (Content::Notes(notes), Some(author)) => self.put_notes(op, author, notes, VOID),
            (Content::Sealing(sealing), Some(author)) => {
                self.put_sealing(op, author, sealing, VOID, Origin::Elsewhere)
            }
            _ => Ok(()),
        }
    }

    /// What follows in its log an op that is gone stands without it.
    pub(super) fn stand_without(&mut self, gone: &Op) -> Result<Vec<Standing>, StoreFault> {
        let (mut followers, log) = (Vec::new(), LogId::of(gone));
        self.heads.remove(&log);
        self.core.heads.remove(&log);
        let Some(next) = gone.header.seq.checked_add(1) else { return Ok(followers) };
        for entry in self.store.log_at(&log, next)? {
            let Some(stored) = self.store.op(&entry.op)? else { continue };
            if stored.op.header.prev == Some(gone.id) {
                let standing = Standing { spot: Spot::of(entry.hlc, &entry.op), ..Standing::of(&stored.op) };
                self.write(Record::Stands(standing));
                followers.push(standing);
            }
        }
        Ok(followers)
    }
}

/// Whether an op stands right behind another in one log.
fn follows(before: &Op, op: &Op) -> bool {
    op.header.prev == Some(before.id)
        && LogId::of(before) == LogId::of(op)
        && before.header.seq.checked_add(1) == Some(op.header.seq)
        && before.header.hlc < op.header.hlc
}

/// What becomes of what an op did that is given up.
const VOID: Verdict = Verdict::Void(VoidReason::Frontier);
/// Ops that one tick looks at; so many more may be given up with them.
const LOOKED_AT_ONCE: usize = 256;
