//! A WebSocket as a stream of bytes: binary messages one after the other, whose bounds mean nothing.

use bytes::{Buf as _, Bytes};
use futures_util::io::{AsyncRead, AsyncWrite};
use futures_util::{Sink, SinkExt as _, Stream, StreamExt as _};
use std::error::Error;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

/// A WebSocket whose upgrade is done, of whichever library.
pub struct Socket(Box<dyn Both>);

trait Both: AsyncRead + AsyncWrite + Send + Unpin {}
impl<T: AsyncRead + AsyncWrite + Send + Unpin> Both for T {}

/// What a message is to a stream of bytes.
#[derive(Debug)]
pub enum Message {
    /// Bytes.
    Binary(Bytes),
    /// A ping or its answer.
    Control,
    /// The peer closes.
    Close,
    /// Text, which nobody sends here.
    Garbage,
}

/// Longest message in bytes that is written, and that a window shall take.
pub const MESSAGE_MAX: usize = 64 * 1024;

impl Socket {
    /// `read` and `write` say what the library's messages are.
    pub fn of<S, M, E>(inner: S, read: fn(M) -> Message, write: fn(Bytes) -> M) -> Self
    where
        S: Stream<Item = Result<M, E>> + Sink<M, Error = E> + Send + Unpin + 'static,
        E: Into<Box<dyn Error + Send + Sync>> + 'static,
        M: 'static,
    {
        Self(Box::new(Bytewise { inner, unread: Bytes::new(), read, write }))
    }
}

struct Bytewise<S, M> {
    inner: S,
    unread: Bytes,
    read: fn(M) -> Message,
    write: fn(Bytes) -> M,
}

impl<S, M, E> AsyncRead for Bytewise<S, M>
where
    S: Stream<Item = Result<M, E>> + Unpin,
    E: Into<Box<dyn Error + Send + Sync>>,
{
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut [u8]) -> Poll<io::Result<usize>> {
        loop {
            if self.unread.has_remaining() {
                let count = buf.len().min(self.unread.len());
                self.unread.copy_to_slice(&mut buf[..count]);
                return Poll::Ready(Ok(count));
            }
            let Some(message) = ready!(self.inner.poll_next_unpin(cx)) else { return Poll::Ready(Ok(0)) };
            match (self.read)(message.map_err(io::Error::other)?) {
                Message::Binary(bytes) => self.unread = bytes,
                Message::Control => {}
                Message::Close => return Poll::Ready(Ok(0)),
                Message::Garbage => return Poll::Ready(Err(io::ErrorKind::InvalidData.into())),
            }
        }
    }
}

impl<S, M, E> AsyncWrite for Bytewise<S, M>
where
    S: Sink<M, Error = E> + Unpin,
    E: Into<Box<dyn Error + Send + Sync>>,
{
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        ready!(self.inner.poll_ready_unpin(cx)).map_err(io::Error::other)?;
        let count = buf.len().min(MESSAGE_MAX);
        let message = (self.write)(Bytes::copy_from_slice(&buf[..count]));
        self.inner.start_send_unpin(message).map_err(io::Error::other)?;
        Poll::Ready(Ok(count))
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.inner.poll_flush_unpin(cx).map_err(io::Error::other)
    }

    fn poll_close(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.inner.poll_close_unpin(cx).map_err(io::Error::other)
    }
}

impl AsyncRead for Socket {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut [u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.0).poll_read(cx, buf)
    }
}

impl AsyncWrite for Socket {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.0).poll_write(cx, buf)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_flush(cx)
    }

    fn poll_close(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_close(cx)
    }
}

impl std::fmt::Debug for Socket {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Socket")
    }
}
