//! Ed25519 keys as values: a public key that exists is usable, a secret key wipes itself.

use ed25519_dalek::{Signer, SigningKey, Verifier as _, VerifyingKey};
use std::cell::RefCell;

/// An Ed25519 public key in canonical encoding that is not of small order. Its bytes name a device. It holds its point, too,
/// which takes an eighth of a check's time to find.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct PublicKey(VerifyingKey);

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

thread_local! {
    /// Keys that were read on this thread, each at the place that its first byte names: history has long runs of few authors.
    static LATELY: RefCell<Vec<Option<PublicKey>>> = RefCell::new(vec![None; 256]);
}

impl PublicKey {
    /// Reads a key. Refuses encodings that are off the curve, not canonical, or of small order.
    ///
    /// # Errors
    /// [`BadKey`] in each of these cases.
    pub fn parse(bytes: [u8; 32]) -> Result<Self, BadKey> {
        LATELY.with_borrow_mut(|lately| {
            let place = lately.get_mut(usize::from(bytes[0]));
            match place {
                Some(Some(key)) if *key.as_bytes() == bytes => Ok(*key),
                Some(place) => Ok(*place.insert(Self::find(bytes)?)),
                None => Self::find(bytes),
            }
        })
    }

    fn find(bytes: [u8; 32]) -> Result<Self, BadKey> {
        let key = VerifyingKey::from_bytes(&bytes).map_err(|_| BadKey)?;
        // dalek finds a point for some encodings that are not canonical: where y is not reduced, and where x is zero with a sign. The
        // latter are of small order.
        if key.is_weak() || !is_reduced(&bytes) {
            return Err(BadKey);
        }
        Ok(Self(key))
    }

    /// The canonical 32 bytes.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8; 32] {
        self.0.as_bytes()
    }

    /// The same point on Curve25519 (RFC 7748, 4.1).
    pub(crate) fn to_montgomery(self) -> [u8; 32] {
        self.0.to_montgomery().to_bytes()
    }

    /// Whether `signature` over `message` is this key's: what `verify_strict` says, without finding the commitment's point, which takes
    /// it an eighth of its time. Where the equation holds, that is a point in canonical encoding, because its bytes were compared
    /// with such a one; and a point of small order is known by its bytes.
    #[must_use]
    pub fn signed(&self, message: &[u8], signature: &Signature) -> bool {
        let signature = ed25519_dalek::Signature::from_bytes(&signature.0);
        self.0.verify(message, &signature).is_ok() && !is_of_small_order(signature.r_bytes())
    }
}

impl Ord for PublicKey {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.as_bytes().cmp(other.as_bytes())
    }
}

impl PartialOrd for PublicKey {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

// Whether the number in it, without the sign, is less than p = 2^255 - 19.
fn is_reduced(bytes: &[u8; 32]) -> bool {
    let [low, middle @ .., high] = bytes;
    high & 0x7f != 0x7f || middle.iter().any(|byte| *byte != 0xff) || *low < 0xed
}

fn is_of_small_order(point: &[u8; 32]) -> bool {
    let [y @ .., high] = point;
    SMALL_ORDER.iter().any(|[small @ .., small_high]| y == small && high & 0x7f == *small_high)
}

/// The y of the eight points of small order, in canonical encoding: of order 1, 2, 4, 8 and 8; two points share each of the last three.
const SMALL_ORDER: [[u8; 32]; 5] = [
    [1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0],
    [
        0xec, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
        0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f,
    ],
    [0; 32],
    [
        0xc7, 0x17, 0x6a, 0x70, 0x3d, 0x4d, 0xd8, 0x4f, 0xba, 0x3c, 0x0b, 0x76, 0x0d, 0x10, 0x67, 0x0f, 0x2a,
        0x20, 0x53, 0xfa, 0x2c, 0x39, 0xcc, 0xc6, 0x4e, 0xc7, 0xfd, 0x77, 0x92, 0xac, 0x03, 0x7a,
    ],
    [
        0x26, 0xe8, 0x95, 0x8f, 0xc2, 0xb2, 0x27, 0xb0, 0x45, 0xc3, 0xf4, 0x89, 0xf2, 0xef, 0x98, 0xf0, 0xd5,
        0xdf, 0xac, 0x05, 0xd3, 0xc6, 0x33, 0x39, 0xb1, 0x38, 0x02, 0x88, 0x6d, 0x53, 0xfc, 0x05,
    ],
];

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
        PublicKey(self.0.verifying_key())
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
        let [a, b, c, d, ..] = self.as_bytes();
        write!(f, "PublicKey({a:02x}{b:02x}{c:02x}{d:02x}..)")
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
