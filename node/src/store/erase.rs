//! Bodies that are destroyed, and those that will be.

use super::apply::done;
use super::fault;
use super::key;
use super::packed::Erasing;
use super::row::{ActValue, DeedValue};
use super::table::{Access, Tables, WriteTables};
use nexus_core::{Erasure, StoreFault};
use nexus_crdt::id::{OpId, SpaceId, StreamId};
use redb::ReadableTable;
use std::collections::BTreeMap;

/// Files that destroyed bodies named, by hash, each with how many bodies that were.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct FilesToGo {
    /// Those that nothing here names any more.
    pub unnamed: BTreeMap<[u8; 32], u64>,
    /// Those that another body names.
    pub named: BTreeMap<[u8; 32], u64>,
}

impl WriteTables<'_> {
    /// Destroys a body that stands in a row, and notes one that stands in a block.
    pub(super) fn destroy_body(&mut self, id: &OpId, erasing: &mut Erasing) -> Result<(), StoreFault> {
        let Some(place) = self.place_of(id)? else { return Ok(()) };
        if self.body.remove(&key::op_at(&place, id)).map_err(fault)?.is_some() {
            self.count_erased(1)?;
        }
        self.note_packed(erasing, key::head(id))
    }

    /// So many bodies more may stand in free pages.
    pub(super) fn count_erased(&mut self, bodies: u64) -> Result<(), StoreFault> {
        let erased = self.erased()?.saturating_add(bodies);
        done(self.meta.insert(ERASED, erased.to_be_bytes().as_slice()))
    }

    pub(super) fn write_erasure(&mut self, erasure: &Erasure) -> Result<(), StoreFault> {
        let Some(at) = self.erasure_at(erasure)? else { return Ok(()) };
        if self.erase.get(&at).map_err(fault)?.is_some() {
            return Ok(());
        }
        let row = key::join(&[&erasure.due_ms.to_be_bytes(), key::tail(&erasure.message)]);
        done(self.erase.insert(&at, &row))
    }

    pub(super) fn end_erasure(&mut self, erasure: &Erasure) -> Result<(), StoreFault> {
        let Some(at) = self.erasure_at(erasure)? else { return Ok(()) };
        done(self.erase.remove(&at))
    }

    pub(super) fn note_file(&mut self, hash: &[u8; 32]) -> Result<(), StoreFault> {
        let bodies = self.bodies_that_named(hash)?.saturating_add(1);
        done(self.file.insert(hash, &bodies.to_be_bytes()))
    }

    pub(super) fn settle_file(&mut self, hash: &[u8; 32], bodies: u64) -> Result<(), StoreFault> {
        if self.bodies_that_named(hash)? != bodies {
            return Ok(());
        }
        done(self.file.remove(hash))
    }

    /// The file has been written anew since so many bodies were destroyed: nothing is left of them.
    pub(super) fn forget_erased(&mut self, gone: u64) -> Result<(), StoreFault> {
        let left = self.erased()?.saturating_sub(gone);
        done(self.meta.insert(ERASED, left.to_be_bytes().as_slice()))
    }

    /// Notes what a version has left that only hid what moderators took away and what edits replaced: each is looked at
    /// again `at_ms`.
    ///
    /// # Errors
    /// [`StoreFault`] where the disk fails.
    pub fn note_erasures(&mut self, at_ms: u64) -> Result<(), StoreFault> {
        let mut noted: Vec<([u8; 32], [u8; 24])> = Vec::new();
        for row in self.act.iter().map_err(fault)? {
            let (at, value) = row.map_err(fault)?;
            let act = ActValue::unpack(value.value())?;
            if act.void || !matches!(act.deed, DeedValue::Delete | DeedValue::Edit) {
                continue;
            }
            let (message, ..) = key::act_parts(at.value());
            let (stream, (hlc, head)) = (key::message_stream(&message), key::message_parts(&message));
            let at = key::op_under(&key::place(act.space, stream, hlc), &head);
            if noted.last().is_none_or(|(last, _)| *last != at) {
                noted.push((at, key::join(&[&at_ms.to_be_bytes(), &act.message_tail])));
            }
        }
        noted.iter().try_for_each(|(at, row)| done(self.erase.insert(at, row)))
    }
}

