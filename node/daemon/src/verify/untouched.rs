//! A store that is looked at and not touched: what redb writes while it opens a file stays in memory.
//!
//! redb repairs a file after an unclean end, and checks its pages by a commit. A tool that looks for damage must
//! leave it as it found it.

use redb::backends::FileBackend;
use redb::{BackendError, StorageBackend};
use std::collections::HashMap;
use std::io;
use std::ops::Bound;
use std::sync::{Mutex, MutexGuard, PoisonError};

const BLOCK: usize = 4_096;

/// A file with everything that was written to it since it was opened laid over it.
#[derive(Debug)]
pub(super) struct Untouched {
    file: FileBackend,
    over: Mutex<Over>,
}

#[derive(Debug)]
struct Over {
    len: u64,
    /// Bytes of the file that still count; what was cut off and grown again is zero.
    base: u64,
    blocks: HashMap<u64, Box<[u8; BLOCK]>>,
}

impl Untouched {
    pub(super) fn new(file: FileBackend) -> io::Result<Self> {
        let len = file.len()?;
        Ok(Self { file, over: Mutex::new(Over { len, base: len, blocks: HashMap::new() }) })
    }

    fn over(&self) -> MutexGuard<'_, Over> {
        self.over.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Over {
    /// Calls `each` with the pieces of `range` that lie in one block each: block, place in it, place in the range.
    fn pieces(
        offset: u64,
        len: usize,
        mut each: impl FnMut(u64, usize, std::ops::Range<usize>) -> io::Result<()>,
    ) -> io::Result<()> {
        let mut done = 0;
        while done < len {
            let at = offset + done as u64;
            let inside = (at % BLOCK as u64) as usize;
            let piece = (BLOCK - inside).min(len - done);
            each(at / BLOCK as u64, inside, done..done + piece)?;
            done += piece;
        }
        Ok(())
    }

    /// What the file itself says from `offset` on, zeroes beyond its end.
    fn read_base(&self, file: &FileBackend, offset: u64, out: &mut [u8]) -> io::Result<()> {
        let there = usize::try_from(self.base.saturating_sub(offset)).unwrap_or(usize::MAX).min(out.len());
        let (from_file, beyond) = out.split_at_mut(there);
        beyond.fill(0);
        if from_file.is_empty() { Ok(()) } else { file.read(offset, from_file) }
    }

    fn check(&self, offset: u64, len: usize) -> io::Result<()> {
        let end = offset.checked_add(len as u64);
        if end.is_some_and(|end| end <= self.len) { Ok(()) } else { Err(io::ErrorKind::UnexpectedEof.into()) }
    }
}

impl StorageBackend for Untouched {
    fn len(&self) -> io::Result<u64> {
        Ok(self.over().len)
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        let over = self.over();
        over.check(offset, out.len())?;
        over.read_base(&self.file, offset, out)?;
        Over::pieces(offset, out.len(), |block, inside, range| {
            if let Some(written) = over.blocks.get(&block) {
                let len = range.len();
                out[range].copy_from_slice(&written[inside..inside + len]);
            }
            Ok(())
        })
    }

    fn set_len(&self, len: u64) -> io::Result<()> {
        let mut over = self.over();
        if len < over.len {
            over.base = over.base.min(len);
            let (whole, rest) = (len / BLOCK as u64, (len % BLOCK as u64) as usize);
            over.blocks.retain(|block, _| *block < whole || (*block == whole && rest > 0));
            if let Some(last) = over.blocks.get_mut(&whole) {
                last[rest..].fill(0);
            }
        }
        over.len = len;
        Ok(())
    }

    fn sync_data(&self) -> io::Result<()> {
        Ok(())
    }

    fn write(&self, offset: u64, data: &[u8]) -> io::Result<()> {
        let mut over = self.over();
        over.check(offset, data.len())?;
        Over::pieces(offset, data.len(), |block, inside, range| {
            if !over.blocks.contains_key(&block) {
                let mut fresh = Box::new([0; BLOCK]);
                over.read_base(&self.file, block * BLOCK as u64, fresh.as_mut_slice())?;
                over.blocks.insert(block, fresh);
            }
            let len = range.len();
            if let Some(written) = over.blocks.get_mut(&block) {
                written[inside..inside + len].copy_from_slice(&data[range]);
            }
            Ok(())
        })
    }

    fn close(&self) -> io::Result<()> {
        self.file.close()
    }

    fn try_lock_range(&self, start: Bound<u64>, end: Bound<u64>) -> Result<bool, BackendError> {
        self.file.try_lock_range(start, end)
    }

    fn try_lock_shared_range(&self, start: Bound<u64>, end: Bound<u64>) -> Result<bool, BackendError> {
        self.file.try_lock_shared_range(start, end)
    }

    fn lock_range(&self, start: Bound<u64>, end: Bound<u64>) -> Result<(), BackendError> {
        self.file.lock_range(start, end)
    }

    fn lock_shared_range(&self, start: Bound<u64>, end: Bound<u64>) -> Result<(), BackendError> {
        self.file.lock_shared_range(start, end)
    }

    fn unlock_range(&self, start: Bound<u64>, end: Bound<u64>) -> Result<(), BackendError> {
        self.file.unlock_range(start, end)
    }

    fn query_lock_range(&self, start: Bound<u64>, end: Bound<u64>) -> Result<bool, BackendError> {
        self.file.query_lock_range(start, end)
    }
}
