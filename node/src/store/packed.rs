//! Ops that stand in blocks: found, and read. A row stands before what a block says of the same op.

mod dissolve;
mod erase;
mod feed;
mod log;
mod message;
mod order;

pub(super) use erase::Erasing;

use super::block::{Index, Kept, columns_again, unpack_content};
use super::intern::Short;
use super::table::{Access, Tables};
use super::{fault, key};
use nexus_core::store::Head;
use nexus_core::{StoreFault, StoredOp};
use nexus_crdt::op;
use redb::ReadableTable;
use std::collections::VecDeque;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

/// A block that was looked up.
pub(super) struct Block {
    pub(super) number: Short,
    pub(super) index: Index,
    content: OnceLock<Option<Vec<Kept>>>,
}

/// The blocks that were looked up last, the latest first.
#[derive(Default)]
pub(super) struct Blocks(Mutex<VecDeque<Arc<Block>>>);

/// Where an op is.
pub(super) enum Found {
    /// In rows: its space, stream and time.
    Row([u8; 16]),
    /// In a block, at a place.
    Packed(Arc<Block>, usize),
}

/// Of a block its index, or its content.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Part {
    Index = 0,
    Content = 1,
}

/// Blocks that a transaction keeps at hand: about 40 KB each where their content was read, too.
const AT_HAND: usize = 16;
/// Bytes of a row of a block's: four of them fill a page.
pub(super) const PIECE: usize = 1_012;
/// Most bytes of an index or a content: two frames of 512 KiB that nothing makes smaller, ids, signatures and salts fit. What the disk
/// has grown beyond it is not read.
const PART_MAX: usize = 2 << 20;

impl Blocks {
    fn get(&self, number: Short) -> Option<Arc<Block>> {
        let mut blocks = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let at = blocks.iter().position(|block| block.number == number)?;
        let block = blocks.remove(at)?;
        blocks.push_front(block.clone());
        Some(block)
    }

    fn put(&self, block: &Arc<Block>) {
        let mut blocks = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        blocks.push_front(block.clone());
        blocks.truncate(AT_HAND);
    }

    #[cfg(test)]
    pub(super) fn len(&self) -> usize {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).len()
    }

    fn forget(&self, number: Short) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).retain(|block| block.number != number);
    }
}

impl Block {
    /// Whether it is of a stream: what leads to it may have been changed on the disk.
    pub(super) fn is_of(&self, space: Short, stream: Short) -> bool {
        (self.index.space, self.index.stream) == (space, stream)
    }

    pub(super) fn place(&self, at: usize) -> Option<[u8; 16]> {
        let op = self.index.ops.get(at)?;
        Some(key::place(self.index.space, self.index.stream, op.spot.hlc))
    }
}

impl<A: Access> Tables<A> {
    /// Where the op is whose id has this head.
    pub(super) fn find(&self, head: &Head) -> Result<Option<Found>, StoreFault> {
        if let Some(place) = self.by_id.get(head).map_err(fault)? {
            return Ok(Some(Found::Row(*place.value())));
        }
        Ok(self.in_block(head)?.map(|(block, at)| Found::Packed(block, at)))
    }

    /// The block that holds it, whatever rows say.
    pub(super) fn in_block(&self, head: &Head) -> Result<Option<(Arc<Block>, usize)>, StoreFault> {
        let (first, last) = key::block_ops(head);
        for row in self.block_op.range::<&[u8; 10]>(&first..=&last).map_err(fault)? {
            let block = self.block(key::block_of(row.map_err(fault)?.0.value()))?;
            if let Some(at) = block.index.place_of(head) {
                return Ok(Some((block, at)));
            }
        }
        Ok(None)
    }

    pub(super) fn block(&self, number: Short) -> Result<Arc<Block>, StoreFault> {
        if let Some(block) = self.blocks.get(number) {
            return Ok(block);
        }
        let index = self.index_of(number)?;
        let block = Arc::new(Block { number, index, content: OnceLock::new() });
        self.blocks.put(&block);
        Ok(block)
    }

