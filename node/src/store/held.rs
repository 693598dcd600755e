//! Rows that are held back while ops come, and written in the order of their keys: those that come to stand in one gap between rows
//! fill pages as they are, where each by itself would look for its page and make room in it.

use super::apply::done;
use super::fault;
use super::table::{Bytes, WriteTables};
use nexus_core::StoreFault;
use redb::{Table, Value};
use std::borrow::Borrow;
use std::ops::Bound;

/// Rows by the table they belong in. Of one key the last counts.
#[derive(Default)]
pub(super) struct Held {
    pub(super) op: Vec<([u8; 32], Vec<u8>)>,
    pub(super) body: Vec<([u8; 32], Vec<u8>)>,
    pub(super) message: Vec<([u8; 28], [u8; 34])>,
    pub(super) number: Vec<([u8; 12], [u8; 24])>,
    pub(super) arrival: Vec<([u8; 12], [u8; 32])>,
}

impl WriteTables<'_> {
    /// Writes them: before anything reads or removes one.
    pub(super) fn write_held(&mut self, held: &mut Held) -> Result<(), StoreFault> {
        let Held { op, body, message, number, arrival } = std::mem::take(held);
        insert_all(&mut self.op, op)?;
        insert_all(&mut self.body, body)?;
        insert_all(&mut self.message, message)?;
        insert_all(&mut self.number, number)?;
        insert_all(&mut self.arrival, arrival)
    }
}

fn insert_all<const N: usize, V, T, O>(
    table: &mut Table<'_, Bytes<N>, V>,
    mut rows: Vec<([u8; N], O)>,
) -> Result<(), StoreFault>
where
    V: for<'v> Value<SelfType<'v> = &'v T> + 'static,
    T: ?Sized + 'static,
    O: Borrow<T>,
{
    rows.reverse();
    rows.sort_by_key(|(at, _)| *at);
    rows.dedup_by_key(|(at, _)| *at);
    let mut left = rows.as_slice();
    while left.len() >= RUN_MIN {
        let written = insert_run(table, left)?;
        left = left.get(written..).unwrap_or_default();
    }
    left.iter().try_for_each(|(at, value)| done(table.insert(at, value.borrow())))
}

// The first row, and those behind it that stand in the same gap; how many these are.
fn insert_run<const N: usize, V, T, O>(
    table: &mut Table<'_, Bytes<N>, V>,
    rows: &[([u8; N], O)],
) -> Result<usize, StoreFault>
where
    V: for<'v> Value<SelfType<'v> = &'v T> + 'static,
    T: ?Sized + 'static,
    O: Borrow<T>,
{
    let Some((first, value)) = rows.first() else { return Ok(0) };
    let mut gap = table.upper_bound_mut(Bound::Excluded(first)).map_err(fault)?;
    let next = gap.peek_next().map_err(fault)?.map(|(at, _)| *at.value());
    let count = rows.partition_point(|(at, _)| next.is_none_or(|next| *at < next));
    if count < RUN_MIN {
        drop(gap);
        return done(table.insert(first, value.borrow())).map(|()| 1);
    }
    for (at, value) in rows.iter().take(count) {
        gap.insert_before(at, value.borrow()).map_err(fault)?;
    }
    gap.close().map_err(fault)?;
    Ok(count)
}

/// Fewer rows than these are quicker written where they belong one by one.
const RUN_MIN: usize = 4;
