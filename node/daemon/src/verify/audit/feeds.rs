//! What the store gives others: the order of arrival, what it has not handed over yet, each stream's sum. And what waits.

use super::rows::op_named;
use super::{Audit, AuditError, space_of};
use crate::verify::layout::{self, Short};
use nexus_crdt::id::{OpId, SpaceId};
use nexus_crdt::kind::Plane;
use nexus_crdt::op;
use redb::{ReadTransaction, ReadableTable as _};
use std::collections::{BTreeMap, HashMap, HashSet};

/// Ops written here by arrival, of one feed.
type Own = BTreeMap<u64, SpaceId>;

impl Audit<'_> {
    /// Every op stands once in its space's arrival log, which has no gap; accounts share the log of the space with no
    /// name. The outbox is what was written here, from some arrival on.
    pub(super) fn feeds(&mut self, store: &ReadTransaction) -> Result<(), AuditError> {
        let (mut arrived, mut last) = (HashSet::new(), BTreeMap::new());
        let mut own: HashMap<Short, Own> = HashMap::new();
        for row in store.open_table(layout::ARRIVAL)?.iter()? {
            let (key, id) = row?;
            let ((feed, at), id) = (layout::arrival(key.value())?, OpId(*id.value()));
            let before = last.insert(feed, at).unwrap_or(0);
            if at != before + 1 {
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

    /// Where each feed goes on.
    fn ends(&mut self, store: &ReadTransaction, last: &BTreeMap<Short, u64>) -> Result<(), AuditError> {
        let mut ends = BTreeMap::new();
        for row in store.open_table(layout::FED)?.iter()? {
            let (feed, at) = row?;
            ends.insert(*feed.value(), u64::from_be_bytes(*at.value()));
        }
        for feed in ends.keys().chain(last.keys()).collect::<HashSet<_>>() {
            if ends.get(feed) != last.get(feed) {
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

    /// The count and sum of every stream.
    pub(super) fn sums(&mut self, store: &ReadTransaction) -> Result<(), AuditError> {
        let mut sums: BTreeMap<[u8; 8], (u64, u128)> = BTreeMap::new();
        for fact in self.facts.values() {
            let sum = sums.entry(layout::Cursor(&fact.key).take()?).or_default();
            *sum = (sum.0 + 1, sum.1.wrapping_add(u128::from_be_bytes(layout::Cursor(&fact.id.0).take()?)));
        }
        for row in store.open_table(layout::SUM)?.iter()? {
            let (key, value) = row?;
            let mut from = layout::Cursor(value.value());
            let said = (from.u64()?, u128::from_be_bytes(from.take()?));
            if sums.remove(key.value()) != Some(said) && self.failed.is_empty() {
                self.report.wrong("a stream's sum is not that of its ops", stream_named(key.value()));
            }
        }
        for key in sums.keys() {
            self.report.wrong("a stream without its sum", stream_named(key));
        }
        Ok(())
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
    format!("table sum, row {}", hex::encode(key))
}
