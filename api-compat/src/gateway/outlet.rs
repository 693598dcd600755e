//! Where a connection's frames go out. Whoever hands an event to thousands writes it to each by itself ([`Outlet::hand_out`]): no task is
//! woken for it. Where the kernel takes no more, and for everything else, there is the connection's own task. A frame is put behind
//! others whole and under the lock, so whoever writes, frames stay whole and events in order.

use super::compress::Packer;
use super::event::Payload;
use super::frame;
use super::session::{Run, Taken};
use super::wake::Wake;
use std::cell::Cell;
use std::io;
use std::pin::Pin;
use std::sync::{Mutex, MutexGuard, PoisonError, TryLockError};
use std::task::{Context, Poll, Waker, ready};
use tokio::io::{AsyncRead, AsyncWrite};

/// Events put behind each other at a time.
const BATCH: usize = 64;
/// Frames are written before more are put behind them, from so many bytes on.
const OUT_FULL: usize = 64 * 1024;
/// A larger buffer is not kept for the next.
const SPARE_MAX: usize = 4 * OUT_FULL;

const TEXT: u8 = 1;
const BINARY: u8 = 2;

thread_local! {
    static SPARE: Cell<Vec<u8>> = const { Cell::new(Vec::new()) };
}

/// What a connection is spoken over.
pub(crate) trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}
impl<T: AsyncRead + AsyncWrite + Send + Unpin> Stream for T {}

/// One connection's way out.
pub(crate) struct Outlet {
    /// Calls its task, which does what cannot be done at once.
    wake: Wake,
    socket: Mutex<Socket>,
}

/// A socket with its compression, and what is to be written to it.
pub(super) struct Socket {
    pub(super) stream: Box<dyn Stream>,
    packer: Packer,
    /// Frames that are to be written; none between two flushes.
    out: Vec<u8>,
    /// How much of them was.
    written: usize,
    /// The compressor does not go on.
    is_broken: bool,
}

/// Why nothing more is written.
#[derive(Debug)]
pub(super) enum Stuck {
    /// The socket is gone.
    Gone,
    /// What was compressed so far cannot be continued.
    Broken,
}

impl Outlet {
    /// Over a connection whose upgrade was answered.
    pub(crate) fn over(stream: Box<dyn Stream>, packer: Packer) -> Self {
        let socket = Socket { stream, packer, out: Vec::new(), written: 0, is_broken: false };
        Self { wake: Wake::default(), socket: Mutex::new(socket) }
    }

    /// Tells its task that there is something to send, or nothing more.
    pub(crate) fn call(&self) {
        self.wake.call();
    }

    /// Completes when its task was called since it last did.
    pub(super) async fn called(&self) {
        self.wake.called().await;
    }

    /// Writes what a run has for it, without waiting; its task does what is left.
    pub(super) fn hand_out(&self, mut run: MutexGuard<'_, Run>) {
        let is_done = self.try_socket().filter(|socket| socket.is_free()).is_some_and(|mut socket| {
            let taken = run.take(self, BATCH, |seq, event| socket.put_event(seq, event));
            drop(run);
            let written = socket.poll_flush(&mut Context::from_waker(Waker::noop()));
            taken == Taken::All && matches!(written, Poll::Ready(Ok(())))
        });
        if !is_done {
            self.wake.call();
        }
    }

    /// Puts what a run has for it behind what is to be written, some at a time.
    pub(super) fn put_backlog(&self, run: &Mutex<Run>) -> Taken {
        let mut socket = self.socket();
        let mut run = run.lock().unwrap_or_else(PoisonError::into_inner);
        run.take(self, BATCH, |seq, event| socket.put_event(seq, event))
    }

    /// Puts one frame behind what is to be written.
    pub(super) fn put(&self, text: &str) {
        self.socket().put(text);
    }

    /// Writes all there is.
    pub(super) fn poll_flush(&self, context: &mut Context<'_>) -> Poll<Result<(), Stuck>> {
        self.socket().poll_flush(context)
    }

    /// Whether everything is written.
    pub(super) fn is_free(&self) -> bool {
        self.socket().is_free()
    }

    /// Held while frames are put and written, never across a wait.
    pub(super) fn socket(&self) -> MutexGuard<'_, Socket> {
        self.socket.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn try_socket(&self) -> Option<MutexGuard<'_, Socket>> {
        match self.socket.try_lock() {
            Ok(socket) => Some(socket),
            Err(TryLockError::Poisoned(poisoned)) => Some(poisoned.into_inner()),
            Err(TryLockError::WouldBlock) => None,
        }
    }
}

impl Socket {
    /// Puts bytes that are whole frames behind what is to be written.
    pub(super) fn put_frames(&mut self, frames: &[u8]) {
        self.begin();
        self.out.extend_from_slice(frames);
    }

    /// Whether it is to be written before more is put behind it.
    pub(super) const fn is_full(&self) -> bool {
        self.out.len() >= OUT_FULL
    }

