//! Messages that stand in blocks, by their numbers.

use crate::store::intern::Short;
use crate::store::row::MessageValue;
use crate::store::table::{Access, Tables};
use crate::store::{fault, key};
use nexus_core::{Snowflake, StoreFault};
use redb::ReadableTable;
use std::collections::VecDeque;

/// A message: its key in `message`, and what would be its row there.
pub(in crate::store) type Packed = ([u8; 28], MessageValue);

/// Messages of a stream that stand in blocks, in the order of their numbers, which is that of their keys.
pub(in crate::store) struct Messages<'a, A: Access> {
    tables: &'a Tables<A>,
    stream: Short,
    read: VecDeque<Packed>,
    /// The number that the next page begins at.
    next: Option<u64>,
}

/// Messages that are read at once.
const PAGE: usize = 512;

impl<A: Access> Tables<A> {
    /// Messages that stand in blocks by number: `from` (inclusive) towards older or newer ones, at most `limit`. Those `beyond` a
    /// number nobody asks for.
    pub(in crate::store) fn packed_messages(
        &self,
        stream: Short,
        from: u64,
        beyond: Option<u64>,
        older: bool,
        limit: usize,
    ) -> Result<Vec<Packed>, StoreFault> {
        let number = |number| key::number(stream, Snowflake(number));
        let (first, here, last) = (number(0), number(from), number(u64::MAX));
        let mut messages = Vec::new();
        let mut around = self.block_number.range::<&[u8; 12]>(&first..=&here).map_err(fault)?;
        if older {
            for row in around.rev() {
                let (block, newest) = key::block_numbers(row.map_err(fault)?.1.value());
                if messages.len() >= limit || beyond.is_some_and(|beyond| newest < beyond) {
                    break;
                }
                let page = self.messages_in(stream, block)?;
                messages.extend(page.into_iter().rev().filter(|(_, row)| row.number <= from));
            }
        } else {
            let begin = around.next_back().transpose().map_err(fault)?.map_or(first, |(at, _)| *at.value());
            for row in self.block_number.range::<&[u8; 12]>(&begin..=&last).map_err(fault)? {
                let (at, value) = row.map_err(fault)?;
                let (block, newest) = key::block_numbers(value.value());
                if newest < from {
                    continue;
                }
                let oldest = key::number_at(at.value());
                if messages.len() >= limit || beyond.is_some_and(|beyond| oldest > beyond) {
                    break;
                }
                let page = self.messages_in(stream, block)?;
                messages.extend(page.into_iter().filter(|(_, row)| row.number >= from));
            }
        }
        messages.truncate(limit);
        Ok(messages)
    }

    fn messages_in(&self, stream: Short, number: Short) -> Result<Vec<Packed>, StoreFault> {
        let block = self.block(number)?;
        if block.index.stream != stream {
            return Err(fault("a number leads to a block of another stream"));
        }
        let messages = block.index.ops.iter().filter_map(|op| {
            let at = key::join(&[&stream, &op.spot.hlc.0.to_be_bytes(), &op.spot.head]);
            Some((at, op.message?))
        });
        Ok(messages.collect())
    }

    /// All of them.
    pub(in crate::store) const fn all_packed_messages(&self, stream: Short) -> Messages<'_, A> {
        Messages { tables: self, stream, read: VecDeque::new(), next: Some(0) }
    }
}

impl<A: Access> Messages<'_, A> {
    /// The next, but for those from a key on.
    pub(in crate::store) fn next_before(
        &mut self,
        key: Option<&[u8; 28]>,
    ) -> Result<Option<Packed>, StoreFault> {
        while self.read.is_empty() {
            let Some(from) = self.next else { return Ok(None) };
            self.read = self.tables.packed_messages(self.stream, from, None, false, PAGE)?.into();
            self.next = self.read.back().and_then(|(_, last)| last.number.checked_add(1));
        }
        let is_before = |(at, _): &Packed| key.is_none_or(|key| at < key);
        Ok(if self.read.front().is_some_and(is_before) { self.read.pop_front() } else { None })
    }

    /// Leaves out the one that stands at a key, where it is the next.
    pub(in crate::store) fn skip(&mut self, key: &[u8; 28]) {
        if self.read.front().is_some_and(|(at, _)| at == key) {
            self.read.pop_front();
        }
    }
}
