//! Keys, signatures and hashes of Nexus: the one way from [`Signed`] to [`Verified`].
//!
//! What it deliberately lacks: a clock, a random source, a disk. Every secret is made from bytes the caller
//! hands in; every signature is checked with `verify_strict` (RFC 8032 with the stricter rules of
//! ed25519-dalek: canonical encodings, no small-order keys), so that all holders accept the same set of ops.

#![warn(missing_docs)]

mod hash;
mod keys;
mod signed;

pub use hash::{Digest32, derive_id, hash_parts};
pub use keys::{BadKey, PublicKey, SecretKey, Signature};
pub use signed::{BadSignature, Signed, Verified};
