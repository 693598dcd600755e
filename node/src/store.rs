//! The store over redb: one file, tables as `node/docs/store.md` describes them, and one implementation of
//! [`nexus_core::Store`] for the write transaction of a batch and the read transaction of a [`crate::Reader`].

#[macro_use]
mod reads;

mod apply;
mod assemble;
mod block;
mod caught;
#[cfg(test)]
mod contract;
mod erase;
pub mod fuzz;
mod held;
mod intern;
mod key;
mod let_go;
mod medium;
mod pack;
mod packed;
mod part;
mod place;
mod queued;
mod read;
mod rewrite;
mod row;
mod seal;
mod table;
mod totals;

pub(crate) use caught::{CaughtTables, caught};
pub use erase::FilesToGo;
pub use medium::{Beside, Folder, Medium};
pub use place::Place;
pub(crate) use place::STAMP_EVERY_MS;
pub(crate) use rewrite::{Copied, Worth};
pub use seal::{SealError, SealingKey};
pub use table::{
    FORMAT, FORMAT_BEFORE, FormatError, ReadTables, Tables, WriteTables, format_of, has_all_tables,
    has_erasures, has_parts,
};

use nexus_core::StoreFault;

/// Any failure of the disk or of redb, as the core hears of it.
pub(crate) fn fault(error: impl std::fmt::Display) -> StoreFault {
    StoreFault(error.to_string())
}
