//! Secrets at rest: sealed with a key that lies in no table, so that a copy of the store alone gives none away.
//!
//! XChaCha20-Poly1305 (draft-irtf-cfrg-xchacha): a random nonce of 24 bytes may be drawn for every row for ever. A row's
//! key is authenticated with it: no secret can be passed off as another's.

use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use nexus_crypto::MarkKey;
use std::fs::{File, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use zeroize::Zeroizing;

/// The key that secrets are sealed with, and the one that follows from it, for marks. Wiped from memory with its last clone.
#[derive(Clone)]
pub struct SealingKey(Arc<Keys>);

struct Keys {
    secrets: Zeroizing<[u8; 32]>,
    marks: MarkKey,
}

/// Why there is no key to a store's secrets.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SealError {
    /// Its file is not there.
    #[error("the key to this store's secrets is not at {0}: put it back there, or say where it is")]
    Missing(PathBuf),
    /// Its file holds something else.
    #[error("{0} holds no sealing key, which is 32 bytes")]
    Malformed(PathBuf),
    /// Another store's.
    #[error("the sealing key is not the one that this store's secrets are sealed with")]
    Wrong,
    /// Its file cannot be read or made.
    #[error("cannot read or make the sealing key at {0}: {1}")]
    File(PathBuf, io::Error),
}

/// Bytes that sealing adds: the nonce before, the tag behind.
pub(super) const OVERHEAD: usize = NONCE + 16;
const NONCE: usize = 24;

impl SealingKey {
    /// A key of these bytes.
    #[must_use]
    pub fn of(bytes: [u8; 32]) -> Self {
        Self(Arc::new(Keys { marks: MarkKey::from_secret(&bytes), secrets: Zeroizing::new(bytes) }))
    }

    /// Reads the key at `path`; where `store_is_new` and nothing is there, makes one (mode 0600), durable before it is given.
    ///
    /// # Errors
    /// [`SealError`].
    pub fn keep(path: &Path, store_is_new: bool) -> Result<Self, SealError> {
        match std::fs::read(path).map(Zeroizing::new) {
            Ok(bytes) => {
                let bytes = bytes.as_slice().try_into().map_err(|_| SealError::Malformed(path.to_owned()))?;
                Ok(Self::of(bytes))
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound && store_is_new => {
                make(path).map_err(|error| SealError::File(path.to_owned(), error))
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => Err(SealError::Missing(path.to_owned())),
            Err(error) => Err(SealError::File(path.to_owned(), error)),
        }
    }

    /// `nonce ‖ ciphertext ‖ tag`, to be opened at the same `place` only.
    pub(super) fn seal(&self, place: &[u8], secret: &[u8]) -> Vec<u8> {
        let nonce: [u8; NONCE] = rand::random();
        let payload = Payload { msg: secret, aad: place };
        let sealed = self.cipher().encrypt(&XNonce::from(nonce), payload);
        [nonce.as_slice(), &sealed.expect("a secret is far below the cipher's limit of 256 GiB")].concat()
    }

    /// What was sealed at `place`; none where it was not, or not with this key.
    pub(super) fn open(&self, place: &[u8], sealed: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
        let (nonce, sealed) = sealed.split_first_chunk::<NONCE>()?;
        let payload = Payload { msg: sealed, aad: place };
        self.cipher().decrypt(&XNonce::from(*nonce), payload).ok().map(Zeroizing::new)
    }

    /// By which this store knows again what it has checked: who can write to it and has not the key forges no mark.
    pub(super) fn mark_key(&self) -> &MarkKey {
        &self.0.marks
    }

    fn cipher(&self) -> XChaCha20Poly1305 {
        XChaCha20Poly1305::new(&(*self.0.secrets).into())
    }
}

impl std::fmt::Debug for SealingKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SealingKey(..)")
    }
}

// Made beside its place and moved there whole: secrets sealed with a key that was cut short would be lost.
fn make(path: &Path) -> io::Result<SealingKey> {
    let key = Zeroizing::new(rand::random::<[u8; 32]>());
    let mut unfinished = path.as_os_str().to_owned();
    unfinished.push(".new");
    let mut file =
        OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&unfinished)?;
    file.write_all(key.as_slice())?;
    file.sync_all()?;
    std::fs::rename(&unfinished, path)?;
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    File::open(folder.unwrap_or(Path::new(".")))?.sync_all()?;
    Ok(SealingKey::of(*key))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_opens_at_its_place_with_its_key_and_whole() {
        let key = SealingKey::of([1; 32]);
        let sealed = key.seal(b"here", &[7; 32]);
        assert_eq!(sealed.len(), 32 + OVERHEAD);
        assert_eq!(key.open(b"here", &sealed).unwrap().as_slice(), [7; 32]);
        assert!(key.open(b"there", &sealed).is_none());
        assert!(SealingKey::of([2; 32]).open(b"here", &sealed).is_none());
        for at in 0..sealed.len() {
            let mut torn = sealed.clone();
            torn[at] ^= 1;
            assert!(key.open(b"here", &torn).is_none(), "byte {at}");
            assert!(key.open(b"here", &sealed[..at]).is_none(), "{at} bytes");
        }
        assert_ne!(key.seal(b"here", &[7; 32]), sealed, "a nonce is never used twice");
    }

    #[test]
    fn a_key_is_made_for_a_new_store_only() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("sealing.key");
        assert!(matches!(SealingKey::keep(&path, false), Err(SealError::Missing(_))));
        let made = SealingKey::keep(&path, true).unwrap();
        let again = SealingKey::keep(&path, false).unwrap();
        assert!(again.open(b"", &made.seal(b"", b"x")).is_some());
        std::fs::write(&path, [1; 31]).unwrap();
        assert!(matches!(SealingKey::keep(&path, true), Err(SealError::Malformed(_))));
    }
}
