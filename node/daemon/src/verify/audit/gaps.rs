//! Streams that are not held whole: what may be missing there is no fault.

use super::{Audit, AuditError};
use crate::verify::fact::{self, Fact};
use crate::verify::layout;
use nexus_crdt::id::OpId;
use redb::{ReadTransaction, ReadableTable as _, TableError};
use std::collections::HashSet;

impl Audit<'_> {
    /// Reads the gaps: each stream's ascend, and none is nothing. An earlier version had none.
    pub(super) fn gaps(&mut self, store: &ReadTransaction) -> Result<(), AuditError> {
        let table = match store.open_table(layout::GAP) {
            Err(TableError::TableDoesNotExist(_)) => return Ok(()),
            table => table?,
        };
        for row in table.iter()? {
            let (stream, gaps) = row?;
            let (gaps, rest) = gaps.value().as_chunks::<49>();
            let mut end: Option<[u8; 24]> = Some([0; 24]);
            let mut ascend = rest.is_empty() && !gaps.is_empty();
            for gap in gaps {
                let from: [u8; 24] = layout::Cursor(gap).take()?;
                let upto: [u8; 24] = layout::Cursor(&gap[25..]).take()?;
                ascend &= end.is_some_and(|end| from >= end) && (gap[24] == 0 || upto > from);
                end = (gap[24] == 1).then_some(upto);
            }
            if !ascend {
                let name = hex::encode(stream.value());
                self.report.wrong("its gaps do not ascend", format!("gaps of stream {name}"));
            }
            if let Some(first) = gaps.first() {
                self.gaps.insert(*stream.value(), layout::Cursor(first).take()?);
            }
        }
        Ok(())
    }

    /// Reads which ops are said to stand on a gap: each is here, and names one before it. An earlier version had none.
    pub(super) fn standing(&mut self, store: &ReadTransaction) -> Result<(), AuditError> {
        let table = match store.open_table(layout::STANDING) {
            Err(TableError::TableDoesNotExist(_)) => return Ok(()),
            table => table?,
        };
        for row in table.iter()? {
            self.standing.insert(*row?.0.value());
        }
        let standing = |fact: &&Fact| fact.header.prev.is_some() && self.standing.contains(&fact.key);
        let here = self.facts.values().filter(standing).count();
        if here != self.standing.len() && self.failed.is_empty() {
            let what = format!("{} ops stand on a gap, {here} of them are here", self.standing.len());
            self.report.wrong(what, "table standing");
        }
        Ok(())
    }

    /// Whether what an op stands on may be missing: a gap of its stream begins before it.
    pub(super) fn stands_on_a_gap(&self, fact: &Fact) -> bool {
        let (stream, spot) = fact.key.split_at(8);
        self.gaps.iter().any(|(gapped, first)| gapped == stream && first.as_slice() < spot)
    }

    /// Acts without their message: they have no row as acts, and their message is not here, or is none.
    pub(super) fn orphans(&mut self, store: &ReadTransaction) -> Result<HashSet<OpId>, AuditError> {
        let table = match store.open_table(layout::ORPHAN) {
            Err(TableError::TableDoesNotExist(_)) => return Ok(HashSet::new()),
            table => table?,
        };
        let mut orphans = HashSet::new();
        for row in table.iter()? {
            let (key, tail) = row?;
            let (message, head) = key.value().split_at(16);
            let id = OpId(layout::Cursor(&[head, tail.value()].concat()).take()?);
            match self.facts.get(&id) {
                Some(fact) if fact.header.target.is_none_or(|target| target.0[..16] != *message) => {
                    self.report.wrong("it waits for another message", fact::place(&fact.key));
                }
                None if !self.has_failed(&id) => {
                    self.report.wrong("a row without its op", super::rows::op_named(&id));
                }
                _ => drop(orphans.insert(id)),
            }
        }
        Ok(orphans)
    }
}
