//! What is asked for, put together from a row, its key and the names behind its numbers.

use super::fault;
use super::intern::Short;
use super::key::{self, LogKey};
use super::packed::Found;
use super::row::{ActValue, DeedValue, Deps, MessageValue, OpRow};
use super::table::{Access, Bytes, Tables};
use nexus_core::{ActRow, LogEntry, LogId, MessageRow, Snowflake, SpaceCount, StoreFault, StoredOp};
use nexus_crdt::hlc::Hlc;
use nexus_crdt::id::{ChannelId, DeviceKey, OpId, SpaceId, StreamId, Tenure, UserId};
use nexus_crdt::op::{self, Header, Op, SaltedBody};
use nexus_crdt::timeline::{Act, Deed};
use nexus_crypto::Signature;
use redb::ReadableTable;
use std::iter::Peekable;

impl<A: Access> Tables<A> {
    pub(super) fn count_at(&self, space: Short) -> Result<SpaceCount, StoreFault> {
        let row = self.count.get(&space).map_err(fault)?.map(|row| *row.value());
        let (ops, outbox) = row.as_ref().map_or((0, 0), two_numbers);
        Ok(SpaceCount { ops, outbox })
    }

    pub(super) fn place_of(&self, id: &OpId) -> Result<Option<[u8; 16]>, StoreFault> {
        Ok(match self.find(key::head(id))? {
            Some(Found::Row(place)) => Some(place),
            Some(Found::Packed(block, at)) => block.place(at),
            None => None,
        })
    }

    /// What was changed on the disk is not given to anybody: none where the header is no longer the one that has this id,
    /// and no body where it is no longer the one that the header names. Whoever has it whole gives it back.
    pub(super) fn stored_op(&self, at: &[u8; 32], value: &[u8]) -> Result<Option<StoredOp>, StoreFault> {
        let body = self.body.get(at).map_err(fault)?;
        self.assembled(at, OpRow::unpack(value)?, body.as_ref().map(|body| body.value()))
    }

    /// The same of an op whose row is read.
    pub(super) fn assembled(
        &self,
        at: &[u8; 32],
        row: OpRow,
        body: Option<&[u8]>,
    ) -> Result<Option<StoredOp>, StoreFault> {
        let mut stored = self.kept_op(at, row, body)?;
        let op = &mut stored.op;
        if !op::header_stands(op) {
            tracing::error!(op = %op.id.to_hex(), "an op was changed on the disk: it is not used");
            return Ok(None);
        }
        if op.body.as_ref().is_some_and(|body| !op::body_stands(&op.header, body)) {
            tracing::error!(op = %op.id.to_hex(), "a body was changed on the disk: it is not used");
            op.body = None;
        }
        Ok(Some(stored))
    }

    /// The op of a row, whatever it says.
    pub(super) fn kept_op(
        &self,
        at: &[u8; 32],
        row: OpRow,
        body: Option<&[u8]>,
    ) -> Result<StoredOp, StoreFault> {
        let (space, stream, hlc, head) = key::op_parts(at);
        let body = body.map(salted).transpose()?;
        let header = Header {
            version: 1,
            space: if row.genesis { SpaceId::NONE } else { SpaceId(self.long(space)?) },
            stream: StreamId(self.long(stream)?),
            author: DeviceKey(self.long(row.author)?),
            tenure: Tenure(self.long(row.tenure)?),
            seq: row.seq,
            prev: row.prev,
            hlc,
            kind: row.kind,
            deps: match row.deps {
                Deps::Frontier(short) => vec![OpId(self.long(short)?)],
                Deps::Ops(ops) => ops,
            },
            target: row.target,
            body_len: row.body_len,
            body_hash: row.body_hash,
            ext: row.ext.into_iter().map(|(number, bytes)| (number, bytes.into())).collect(),
        };
        let op = Op { id: key::id(&head, &row.tail), header, body };
        Ok(StoredOp { op, signature: Signature(row.signature) })
    }

    pub(super) fn log_key(&self, log: &LogId) -> Result<Option<LogKey>, StoreFault> {
        let mut parts = [[0; 4]; 4];
        let names: [&[u8]; 4] = [&log.space.0, &log.device.0, &log.stream.0, &log.tenure.0];
        for (part, name) in parts.iter_mut().zip(names) {
            let Some(short) = self.short(name)? else { return Ok(None) };
            *part = short;
        }
        Ok(Some(key::join(&[parts.as_flattened()])))
    }

    pub(super) fn log_entries(
        &self,
        log: &LogId,
        from: u64,
        to: u64,
        limit: usize,
    ) -> Result<Vec<LogEntry>, StoreFault> {
        let Some(log) = self.log_key(log)? else { return Ok(Vec::new()) };
        let (first, last) = key::entries(&log, from, to);
        let rows = self.log.range::<&[u8; 40]>(&first..=&last).map_err(fault)?;
        let mut entries = rows
            .take(limit)
            .map(|row| {
                let (at, hlc) = row.map_err(fault)?;
                self.log_entry(at.value(), hlc.value())
            })
            .collect::<Result<Vec<_>, StoreFault>>()?;
        let packed = self.packed_entries(&log, from, to, limit)?;
        if !packed.is_empty() {
            entries.extend(packed);
            entries.sort_unstable();
            entries.dedup();
            entries.truncate(limit);
        }
        Ok(entries)
    }

