//! What a decoder takes of memory while it reads: so much for each byte that it was given, and no more.

use crate::Target;
use peak_alloc::PeakAlloc;

/// How much a target may take.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Bound {
    /// It reads bytes, and does nothing else.
    Bytes,
    /// It reads JSON, of which some is kept as values. `serde_json` takes 32 bytes for a value, which may be two of text (`0,`), and a
    /// list that grows is there twice, the new one twice as large: 48 times.
    Json,
    /// It unpacks what stands compressed, and packs it again: a frame holds 512 KiB at most, and a block two of them, its ops' headers and bodies.
    Packed,
    /// It goes on with what it read: keys, a guild, a link. Those have limits, and tests, of their own.
    None,
}

impl Bound {
    /// Bytes for each byte of the input.
    const fn factor(self) -> Option<usize> {
        match self {
            Self::Bytes | Self::Packed => Some(16),
            Self::Json => Some(48),
            Self::None => None,
        }
    }

    /// Bytes beside these.
    const fn beside(self) -> usize {
        if matches!(self, Self::Packed) { 4 << 20 } else { 64 << 10 }
    }
}

/// Runs a target, and demands that it keeps within its bound. `memory` must be the program's allocator, and
/// nothing else may run meanwhile.
///
/// # Panics
/// Where it took more than it may, or as the target does.
pub fn run(memory: &PeakAlloc, target: &Target, input: &[u8]) {
    memory.reset_peak_usage();
    let before = memory.current_usage();
    (target.run)(input);
    let took = memory.peak_usage().saturating_sub(before);
    if let Some(factor) = target.bound.factor() {
        let may = factor * input.len() + target.bound.beside();
        assert!(took <= may, "{} took {took} bytes for {}", target.name, input.len());
    }
}
