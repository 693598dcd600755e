//! What is said of people on links and kept nowhere: changed under one lock, and told to whom it concerns.

use super::lock;
use nexus_core::sync::hearsay::{Hearsay, Said, Spoken};
use std::sync::Mutex;
use tokio::sync::watch;

/// One kind of it.
pub(super) struct Board<K: Ord, V> {
    known: Mutex<Hearsay<K, V>>,
    /// What peers are told ..
    told: watch::Sender<Said<K, V>>,
    /// .. and what they say.
    elsewhere: watch::Sender<Said<K, V>>,
}

impl<K: Ord, V> Default for Board<K, V> {
    fn default() -> Self {
        Self {
            known: Mutex::default(),
            told: watch::Sender::new(Said::new()),
            elsewhere: watch::Sender::new(Said::new()),
        }
    }
}

impl<K: Ord + Copy, V: Spoken> Board<K, V> {
    /// Changes what is known, and tells whom it concerns.
    pub(super) fn change(&self, by_relay: bool, change: impl FnOnce(&mut Hearsay<K, V>)) {
        let mut known = lock(&self.known);
        change(&mut known);
        // Under the lock: what is told last is what is true.
        for (now, out) in [(known.told(by_relay), &self.told), (known.elsewhere(), &self.elsewhere)] {
            out.send_if_modified(|before| {
                let is_new = !before.ptr_eq(now);
                *before = now.clone();
                is_new
            });
        }
    }

    /// What peers are told, from now on; as it is now, it is news.
    pub(super) fn told(&self) -> watch::Receiver<Said<K, V>> {
        let mut told = self.told.subscribe();
        told.mark_changed();
        told
    }

    /// What peers say, as it is and as it changes.
    pub(super) fn elsewhere(&self) -> watch::Receiver<Said<K, V>> {
        self.elsewhere.subscribe()
    }
}