    pub(super) fn log_entry(&self, at: &[u8; 40], hlc: &[u8; 8]) -> Result<LogEntry, StoreFault> {
        let (space, _, stream, _) = key::log_parts(&key::entry_log(at));
        let (seq, head) = key::entry_parts(at);
        let hlc = Hlc(u64::from_be_bytes(*hlc));
        let row = self.op.get(&key::op_under(&key::place(space, stream, hlc), &head)).map_err(fault)?;
        let row = row.ok_or_else(|| fault("a log names an op that is not here"))?;
        Ok(LogEntry { seq, op: key::id(&head, &OpRow::unpack(row.value())?.tail), hlc })
    }

    pub(super) fn message_at(
        &self,
        stream: StreamId,
        short: Short,
        place: &[u8; 24],
    ) -> Result<MessageRow, StoreFault> {
        let message: [u8; 28] = key::join(&[&short, place]);
        let row = self.message.get(&message).map_err(fault)?;
        let row = row.ok_or_else(|| fault("a number names a message that is not here"))?;
        self.message_row(stream, &message, MessageValue::unpack(row.value())?)
    }

    pub(super) fn message_row(
        &self,
        stream: StreamId,
        at: &[u8; 28],
        row: MessageValue,
    ) -> Result<MessageRow, StoreFault> {
        let (hlc, head) = key::message_parts(at);
        Ok(MessageRow {
            space: SpaceId(self.long(row.space)?),
            stream,
            id: key::id(&head, &row.tail),
            hlc,
            author: UserId(self.long(row.author)?),
            api_id: Snowflake(row.number),
            verdict: row.verdict,
            late: row.late,
        })
    }

    // Edits and deletes on one message. Both ranges ascend by its key, so one pass over each is enough.
    pub(super) fn acts_at(
        &self,
        stream: StreamId,
        message: &[u8; 28],
        acts: &mut Peekable<redb::Range<'_, Bytes<52>, &'static [u8]>>,
    ) -> Result<Vec<ActRow>, StoreFault> {
        let mut here = Vec::new();
        while let Some(act) = acts.next_if(|act| act.as_ref().map_or(true, |(at, _)| target(at) <= *message))
        {
            let (at, value) = act.map_err(fault)?;
            if target(&at) != *message {
                continue;
            }
            let value = ActValue::unpack(value.value())?;
            if matches!(value.deed, DeedValue::Edit | DeedValue::Delete) {
                here.push(self.act_row(stream, at.value(), value)?);
            }
        }
        Ok(here)
    }

    pub(super) fn act_row(
        &self,
        stream: StreamId,
        at: &[u8; 52],
        value: ActValue,
    ) -> Result<ActRow, StoreFault> {
        let (message, hlc, head) = key::act_parts(at);
        let (message_hlc, message_head) = key::message_parts(&message);
        Ok(ActRow {
            space: SpaceId(self.long(value.space)?),
            stream,
            message: key::id(&message_head, &value.message_tail),
            message_hlc,
            verdict: value.verdict,
            act: Act {
                op: key::id(&head, &value.tail),
                hlc,
                author: UserId(self.long(value.author)?),
                deed: self.deed_of(value.deed)?,
                void: value.void,
            },
        })
    }

    pub(super) fn deed_of(&self, deed: DeedValue) -> Result<Deed, StoreFault> {
        Ok(match deed {
            DeedValue::Edit => Deed::Edit,
            DeedValue::Delete => Deed::Delete,
            DeedValue::React { emoji } => Deed::React { emoji },
            DeedValue::Unreact { emoji, user } => {
                Deed::Unreact { emoji, user: user.map(|user| self.long(user).map(UserId)).transpose()? }
            }
            DeedValue::Pin { pinned } => Deed::Pin { pinned },
            DeedValue::Vote { answers } => Deed::Vote { answers },
            DeedValue::EndPoll => Deed::EndPoll,
            DeedValue::Publish => Deed::Publish,
            DeedValue::Move { to } => {
                Deed::Move { to: to.map(|to| Ok(ChannelId(self.long(to)?))).transpose()? }
            }
            DeedValue::Follow { user, following } => {
                Deed::Follow { user: UserId(self.long(user)?), following }
            }
        })
    }
}

fn target(act: &redb::AccessGuard<'_, Bytes<52>>) -> [u8; 28] {
    key::act_parts(act.value()).0
}

fn salted(bytes: &[u8]) -> Result<SaltedBody, StoreFault> {
    let (salt, bytes) = bytes.split_first_chunk().ok_or_else(|| fault("a body without its salt"))?;
    Ok(SaltedBody { salt: *salt, bytes: bytes.to_vec() })
}

pub(super) fn two_numbers(row: &[u8; 16]) -> (u64, u64) {
    let row = u128::from_be_bytes(*row);
    ((row >> 64) as u64, row as u64)
}
