//! Bodies that stand in blocks, destroyed: a content is written again without them, once for all that go of it together.

use super::{Block, PIECE, Part};
use crate::store::block::{emptied, pack_content};
use crate::store::intern::Short;
use crate::store::table::WriteTables;
use crate::store::{fault, key};
use nexus_core::StoreFault;
use nexus_core::store::Head;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Bodies that are to go from blocks: each block, and which of its ops.
#[derive(Default)]
pub(in crate::store) struct Erasing(BTreeMap<Short, (Arc<Block>, BTreeSet<usize>)>);

/// Blocks of which bodies go at once.
const AT_ONCE: usize = 64;

impl WriteTables<'_> {
    /// Notes the body of an op where a block may hold it; [`Self::erase_packed`] destroys it.
    pub(in crate::store) fn note_packed(
        &mut self,
        erasing: &mut Erasing,
        head: &Head,
    ) -> Result<(), StoreFault> {
        let Some((block, at)) = self.in_block(head)? else { return Ok(()) };
        if erasing.0.len() >= AT_ONCE && !erasing.0.contains_key(&block.number) {
            self.erase_packed(erasing)?;
        }
        erasing.0.entry(block.number).or_insert((block, BTreeSet::new())).1.insert(at);
        Ok(())
    }

    /// Destroys what was noted.
    pub(in crate::store) fn erase_packed(&mut self, erasing: &mut Erasing) -> Result<(), StoreFault> {
        for (block, places) in std::mem::take(erasing).0.into_values() {
            let Some(kept) = self.content(&block)? else {
                // Nobody can read it any more, but the bodies may stand there.
                self.replace_content(&block, &emptied(&block.index)?)?;
                self.count_erased(places.len() as u64)?;
                continue;
            };
            let mut kept = kept.to_vec();
            let mut erased = 0;
            for at in places {
                erased += u64::from(kept.get_mut(at).is_some_and(|op| op.body.take().is_some()));
            }
            if erased > 0 {
                self.replace_content(&block, &pack_content(&block.index, &kept)?)?;
                self.count_erased(erased)?;
            }
        }
        Ok(())
    }

    fn replace_content(&mut self, block: &Block, content: &[u8]) -> Result<(), StoreFault> {
        let (first, last) = key::pieces(block.number, Part::Content as u8);
        self.block.retain_in::<&[u8; 7], _>(&first..=&last, |_, _| false).map_err(fault)?;
        for (at, piece) in content.chunks(PIECE).enumerate() {
            let at = key::piece(block.number, Part::Content as u8, at)?;
            self.block.insert(&at, piece).map_err(fault)?;
        }
        self.blocks.forget(block.number);
        Ok(())
    }
}
