//! Ed25519 keys as values: a public key that exists is usable, a secret key wipes itself.

use ed25519_dalek::{Signer, SigningKey, VerifyingKey};

/// An Ed25519 public key in canonical encoding that is not of small order. Its bytes name a device.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PublicKey([u8; 32]);

/// An Ed25519 signature, 64 bytes, not yet checked against anything.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Signature(pub [u8; 64]);

/// An Ed25519 secret. Never printed, wiped from memory when dropped.
#[derive(Clone)]
pub struct SecretKey(SigningKey);

/// The bytes are no usable public key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a canonical Ed25519 public key of full order")]
pub struct BadKey;

impl PublicKey {
    /// Reads a key. Refuses encodings that are off the curve, not canonical, or of small order.
    ///
    /// # Errors
    /// [`BadKey`] in each of these cases.
    pub fn parse(bytes: [u8; 32]) -> Result<Self, BadKey> {
        let key = VerifyingKey::from_bytes(&bytes).map_err(|_| BadKey)?;
        // dalek decompresses some non-canonical encodings; compressing again tells them apart.
        if key.is_weak() || key.to_edwards().compress().to_bytes() != bytes {
            return Err(BadKey);
        }
        Ok(Self(bytes))
    }

    /// The canonical 32 bytes.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// The same point on Curve25519 (RFC 7748, 4.1).
    pub(crate) fn to_montgomery(self) -> [u8; 32] {
        VerifyingKey::from_bytes(&self.0).map_or([0; 32], |key| key.to_montgomery().to_bytes())
    }

    /// Whether `signature` over `message` is this key's, by `verify_strict`.
    #[must_use]
    pub fn signed(&self, message: &[u8], signature: &Signature) -> bool {
        VerifyingKey::from_bytes(&self.0)
            .and_then(|key| key.verify_strict(message, &ed25519_dalek::Signature::from_bytes(&signature.0)))
            .is_ok()
    }
}

impl SecretKey {
    /// Makes a key from 32 bytes of the caller's random source (or of the store).
    #[must_use]
    pub fn from_seed(seed: &[u8; 32]) -> Self {
        Self(SigningKey::from_bytes(seed))
    }

    /// The 32 secret bytes, for the store alone.
    #[must_use]
    pub fn to_seed(&self) -> zeroize::Zeroizing<[u8; 32]> {
        zeroize::Zeroizing::new(self.0.to_bytes())
    }

    /// The public half.
    #[must_use]
    pub fn public(&self) -> PublicKey {
        PublicKey(self.0.verifying_key().to_bytes())
    }

    /// The scalar that RFC 8032 derives from the seed, for X25519, which clamps it.
    pub(crate) fn to_scalar(&self) -> zeroize::Zeroizing<[u8; 32]> {
        zeroize::Zeroizing::new(self.0.to_scalar_bytes())
    }

    /// Signs `message` as it stands; callers put a domain prefix in front.
    #[must_use]
    pub fn sign(&self, message: &[u8]) -> Signature {
        Signature(self.0.sign(message).to_bytes())
    }
}

impl std::fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "PublicKey({:02x}{:02x}{:02x}{:02x}..)", self.0[0], self.0[1], self.0[2], self.0[3])
    }
}

impl std::fmt::Debug for Signature {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Signature({:02x}{:02x}..)", self.0[0], self.0[1])
    }
}

impl std::fmt::Debug for SecretKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SecretKey(..)")
    }
}
