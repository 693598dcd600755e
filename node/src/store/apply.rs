//! Records into rows.

mod op;

use super::held::Held;
use super::intern::Short;
use super::let_go::Gone;
use super::packed::Erasing;
use super::row::{ActValue, DeedValue, MessageValue};
use super::seal::OVERHEAD;
use super::table::WriteTables;
use super::totals::Totals;
use super::{fault, key};
use nexus_core::store::{Gaps, LIVES_MAX};
use nexus_core::{
    ActRow, Arrival, Cursor, LogId, MessageRow, Passing, PeerKey, Record, Secret, SpaceCount, StoreFault,
};
use nexus_crdt::id::{SpaceId, StreamId};
use nexus_crdt::timeline::Deed;
use redb::ReadableTable;
use std::collections::BTreeMap;

/// What is done behind the records of a commit, or before one that must find it done.
#[derive(Default)]
struct Due {
    held: Held,
    totals: Totals,
    gone: Gone,
    erasing: Erasing,
}

impl WriteTables<'_> {
    /// Writes records in order. Durable once the transaction is committed.
    ///
    /// # Errors
    /// [`StoreFault`]; the transaction must be aborted then.
    pub fn apply(&mut self, records: &[Record]) -> Result<(), StoreFault> {
        let mut due = Due::default();
        for record in records {
            if !is_added(record) {
                self.write_due(&mut due)?;
            }
            // It comes again within one commit.
            if matches!(record, Record::Op { op, .. } if due.gone.holds(&op.op.id)) {
                self.write_due(&mut due)?;
                self.take_from_feed(std::mem::take(&mut due.gone))?;
            }
            self.write(record, &mut due)?;
        }
        self.write_due(&mut due)?;
        self.erase_packed(&mut due.erasing)?;
        self.take_from_feed(due.gone)
    }

    // The totals behind the rows, of which they are summed up.
    fn write_due(&mut self, due: &mut Due) -> Result<(), StoreFault> {
        self.write_held(&mut due.held)?;
        self.write_totals(&mut due.totals)
    }

    fn write(&mut self, record: &Record, due: &mut Due) -> Result<(), StoreFault> {
        match record {
            Record::Op { op, mine } => self.write_op(op, *mine, due),
            Record::Frontier(id, heads) => {
                let heads: Vec<u8> = heads.iter().flat_map(|head| head.0).collect();
                done(self.frontier.insert(&id.0, heads.as_slice()))
            }
            Record::Marked { op, mark } => match self.place_of(op)? {
                Some(place) => done(self.mark.insert(&key::op_at(&place, op), &mark.0)),
                None => Ok(()),
            },
            Record::Message(row) => self.write_message(row, &mut due.held),
            Record::Act(row) => self.write_act(row),
            Record::Tally(stream, tally) => {
                let row: [u8; 16] = key::join(&[&tally.shown.to_be_bytes(), &tally.said.to_be_bytes()]);
                let stream = self.shorten(&stream.0)?;
                done(self.tally.insert(&stream, &row))
            }
            Record::Note { stream, key, op } => {
                let stream = self.shorten(&stream.0)?;
                let row: [u8; 20] = key::join(&[&stream, key]);
                match op {
                    Some((hlc, op)) => {
                        let op: [u8; 40] = key::join(&[&hlc.0.to_be_bytes(), &op.0]);
                        done(self.note.insert(&row, &op))
                    }
                    None => done(self.note.remove(&row)),
                }
            }
            Record::Snowflake(number, op) => done(self.snowflake.insert(&number.0.to_be_bytes(), &op.0)),
            Record::Token(token, user) => done(self.token.insert(&token.0, &user.0)),
            Record::TokenRevoked(token) => done(self.token.remove(&token.0)),
            Record::Fork(log) => self.write_fork(log),
            Record::BodyDestroyed(id) => self.destroy_body(id, &mut due.erasing),
            Record::HoldsViewed(viewed) => self.note_viewed(*viewed),
            Record::LetGo { space, stream, ops, acts } => {
                self.erase_packed(&mut due.erasing)?;
                acts.iter().try_for_each(|row| self.let_go_of_act(row))?;
                self.let_go(space, stream, ops, &mut due.gone)
            }
            Record::Stands(standing) => {
                let at = self.note_standing(standing)?;
                done(self.standing.insert(&at, ()))
            }
            Record::StandsNoMore(standing) => {
                let at = self.note_standing(standing)?;
                done(self.standing.remove(&at))
            }
            Record::Gaps { space, stream, gaps } => self.write_gaps(space, stream, gaps),
            Record::Orphan { message, act } => {
                done(self.orphan.insert(&key::orphan(message, act), key::tail(act)))
            }
            Record::FileToGo(hash) => self.note_file(hash),
            Record::FileSettled { hash, bodies } => self.settle_file(hash, *bodies),
            Record::Erasure(erasure) => self.write_erasure(erasure),
            Record::ErasureOver(erasure) => self.end_erasure(erasure),
            Record::Secret(secret) => self.write_secret(secret),
            Record::SecretGone(passing) => self.forget_secret(*passing),
            Record::Cursor { peer, space, cursor } => self.write_cursor(peer, space, cursor),
            Record::HandedOver { space, upto } => self.hand_over(space, *upto),
            Record::Waiting(op) => done(self.waiting.insert(&op.op.id.0, op.encode().as_slice())),
            Record::NoLongerWaiting(id) => done(self.waiting.remove(&id.0)),
            Record::HomeRelay(url) => done(self.home_relay.insert(url.as_str(), ())),
            Record::HomeRelayGone(url) => done(self.home_relay.remove(url.as_str())),
            Record::SetBack(users) => {
                let users: Vec<u8> = users.iter().flat_map(|user| user.0).collect();
                done(self.meta.insert("set_back", users.as_slice()))
            }
            Record::Epoch(epoch) => self.rename(epoch),
            Record::Life { space, epoch } => self.begin_life(space, epoch),
            Record::Owner(user) => done(self.meta.insert("owner", user.0.as_slice())),
            other => Err(fault(format!("no row for {}", kind_of(other)))),
        }
    }

    fn rename(&mut self, epoch: &[u8; 16]) -> Result<(), StoreFault> {
        self.life.retain(|_, _| false).map_err(fault)?;
        done(self.meta.insert("epoch", epoch.as_slice()))
    }

    fn begin_life(&mut self, space: &SpaceId, epoch: &[u8; 16]) -> Result<(), StoreFault> {
        let feed = self.shorten(&space.0)?;
        let next = Arrival(self.fed_at(feed)?.0 + 1);
        done(self.life.insert(&key::arrival(feed, next), epoch))?;
        let (first, last) = (key::arrival(feed, Arrival(0)), key::arrival(feed, Arrival(u64::MAX)));
        let mut lives = self.life.range::<&[u8; 12]>(&first..=&last).map_err(fault)?;
        let oldest = lives.next().transpose().map_err(fault)?.map(|(at, _)| *at.value());
        match oldest.filter(|_| lives.count() >= LIVES_MAX) {
            Some(oldest) => done(self.life.remove(&oldest)),
            None => Ok(()),
        }
    }

    fn hand_over(&mut self, space: &SpaceId, upto: Arrival) -> Result<(), StoreFault> {
        let Some(feed) = self.short(&space.0)? else { return Ok(()) };
        let (first, last) = (key::arrival(feed, Arrival(0)), key::arrival(feed, upto));
        let rows = self.outbox.extract_from_if::<&[u8; 12], _>(&first..=&last, |_, _| true).map_err(fault)?;
        let mut given: BTreeMap<Short, u64> = BTreeMap::new();
        for row in rows {
            *given.entry(*row.map_err(fault)?.1.value()).or_default() += 1;
        }
        for (space, given) in given {
            let count = self.count_at(space)?;
            self.write_count(space, SpaceCount { outbox: count.outbox.saturating_sub(given), ..count })?;
        }
        Ok(())
    }

    fn write_cursor(&mut self, peer: &PeerKey, space: &SpaceId, cursor: &Cursor) -> Result<(), StoreFault> {
        let space = self.shorten(&space.0)?;
        let row: [u8; 24] = key::join(&[&cursor.epoch, &cursor.at.0.to_be_bytes()]);
        done(self.cursor.insert(&key::join(&[&peer.0, &space]), &row))
    }

    fn write_gaps(&mut self, space: &SpaceId, stream: &StreamId, gaps: &Gaps) -> Result<(), StoreFault> {
        let at: [u8; 8] = key::join(&[&self.shorten(&space.0)?, &self.shorten(&stream.0)?]);
        match gaps.is_empty() {
            true => done(self.gap.remove(&at)),
            false => done(self.gap.insert(&at, gaps.to_bytes().as_slice())),
        }
    }

    pub(super) fn write_count(&mut self, space: Short, count: SpaceCount) -> Result<(), StoreFault> {
        let row: [u8; 16] = key::join(&[&count.ops.to_be_bytes(), &count.outbox.to_be_bytes()]);
        done(self.count.insert(&space, &row))
    }

    fn write_message(&mut self, row: &MessageRow, held: &mut Held) -> Result<(), StoreFault> {
        let stream = self.shorten(&row.stream.0)?;
        let value = MessageValue {
            tail: *key::tail(&row.id),
            space: self.shorten(&row.space.0)?,
            author: self.shorten(&row.author.0)?,
            number: row.api_id.0,
            verdict: row.verdict,
            late: row.late,
        };
        held.message.push((key::message(stream, row.hlc, &row.id), value.pack()));
        let place = key::join(&[&row.hlc.0.to_be_bytes(), key::head(&row.id)]);
        held.number.push((key::number(stream, row.api_id), place));
        Ok(())
    }

    fn write_act(&mut self, row: &ActRow) -> Result<(), StoreFault> {
        let stream = self.shorten(&row.stream.0)?;
        let value = ActValue {
            tail: *key::tail(&row.act.op),
            message_tail: *key::tail(&row.message),
            space: self.shorten(&row.space.0)?,
            author: self.shorten(&row.act.author.0)?,
            verdict: row.verdict,
            void: row.act.void,
            deed: self.deed(&row.act.deed)?,
        };
        let message = key::message(stream, row.message_hlc, &row.message);
        done(self.orphan.remove(&key::orphan(&row.message, &row.act.op)))?;
        if matches!(value.deed, DeedValue::Pin { .. }) {
            done(self.pin.insert(&message, &value.message_tail))?;
        }
        if let Deed::Move { to: Some(thread) } = row.act.deed {
            let thread = self.shorten(&thread.stream().0)?;
            done(self.moved.insert(&key::moved(thread, &message), &value.message_tail))?;
        }
        done(self.act.insert(&key::act(&message, row.act.hlc, &row.act.op), value.pack().as_slice()))
    }

    fn deed(&mut self, deed: &Deed) -> Result<DeedValue, StoreFault> {
        Ok(match deed {
            Deed::Edit => DeedValue::Edit,
            Deed::Delete => DeedValue::Delete,
            Deed::React { emoji } => DeedValue::React { emoji: emoji.clone() },
            Deed::Unreact { emoji, user } => DeedValue::Unreact {
                emoji: emoji.clone(),
                user: user.map(|user| self.shorten(&user.0)).transpose()?,
            },
            Deed::Pin { pinned } => DeedValue::Pin { pinned: *pinned },
            Deed::Vote { answers } => DeedValue::Vote { answers: answers.clone() },
            Deed::EndPoll => DeedValue::EndPoll,
            Deed::Publish => DeedValue::Publish,
            Deed::Move { to } => DeedValue::Move { to: to.map(|to| self.shorten(&to.0)).transpose()? },
            Deed::Follow { user, following } => {
                DeedValue::Follow { user: self.shorten(&user.0)?, following: *following }
            }
        })
    }

    fn write_fork(&mut self, log: &LogId) -> Result<(), StoreFault> {
        let (space, device) = (self.shorten(&log.space.0)?, self.shorten(&log.device.0)?);
        let (stream, tenure) = (self.shorten(&log.stream.0)?, self.shorten(&log.tenure.0)?);
        let log: key::LogKey = key::join(&[&space, &device, &stream, &tenure]);
        done(self.fork.insert(&log, ()))
    }

    fn write_secret(&mut self, secret: &Secret) -> Result<(), StoreFault> {
        let (kind, owner, bytes) = match secret {
            Secret::Identity(user, secret) => (0, user.0, secret.to_seed()),
            Secret::Device(user, secret) => (1, user.0, secret.to_seed()),
            Secret::Recovery(user, secret) => (2, user.0, secret.to_seed()),
            Secret::InviteCode(invite, code) => (3, invite.0, key::join(&[&code.to_bytes()]).into()),
            Secret::Claim(user, secret) => (4, user.0, secret.to_seed()),
            Secret::Spent(user, secret) => (5, user.0, secret.to_seed()),
        };
        let place: [u8; 33] = key::join(&[&[kind], &owner]);
        let sealed = self.seal.seal(&place, &*bytes);
        let sealed: &[u8; 32 + OVERHEAD] = sealed.as_slice().try_into().map_err(fault)?;
        done(self.secret.insert(&place, sealed))
    }

    fn forget_secret(&mut self, passing: Passing) -> Result<(), StoreFault> {
        let (kind, owner) = match passing {
            Passing::Identity(user) => (0, user.0),
            Passing::Device(user) => (1, user.0),
            Passing::Claim(user) => (4, user.0),
        };
        let place: [u8; 33] = key::join(&[&[kind], &owner]);
        done(self.secret.remove(&place))
    }
}

pub(super) fn done<T, E: std::fmt::Display>(outcome: Result<T, E>) -> Result<(), StoreFault> {
    outcome.map(drop).map_err(fault)
}

// What adds rows of its own, and reads none that are held back.
const fn is_added(record: &Record) -> bool {
    matches!(
        record,
        Record::Op { .. }
            | Record::Message(_)
            | Record::Act(_)
            | Record::Frontier(..)
            | Record::Marked { .. }
            | Record::Tally(..)
            | Record::Note { .. }
            | Record::Orphan { .. }
            | Record::Stands(_)
            | Record::NoLongerWaiting(_)
    )
}

// Debug output of a record would show what it holds: its name alone is enough.
fn kind_of(record: &Record) -> String {
    format!("{record:?}").chars().take_while(char::is_ascii_alphanumeric).collect()
}
