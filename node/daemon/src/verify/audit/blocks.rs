//! Blocks: each is whole, found by every way to it, and in its place between the others.

use super::{Audit, AuditError, BATCH};
use crate::verify::block::{self, Index};
use crate::verify::fact::Row;
use crate::verify::layout::{self, Short};
use nexus_crdt::id::OpId;
use redb::{ReadTransaction, ReadableTable as _, ReadableTableMetadata as _, TableError};
use std::collections::{BTreeMap, HashMap};

/// What of the blocks is asked for later.
#[derive(Default)]
pub(super) struct InBlocks {
    /// The ops of each, by their places.
    pub(super) ids: HashMap<Short, Vec<OpId>>,
    /// Those that have no row of their own.
    pub(super) rowless: HashMap<OpId, Short>,
    /// Messages without a row of their own.
    pub(super) messages: Vec<layout::MessageRow>,
}

/// How many rows should lead to what was read.
#[derive(Default)]
struct Ways {
    ops: u64,
    logs: u64,
    numbered: u64,
}

impl Audit<'_> {
    /// Reads every block. A store of the format before has none.
    pub(super) fn blocks(&mut self, store: &ReadTransaction) -> Result<(), AuditError> {
        let table = match store.open_table(layout::BLOCK) {
            Err(TableError::TableDoesNotExist(_)) => return Ok(()),
            table => table?,
        };
        let mut ways = Ways::default();
        let mut rows = Vec::with_capacity(BATCH);
        let mut parts: Option<(Short, [Vec<u8>; 2])> = None;
        for row in table.iter()? {
            let (key, piece) = row?;
            let mut key = layout::Cursor(key.value());
            let (number, part): (Short, [u8; 1]) = (key.take()?, key.take()?);
            if parts.as_ref().is_some_and(|(of, _)| *of != number)
                && let Some((number, parts)) = parts.take()
            {
                self.block(store, number, &parts, &mut ways, &mut rows)?;
            }
            let (_, parts) = parts.get_or_insert_with(|| (number, Default::default()));
            match parts.get_mut(usize::from(part[0])) {
                Some(part) => part.extend(piece.value()),
                None => self.report.wrong("a part that no block has", named(number)),
            }
            if rows.len() >= BATCH {
                self.take(&rows);
                rows.clear();
            }
        }
        if let Some((number, parts)) = parts {
            self.block(store, number, &parts, &mut ways, &mut rows)?;
        }
        self.take(&rows);
        self.report.packed_ops = self.in_blocks.rowless.len() as u64;
        self.ways(store, &ways)?;
        self.order(store)
    }

    fn block(
        &mut self,
        store: &ReadTransaction,
        number: Short,
        [index, content]: &[Vec<u8>; 2],
        ways: &mut Ways,
        rows: &mut Vec<Row>,
    ) -> Result<(), AuditError> {
        self.report.blocks += 1;
        let index = match block::index(index) {
            Ok(index) => index,
            Err(what) => {
                self.report.wrong(format!("its index cannot be read: {what}"), named(number));
                return Ok(());
            }
        };
        self.found(store, number, &index, ways)?;
        let (ops, messages) = (store.open_table(layout::OP)?, store.open_table(layout::MESSAGE)?);
        let mut without = Vec::new();
        for (at, op) in index.ops.iter().enumerate() {
            if ops.get(&index.key(op))?.is_none() {
                without.push(at);
                self.in_blocks.rowless.insert(op.id, number);
            }
            let row = message_key(&index, op.hlc, &op.id);
            if let Some(message) = op.message.as_ref()
                && messages.get(&row)?.is_none()
            {
                self.in_blocks.messages.push(message.clone());
            }
        }
        self.in_blocks.ids.insert(number, index.ops.iter().map(|op| op.id).collect());
        match block::content(&index, content, &self.names) {
            Ok(kept) => {
                let kept = kept.into_iter().enumerate().filter(|(at, _)| without.contains(at));
                rows.extend(kept.map(|(at, op)| Row {
                    key: index.key(&index.ops[at]),
                    read: Ok(op.row),
                    body: op.body,
                }));
            }
            // What came again stands in rows.
            Err(_) if without.is_empty() => {}
            Err(what) => {
                self.report
                    .wrong(format!("{} ops of it cannot be read: {what}", without.len()), named(number));
                for at in without {
                    let id = index.ops[at].id;
                    self.report.ops += 1;
                    self.failed.insert(layout::Cursor(&id.0).take()?);
                }
            }
        }
        Ok(())
    }

    /// The ways to a block and to each op of it.
    fn found(
        &mut self,
        store: &ReadTransaction,
        number: Short,
        index: &Index,
        ways: &mut Ways,
    ) -> Result<(), AuditError> {
        let (Some(first), Some(last)) = (index.ops.first(), index.ops.last()) else { return Ok(()) };
        let mut end = [0; 28];
        end.copy_from_slice(&[&number[..], &last.hlc.to_be_bytes(), &last.id.0[..16]].concat());
        let mut lost =
            store.open_table(layout::BLOCK_AT)?.get(&index.key(first))?.is_none_or(|at| *at.value() != end);
        let ops = store.open_table(layout::BLOCK_OP)?;
        for op in &index.ops {
            let mut key = [0; 10];
            key.copy_from_slice(&[&op.id.0[..6], &number].concat());
            lost |= ops.get(&key)?.is_none();
        }
        ways.ops += index.ops.len() as u64;
        let mut runs: BTreeMap<(Short, Short), (u64, u64)> = BTreeMap::new();
        for op in &index.ops {
            runs.entry((op.device, op.tenure)).or_insert((op.seq, op.seq)).1 = op.seq;
        }
        ways.logs += runs.len() as u64;
        let logs = store.open_table(layout::BLOCK_LOG)?;
        for ((device, tenure), (first, last)) in runs {
            let mut key = [0; 28];
            let log = [&index.space[..], &device, &index.stream, &tenure, &first.to_be_bytes(), &number];
            key.copy_from_slice(&log.concat());
            lost |= logs.get(&key)?.is_none_or(|upto| *upto.value() != last.to_be_bytes());
        }
        let mut numbers = index.ops.iter().filter_map(|op| Some(op.message.as_ref()?.number));
        if let Some(first) = numbers.next() {
            ways.numbered += 1;
            let (mut key, mut upto) = ([0; 12], [0; 12]);
            key.copy_from_slice(&[&index.stream[..], &first.to_be_bytes()].concat());
            let last = numbers.next_back().unwrap_or(first);
            upto.copy_from_slice(&[&number[..], &last.to_be_bytes()].concat());
            lost |= store.open_table(layout::BLOCK_NUMBER)?.get(&key)?.is_none_or(|at| *at.value() != upto);
        }
        if lost {
            self.report.wrong("a way to it is lost", named(number));
        }
        Ok(())
    }

    fn ways(&mut self, store: &ReadTransaction, ways: &Ways) -> Result<(), AuditError> {
        let rows = [
            ("block_at", store.open_table(layout::BLOCK_AT)?.len()?, self.report.blocks),
            ("block_op", store.open_table(layout::BLOCK_OP)?.len()?, ways.ops),
            ("block_log", store.open_table(layout::BLOCK_LOG)?.len()?, ways.logs),
            ("block_number", store.open_table(layout::BLOCK_NUMBER)?.len()?, ways.numbered),
        ];
        for (table, rows, expected) in rows {
            if rows != expected && self.report.is_clean() {
                self.report.wrong(format!("{rows} rows where {expected} are due"), format!("table {table}"));
            }
        }
        Ok(())
    }

    /// The blocks of a stream do not overlap, and the numbers of messages ascend along them.
    fn order(&mut self, store: &ReadTransaction) -> Result<(), AuditError> {
        let mut before: Option<([u8; 8], [u8; 24])> = None;
        for row in store.open_table(layout::BLOCK_AT)?.iter()? {
            let (begin, end) = row?;
            let mut key = layout::Cursor(begin.value());
            let (stream, first): ([u8; 8], [u8; 24]) = (key.take()?, key.take()?);
            let mut end = layout::Cursor(end.value());
            let (number, last): (Short, [u8; 24]) = (end.take()?, end.take()?);
            if last < first || before.is_some_and(|(of, last)| of == stream && last >= first) {
                self.report.wrong("it lies across another", named(number));
            }
            before = Some((stream, last));
        }
        Ok(())
    }
}

/// The key in `message` of an op of a block.
fn message_key(index: &Index, hlc: u64, id: &OpId) -> [u8; 28] {
    let mut key = [0; 28];
    key.copy_from_slice(&[&index.stream[..], &hlc.to_be_bytes(), &id.0[..16]].concat());
    key
}

pub(super) fn named(number: Short) -> String {
    format!("block {}", u32::from_be_bytes(number))
}
