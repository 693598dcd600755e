//! The store written anew into a file of its own: what is free in it is given back, and of what was removed nothing is left.
//!
//! redb copies pages and frees the old ones without wiping them, and its own compaction moves pages within the file: what was
//! destroyed may stand in a free page for as long as nobody needs it. A file into which only rows go that are there has none.

use super::medium::Beside;
use super::pack::{ROWS, Sizes};
use super::table::{ReadTables, WriteTables};
use super::{SealingKey, fault};
use nexus_core::{Record, StoreFault};
use redb::{Durability, ReadableTableMetadata as _};
use std::sync::atomic::{AtomicBool, Ordering};

/// When writing a store anew is worth it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Worth {
    /// Always: somebody asked.
    Asked,
    /// Where a body was destroyed since it was last done, or the file, which takes so many bytes, holds too few rows for that.
    Looked { taken_bytes: Option<u64> },
}

/// A store beside another, with all rows that were there when it was begun.
pub(crate) struct Copied {
    beside: Beside,
    /// Bodies that were destroyed before.
    erased: u64,
}

/// A smaller file is left as it is, however few rows it has.
const TAKEN_MIN: u64 = 32 << 20;
/// Of a larger one the rows take so much at least, in hundredths, or it is written anew. A tree that grew in many places has pages
/// half full (`bench store`), a file written anew has nine tenths: between two times it grows by half.
const ROWS_MIN_PERCENT: u64 = 60;

impl Worth {
    fn is_worth_it(self, tables: &ReadTables) -> Result<bool, StoreFault> {
        let Self::Looked { taken_bytes } = self else { return Ok(true) };
        if tables.erased()? > 0 || tables.has_much_to_pack()? {
            return Ok(true);
        }
        let Some(all) = taken_bytes.filter(|all| *all >= TAKEN_MIN) else { return Ok(false) };
        Ok(tables.row_bytes()?.saturating_mul(100) < all.saturating_mul(ROWS_MIN_PERCENT))
    }
}

/// Fewer rows than that are packed for no other reason.
const PACKED_MIN: u64 = 8_192;
/// .. and fewer than one for so many ops that stand in blocks already.
const PACKED_EVERY: u64 = 4;

impl ReadTables {
    // Since the file was last written anew.
    fn has_much_to_pack(&self) -> Result<bool, StoreFault> {
        let left = self.meta.get(ROWS).map_err(fault)?;
        let left = left.map_or(Ok(0), |row| row.value().try_into().map(u64::from_be_bytes).map_err(fault))?;
        let rows = self.op.len().map_err(fault)?.saturating_sub(left);
        Ok(rows >= PACKED_MIN && rows.saturating_mul(PACKED_EVERY) >= self.block_op.len().map_err(fault)?)
    }

    /// Writes all that is here into a store in which nothing is yet, older ops in blocks; false where it was given up.
    pub(super) fn write_into(
        &self,
        into: &mut WriteTables<'_>,
        sizes: Sizes,
        go_on: &dyn Fn() -> bool,
    ) -> Result<bool, StoreFault> {
        let Some(packing) = self.pack_into(into, sizes, go_on)? else { return Ok(false) };
        if !self.copy_rows(into, &packing, go_on)? {
            return Ok(false);
        }
        self.find_packed(into, &packing, sizes.at_once)?;
        Ok(true)
    }
}

impl Copied {
    /// Copies what `tables` show into `beside`, where that is worth it and nobody gives it up meanwhile. Takes long, and holds
    /// up nobody.
    pub(crate) fn of(
        tables: &ReadTables,
        beside: Beside,
        seal: &SealingKey,
        worth: Worth,
        given_up: &AtomicBool,
    ) -> Result<Option<Self>, StoreFault> {
        if !worth.is_worth_it(tables)? {
            return Ok(None);
        }
        let transaction = beside.database.begin_write().map_err(fault)?;
        let mut into = WriteTables::open(&transaction, seal)?;
        let whole = tables.write_into(&mut into, Sizes::USUAL, &|| !given_up.load(Ordering::Relaxed))?;
        drop(into);
        if !whole {
            return Ok(None);
        }
        transaction.commit().map_err(fault)?;
        Ok(Some(Self { beside, erased: tables.erased()? }))
    }

    /// Writes what was written meanwhile, too: all of it, up to the moment in which the new store takes its place.
    pub(crate) fn catch_up(
        self,
        since: &[Record],
        seal: &SealingKey,
        now_ms: u64,
    ) -> Result<Beside, StoreFault> {
        let mut transaction = self.beside.database.begin_write().map_err(fault)?;
        transaction.set_durability(Durability::Immediate).map_err(fault)?;
        let mut tables = WriteTables::open(&transaction, seal)?;
        tables.apply(since)?;
        tables.forget_erased(self.erased)?;
        if let Some(place) = self.beside.place {
            tables.stamp_place(place, now_ms)?;
        }
        drop(tables);
        transaction.commit().map_err(fault)?;
        Ok(self.beside)
    }
}