    pub(super) fn poll_flush(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Stuck>> {
        if self.is_broken {
            return Poll::Ready(Err(Stuck::Broken));
        }
        self.poll_write(context).map_err(|_| Stuck::Gone)
    }

    const fn is_free(&self) -> bool {
        self.out.is_empty()
    }

    /// Whether there is room for another.
    fn put_event(&mut self, seq: u64, event: &Payload) -> bool {
        let dispatch = frame::Dispatch { name: event.name.as_str(), seq, data: &event.data };
        if matches!(self.packer, Packer::Plain) {
            self.begin();
            head(&mut self.out, TEXT, dispatch.len());
            dispatch.write(&mut self.out);
        } else {
            self.put(&dispatch.to_string());
        }
        !self.is_full()
    }

    fn put(&mut self, text: &str) {
        match self.packer.pack(text) {
            Ok(None) => self.put_frame(TEXT, text.as_bytes()),
            Ok(Some(packed)) => self.put_frame(BINARY, &packed),
            Err(_) => self.is_broken = true,
        }
    }

    fn put_frame(&mut self, kind: u8, bytes: &[u8]) {
        self.begin();
        head(&mut self.out, kind, bytes.len());
        self.out.extend_from_slice(bytes);
    }

    fn poll_write(&mut self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        while self.written < self.out.len() {
            let rest = &self.out[self.written..];
            let taken = ready!(Pin::new(&mut *self.stream).poll_write(context, rest))?;
            if taken == 0 {
                return Poll::Ready(Err(io::ErrorKind::WriteZero.into()));
            }
            self.written += taken;
        }
        ready!(Pin::new(&mut *self.stream).poll_flush(context))?;
        self.end();
        Poll::Ready(Ok(()))
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
        if (1..=SPARE_MAX).contains(&out.capacity()) {
            SPARE.set(out);
        }
    }
}

/// The head of a frame of a server: whole, not masked. RFC 6455, 5.2.
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

impl From<Stuck> for io::Error {
    fn from(_: Stuck) -> Self {
        io::ErrorKind::BrokenPipe.into()
    }
}

#[cfg(test)]
mod tests {
    use super::super::event::EventName;
    use super::super::session::Bounds;
    use super::*;
    use futures_util::FutureExt as _;
    use std::future::poll_fn;
    use std::sync::Arc;
    use tokio::io::{AsyncReadExt as _, DuplexStream, duplex};
    use tokio_tungstenite::tungstenite::protocol::frame::FrameSocket;

    /// A run that a connection reads over a socket that takes so many bytes at a time, and the socket's other end.
    fn reading(bytes: usize) -> (Arc<Outlet>, Mutex<Run>, DuplexStream) {
        let (near, far) = duplex(bytes);
        let outlet = Arc::new(Outlet::over(Box::new(near), Packer::Plain));
        let mut run = Run::opening(Bounds { events: 1_000, bytes: 1_000_000 }, outlet.clone());
        run.open(Vec::new());
        // It is called when it opens.
        assert!(outlet.called().now_or_never().is_some());
        (outlet, Mutex::new(run), far)
    }

    fn hand_out(outlet: &Outlet, run: &Mutex<Run>, number: usize) {
        let mut run = run.lock().expect("whole");
        run.add(Payload::new(EventName::MessageCreate, &number));
        outlet.hand_out(run);
    }

    /// The numbers of the events that were read.
    fn numbers(bytes: Vec<u8>) -> Vec<usize> {
        let mut socket = FrameSocket::new(io::Cursor::new(bytes));
        let mut numbers = Vec::new();
        while let Some(frame) = socket.read(None).expect("whole frames") {
            let dispatch: serde_json::Value = serde_json::from_slice(frame.payload()).expect("JSON");
            assert_eq!(dispatch["s"], numbers.len() + 1, "none is lost and none comes twice");
            numbers.push(usize::try_from(dispatch["d"].as_u64().expect("a number")).expect("a few"));
        }
        numbers
    }

    #[tokio::test]
    async fn what_the_socket_takes_is_written_without_the_connections_task() {
        let (outlet, run, mut far) = reading(1 << 20);
        (0..100).for_each(|number| hand_out(&outlet, &run, number));
        assert!(outlet.called().now_or_never().is_none());
        drop((outlet, run));
        let mut bytes = Vec::new();
        far.read_to_end(&mut bytes).await.expect("reads");
        assert_eq!(numbers(bytes), (0..100).collect::<Vec<_>>());
    }

    #[tokio::test]
    async fn what_the_socket_does_not_take_is_left_to_the_connections_task_and_comes_whole_and_in_order() {
        let (outlet, run, mut far) = reading(100);
        let reads = tokio::spawn(async move {
            let mut bytes = Vec::new();
            far.read_to_end(&mut bytes).await.map(|_| bytes)
        });
        for number in 0..100 {
            hand_out(&outlet, &run, number);
            if number % 10 == 9 {
                outlet.called().await;
                let mut taken = Taken::Some;
                while taken == Taken::Some {
                    taken = outlet.put_backlog(&run);
                    poll_fn(|context| outlet.poll_flush(context)).await.expect("is read");
                }
                assert_eq!(taken, Taken::All);
            }
        }
        drop((outlet, run));
        let bytes = reads.await.expect("ends").expect("reads");
        assert_eq!(numbers(bytes), (0..100).collect::<Vec<_>>());
    }

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
