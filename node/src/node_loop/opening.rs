//! Opening a store: one of this format or the one before it, or a new one; and whether it is a copy.

use crate::handle::OpenError;
use crate::store::{
    FORMAT, FORMAT_BEFORE, FormatError, Medium, Place, ReadTables, SealingKey, WriteTables, caught, fault,
};
use nexus_core::Core;
use redb::{Database, DatabaseError, ReadableDatabase};
use std::panic::{AssertUnwindSafe, catch_unwind};

// redb panics over pages of its own that the disk has changed.
pub(super) fn open_whole(medium: &dyn Medium) -> Result<(Database, SealingKey, Core), OpenError> {
    let open = || {
        let database = open_on(medium)?;
        let seal = prepare(&database, medium)?;
        let core = load(&database, &seal)?;
        Ok((database, seal, core))
    };
    catch_unwind(AssertUnwindSafe(open)).unwrap_or_else(|_| Err(store("the disk has changed what was kept")))
}

pub(super) fn open_on(medium: &dyn Medium) -> Result<Database, OpenError> {
    medium.open().map_err(|error| match error {
        DatabaseError::DatabaseAlreadyOpen => OpenError::InUse,
        error => OpenError::Store(error.to_string()),
    })
}

// A store that is there is not written to before something is asked of it: it opens on a full disk, too.
fn prepare(database: &Database, medium: &dyn Medium) -> Result<SealingKey, OpenError> {
    let reading = database.begin_read().map_err(store)?;
    match crate::store::format_of(&reading).map_err(store)? {
        Some(found @ (FORMAT_BEFORE | FORMAT)) => {
            let seal = medium.sealing_key(false)?;
            if found != FORMAT || !crate::store::has_all_tables(&reading).map_err(store)? {
                let has_parts = crate::store::has_parts(&reading).map_err(store)?;
                let has_erasures = crate::store::has_erasures(&reading).map_err(store)?;
                bring_up(database, &seal, has_parts, has_erasures)?;
            }
            return Ok(seal);
        }
        Some(found) => return Err(OpenError::Format(FormatError { found })),
        None => {}
    }
    let seal = medium.sealing_key(true)?;
    let transaction = database.begin_write().map_err(store)?;
    WriteTables::open(&transaction, &seal).and_then(|mut tables| tables.stamp_format()).map_err(store)?;
    transaction.commit().map_err(store)?;
    Ok(seal)
}

// A version before this one kept a sum of each stream and none of its parts, or for ever what moderators took away and what edits
// replaced, or knew no threads, no files that are to go, nothing that people keep for themselves, or no blocks. In one commit: a table that is there says that what
// belongs in it was put in.
fn bring_up(
    database: &Database,
    seal: &SealingKey,
    has_parts: bool,
    has_erasures: bool,
) -> Result<(), OpenError> {
    let at_ms = crate::node_now_ms().saturating_add(LEFT_BY_OTHERS_KEPT_MS);
    let transaction = database.begin_write().map_err(store)?;
    {
        let mut tables = WriteTables::open(&transaction, seal).map_err(store)?;
        if !has_parts {
            tables.sum_up().map_err(store)?;
        }
        if !has_erasures {
            tables.note_erasures(at_ms).map_err(store)?;
        }
        tables.stamp_brought_up().map_err(store)?;
    }
    transaction.commit().map_err(store)
}

pub(super) fn load(database: &Database, seal: &SealingKey) -> Result<Core, OpenError> {
    let transaction = database.begin_read().map_err(store)?;
    let tables = ReadTables::open(&transaction, seal).map_err(store)?;
    tables.check_seal()?;
    Ok(Core::load(&tables)?)
}

// What cannot be read is no reason to take the store for a copy: reading it has just worked.
pub(super) fn is_copy(database: &Database, seal: &SealingKey, place: Place) -> bool {
    let stamp = caught(|| {
        let transaction = database.begin_read().map_err(fault)?;
        ReadTables::open(&transaction, seal)?.stamp()
    });
    stamp.ok().flatten().is_some_and(|stamp| stamp.is_of_another(place))
}

fn store(error: impl std::fmt::Display) -> OpenError {
    OpenError::Store(error.to_string())
}

/// As long as what is taken away from now on is kept at most.
const LEFT_BY_OTHERS_KEPT_MS: u64 = 30 * 24 * 3_600_000;
