//! Where the store lies. A folder on a disk for people; in tests a disk that forgets, tears or fills up.

use super::place::Place;
use super::seal::{SealError, SealingKey};
use redb::backends::FileBackend;
use redb::{Database, DatabaseError};
use std::fs::{DirBuilder, File, OpenOptions, Permissions};
use std::io;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

/// A place that a store can be opened at, again and again.
pub trait Medium: Send + 'static {
    /// Opens the store, empty where there is none. Called anew after every failure.
    ///
    /// # Errors
    /// What redb says.
    fn open(&self) -> Result<Database, DatabaseError>;

    /// The key to the secrets of the store here. Made only where the store is new.
    ///
    /// # Errors
    /// [`SealError`].
    fn sealing_key(&self, store_is_new: bool) -> Result<SealingKey, SealError>;

    /// Begins an empty store beside the one here; none where there is room for one only.
    ///
    /// # Errors
    /// What redb says.
    fn beside(&self) -> Result<Option<Beside>, DatabaseError> {
        Ok(None)
    }

    /// Gives the store that was begun beside the place of the one here: durably, and wholly or not at all.
    ///
    /// # Errors
    /// What the system says; either of them may be here then.
    fn take_place(&self) -> io::Result<()> {
        Err(io::ErrorKind::Unsupported.into())
    }

    /// Bytes of the disk that the store's file takes, where it is one. Its length may be twofold: redb lets a file grow so, and
    /// fills it from the front.
    fn taken_bytes(&self) -> Option<u64> {
        None
    }

    /// The file as its disk knows it, where it is one and there.
    fn place(&self) -> Option<Place> {
        None
    }

    /// Bytes that can still be written here.
    ///
    /// # Errors
    /// What the system says.
    fn free_bytes(&self) -> io::Result<u64>;
}

/// A store that may take the place of another.
#[derive(Debug)]
pub struct Beside {
    /// Empty, open.
    pub database: Database,
    /// Its file, where it is one.
    pub place: Option<Place>,
}

/// A data folder: the store, and beside it the key to the store's secrets, both of mode 0600.
#[derive(Clone, Debug)]
pub struct Folder {
    path: PathBuf,
    sealing_key: PathBuf,
}

/// redb's cache, in bytes. Pages beyond it come from the system's own cache.
const CACHE: usize = 12 << 20;
/// What `st_blocks` counts, whatever the disk's own blocks are (stat(2)).
const BLOCK: u64 = 512;

impl Folder {
    /// The folder at `path`, made where it is missing. A new or empty one is closed to others (mode 0700); what else
    /// lies in a folder that was in use before is not this program's to close.
    ///
    /// # Errors
    /// What the system says.
    pub fn at(path: &Path) -> io::Result<Self> {
        DirBuilder::new().recursive(true).mode(0o700).create(path)?;
        if std::fs::read_dir(path)?.next().is_none() {
            std::fs::set_permissions(path, Permissions::from_mode(0o700))?;
        }
        Ok(Self { path: path.to_owned(), sealing_key: path.join("sealing.key") })
    }

    /// The same folder, with the key to its secrets in another place: a copy of the folder then gives none of them away.
    #[must_use]
    pub fn sealed_by(self, sealing_key: PathBuf) -> Self {
        Self { sealing_key, ..self }
    }

    /// The file in a data folder that holds the store.
    #[must_use]
    pub fn store_path(folder: &Path) -> PathBuf {
        folder.join("nexus.redb")
    }
}

impl Medium for Folder {
    fn open(&self) -> Result<Database, DatabaseError> {
        let path = Self::store_path(&self.path);
        if !path.try_exists()? {
            self.make(&path)?;
        }
        // Only who has the store open may say that nobody is writing another one.
        let database = open_file(&path)?;
        self.clear_unfinished()?;
        Ok(database)
    }

    fn beside(&self) -> Result<Option<Beside>, DatabaseError> {
        self.clear_unfinished()?;
        let path = self.unfinished();
        let database = open_file(&path)?;
        let place = std::fs::metadata(&path).ok().map(|file| Place::of(&file));
        Ok(Some(Beside { database, place }))
    }

    fn take_place(&self) -> io::Result<()> {
        std::fs::rename(self.unfinished(), Self::store_path(&self.path))?;
        File::open(&self.path)?.sync_all()
    }

    fn taken_bytes(&self) -> Option<u64> {
        std::fs::metadata(Self::store_path(&self.path)).ok().map(|file| file.blocks() * BLOCK)
    }

    fn sealing_key(&self, store_is_new: bool) -> Result<SealingKey, SealError> {
        SealingKey::keep(&self.sealing_key, store_is_new)
    }

    fn place(&self) -> Option<Place> {
        std::fs::metadata(Self::store_path(&self.path)).ok().map(|file| Place::of(&file))
    }

    fn free_bytes(&self) -> io::Result<u64> {
        let disk = rustix::fs::statvfs(&self.path)?;
        Ok(disk.f_bavail.saturating_mul(disk.f_frsize))
    }
}

impl Folder {
    // A store is made beside its place and moved there whole: redb does not open one whose making was cut short.
    fn make(&self, path: &Path) -> Result<(), DatabaseError> {
        self.clear_unfinished()?;
        open_file(&self.unfinished())?.close()?;
        std::fs::rename(self.unfinished(), path)?;
        File::open(&self.path)?.sync_all()?;
        Ok(())
    }

    fn unfinished(&self) -> PathBuf {
        self.path.join("nexus.redb.new")
    }

    // What a cut left of a store that was to take this one's place.
    fn clear_unfinished(&self) -> io::Result<()> {
        match std::fs::remove_file(self.unfinished()) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        }
    }
}

fn open_file(path: &Path) -> Result<Database, DatabaseError> {
    let file =
        OpenOptions::new().read(true).write(true).create(true).truncate(false).mode(0o600).open(path)?;
    Database::builder().set_cache_size(CACHE).create_with_backend(FileBackend::new(file)?)
}
