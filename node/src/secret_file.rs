//! A secret that lies beside the database and not in it: 32 random bytes in a file that only its owner reads.

use std::fs::{File, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;

/// Reads the secret, and makes it where there is none (mode 0600).
///
/// # Errors
/// What the system says; `InvalidData` where the file holds something else.
pub fn keep(path: &Path) -> io::Result<[u8; 32]> {
    match std::fs::read(path) {
        Ok(bytes) => bytes.try_into().map_err(|_| io::ErrorKind::InvalidData.into()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => make(path),
        Err(error) => Err(error),
    }
}

// Made beside its place and moved there whole: half a secret would be another one.
fn make(path: &Path) -> io::Result<[u8; 32]> {
    let secret: [u8; 32] = rand::random();
    let unfinished = path.with_extension("new");
    let mut file =
        OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&unfinished)?;
    file.write_all(&secret)?;
    file.sync_all()?;
    std::fs::rename(&unfinished, path)?;
    if let Some(folder) = path.parent() {
        File::open(folder)?.sync_all()?;
    }
    Ok(secret)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt as _;

    #[test]
    fn a_secret_is_made_once_for_its_owner_alone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("some.key");
        let secret = keep(&path).unwrap();
        assert_eq!(keep(&path).unwrap(), secret);
        assert_eq!(path.metadata().unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn one_that_was_cut_short_is_an_error_and_not_another_secret() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("some.key");
        std::fs::write(&path, [1; 31]).unwrap();
        assert_eq!(keep(&path).unwrap_err().kind(), io::ErrorKind::InvalidData);
    }
}
