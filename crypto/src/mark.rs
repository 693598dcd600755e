//! A word to oneself that a signature was checked: who kept it with what was signed need not check that again.
//!
//! BLAKE3 keyed, in the mode that its authors give as a PRF and a MAC (`keyed_hash` of "BLAKE3: one function, fast everywhere", 2020), over
//! the signature and the bytes that it covers, cut to 128 bits. A mark stands for exactly one signature over one text: whoever can
//! write to the disk and lacks the key finds one for anything else by guessing alone, with a chance of 2^-128 each.

use crate::Signature;
use zeroize::Zeroizing;

/// The key of whoever checks, and takes nobody else's word. Never printed, wiped from memory when dropped.
#[derive(Clone)]
pub struct MarkKey(Zeroizing<[u8; 32]>);

/// What a key makes of a signature that holds, and of what it covers.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Mark(pub [u8; 16]);

impl MarkKey {
    /// The key that follows from a secret of 32 random bytes, which may be used for something else as well.
    #[must_use]
    pub fn from_secret(secret: &[u8; 32]) -> Self {
        Self(Zeroizing::new(blake3::derive_key("nexus 2026 marks of checked signatures v1", secret)))
    }

    /// Marks a signature over these bytes. Whoever calls it has checked it, and whatever else is signed in them.
    #[must_use]
    pub fn mark(&self, transcript: &[u8], signature: &Signature) -> Mark {
        let mut hasher = blake3::Hasher::new_keyed(&self.0);
        // Of a fixed length, so it comes first.
        hasher.update(&signature.0).update(transcript);
        let mut mark = [0; 16];
        hasher.finalize_xof().fill(&mut mark);
        Mark(mark)
    }
}

impl std::fmt::Debug for MarkKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("MarkKey(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{SecretKey, Signed};

    #[test]
    fn a_mark_is_known_by_its_own_key_for_its_own_text_and_signature_only() {
        let (key, other) = (MarkKey::from_secret(&[1; 32]), MarkKey::from_secret(&[2; 32]));
        let signature = SecretKey::from_seed(&[1; 32]).sign(b"text");
        let mark = key.mark(b"text", &signature);
        let known = |text: &[u8], signature, key: &MarkKey, mark| {
            Signed::claim((), text.to_vec(), signature).recognise(key, &mark).is_some()
        };
        assert!(known(b"text", signature, &key, mark));
        assert!(!known(b"text", signature, &other, mark));
        assert!(!known(b"texts", signature, &key, mark));
        for bit in 0..512 {
            let mut changed = signature;
            changed.0[bit / 8] ^= 1 << (bit % 8);
            assert!(!known(b"text", changed, &key, mark), "bit {bit} of the signature");
        }
        for bit in 0..128 {
            let mut changed = mark;
            changed.0[bit / 8] ^= 1 << (bit % 8);
            assert!(!known(b"text", signature, &key, changed), "bit {bit} of the mark");
        }
    }
}