    // Where the disk has changed it, by what its content repeats of it, and by what ids are made of.
    fn index_of(&self, number: Short) -> Result<Index, StoreFault> {
        let bytes = self.part_bytes(number, Part::Index)?;
        let error = match Index::unpack(&bytes) {
            Ok(index) => return Ok(index),
            Err(error) => error,
        };
        tracing::error!(%error, "the index of a block of ops was changed on the disk: it is read from its content");
        let content = self.part_bytes(number, Part::Content)?;
        let (index, sum) = Index::unpack_by(&bytes, None)
            .or_else(|_| Index::unpack_by(&bytes, Some(columns_again(&content).unwrap_or_default())))?;
        let mended = if index.sum_of_ids() == sum { None } else { self.mended(&index, &content) };
        Ok(mended.filter(|mended| mended.sum_of_ids() == sum).unwrap_or(index))
    }

    // An id is the hash of its header, which may name ids before it in the block.
    fn mended(&self, index: &Index, content: &[u8]) -> Option<Index> {
        let mut mended = index.clone();
        for at in 0..index.ops.len() {
            let row = unpack_content(&mended, content).ok()?.into_iter().nth(at)?.row;
            let op = mended.ops.get_mut(at)?;
            let op_key = key::op_in(index.space, index.stream, &op.spot);
            let id = op::named_by_header(&self.kept_op(&op_key, row, None).ok()?.op);
            (op.spot.head, op.tail) = (*key::head(&id), *key::tail(&id));
            if let Some(message) = &mut op.message {
                message.tail = op.tail;
            }
        }
        Some(mended)
    }

    /// What a block holds of its op at a place. None where the disk has changed it: what a peer gives takes its place, as a row.
    pub(super) fn kept<'b>(&self, block: &'b Block, at: usize) -> Result<Option<&'b Kept>, StoreFault> {
        Ok(self.content(block)?.and_then(|kept| kept.get(at)))
    }

    pub(super) fn content<'b>(&self, block: &'b Block) -> Result<Option<&'b [Kept]>, StoreFault> {
        if let Some(content) = block.content.get() {
            return Ok(content.as_deref());
        }
        let read = unpack_content(&block.index, &self.part_bytes(block.number, Part::Content)?);
        if let Err(error) = &read {
            tracing::error!(%error, "a block of ops was changed on the disk: they are not used");
        }
        Ok(block.content.get_or_init(|| read.ok()).as_deref())
    }

    pub(super) fn packed_op(&self, block: &Block, at: usize) -> Result<Option<StoredOp>, StoreFault> {
        let (Some(kept), Some(op)) = (self.kept(block, at)?, block.index.ops.get(at)) else {
            return Ok(None);
        };
        let op_key = key::op_in(block.index.space, block.index.stream, &op.spot);
        self.assembled(&op_key, kept.row.clone(), kept.body.as_deref())
    }

    /// Whether all ops of a block have rows, too.
    pub(super) fn came_again(&self, block: &Block) -> Result<bool, StoreFault> {
        for op in &block.index.ops {
            let op_key = key::op_in(block.index.space, block.index.stream, &op.spot);
            if self.op.get(&op_key).map_err(fault)?.is_none() {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// The bytes of a part of a block: no more than there can be.
    pub(super) fn part_bytes(&self, number: Short, part: Part) -> Result<Vec<u8>, StoreFault> {
        let (first, last) = key::pieces(number, part as u8);
        let mut bytes = Vec::with_capacity(16 * PIECE);
        for piece in self.block.range::<&[u8; 7]>(&first..=&last).map_err(fault)? {
            let (_, piece) = piece.map_err(fault)?;
            if bytes.len() + piece.value().len() > PART_MAX {
                break;
            }
            bytes.extend(piece.value());
        }
        Ok(bytes)
    }
}
