//! Bytes that may be compressed, with their length.

use super::super::{Garbage, LINK_FRAME_MAX};
use super::read::Reader;

/// Level 3 of zstd (RFC 8878): a batch of talk gets hardly smaller by more.
const LEVEL: i32 = 3;
/// What is shorter is not tried.
const WORTH: usize = 96;
/// What gets smaller than by this is said as it is: so many bytes a reader makes of one, and no more.
const GROWS_MAX: usize = 16;

/// The length, the compressed one or 0 where it is said as it is, and the bytes.
pub(super) fn put(out: &mut Vec<u8>, raw: &[u8]) {
    let packed = (raw.len() >= WORTH).then(|| zstd::bulk::compress(raw, LEVEL).ok()).flatten();
    let packed = packed.filter(|packed| packed.len() < raw.len() && raw.len() <= GROWS_MAX * packed.len());
    super::written::put_varint(out, raw.len() as u64);
    super::written::put_varint(out, packed.as_ref().map_or(0, |packed| packed.len() as u64));
    out.extend(packed.as_deref().unwrap_or(raw));
}

/// Reads one.
pub(super) fn take(from: &mut Reader<'_>) -> Result<Vec<u8>, Garbage> {
    let (raw, packed) = (from.length()?, from.length()?);
    if raw > LINK_FRAME_MAX {
        return Err(Garbage);
    }
    if packed == 0 {
        return Ok(from.take(raw)?.to_vec());
    }
    let frame = from.take(packed)?;
    if raw > GROWS_MAX * frame.len() {
        return Err(Garbage);
    }
    let bytes = zstd::bulk::decompress(frame, raw).map_err(|_| Garbage)?;
    if bytes.len() == raw { Ok(bytes) } else { Err(Garbage) }
}
