//! Transport compression: one context for a connection's whole life, flushed after each frame.

use flate2::{Compress, Compression, FlushCompress};
use std::io;
use zstd::stream::raw::{Encoder, Operation as _, OutBuffer};

/// How a connection's frames are packed.
pub(crate) enum Packer {
    /// As they are, in text frames.
    Plain,
    /// One zlib stream; each frame ends with `Z_SYNC_FLUSH` (`00 00 FF FF`).
    Zlib(Compress),
    /// One zstd frame, flushed after each of ours.
    Zstd(Encoder<'static>),
}

/// A transport compression that is not spoken here.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("unknown transport compression")]
pub(crate) struct UnknownCompression;

impl Packer {
    /// By the `compress` parameter of the socket's address.
    ///
    /// # Errors
    /// [`UnknownCompression`].
    pub(crate) fn by_name(name: Option<&str>) -> Result<Self, UnknownCompression> {
        match name {
            None | Some("") => Ok(Self::Plain),
            Some("zlib-stream") => Ok(Self::Zlib(Compress::new(Compression::fast(), true))),
            Some("zstd-stream") => zstd_encoder().map(Self::Zstd).map_err(|_| UnknownCompression),
            Some(_) => Err(UnknownCompression),
        }
    }

    /// Packs one frame; none where it goes out as it is.
    ///
    /// # Errors
    /// What the compressor fails with; the stream cannot be continued then.
    pub(crate) fn pack(&mut self, frame: &str) -> io::Result<Option<Vec<u8>>> {
        match self {
            Self::Plain => Ok(None),
            Self::Zlib(stream) => zlib(stream, frame.as_bytes()).map(Some),
            Self::Zstd(stream) => zstd(stream, frame.as_bytes()).map(Some),
        }
    }
}

/// The window is kept small (128 KiB): each connection has one, and events repeat over short distances.
fn zstd_encoder() -> io::Result<Encoder<'static>> {
    let mut encoder = Encoder::new(1)?;
    encoder.set_parameter(zstd::stream::raw::CParameter::WindowLog(17))?;
    Ok(encoder)
}

fn zlib(stream: &mut Compress, mut input: &[u8]) -> io::Result<Vec<u8>> {
    let mut out = Vec::with_capacity(input.len() / 2 + 64);
    loop {
        let (read, written) = (stream.total_in(), stream.total_out());
        stream.compress_vec(input, &mut out, FlushCompress::Sync)?;
        let read = usize::try_from(stream.total_in() - read).map_err(io::Error::other)?;
        input = input.get(read..).unwrap_or_default();
        // A sync flush is through when there was room left to write into.
        if input.is_empty() && out.len() < out.capacity() {
            return Ok(out);
        }
        if read == 0 && stream.total_out() == written && out.len() < out.capacity() {
            return Err(io::Error::other("the compressor does not go on"));
        }
        out.reserve(out.capacity().max(256));
    }
}

fn zstd(stream: &mut Encoder<'static>, input: &[u8]) -> io::Result<Vec<u8>> {
    let mut out = Vec::with_capacity(input.len() / 2 + 128);
    let mut input = zstd::stream::raw::InBuffer::around(input);
    while input.pos() < input.src.len() {
        let at = out.len();
        let mut room = OutBuffer::around_pos(&mut out, at);
        stream.run(&mut input, &mut room)?;
        grow(&mut out);
    }
    loop {
        let at = out.len();
        let mut room = OutBuffer::around_pos(&mut out, at);
        if stream.flush(&mut room)? == 0 {
            return Ok(out);
        }
        grow(&mut out);
    }
}

fn grow(out: &mut Vec<u8>) {
    if out.len() == out.capacity() {
        out.reserve(out.capacity().max(256));
    }
}

#[cfg(test)]
mod tests {
    use super::{Packer, UnknownCompression};
    use flate2::{Decompress, FlushDecompress};
    use zstd::stream::raw::{Decoder, InBuffer, Operation as _, OutBuffer};

    /// Short, long, compressible and not: lengths around every buffer's edge.
    fn frames() -> Vec<String> {
        let mut noise = 1u64;
        (0..200usize)
            .map(|n| {
                (0..n * n / 2)
                    .map(|at| {
                        noise = noise.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
                        if n % 2 == 0 {
                            'a'
                        } else {
                            char::from(32 + ((noise >> 33) % 90) as u8 + (at % 2) as u8)
                        }
                    })
                    .collect()
            })
            .collect()
    }

    #[test]
    fn each_zlib_frame_can_be_read_when_it_arrives_and_ends_in_a_sync_flush() {
        let mut packer = Packer::by_name(Some("zlib-stream")).expect("known");
        let mut inflate = Decompress::new(true);
        for frame in frames() {
            let packed = packer.pack(&frame).expect("packs").expect("is packed");
            assert!(packed.ends_with(&[0, 0, 0xff, 0xff]));
            let mut plain = Vec::with_capacity(frame.len() + 64);
            inflate.decompress_vec(&packed, &mut plain, FlushDecompress::Sync).expect("inflates");
            assert_eq!(String::from_utf8(plain).expect("text"), frame);
        }
    }

    #[test]
    fn each_zstd_frame_can_be_read_when_it_arrives() {
        let mut packer = Packer::by_name(Some("zstd-stream")).expect("known");
        let mut decoder = Decoder::new().expect("decoder");
        for frame in frames() {
            let packed = packer.pack(&frame).expect("packs").expect("is packed");
            let mut plain = Vec::with_capacity(frame.len() + 64);
            let mut input = InBuffer::around(packed.as_slice());
            while input.pos() < packed.len() {
                let at = plain.len();
                decoder.run(&mut input, &mut OutBuffer::around_pos(&mut plain, at)).expect("decodes");
            }
            assert_eq!(String::from_utf8(plain).expect("text"), frame);
        }
    }

    #[test]
    fn a_plain_connection_packs_nothing_and_an_unknown_one_is_refused() {
        assert_eq!(Packer::by_name(None).expect("plain").pack("{}").expect("fine"), None);
        assert_eq!(Packer::by_name(Some("brotli")).err(), Some(UnknownCompression));
    }
}
