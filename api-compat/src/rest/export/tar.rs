//! An archive as `tar` reads it (POSIX.1-1988, ustar): a header of 512 bytes, the content, zeros up to the next 512.

const BLOCK: usize = 512;

/// What ends an archive.
pub(super) const END: [u8; 2 * BLOCK] = [0; 2 * BLOCK];

/// A file in it. The name is ours: ASCII, at most 100 characters.
pub(super) fn file(name: &str, content: &[u8], changed_s: u64) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(BLOCK + content.len().next_multiple_of(BLOCK));
    bytes.extend_from_slice(&header(name, content.len(), changed_s));
    bytes.extend_from_slice(content);
    bytes.resize(bytes.len().next_multiple_of(BLOCK), 0);
    bytes
}

fn header(name: &str, size: usize, changed_s: u64) -> [u8; BLOCK] {
    let mut header = [0; BLOCK];
    let mut put = |at: usize, text: &[u8]| {
        if let Some(place) = header.get_mut(at..at + text.len()) {
            place.copy_from_slice(text);
        }
    };
    put(0, name.get(..name.len().min(100)).unwrap_or_default().as_bytes());
    put(100, b"0000600\0");
    put(108, b"0000000\0");
    put(116, b"0000000\0");
    put(124, format!("{size:011o}\0").as_bytes());
    put(136, format!("{:011o}\0", changed_s.min(CHANGED_MAX)).as_bytes());
    // The sum is made as if it were blanks.
    put(148, b"        ");
    put(156, b"0");
    put(257, b"ustar\0");
    put(263, b"00");
    let sum: u32 = header.iter().map(|byte| u32::from(*byte)).sum();
    if let Some(place) = header.get_mut(148..156) {
        place.copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
    }
    header
}

/// Eleven octal digits.
const CHANGED_MAX: u64 = (1 << 33) - 1;
