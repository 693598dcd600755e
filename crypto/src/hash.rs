//! BLAKE3, in the two forms the formats use.

/// A BLAKE3 digest.
pub type Digest32 = [u8; 32];

/// `BLAKE3(part ‖ part ‖ ..)`. The caller's format must make the concatenation unambiguous (fixed lengths first).
#[must_use]
pub fn hash_parts(parts: &[&[u8]]) -> Digest32 {
    let mut hasher = blake3::Hasher::new();
    for part in parts {
        hasher.update(part);
    }
    *hasher.finalize().as_bytes()
}

/// BLAKE3 in key-derivation mode: ids of different kinds can never collide, whatever their bytes are.
#[must_use]
pub fn derive_id(context: &'static str, bytes: &[u8]) -> Digest32 {
    blake3::derive_key(context, bytes)
}
