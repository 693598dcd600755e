//! Frames on a stream: a length of four bytes, big-endian, then the frame. A length of zero is a sign of life.

use futures_util::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use nexus_core::sync::frame::LINK_FRAME_MAX;
use std::io;
use std::time::Duration;
use tokio::time::timeout;

/// How long a peer may be silent: it says something every [`SIGN_OF_LIFE`].
const SILENCE_MAX: Duration = Duration::from_secs(30);
/// How long a frame may take once it has begun. 128 KiB at 5 KiB a second.
const FRAME_PATIENCE: Duration = Duration::from_secs(25);
/// How long a peer may take to read what was written to it.
const WRITE_PATIENCE: Duration = Duration::from_secs(60);
/// How often a program that has nothing to say says so.
pub(super) const SIGN_OF_LIFE: Duration = Duration::from_secs(4);

/// The next frame that is not empty.
///
/// # Errors
/// The stream's, its end, a silence that is too long, and a length beyond [`LINK_FRAME_MAX`] as `InvalidData`.
pub(super) async fn read(from: &mut (impl AsyncRead + Unpin)) -> io::Result<Vec<u8>> {
    loop {
        let mut length = [0; 4];
        timeout(SILENCE_MAX, from.read_exact(&mut length)).await??;
        let length = u32::from_be_bytes(length) as usize;
        if length > LINK_FRAME_MAX {
            return Err(io::Error::new(io::ErrorKind::InvalidData, TooLong));
        }
        if length == 0 {
            continue;
        }
        // Grows with what comes, not with what was announced.
        let mut frame = Vec::new();
        let mut rest = from.take(length as u64);
        timeout(FRAME_PATIENCE, rest.read_to_end(&mut frame)).await??;
        if frame.len() < length {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        return Ok(frame);
    }
}

/// A length that no frame has: the peer said it itself, where other errors may be the road's.
#[derive(Debug, thiserror::Error)]
#[error("longer than a frame")]
struct TooLong;

/// Whether what [`read`] failed of was a length beyond every frame.
pub(super) fn is_too_long(error: &io::Error) -> bool {
    error.get_ref().is_some_and(|inner| inner.is::<TooLong>())
}

/// Writes a frame and hands it to the transport.
///
/// # Errors
/// The stream's, and a peer that does not read.
pub(super) async fn write(to: &mut (impl AsyncWrite + Unpin), frame: &[u8]) -> io::Result<()> {
    let length = u32::try_from(frame.len()).map_err(|_| io::ErrorKind::InvalidData)?;
    let bytes = [&length.to_be_bytes(), frame].concat();
    let whole = async {
        to.write_all(&bytes).await?;
        to.flush().await
    };
    timeout(WRITE_PATIENCE, whole).await?
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures_util::io::Cursor;

    #[tokio::test]
    async fn frames_come_back_and_signs_of_life_are_passed_over() {
        let mut bytes = Vec::new();
        for frame in [&b"one"[..], b"", b"two"] {
            write(&mut bytes, frame).await.unwrap();
        }
        let mut from = Cursor::new(bytes);
        assert_eq!(read(&mut from).await.unwrap(), b"one");
        assert_eq!(read(&mut from).await.unwrap(), b"two");
        assert_eq!(read(&mut from).await.unwrap_err().kind(), io::ErrorKind::UnexpectedEof);
    }

    #[tokio::test]
    async fn a_length_beyond_a_frame_is_garbage_and_half_a_frame_an_end() {
        let mut long = Cursor::new(u32::MAX.to_be_bytes().to_vec());
        assert!(is_too_long(&read(&mut long).await.unwrap_err()));
        let mut half = Cursor::new([&9u32.to_be_bytes()[..], b"half"].concat());
        assert_eq!(read(&mut half).await.unwrap_err().kind(), io::ErrorKind::UnexpectedEof);
    }

    #[tokio::test(start_paused = true)]
    async fn who_is_silent_or_never_ends_a_frame_is_not_waited_for() {
        let (_silent, from) = tokio::io::duplex(64);
        let mut from = Compat(from);
        assert_eq!(read(&mut from).await.unwrap_err().kind(), io::ErrorKind::TimedOut);
        let (mut slow, from) = tokio::io::duplex(64);
        tokio::io::AsyncWriteExt::write_all(&mut slow, &[0, 0, 0, 9, 1]).await.unwrap();
        let mut from = Compat(from);
        assert_eq!(read(&mut from).await.unwrap_err().kind(), io::ErrorKind::TimedOut);
    }

    /// A tokio stream where libp2p's kind is asked for.
    struct Compat(tokio::io::DuplexStream);

    impl AsyncRead for Compat {
        fn poll_read(
            mut self: std::pin::Pin<&mut Self>,
            cx: &mut std::task::Context<'_>,
            buf: &mut [u8],
        ) -> std::task::Poll<io::Result<usize>> {
            let mut buf = tokio::io::ReadBuf::new(buf);
            let stream = std::pin::Pin::new(&mut self.0);
            tokio::io::AsyncRead::poll_read(stream, cx, &mut buf).map_ok(|()| buf.filled().len())
        }
    }
}