impl<A: Access> Tables<A> {
    /// Bodies that were destroyed or let go of since the file was written anew: their bytes may still stand in free pages of it.
    pub(crate) fn erased(&self) -> Result<u64, StoreFault> {
        let Some(row) = self.meta.get(ERASED).map_err(fault)? else { return Ok(0) };
        Ok(u64::from_be_bytes(row.value().try_into().map_err(fault)?))
    }

    pub(super) fn erasures_after(
        &self,
        after: Option<&Erasure>,
        limit: usize,
    ) -> Result<Vec<Erasure>, StoreFault> {
        let after = after.map_or(Ok(None), |after| self.erasure_at(after))?;
        let skipped = usize::from(after.is_some());
        let from = after.unwrap_or([0; 32]);
        let mut erasures = Vec::new();
        for row in self.erase.range::<&[u8; 32]>(&from..).map_err(fault)?.take(limit.saturating_add(skipped))
        {
            let (at, value) = row.map_err(fault)?;
            if after.as_ref() == Some(at.value()) {
                continue;
            }
            let (space, stream, hlc, head) = key::op_parts(at.value());
            let (due, tail) = value.value().split_first_chunk::<8>().ok_or_else(|| fault("a short row"))?;
            let tail = tail.try_into().map_err(fault)?;
            erasures.push(Erasure {
                space: SpaceId(self.long(space)?),
                stream: StreamId(self.long(stream)?),
                hlc,
                message: key::id(&head, tail),
                due_ms: u64::from_be_bytes(*due),
            });
        }
        erasures.truncate(limit);
        Ok(erasures)
    }

    /// Files that destroyed bodies named. Where there are any, reads every body.
    pub(crate) fn files_to_go(&self) -> Result<FilesToGo, StoreFault> {
        let mut files = FilesToGo::default();
        for row in self.file.iter().map_err(fault)? {
            let (hash, bodies) = row.map_err(fault)?;
            files.unnamed.insert(*hash.value(), u64::from_be_bytes(*bodies.value()));
        }
        if files.unnamed.is_empty() {
            return Ok(files);
        }
        for row in self.body.iter().map_err(fault)? {
            let (_, body) = row.map_err(fault)?;
            for hash in hashes_in(body.value()) {
                files.named.extend(files.unnamed.remove_entry(&hash));
            }
        }
        for row in self.block_at.iter().map_err(fault)? {
            let block = self.block(key::block_ends(row.map_err(fault)?.1.value()).0)?;
            let kept = match self.content(&block)? {
                Some(kept) => kept,
                // Of what cannot be read nobody knows what it names, until it came again.
                None if self.came_again(&block)? => continue,
                None => return Ok(FilesToGo::default()),
            };
            for hash in kept.iter().filter_map(|op| op.body.as_deref()).flat_map(hashes_in) {
                files.named.extend(files.unnamed.remove_entry(&hash));
            }
        }
        Ok(files)
    }

    fn bodies_that_named(&self, hash: &[u8; 32]) -> Result<u64, StoreFault> {
        let bodies = self.file.get(hash).map_err(fault)?;
        Ok(bodies.map_or(0, |bodies| u64::from_be_bytes(*bodies.value())))
    }

    fn erasure_at(&self, erasure: &Erasure) -> Result<Option<[u8; 32]>, StoreFault> {
        let (space, stream) = (self.short(&erasure.space.0)?, self.short(&erasure.stream.0)?);
        let (Some(space), Some(stream)) = (space, stream) else { return Ok(None) };
        Ok(Some(key::op_at(&key::place(space, stream, erasure.hlc), &erasure.message)))
    }
}

/// What may be the hash of a file in a body: 32 bytes behind the two that say so many in CBOR.
fn hashes_in(body: &[u8]) -> impl Iterator<Item = [u8; 32]> {
    body.windows(34).filter_map(|window| window.strip_prefix(&[0x58, 0x20])?.try_into().ok())
}

/// Of `meta`: see [`Tables::erased`].
const ERASED: &str = "erased";
