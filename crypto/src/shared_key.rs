//! A key that several share: what is sealed under it, each of them opens, and nobody else.

use crate::hash::{derive_id, hash_parts};
use chacha20poly1305::aead::{Aead as _, KeyInit as _, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use zeroize::Zeroizing;

/// A key of XChaCha20-Poly1305 (draft-irtf-cfrg-xchacha). Never printed, wiped from memory when dropped.
#[derive(Clone, PartialEq, Eq)]
pub struct SharedKey(Zeroizing<[u8; 32]>);

/// Bytes that sealing adds: a nonce of 24 before, a tag of 16 behind.
pub const SHARED_OVERHEAD: usize = NONCE + 16;
const NONCE: usize = 24;

impl SharedKey {
    /// Makes a key from 32 bytes of the caller's random source.
    #[must_use]
    pub fn new(bytes: &[u8; 32]) -> Self {
        Self(Zeroizing::new(*bytes))
    }

    /// The 32 secret bytes, to be handed on sealed.
    #[must_use]
    pub fn to_bytes(&self) -> Zeroizing<[u8; 32]> {
        self.0.clone()
    }

    /// What others call it, who do not have it. It follows from the key: of two keys one name has one at most.
    #[must_use]
    pub fn name(&self) -> [u8; 16] {
        let digest = derive_id("nexus 2026 name of a shared key", &*self.0);
        let mut name = [0; 16];
        name.copy_from_slice(&digest[..16]);
        name
    }

    /// Seals `plain`. `nonce` is 24 bytes of the caller's random source; `context` is authenticated, and asked for again by who opens it.
    #[must_use]
    pub fn seal(&self, nonce: &[u8; 24], context: &[u8], plain: &[u8]) -> Vec<u8> {
        let aad = &hash_parts(&[context]);
        // Only a text of more than 2^38 bytes is refused.
        let sealed = self.cipher().encrypt(&XNonce::from(*nonce), Payload { msg: plain, aad });
        [&nonce[..], &sealed.unwrap_or_default()].concat()
    }

    /// Opens what was sealed under this key; none where it was another, another context, or was changed.
    #[must_use]
    pub fn open(&self, context: &[u8], sealed: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
        let (nonce, ciphertext) = sealed.split_first_chunk::<NONCE>()?;
        let aad = &hash_parts(&[context]);
        let payload = Payload { msg: ciphertext, aad };
        self.cipher().decrypt(&XNonce::from(*nonce), payload).ok().map(Zeroizing::new)
    }

    fn cipher(&self) -> XChaCha20Poly1305 {
        XChaCha20Poly1305::new(&(*self.0).into())
    }
}

impl std::fmt::Debug for SharedKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SharedKey(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_key_and_the_context_it_was_sealed_with_open_it() {
        let key = SharedKey::new(&[1; 32]);
        let sealed = key.seal(&[2; 24], b"here", b"a secret");
        assert_eq!(sealed.len(), 8 + SHARED_OVERHEAD);
        assert_eq!(key.open(b"here", &sealed).unwrap().as_slice(), b"a secret");
        assert!(key.open(b"there", &sealed).is_none());
        assert!(SharedKey::new(&[3; 32]).open(b"here", &sealed).is_none());
        for at in 0..sealed.len() {
            let mut changed = sealed.clone();
            changed[at] ^= 1;
            assert!(key.open(b"here", &changed).is_none());
            assert!(key.open(b"here", &sealed[..at]).is_none());
        }
    }

    #[test]
    fn a_key_s_name_is_its_own_and_does_not_show_it() {
        let (one, other) = (SharedKey::new(&[1; 32]), SharedKey::new(&[2; 32]));
        assert_ne!(one.name(), other.name());
        assert_eq!(one.name(), SharedKey::new(&[1; 32]).name());
        assert_eq!(format!("{one:?}"), "SharedKey(..)");
    }
}
