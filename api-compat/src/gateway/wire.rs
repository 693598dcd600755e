//! The wire of one connection. What comes in, `tungstenite` reads. What goes out is written beside it, for its buffer stays as large as
//! what was once sent at a time, a large guild, as long as the connection lasts: here frames are put together in a buffer of the
//! thread's, which a connection has only while the kernel takes no more. RFC 6455, 5.2.

use super::compress::Packer;
use super::event::Payload;
use super::frame;
use super::socket::End;
use crate::gateway::close::CloseCode;
use futures_util::{SinkExt as _, StreamExt as _};
use hyper::upgrade::Upgraded;
use hyper_util::rt::TokioIo;
use std::cell::Cell;
use std::future::poll_fn;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;
use tokio::io::AsyncWrite as _;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::{CloseFrame, Role, WebSocketConfig};

/// Largest WebSocket message taken from a client, bytes; what is beyond the protocol's own limit is answered, not dropped.
const MESSAGE_MAX: usize = 64 * 1024;
/// What is read at a time, bytes: a heartbeat has forty.
const READ: usize = 256;
/// Frames are written before more are put behind them, from so many bytes on.
const OUT_FULL: usize = 64 * 1024;
/// A larger buffer is not kept for the next.
const SPARE_MAX: usize = 4 * OUT_FULL;
/// How long a socket may take nothing before it is closed; the gateway session goes on.
const STALL: Duration = Duration::from_secs(30);
/// How long a closing handshake may take.
const GOODBYE: Duration = Duration::from_secs(2);

const TEXT: u8 = 1;
const BINARY: u8 = 2;

thread_local! {
    static SPARE: Cell<Vec<u8>> = const { Cell::new(Vec::new()) };
}

/// A socket with its compression. A client that takes nothing for [`STALL`] is closed resumably.
pub(super) struct Wire {
    socket: WebSocketStream<TokioIo<Upgraded>>,
    packer: Packer,
    /// Frames that are to be written; none between two flushes.
    out: Vec<u8>,
    /// How much of them was.
    written: usize,
}

impl Wire {
    /// Over a connection whose upgrade was answered.
    pub(super) async fn over(upgraded: Upgraded, packer: Packer) -> Self {
        let config = WebSocketConfig::default()
            .max_message_size(Some(MESSAGE_MAX))
            .max_frame_size(Some(MESSAGE_MAX))
            .read_buffer_size(READ);
        let stream = TokioIo::new(upgraded);
        let socket = WebSocketStream::from_raw_socket(stream, Role::Server, Some(config)).await;
        Self { socket, packer, out: Vec::new(), written: 0 }
    }

    /// What the client says next; none once it is gone.
    pub(super) async fn next(&mut self) -> Option<Message> {
        self.socket.next().await.and_then(Result::ok)
    }

    /// Sends what `tungstenite` answers by itself. Before anything else: whatever is written next must not come into the midst of it.
    pub(super) async fn answer_ping(&mut self) -> Result<(), End> {
        within_stall(self.socket.flush()).await
    }

    /// Sends one frame.
    pub(super) async fn send(&mut self, text: &str) -> Result<(), End> {
        self.put(text)?;
        self.flush().await
    }

    /// Puts an event behind what is to be written.
    pub(super) fn put_event(&mut self, seq: u64, event: &Payload) -> Result<(), End> {
        let dispatch = frame::Dispatch { name: event.name.as_str(), seq, data: &event.data };
        if !matches!(self.packer, Packer::Plain) {
            return self.put(&dispatch.to_string());
        }
        self.begin();
        head(&mut self.out, TEXT, dispatch.len());
        dispatch.write(&mut self.out);
        Ok(())
    }

    fn put(&mut self, text: &str) -> Result<(), End> {
        let packed = self.packer.pack(text).map_err(|_| End::Closed(CloseCode::UnknownError))?;
        let (kind, bytes) = packed.as_deref().map_or((TEXT, text.as_bytes()), |packed| (BINARY, packed));
        self.begin();
        head(&mut self.out, kind, bytes.len());
        self.out.extend_from_slice(bytes);
        Ok(())
    }

