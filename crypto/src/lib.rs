//! Keys, signatures and hashes of Nexus: the one way from [`Signed`] to [`Verified`].
//!
//! What it deliberately lacks: a clock, a random source, a disk. Every secret is made from bytes the caller
//! hands in; every signature is checked as strictly as `verify_strict` does (RFC 8032 with the stricter rules of
//! ed25519-dalek: canonical encodings, no small-order keys), so that all holders accept the same set of ops.
//! What was checked once may be known again by a [`Mark`] of one's own.
//! What some may read and others only hold is sealed under a [`SharedKey`], which is handed to each of them ([`Handed`]).

#![warn(missing_docs)]

mod hash;
mod hpke;
mod keys;
mod mark;
mod shared_key;
mod signed;

pub use hash::{Digest32, derive_id, hash_parts};
pub use hpke::Handed;
pub use keys::{BadKey, PublicKey, SecretKey, Signature};
pub use mark::{Mark, MarkKey};
pub use shared_key::{SHARED_OVERHEAD, SharedKey};
pub use signed::{BadSignature, Signed, Verified};
