//! What the windows see: the view of the last durable batch, and the feed of changes.

use arc_swap::ArcSwap;
use nexus_core::{Change, View};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::broadcast::{self, error::RecvError};

/// What sessions hear after each durable batch: the changes, and the view that has them.
#[derive(Clone, Debug)]
pub struct Published {
    /// The projection after the batch.
    pub view: Arc<View>,
    /// In order.
    pub changes: Arc<[Change]>,
}

/// A listener's place in the stream of changes.
#[derive(Debug)]
pub struct ChangeFeed {
    rx: broadcast::Receiver<Heard>,
}

/// Why a feed gives nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum FeedError {
    /// The listener missed changes, being too slow or the store having been reopened: it must begin anew.
    #[error("missed changes")]
    Lagged,
    /// The node has stopped.
    #[error("the node has stopped")]
    Closed,
}

#[derive(Clone, Debug)]
enum Heard {
    Batch(Published),
    Reloaded,
}

/// The shown view and those who listen. One lock makes "the view, and every change after it" exact.
pub(crate) struct Stage {
    view: ArcSwap<View>,
    feed: Mutex<Option<broadcast::Sender<Heard>>>,
}

/// Batches a listener may be behind before it has lagged.
const FEED_CAPACITY: usize = 4_096;

impl Stage {
    pub(crate) fn new(view: &View) -> Self {
        let feed = Mutex::new(Some(broadcast::Sender::new(FEED_CAPACITY)));
        Self { view: ArcSwap::from_pointee(view.clone()), feed }
    }

    pub(crate) fn view(&self) -> Arc<View> {
        self.view.load_full()
    }

    pub(crate) fn subscribe(&self) -> (Arc<View>, ChangeFeed) {
        let feed = self.feed();
        // After the end: a feed without a sender, which says so at once.
        let rx = feed.as_ref().map_or_else(|| broadcast::channel(1).1, broadcast::Sender::subscribe);
        (self.view(), ChangeFeed { rx })
    }

    /// Shows a durable batch's view; `answer` runs while nobody can subscribe, and gives the changes to publish.
    pub(crate) fn show(&self, view: &View, answer: impl FnOnce() -> Vec<Change>) {
        let feed = self.feed();
        let view = Arc::new(view.clone());
        self.view.store(view.clone());
        let changes = answer();
        if let Some(feed) = feed.as_ref().filter(|_| !changes.is_empty()) {
            // Fails only where nobody listens.
            let _ = feed.send(Heard::Batch(Published { view, changes: changes.into() }));
        }
    }

    /// Shows what the disk holds after a failure. What a failed batch changed is unknown to listeners: they begin anew.
    pub(crate) fn show_reloaded(&self, view: &View) {
        let feed = self.feed();
        self.view.store(Arc::new(view.clone()));
        if let Some(feed) = feed.as_ref() {
            let _ = feed.send(Heard::Reloaded);
        }
    }

    /// Ends every feed.
    pub(crate) fn end(&self) {
        *self.feed() = None;
    }

    // Nothing under this lock leaves it half-changed: a panic elsewhere does not make it unusable.
    fn feed(&self) -> MutexGuard<'_, Option<broadcast::Sender<Heard>>> {
        self.feed.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl ChangeFeed {
    /// The next batch of changes. Cancel-safe.
    ///
    /// # Errors
    /// [`FeedError`].
    pub async fn next(&mut self) -> Result<Published, FeedError> {
        match self.rx.recv().await {
            Ok(Heard::Batch(published)) => Ok(published),
            Ok(Heard::Reloaded) | Err(RecvError::Lagged(_)) => Err(FeedError::Lagged),
            Err(RecvError::Closed) => Err(FeedError::Closed),
        }
    }
}