    /// Whether it is to be written before more is put behind it.
    pub(super) const fn is_full(&self) -> bool {
        self.out.len() >= OUT_FULL
    }

    /// Writes all there is.
    pub(super) async fn flush(&mut self) -> Result<(), End> {
        // Mostly the kernel takes it at once: no timer is made then, and nothing waits.
        match poll_fn(|context| Poll::Ready(self.poll_flush(context))).await {
            Poll::Ready(done) => done.map_err(|_| End::Client(None)),
            Poll::Pending => Box::pin(within_stall(poll_fn(|context| self.poll_flush(context)))).await,
        }
    }

    fn poll_flush(&mut self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let stream = self.socket.get_mut();
        while self.written < self.out.len() {
            let taken = ready!(Pin::new(&mut *stream).poll_write(context, &self.out[self.written..]))?;
            if taken == 0 {
                return Poll::Ready(Err(io::ErrorKind::WriteZero.into()));
            }
            self.written += taken;
        }
        ready!(Pin::new(stream).poll_flush(context))?;
        self.end();
        Poll::Ready(Ok(()))
    }

    /// Says why, and waits a little for the other side to have read it.
    pub(super) async fn close(mut self, code: CloseCode) {
        // In the midst of a frame there is nothing to be said any more.
        if !self.out.is_empty() {
            return;
        }
        let frame = CloseFrame { code: (code as u16).into(), reason: code.reason().into() };
        let said = tokio::time::timeout(GOODBYE, self.socket.send(Message::Close(Some(frame)))).await;
        if matches!(said, Ok(Ok(()))) {
            self.drain().await;
        }
    }

    /// Reads to the end: the echo of the client's own close code goes out on the way.
    pub(super) async fn drain(mut self) {
        let to_the_end = async { while let Some(Ok(_)) = self.socket.next().await {} };
        let _ = tokio::time::timeout(GOODBYE, to_the_end).await;
    }

    fn begin(&mut self) {
        if self.out.capacity() == 0 {
            self.out = SPARE.take();
        }
    }

    fn end(&mut self) {
        let mut out = std::mem::take(&mut self.out);
        out.clear();
        self.written = 0;
        if out.capacity() <= SPARE_MAX {
            SPARE.set(out);
        }
    }
}

/// The head of a frame of a server: whole, not masked.
fn head(out: &mut Vec<u8>, kind: u8, len: usize) {
    out.push(0x80 | kind);
    match (u8::try_from(len), u16::try_from(len)) {
        (Ok(len @ ..=125), _) => out.push(len),
        (_, Ok(len)) => {
            out.push(126);
            out.extend_from_slice(&len.to_be_bytes());
        }
        _ => {
            out.push(127);
            out.extend_from_slice(&(len as u64).to_be_bytes());
        }
    }
}

async fn within_stall<E>(io: impl Future<Output = Result<(), E>>) -> Result<(), End> {
    match tokio::time::timeout(STALL, io).await {
        Ok(Ok(())) => Ok(()),
        Ok(Err(_)) => Err(End::Client(None)),
        Err(_) => Err(End::Closed(CloseCode::UnknownError)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio_tungstenite::tungstenite::protocol::frame::FrameSocket;

    #[test]
    fn frames_of_every_length_are_read_as_they_were_written() {
        let lengths = [0, 1, 125, 126, 127, 255, 256, 65_535, 65_536, 300_000];
        let mut out = Vec::new();
        for (kind, length) in [TEXT, BINARY].into_iter().cycle().zip(lengths) {
            head(&mut out, kind, length);
            out.extend(std::iter::repeat_n(b'x', length));
        }
        let mut socket = FrameSocket::new(io::Cursor::new(out));
        for length in lengths {
            let frame = socket.read(None).expect("frames").expect("one more");
            assert!(frame.header().is_final && frame.header().mask.is_none());
            assert_eq!(frame.payload().len(), length);
        }
        assert!(socket.read(None).is_ok_and(|rest| rest.is_none()));
    }
}
