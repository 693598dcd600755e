//! Long names as four bytes: a space, stream, device, tenure, account or frontier is written out once.

use super::fault;
use super::table::{Access, Tables, WriteTables};
use nexus_core::StoreFault;
use redb::ReadableTable;
use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// A name's number in this file. Means nothing in another one.
pub(super) type Short = [u8; 4];

/// Names that were shortened in this transaction, and their numbers: a row has several, and most rows the same.
#[derive(Default)]
pub(super) struct Shortened(Mutex<HashMap<Box<[u8]>, Short>>);

/// So many are kept at hand.
const SHORTENED_MAX: usize = 4_096;

impl Shortened {
    fn get(&self, name: &[u8]) -> Option<Short> {
        self.names().get(name).copied()
    }

    fn put(&self, name: &[u8], short: Short) {
        let mut names = self.names();
        if names.len() >= SHORTENED_MAX {
            names.clear();
        }
        names.insert(name.into(), short);
    }

    fn names(&self) -> MutexGuard<'_, HashMap<Box<[u8]>, Short>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<A: Access> Tables<A> {
    /// The number of a name; none where nothing here bears it.
    pub(super) fn short(&self, name: &[u8]) -> Result<Option<Short>, StoreFault> {
        if let Some(short) = self.shortened.get(name) {
            return Ok(Some(short));
        }
        let short = self.intern.get(name).map_err(fault)?.map(|row| *row.value());
        if let Some(short) = short {
            self.shortened.put(name, short);
        }
        Ok(short)
    }

    /// The name behind a number.
    pub(super) fn long<const N: usize>(&self, short: Short) -> Result<[u8; N], StoreFault> {
        let row = self.name.get(&short).map_err(fault)?;
        let row = row.ok_or_else(|| fault("a row points to a name that is not here"))?;
        row.value().try_into().map_err(|_| fault("a name has another length than its row expects"))
    }
}

impl WriteTables<'_> {
    /// The number of a name, new where it has none.
    pub(super) fn shorten(&mut self, name: &[u8]) -> Result<Short, StoreFault> {
        self.short(name)?.map_or_else(|| self.number_name(name), Ok)
    }

    fn number_name(&mut self, name: &[u8]) -> Result<Short, StoreFault> {
        let last =
            self.name.last().map_err(fault)?.map_or(0, |(short, _)| u32::from_be_bytes(*short.value()));
        let short = last.checked_add(1).ok_or_else(|| fault("no free number for a name"))?.to_be_bytes();
        self.intern.insert(name, &short).map_err(fault)?;
        self.name.insert(&short, name).map_err(fault)?;
        self.shortened.put(name, short);
        Ok(short)
    }
}
