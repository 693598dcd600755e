//! An op into rows.

use super::{Due, done};
use crate::store::intern::Short;
use crate::store::packed::Found;
use crate::store::row::{Deps, OpRow};
use crate::store::table::WriteTables;
use crate::store::{fault, key};
use nexus_core::store::{Head, Spot, feed_of};
use nexus_core::{StoreFault, StoredOp};
use nexus_crdt::id::{OpId, SpaceId, StreamId};
use nexus_crdt::op::Header;
use redb::ReadableTable;

impl WriteTables<'_> {
    pub(super) fn write_op(
        &mut self,
        stored: &StoredOp,
        mine: bool,
        due: &mut Due,
    ) -> Result<(), StoreFault> {
        let (id, header) = (&stored.op.id, &stored.op.header);
        let space = self.shorten(&stored.op.space().0)?;
        let stream = self.shorten(&header.stream.0)?;
        let author = self.shorten(&header.author.0)?;
        let tenure = self.shorten(&header.tenure.0)?;
        let place = key::place(space, stream, header.hlc);
        let was_mine = match self.put_place(key::head(id), &place)? {
            Some(known) => {
                self.write_due(due)?;
                self.was_mine(&known, id)?
            }
            None => {
                due.totals.count(space, stream, Spot::of(header.hlc, id), mine);
                self.number_arrival(stored, space, mine, due)?;
                false
            }
        };
        let op_key = key::op_at(&place, id);
        due.held.op.push((op_key, self.op_row(stored, author, tenure, mine || was_mine)?.pack()));
        if let Some(body) = &stored.op.body {
            due.held.body.push((op_key, [body.salt.as_slice(), &body.bytes].concat()));
        }
        let log: key::LogKey = key::join(&[&space, &author, &stream, &tenure]);
        done(self.log.insert(&key::entry(&log, header.seq, id), &header.hlc.0.to_be_bytes()))
    }

    // Says where an op is; gives where it was before, where it was here.
    fn put_place(&mut self, head: &Head, place: &[u8; 16]) -> Result<Option<Found>, StoreFault> {
        let before = self.by_id.insert(head, place).map_err(fault)?.map(|before| *before.value());
        match before {
            Some(before) => Ok(Some(Found::Row(before))),
            None => Ok(self.in_block(head)?.map(|(block, at)| Found::Packed(block, at))),
        }
    }

    fn number_arrival(
        &mut self,
        stored: &StoredOp,
        space: Short,
        mine: bool,
        due: &mut Due,
    ) -> Result<(), StoreFault> {
        let feed = self.shorten(&feed_of(&stored.op).0)?;
        let arrival = key::arrival(feed, self.next_arrival(feed, &mut due.totals)?);
        if mine {
            done(self.outbox.insert(&arrival, &space))?;
        }
        due.held.arrival.push((arrival, stored.op.id.0));
        Ok(())
    }

    // An op that gets its body back stays one that was written here.
    fn was_mine(&self, known: &Found, id: &OpId) -> Result<bool, StoreFault> {
        let place = match known {
            Found::Packed(block, at) => return Ok(self.kept(block, *at)?.is_some_and(|kept| kept.row.mine)),
            Found::Row(place) => place,
        };
        let row = self.op.get(&key::op_at(place, id)).map_err(fault)?;
        // A row that the disk has changed is about to be written anew.
        Ok(row.is_some_and(|row| OpRow::unpack(row.value()).is_ok_and(|row| row.mine)))
    }

    fn op_row(
        &mut self,
        stored: &StoredOp,
        author: Short,
        tenure: Short,
        mine: bool,
    ) -> Result<OpRow, StoreFault> {
        let header = &stored.op.header;
        Ok(OpRow {
            tail: *key::tail(&stored.op.id),
            signature: stored.signature.0,
            author,
            tenure,
            kind: header.kind,
            seq: header.seq,
            body_len: header.body_len,
            mine,
            genesis: header.space == SpaceId::NONE,
            prev: header.prev,
            target: header.target,
            body_hash: header.body_hash,
            deps: self.deps(header)?,
            ext: header.ext.iter().map(|(number, bytes)| (*number, bytes.to_vec())).collect(),
        })
    }

    // Outside governance the one dep is a frontier, and many ops cite the same.
    fn deps(&mut self, header: &Header) -> Result<Deps, StoreFault> {
        match header.deps.as_slice() {
            [frontier] if header.stream != StreamId::GOVERNANCE => {
                Ok(Deps::Frontier(self.shorten(&frontier.0)?))
            }
            ops => Ok(Deps::Ops(ops.to_vec())),
        }
    }
}
