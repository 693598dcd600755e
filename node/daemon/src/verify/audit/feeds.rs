//! What the store gives others: the order of arrival, what it has not handed over yet, each stream's sum. And what waits.

use super::blocks::named;
use super::rows::op_named;
use super::{Audit, AuditError, space_of};
use crate::verify::block;
use crate::verify::layout::{self, Short};
use nexus_crdt::id::{OpId, SpaceId};
use nexus_crdt::kind::Plane;
use nexus_crdt::op;
use redb::{ReadTransaction, ReadableTable as _, TableError};
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

/// A count and sixteen sums.
type Sum = [u64; 17];

/// A feed, a place in it, and the op that arrived there.
type Arrived = ((Short, u64), OpId);

/// Ops written here by arrival, of one feed.
type Own = BTreeMap<u64, SpaceId>;

impl Audit<'_> {
    /// Every op stands once in its space's arrival log, which has no gap; accounts share the log of the space with no
    /// name. The outbox is what was written here, from some arrival on.
    pub(super) fn feeds(&mut self, store: &ReadTransaction) -> Result<(), AuditError> {
        let (mut arrived, mut last) = (HashSet::new(), BTreeMap::new());
        let mut own: HashMap<Short, Own> = HashMap::new();
        for ((feed, at), id) in self.arrivals(store)? {
            let before = last.insert(feed, at).unwrap_or(0);
            // What was let go of leaves its number.
            if at <= before || at != before + 1 && !self.thinned {
                self.report.wrong(format!("arrival {at} follows {before}"), self.feed_named(feed)?);
            }
            if !arrived.insert(id) {
                self.report.wrong("it has arrived twice", op_named(&id));
            }
            match self.facts.get(&id) {
                Some(fact) if self.names.long(feed) != Ok(feed_of(fact).0) => {
                    self.report.wrong("it arrived in another space", op_named(&id));
                }
                Some(fact) if fact.mine => drop(own.entry(feed).or_default().insert(at, space_of(fact))),
                None if !self.has_failed(&id) => {
                    self.report.wrong("an arrival without its op", op_named(&id));
                }
                _ => {}
            }
        }
        let missing = self.facts.keys().filter(|id| !arrived.contains(*id));
        let missing = missing.map(|id| ("it is in no arrival log", op_named(id))).collect();
        self.report_sorted(missing);
        self.ends(store, &last)?;
        self.outbox(store, &own)
    }

    /// Every arrival, of rows and of ops in blocks, in the order of their feeds.
    fn arrivals(&mut self, store: &ReadTransaction) -> Result<Vec<Arrived>, AuditError> {
        let mut all = Vec::new();
        for row in store.open_table(layout::ARRIVAL)?.iter()? {
            let (key, id) = row?;
            all.push((layout::arrival(key.value())?, OpId(*id.value())));
        }
        let lists = match store.open_table(layout::BLOCK_ARRIVAL) {
            Err(TableError::TableDoesNotExist(_)) => return Ok(all),
            lists => lists?,
        };
        for row in lists.iter()? {
            let (key, list) = row?;
            let (feed, first) = layout::arrival(key.value())?;
            let list = match block::arrivals(first, list.value()) {
                Ok(list) => list,
                Err(what) => {
                    let what = format!("a list of arrivals cannot be read: {what}");
                    self.report.wrong(what, self.feed_named(feed)?);
                    continue;
                }
            };
            for (at, number, place) in list {
                match self.in_blocks.ids.get(&number).map(|ids| ids.get(place)) {
                    Some(Some(id)) => all.push(((feed, at), *id)),
                    Some(None) => self.report.wrong(format!("arrival {at} is no op of it"), named(number)),
                    // It cannot be read, as is said already, or is not there.
                    None => self
                        .report
                        .wrong(format!("arrival {at} is of a block that is not here"), named(number)),
                }
            }
        }
        all.sort_unstable();
        Ok(all)
    }

    /// Where each feed goes on.
    fn ends(&mut self, store: &ReadTransaction, last: &BTreeMap<Short, u64>) -> Result<(), AuditError> {
        let mut ends = BTreeMap::new();
        for row in store.open_table(layout::FED)?.iter()? {
            let (feed, at) = row?;
            ends.insert(*feed.value(), u64::from_be_bytes(*at.value()));
        }
        for feed in ends.keys().chain(last.keys()).collect::<HashSet<_>>() {
            let (end, last) = (ends.get(feed), last.get(feed));
            if end != last && !(self.thinned && end >= last) {
                self.report
                    .wrong("its feed goes on elsewhere than after its last arrival", self.feed_named(*feed)?);
            }
        }
        Ok(())
    }

    fn outbox(&mut self, store: &ReadTransaction, own: &HashMap<Short, Own>) -> Result<(), AuditError> {
        let mut waiting: BTreeMap<Short, Own> = BTreeMap::new();
        let mut counted: HashMap<SpaceId, u64> = HashMap::new();
        for row in store.open_table(layout::OUTBOX)?.iter()? {
            let (key, space) = row?;
            let (feed, at) = layout::arrival(key.value())?;
            let space = SpaceId(self.names.long(*space.value())?);
            waiting.entry(feed).or_default().insert(at, space);
            *counted.entry(space).or_default() += 1;
        }
        for (feed, waiting) in waiting {
            let first = waiting.keys().next().copied().unwrap_or_default();
            let own: Option<Own> =
                own.get(&feed).map(|own| own.range(first..).map(|(at, space)| (*at, *space)).collect());
            if own.unwrap_or_default() != waiting && self.failed.is_empty() {
                self.report.wrong("its outbox is not what was written here", self.feed_named(feed)?);
            }
        }
        for row in store.open_table(layout::COUNT)?.iter()? {
            let (space, count) = row?;
            let space = SpaceId(self.names.long(*space.value())?);
            let said = u64::from_be_bytes(layout::Cursor(&count.value()[8..]).take()?);
            let here = counted.get(&space).copied().unwrap_or_default();
            if said != here {
                self.report.wrong(
                    format!("{said} ops are counted as in the outbox, {here} are"),
                    space_named(&space),
                );
            }
        }
        Ok(())
    }

    /// The count and sum of every stream and of its parts. A version that kept no parts left none: what it wrote is summed up
    /// when a program next opens it.
    pub(super) fn sums(&mut self, store: &ReadTransaction) -> Result<(), AuditError> {
        let table = match store.open_table(layout::PART) {
            Err(TableError::TableDoesNotExist(_)) => return Ok(()),
            table => table?,
        };
        let mut parts = self.parts()?;
        let (mut wrong, mut without) = (BTreeSet::new(), BTreeSet::new());
        for row in table.iter()? {
            let (key, value) = row?;
            let mut from = layout::Cursor(value.value());
            let mut said = [0; 17];
            for number in &mut said {
                *number = from.u64()?;
            }
            if parts.remove(key.value()) != Some(said) && self.failed.is_empty() {
                wrong.insert(stream_of(key.value()));
            }
        }
        without.extend(parts.keys().map(stream_of));
        for stream in &wrong {
            self.report.wrong("a stream's sum is not that of its ops", stream_named(stream));
        }
        for stream in without.difference(&wrong) {
            self.report.wrong("a stream without its sum", stream_named(stream));
        }
        Ok(())
    }

    // As `node/docs/store.md` says: a part begins where a stream does, and at each op whose head ends in 6 or 12 zero bits.
    fn parts(&self) -> Result<BTreeMap<[u8; 33], Sum>, AuditError> {
        let mut ops: Vec<&[u8; 32]> = self.facts.values().map(|fact| &fact.key).collect();
        ops.sort_unstable();
        let mut parts: BTreeMap<[u8; 33], Sum> = BTreeMap::new();
        let mut begins = [[0; 33]; 3];
        for op in ops {
            let stream: [u8; 8] = layout::Cursor(op).take()?;
            let low = u16::from_be_bytes([op[30], op[31]]);
            let head = spread(&op[16..]);
            for (level, begin) in (1..=3).zip(&mut begins) {
                if begin[0] != level || stream_of(begin) != stream {
                    *begin = [0; 33];
                    begin[0] = level;
                    begin[1..9].copy_from_slice(&stream);
                    parts.insert(*begin, [0; 17]);
                }
                if (level == 1 && low % 64 == 0) || (level == 2 && low % 4_096 == 0) {
                    begin[1..].copy_from_slice(op);
                }
                let sum = parts.entry(*begin).or_insert([0; 17]);
                for (number, more) in sum.iter_mut().zip(head) {
                    *number = number.wrapping_add(more);
                }
            }
        }
        Ok(parts)
    }

    /// What waits is whole and signed, and no part of its space.
    pub(super) fn waiting(&mut self, store: &ReadTransaction) -> Result<(), AuditError> {
        for row in store.open_table(layout::WAITING)?.iter()? {
            let (id, bytes) = row?;
            let id = OpId(*id.value());
            self.report.waiting += 1;
            match op::decode(bytes.value()).map(op::verify) {
                Ok(Ok(op)) if op.id != id => {
                    self.report.wrong("it waits under another's name", op_named(&id));
                }
                Ok(Ok(_)) if self.facts.contains_key(&id) => {
                    self.report.wrong("it waits and is taken in", op_named(&id));
                }
                Ok(Ok(_)) => {}
                _ => self.report.wrong("what waits is no op, or forged", op_named(&id)),
            }
        }
        Ok(())
    }

    fn feed_named(&self, feed: Short) -> Result<String, AuditError> {
        Ok(space_named(&SpaceId(self.names.long(feed)?)))
    }
}

fn feed_of(fact: &crate::verify::fact::Fact) -> SpaceId {
    match Plane::of(fact.header.kind) {
        Some(Plane::Identity) => SpaceId::NONE,
        _ => space_of(fact),
    }
}

fn space_named(space: &SpaceId) -> String {
    if *space == SpaceId::NONE { String::from("accounts") } else { format!("space {}", space.to_hex()) }
}

fn stream_named(key: &[u8; 8]) -> String {
    format!("table part, row {}", hex::encode(key))
}

fn stream_of(part: &[u8; 33]) -> [u8; 8] {
    std::array::from_fn(|at| part[1 + at])
}

// One op as a sum: counted once, its head spread to sixteen numbers.
fn spread(head: &[u8]) -> Sum {
    let mut bytes = [0; 128];
    blake3::Hasher::new_keyed(b"nexus 2026 sum of a set of ops 1")
        .update(head)
        .finalize_xof()
        .fill(&mut bytes);
    let mut sum = [1; 17];
    for (number, bytes) in sum.iter_mut().skip(1).zip(bytes.as_chunks().0) {
        *number = u64::from_be_bytes(*bytes);
    }
    sum
}
