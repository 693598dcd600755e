//! Where the store's file is on its disk, so that a copy can know that it is one.
//!
//! In the store stands which file it was last written to, and when. Another file, or one that somebody else has touched since,
//! is a copy that was put in the place of a later store, or beside it. What copies the disk below the file (a snapshot of a
//! volume or of a machine) is not seen here; the ops that come back from others tell of it then.

use super::fault;
use super::table::{Access, Tables, WriteTables};
use nexus_core::StoreFault;
use redb::ReadableTable;
use std::fs::Metadata;
use std::os::unix::fs::MetadataExt as _;
use std::time::UNIX_EPOCH;

/// A file, as its disk knows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// Its inode.
    pub inode: u64,
    /// When that was made, ns since 1970; 0 where the disk does not say.
    pub born_ns: u64,
    /// When anything about it changed last, Unix ms.
    pub changed_ms: u64,
}

/// What the store says of its file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Stamp {
    pub(crate) inode: u64,
    pub(crate) born_ns: u64,
    /// When it was written last, or up to [`STAMP_EVERY_MS`] before.
    pub(crate) written_ms: u64,
}

/// How often it is noted that the store was written.
pub(crate) const STAMP_EVERY_MS: u64 = 10_000;
/// A file that changed so much later than it was written was changed by somebody else.
const LATER_MS: u64 = 60_000;

impl Place {
    /// Of a file.
    #[must_use]
    pub fn of(file: &Metadata) -> Self {
        let born = file.created().ok().and_then(|born| born.duration_since(UNIX_EPOCH).ok());
        Self {
            inode: file.ino(),
            born_ns: born.map_or(0, |born| u64::try_from(born.as_nanos()).unwrap_or(0)),
            changed_ms: u64::try_from(file.ctime()).unwrap_or(0) * 1_000,
        }
    }
}

impl Stamp {
    /// Whether the store that says this, found in `place`, is a copy.
    pub(crate) fn is_of_another(self, place: Place) -> bool {
        let born_elsewhere = self.born_ns != 0 && place.born_ns != 0 && self.born_ns != place.born_ns;
        let touched = place.changed_ms > self.written_ms.saturating_add(LATER_MS);
        self.inode != place.inode || born_elsewhere || touched
    }
}

impl WriteTables<'_> {
    /// Notes that the store is written to in `place` at `now_ms`.
    pub(crate) fn stamp_place(&mut self, place: Place, now_ms: u64) -> Result<(), StoreFault> {
        let row = [place.inode, place.born_ns, now_ms].map(u64::to_be_bytes).concat();
        self.meta.insert("place", row.as_slice()).map_err(fault)?;
        Ok(())
    }
}

impl<A: Access> Tables<A> {
    /// Where the store was last written to; none where it was not noted.
    pub(crate) fn stamp(&self) -> Result<Option<Stamp>, StoreFault> {
        let Some(row) = self.meta.get("place").map_err(fault)? else { return Ok(None) };
        let (numbers, _) = row.value().as_chunks::<8>();
        let [inode, born_ns, written_ms] = numbers else { return Err(fault("a place of another form")) };
        let [inode, born_ns, written_ms] =
            [inode, born_ns, written_ms].map(|number| u64::from_be_bytes(*number));
        Ok(Some(Stamp { inode, born_ns, written_ms }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW_MS: u64 = 1_800_000_000_000;

    #[test]
    fn a_store_knows_its_file_from_a_copy_of_it() {
        let stamp = Stamp { inode: 7, born_ns: 70, written_ms: NOW_MS };
        let place = |inode, born_ns, changed_ms| Place { inode, born_ns, changed_ms };
        let same = [place(7, 70, NOW_MS), place(7, 0, NOW_MS + 11_000), place(7, 70, NOW_MS - 1)];
        assert!(same.iter().all(|place| !stamp.is_of_another(*place)), "{same:?}");
        let other = [place(8, 70, NOW_MS), place(7, 71, NOW_MS), place(7, 70, NOW_MS + 61_000)];
        assert!(other.iter().all(|place| stamp.is_of_another(*place)), "{other:?}");
    }
}
