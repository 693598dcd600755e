//! What a node that holds what is viewed lets go of: what was said in a range of a stream, as if it had never come. What was
//! written here stays, and so does what acts on what stays.

use super::admit::author_of;
use super::turn::Turn;
use crate::store::{GapChange, MessageRow, Range, Record, Spot, Store, StoreFault, fold};
use nexus_crdt::id::{OpId, SpaceId, StreamId};
use nexus_crdt::kind::Kind;
use nexus_crdt::op::Op;
use std::collections::BTreeMap;

/// Ops that one turn looks at: of more, it is asked again.
pub const LET_GO_MAX: usize = 2_048;

/// What of a range goes.
#[derive(Default)]
struct Going {
    messages: Vec<MessageRow>,
    ops: BTreeMap<OpId, Op>,
}

impl Turn<'_> {
    /// Lets go of what goes of the first [`LET_GO_MAX`] ops of a range. The gap reaches from the first to the last that goes, and no
    /// further: of what lies in a gap nothing is compared, and what somebody here wrote by a clock years ahead, which others refuse
    /// until its time has come, is given to them by a comparison only.
    pub(super) fn let_go(
        &mut self,
        space: SpaceId,
        stream: StreamId,
        range: &Range,
    ) -> Result<(), StoreFault> {
        if !stream.is_channel() {
            return Ok(());
        }
        let mut going = Going::default();
        for spot in self.store.spots(&space, &stream, range, LET_GO_MAX)? {
            self.look_at_going(space, stream, &spot, &mut going)?;
        }
        let spots = || going.ops.values().map(|op| Spot::of(op.header.hlc, &op.id));
        let (Some(from), Some(last)) = (spots().min(), spots().max()) else { return Ok(()) };
        let range = Range { from, upto: Some(last.next()) };
        self.core.mind.view.let_go += 1;
        let let_go = self.core.mind.view.let_go;
        self.change_gaps(&[GapChange { space, stream, range, held: false, let_go }], false);
        for row in &going.messages {
            self.count_out(row)?;
            self.leave_acts_behind(row)?;
        }
        let ops = going.ops.keys().copied().collect();
        self.write(Record::LetGo { space, stream, ops, acts: Vec::new() });
        going.ops.values().try_for_each(|op| self.stand_without(op).map(drop))
    }

    fn look_at_going(
        &self,
        space: SpaceId,
        stream: StreamId,
        spot: &Spot,
        going: &mut Going,
    ) -> Result<(), StoreFault> {
        let Some(id) = self.store.op_headed(&space, &stream, &spot.head)? else { return Ok(()) };
        let Some(stored) = self.store.op(&id)? else { return Ok(()) };
        if self.may_be_of_somebody_here(&stored.op) {
            return Ok(());
        }
        if stored.op.kind().is_some_and(Kind::is_message) {
            if let Some(row) = self.store.message(&stream, &id)? {
                going.ops.insert(id, stored.op);
                going.messages.push(row);
            }
        } else if self.acts_on_nothing_held(&stored.op, &going.ops)? {
            going.ops.insert(id, stored.op);
        }
        Ok(())
    }

    // By whatever device: what they wrote with one that they have no more may wait for a taker, too.
    fn may_be_of_somebody_here(&self, op: &Op) -> bool {
        let mind = &self.core.mind;
        let author = mind.guilds.get(&op.space()).and_then(|guild| author_of(mind, guild, op).ok());
        mind.view.local_devices.contains(&op.header.author)
            || author.is_none_or(|author| mind.view.local.contains(&author))
    }

    // What acts on a message that stays is part of how it looks.
    fn acts_on_nothing_held(&self, op: &Op, going: &BTreeMap<OpId, Op>) -> Result<bool, StoreFault> {
        let Some(message) = op.header.target else { return Ok(false) };
        Ok(going.contains_key(&message) || self.store.orphans(&message)?.contains(&op.id))
    }

    fn count_out(&mut self, row: &MessageRow) -> Result<(), StoreFault> {
        if row.verdict != 0 {
            return Ok(());
        }
        let deleted = fold(&self.store.acts(&row.stream, &row.id, row.hlc)?).deleted;
        self.count_in_thread(row, if deleted { 0 } else { -1 }, -1)
    }

    /// What acts on a message that goes waits for it again, as when it came before it.
    pub(super) fn leave_acts_behind(&mut self, row: &MessageRow) -> Result<(), StoreFault> {
        for act in self.store.acts(&row.stream, &row.id, row.hlc)? {
            self.write(Record::Orphan { message: row.id, act: act.act.op });
        }
        Ok(())
    }
}
