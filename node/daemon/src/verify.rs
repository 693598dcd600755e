//! `verify`: a stopped node's store, read apart from the core.
//!
//! Nothing here asks nexus-core or nexus-node: tables and rows are read from their description, ops are decoded and
//! checked by nexus-crdt alone. The file is not changed ([`untouched`]).

mod audit;
mod block;
mod fact;
mod layout;
mod report;
mod untouched;

use anyhow::Context as _;
use redb::backends::FileBackend;
use redb::{Database, DatabaseError, ReadableDatabase as _};
use report::Report;
use std::fs::OpenOptions;
use std::io::Write as _;
use std::path::Path;
use std::process::ExitCode;

/// The node is running: its store is not to be read.
const RUNNING: u8 = 2;
/// redb's cache, in bytes: rows are read once, in order.
const CACHE: usize = 64 << 20;

/// Checks the store in `data` and prints what is in it. Exit 0: all in order; 1: something is wrong; 2: it runs.
///
/// # Errors
/// A sentence, where there is no store to read.
pub fn run(data: &Path, json: bool) -> anyhow::Result<ExitCode> {
    let report = match open(data) {
        Ok(store) => check(&store)?,
        Err(DatabaseError::DatabaseAlreadyOpen) => {
            eprintln!("the node in {} is running: stop it, then verify", data.display());
            return Ok(ExitCode::from(RUNNING));
        }
        Err(DatabaseError::Storage(redb::StorageError::Corrupted(what))) => Report::unreadable(&what),
        Err(error) => {
            return Err(error).with_context(|| format!("cannot read the store in {}", data.display()));
        }
    };
    let text = if json { serde_json::to_string(&report)? } else { report.in_words() };
    writeln!(std::io::stdout(), "{text}")?;
    Ok(if report.is_clean() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Opens the file for reading, every page of it checked against its sum.
fn open(data: &Path) -> Result<Database, DatabaseError> {
    // redb's lock asks for a file that could be written.
    let file = OpenOptions::new().read(true).write(true).open(data.join("nexus.redb"))?;
    let backend = untouched::Untouched::new(FileBackend::new(file)?)?;
    Database::builder().set_cache_size(CACHE).set_check_integrity_on_open(true).create_with_backend(backend)
}

fn check(store: &Database) -> anyhow::Result<Report> {
    let mut report = Report::default();
    match audit::audit(&store.begin_read()?, &mut report) {
        Ok(()) => Ok(report),
        Err(audit::AuditError::Row(what)) => {
            report.wrong(what, "the file");
            Ok(report)
        }
        Err(audit::AuditError::Store(error)) => Err(error).context("cannot read the store"),
    }
}

#[cfg(test)]
mod in_blocks;
#[cfg(test)]
mod on_a_real_node;
#[cfg(test)]
mod tests;
