//! The type changes when trust changes: bytes somebody claims to have signed, and bytes they did sign.

use crate::{Mark, MarkKey, PublicKey, SecretKey, Signature};

/// A value with the transcript it was read from and a signature nobody has checked yet.
#[derive(Debug, Clone)]
pub struct Signed<T> {
    value: T,
    transcript: Vec<u8>,
    signature: Signature,
}

/// A value whose signature holds. Made by [`Signed::verify`], [`Signed::recognise`] and [`SecretKey::seal`] only.
#[derive(Debug, Clone)]
pub struct Verified<T> {
    value: T,
    signature: Signature,
}

/// The signature is not of the key that the value names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the signature is not the author's")]
pub struct BadSignature;

impl<T> Signed<T> {
    /// Pairs a value with the exact bytes its signature is said to cover.
    #[must_use]
    pub const fn claim(value: T, transcript: Vec<u8>, signature: Signature) -> Self {
        Self { value, transcript, signature }
    }

    /// The value, for deciding by which key to check it. Not to be acted on.
    #[must_use]
    pub const fn untrusted(&self) -> &T {
        &self.value
    }

    /// The signature as it is claimed.
    #[must_use]
    pub const fn signature(&self) -> &Signature {
        &self.signature
    }

    /// Checks the signature as strictly as `verify_strict`.
    ///
    /// # Errors
    /// [`BadSignature`] where it is not `key`'s over the transcript.
    pub fn verify(self, key: &PublicKey) -> Result<Verified<T>, BadSignature> {
        if !key.signed(&self.transcript, &self.signature) {
            return Err(BadSignature);
        }
        Ok(Verified { value: self.value, signature: self.signature })
    }

    /// Takes one's own word that the signature was checked before: a mark that `key` made of this very text and signature.
    /// None where the mark is another.
    #[must_use]
    pub fn recognise(self, key: &MarkKey, mark: &Mark) -> Option<Verified<T>> {
        if key.mark(&self.transcript, &self.signature) != *mark {
            return None;
        }
        Some(Verified { value: self.value, signature: self.signature })
    }
}

impl<T> Verified<T> {
    /// The signature that was checked.
    #[must_use]
    pub const fn signature(&self) -> &Signature {
        &self.signature
    }

    /// Gives the value up, and with it the proof.
    pub fn into_inner(self) -> T {
        self.value
    }
}

impl<T> std::ops::Deref for Verified<T> {
    type Target = T;
    fn deref(&self) -> &T {
        &self.value
    }
}

impl SecretKey {
    /// Signs `transcript` for `value`: what one signs oneself needs no second look.
    pub fn seal<T>(&self, value: T, transcript: &[u8]) -> Verified<T> {
        Verified { value, signature: self.sign(transcript) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_signer_s_key_turns_signed_into_verified() {
        let (ann, ben) = (SecretKey::from_seed(&[1; 32]), SecretKey::from_seed(&[2; 32]));
        let claim = || Signed::claim("hi", b"domain\0hi".to_vec(), ann.sign(b"domain\0hi"));
        assert_eq!(*claim().verify(&ann.public()).unwrap(), "hi");
        assert_eq!(claim().verify(&ben.public()).unwrap_err(), BadSignature);
    }

    #[test]
    fn a_key_of_small_order_is_no_key() {
        let mut identity_point = [0u8; 32];
        identity_point[0] = 1;
        assert!(PublicKey::parse(identity_point).is_err());
        assert!(PublicKey::parse([0xff; 32]).is_err());
    }

    #[test]
    fn a_secret_is_never_printed() {
        assert_eq!(format!("{:?}", SecretKey::from_seed(&[7; 32])), "SecretKey(..)");
    }
}
