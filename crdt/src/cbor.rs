//! Deterministic CBOR (RFC 8949 §4.2.1) by one test: what is decoded must encode to the very same bytes.

use minicbor::{Decode, Encode};

/// The bytes are no canonical encoding of the wanted shape.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CborError {
    /// Another shape, or cut short.
    #[error("does not decode")]
    Malformed,
    /// The right shape in other bytes: longer integers, indefinite lengths, trailing bytes.
    #[error("not the canonical encoding")]
    NotCanonical,
}

/// Encodes to the canonical bytes.
pub fn encode<T: Encode<()>>(value: &T) -> Vec<u8> {
    let mut out = Vec::with_capacity(USUAL);
    let Ok(()) = minicbor::encode(value, &mut out) else {
        unreachable!("writing to memory cannot fail, and no type of ours refuses to be encoded");
    };
    out
}

/// Decodes, and refuses every encoding but the canonical one.
///
/// # Errors
/// [`CborError`] says which of the two tests failed.
pub fn decode<'b, T: Decode<'b, ()> + Encode<()>>(bytes: &'b [u8]) -> Result<T, CborError> {
    let value: T = minicbor::decode(bytes).map_err(|_| CborError::Malformed)?;
    if encode(&value) != bytes {
        return Err(CborError::NotCanonical);
    }
    Ok(value)
}

/// Bytes of most headers and bodies: growing to it step by step costs more than what is left over.
const USUAL: usize = 256;
