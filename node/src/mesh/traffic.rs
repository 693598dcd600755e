//! What went over the links of a program, in numbers.

use super::pulse::Pulse;
use super::{LinkStatus, Shared};
use crate::status::TrafficStatus;
use futures_util::io::{AsyncRead, AsyncWrite};
use nexus_core::PeerKey;
use nexus_core::sync::Facts;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::task::{Context, Poll, ready};
use std::time::Instant;

/// Since the program began. Ops of links that are up are in their facts.
#[derive(Debug, Default)]
pub(super) struct Traffic {
    bytes_in: AtomicU64,
    bytes_out: AtomicU64,
    news: AtomicU64,
    repeats: AtomicU64,
    named: AtomicU64,
}

impl Traffic {
    /// A link is over: what it counted stays counted.
    pub(super) fn ended(&self, facts: &Facts) {
        self.news.fetch_add(facts.news, Relaxed);
        self.repeats.fetch_add(facts.repeats, Relaxed);
        self.named.fetch_add(facts.named, Relaxed);
    }

    /// A link that is no longer counted with those that are up has counted more.
    pub(super) fn grew(&self, before: &Facts, after: &Facts) {
        self.news.fetch_add(after.news.saturating_sub(before.news), Relaxed);
        self.repeats.fetch_add(after.repeats.saturating_sub(before.repeats), Relaxed);
        self.named.fetch_add(after.named.saturating_sub(before.named), Relaxed);
    }

    /// .. with the links that are up.
    pub(super) fn with(&self, links: &[(PeerKey, LinkStatus)]) -> TrafficStatus {
        let sum = |of: fn(&Facts) -> u64| links.iter().map(|(_, link)| of(&link.facts)).sum::<u64>();
        TrafficStatus {
            bytes_in: self.bytes_in.load(Relaxed),
            bytes_out: self.bytes_out.load(Relaxed),
            news: self.news.load(Relaxed) + sum(|facts| facts.news),
            repeats: self.repeats.load(Relaxed) + sum(|facts| facts.repeats),
            named: self.named.load(Relaxed) + sum(|facts| facts.named),
        }
    }
}

/// One way of a link's stream, counted.
pub(super) struct Counted<S> {
    stream: S,
    shared: Arc<Shared>,
    pulse: Arc<Pulse>,
}

impl<S> Counted<S> {
    pub(super) fn new(stream: S, shared: Arc<Shared>, pulse: &Arc<Pulse>) -> Self {
        Self { stream, shared, pulse: pulse.clone() }
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Counted<S> {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut [u8]) -> Poll<io::Result<usize>> {
        let count = ready!(Pin::new(&mut self.stream).poll_read(cx, buf))?;
        self.shared.traffic.bytes_in.fetch_add(count as u64, Relaxed);
        if count > 0 {
            self.pulse.heard(Instant::now());
        }
        Poll::Ready(Ok(count))
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Counted<S> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        let count = ready!(Pin::new(&mut self.stream).poll_write(cx, buf))?;
        self.shared.traffic.bytes_out.fetch_add(count as u64, Relaxed);
        Poll::Ready(Ok(count))
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_close(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_close(cx)
    }
}
