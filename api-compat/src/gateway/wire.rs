//! The wire of one connection, as its own task has it. What comes in, `tungstenite` reads. What goes out is written beside it, by the
//! [`Outlet`], for `tungstenite`'s buffer stays as large as what was once sent at a time, a large guild, as long as the connection lasts:
//! there frames are put together in a buffer of the thread's, which a connection has only while the kernel takes no more. RFC 6455, 5.2.

use super::compress::Packer;
use super::outlet::{Outlet, Stream, Stuck};
use super::socket::End;
use crate::gateway::close::CloseCode;
use futures_util::{SinkExt as _, StreamExt as _};
use hyper::upgrade::Upgraded;
use hyper_util::rt::TokioIo;
use std::future::poll_fn;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::{CloseFrame, Role, WebSocketConfig};

/// Largest WebSocket message taken from a client, bytes; what is beyond the protocol's own limit is answered, not dropped.
const MESSAGE_MAX: usize = 64 * 1024;
/// What is read at a time, bytes: a heartbeat has forty.
const READ: usize = 256;
/// How long a socket may take nothing before it is closed; the gateway session goes on.
const STALL: Duration = Duration::from_secs(30);
/// How long a closing handshake may take.
const GOODBYE: Duration = Duration::from_secs(2);

/// A socket, read and written. A client that takes nothing for [`STALL`] is closed resumably.
pub(super) struct Wire {
    incoming: WebSocketStream<Shared>,
    outlet: Arc<Outlet>,
}

/// A socket that others write to as well: what `tungstenite` says by itself goes the same way as everything else.
struct Shared(Arc<Outlet>);

impl Wire {
    /// Over a connection whose upgrade was answered.
    pub(super) async fn over(upgraded: Upgraded, packer: Packer) -> Self {
        let config = WebSocketConfig::default()
            .max_message_size(Some(MESSAGE_MAX))
            .max_frame_size(Some(MESSAGE_MAX))
            .read_buffer_size(READ);
        let (stream, read) = unwrapped(upgraded);
        let outlet = Arc::new(Outlet::over(stream, packer));
        let shared = Shared(outlet.clone());
        let incoming = WebSocketStream::from_partially_read(shared, read, Role::Server, Some(config)).await;
        Self { incoming, outlet }
    }

    /// Its way out.
    pub(super) const fn outlet(&self) -> &Arc<Outlet> {
        &self.outlet
    }

    /// What the client says next; none once it is gone.
    pub(super) async fn next(&mut self) -> Option<Message> {
        self.incoming.next().await.and_then(Result::ok)
    }

    /// Sends what `tungstenite` answers by itself, before anything else is heard.
    pub(super) async fn answer_ping(&mut self) -> Result<(), End> {
        match tokio::time::timeout(STALL, self.incoming.flush()).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(_)) => Err(End::Client(None)),
            Err(_) => Err(End::Closed(CloseCode::UnknownError)),
        }
    }

    /// Sends one frame.
    pub(super) async fn send(&mut self, text: &str) -> Result<(), End> {
        self.outlet.put(text);
        self.flush().await
    }

    /// Writes all there is.
    pub(super) async fn flush(&mut self) -> Result<(), End> {
        // Mostly the kernel takes it at once: no timer is made then, and nothing waits.
        let flushed = match poll_fn(|context| Poll::Ready(self.outlet.poll_flush(context))).await {
            Poll::Ready(flushed) => Ok(flushed),
            Poll::Pending => {
                let flushed = poll_fn(|context| self.outlet.poll_flush(context));
                Box::pin(tokio::time::timeout(STALL, flushed)).await
            }
        };
        match flushed {
            Ok(Ok(())) => Ok(()),
            Ok(Err(Stuck::Gone)) => Err(End::Client(None)),
            Ok(Err(Stuck::Broken)) | Err(_) => Err(End::Closed(CloseCode::UnknownError)),
        }
    }

    /// Says why, and waits a little for the other side to have read it.
    pub(super) async fn close(mut self, code: CloseCode) {
        // In the midst of a frame there is nothing to be said any more.
        if !self.outlet.is_free() {
            return;
        }
        let frame = CloseFrame { code: (code as u16).into(), reason: code.reason().into() };
        let said = tokio::time::timeout(GOODBYE, self.incoming.send(Message::Close(Some(frame)))).await;
        if matches!(said, Ok(Ok(()))) {
            self.drain().await;
        }
    }

    /// Reads to the end: the echo of the client's own close code goes out on the way.
    pub(super) async fn drain(mut self) {
        let to_the_end = async { while let Some(Ok(_)) = self.incoming.next().await {} };
        let _ = tokio::time::timeout(GOODBYE, to_the_end).await;
    }
}

/// What lies below an upgrade, and what was read of it. Where it is a plain socket, nothing of the upgrade is kept: what was read is
/// copied, for it lies in the 8 KiB that HTTP reads into, and mostly is nothing.
fn unwrapped(upgraded: Upgraded) -> (Box<dyn Stream>, Vec<u8>) {
    match upgraded.downcast::<TokioIo<TcpStream>>() {
        Ok(parts) => (Box::new(parts.io.into_inner()), parts.read_buf.to_vec()),
        Err(upgraded) => (Box::new(TokioIo::new(upgraded)), Vec::new()),
    }
}

impl AsyncRead for Shared {
    fn poll_read(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        into: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut *self.0.socket().stream).poll_read(context, into)
    }
}

impl AsyncWrite for Shared {
    // `tungstenite` gives whole frames: what is taken of them is all of them, so that nobody writes into their midst.
    fn poll_write(self: Pin<&mut Self>, context: &mut Context<'_>, frames: &[u8]) -> Poll<io::Result<usize>> {
        let mut socket = self.0.socket();
        if socket.is_full() {
            ready!(socket.poll_flush(context)).map_err(io::Error::from)?;
        }
        socket.put_frames(frames);
        // An echo of a close code is not flushed by `tungstenite`: what can be written is written now.
        match socket.poll_flush(context) {
            Poll::Ready(Err(stuck)) => Poll::Ready(Err(stuck.into())),
            Poll::Ready(Ok(())) | Poll::Pending => Poll::Ready(Ok(frames.len())),
        }
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.0.poll_flush(context).map_err(io::Error::from)
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut *self.0.socket().stream).poll_shutdown(context)
    }
}
