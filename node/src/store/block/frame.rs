//! Compressed bytes with their length and a checksum.

use crate::store::fault;
use nexus_core::StoreFault;

/// Most bytes that a frame holds: 128 ops with headers of a kilobyte, and the bodies of a block, of which only the last may
/// reach beyond 64 KiB.
const RAW_MAX: u32 = 512 << 10;
/// On real talk level 19 makes a block 1 % smaller, in twenty times the time.
const LEVEL: i32 = 3;

/// The length as four bytes, then a zstd frame with its checksum (RFC 8878).
pub(super) fn pack(raw: &[u8]) -> Result<Vec<u8>, StoreFault> {
    let len = u32::try_from(raw.len()).ok().filter(|len| *len <= RAW_MAX);
    let mut out = len.ok_or_else(|| fault("a block is too large"))?.to_be_bytes().to_vec();
    let mut compressor = zstd::bulk::Compressor::new(LEVEL).map_err(fault)?;
    compressor.include_checksum(true).map_err(fault)?;
    out.extend(compressor.compress(raw).map_err(fault)?);
    Ok(out)
}

pub(super) fn unpack(bytes: &[u8]) -> Result<Vec<u8>, StoreFault> {
    let (len, frame) = bytes.split_first_chunk().ok_or_else(|| fault("a frame without its length"))?;
    let len = u32::from_be_bytes(*len);
    if len > RAW_MAX {
        return Err(fault("a block is too large"));
    }
    let raw = zstd::bulk::decompress(frame, len as usize).map_err(fault)?;
    if raw.len() == len as usize { Ok(raw) } else { Err(fault("a frame of another length than it says")) }
}
