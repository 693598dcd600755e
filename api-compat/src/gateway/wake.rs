//! How a connection learns that its gateway session has something for it.

use futures_util::task::AtomicWaker;
use std::future::poll_fn;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::Poll;

/// A call that one task waits for; made before it waits, it is heard all the same, and several are one. Beside a `Notify` it takes no lock:
/// with each event thousands are called.
#[derive(Debug, Default)]
pub(crate) struct Wake {
    is_called: AtomicBool,
    waiting: AtomicWaker,
}

impl Wake {
    /// Wakes who waits, or who waits next.
    pub(crate) fn call(&self) {
        // Who was called and has not come yet is on the way.
        if !self.is_called.swap(true, Ordering::AcqRel) {
            self.waiting.wake();
        }
    }

    /// Completes when it was called since it last did.
    pub(crate) async fn called(&self) {
        poll_fn(|context| {
            if self.is_called.swap(false, Ordering::AcqRel) {
                return Poll::Ready(());
            }
            self.waiting.register(context.waker());
            // It may have been called between the two.
            if self.is_called.swap(false, Ordering::AcqRel) { Poll::Ready(()) } else { Poll::Pending }
        })
        .await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures_util::FutureExt as _;
    use std::sync::Arc;

    #[tokio::test]
    async fn a_call_is_heard_once_by_who_waits_and_by_who_waits_later() {
        let wake = Arc::new(Wake::default());
        assert!(wake.called().now_or_never().is_none());
        let waits = tokio::spawn({
            let wake = wake.clone();
            async move { wake.called().await }
        });
        tokio::task::yield_now().await;
        wake.call();
        waits.await.expect("it was heard");
        wake.call();
        wake.call();
        assert!(wake.called().now_or_never().is_some());
        assert!(wake.called().now_or_never().is_none(), "two calls before it waits are one");
    }
}
