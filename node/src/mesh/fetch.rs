//! What is not held of a channel, brought when somebody asks for it; and, where a node is to hold everything, without being asked.

use super::direct::Word;
use super::{Mesh, Shared, lock};
use futures_util::stream::{self, StreamExt as _};
use nexus_core::store::Range;
use nexus_core::sync::{Fetch, Hold, missing};
use nexus_crdt::id::{SpaceId, StreamId};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::{mpsc, oneshot};

/// How long one link may take before the next is asked.
const ONE_MAX: Duration = Duration::from_secs(3);
/// Where no link brings it, how soon they are asked again: one may just be coming up.
const AGAIN: Duration = Duration::from_millis(200);
/// How long where nobody waits for it: the link itself gives up before.
const FILL_MAX: Duration = Duration::from_secs(15);
/// Streams that are filled at once.
const AT_ONCE: usize = 4;
/// How often gaps are looked for that are new, or that nothing brought.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// Who waits for what on a link.
#[derive(Default)]
pub(super) struct Fetching(Vec<(SpaceId, StreamId, oneshot::Sender<bool>)>);

impl Fetching {
    pub(super) fn begin(&mut self, fetch: Fetch, answer: oneshot::Sender<bool>) -> Fetch {
        // Who went away waits for nothing.
        self.0.retain(|(.., answer)| !answer.is_closed());
        self.0.push((fetch.space, fetch.stream, answer));
        fetch
    }

    pub(super) fn came(&mut self, space: SpaceId, stream: StreamId, held: bool) {
        for (of, its, answer) in std::mem::take(&mut self.0) {
            if (of, its) == (space, stream) {
                // They may have gone away.
                let _ = answer.send(held);
            } else {
                self.0.push((of, its, answer));
            }
        }
    }
}

impl Mesh {
    /// Brings some of a stream here that lies in a gap, from whichever link has it first: relays before others. False where
    /// none did within `patience`.
    pub async fn fetch(&self, fetch: Fetch, patience: Duration) -> bool {
        let begun = Instant::now();
        let deadline = begun + patience;
        let found = async {
            while !self.shared.fetch(fetch, ONE_MAX).await {
                tokio::time::sleep(AGAIN).await;
            }
        };
        let came = tokio::time::timeout_at(deadline.into(), found).await.is_ok();
        tracing::debug!(came, took_ms = begun.elapsed().as_millis(), "somebody waited for what is not held");
        came
    }

    /// Somebody here looks at some of a channel: what they look at is let go of last.
    pub fn look(&self, space: SpaceId, stream: StreamId, window: Range) {
        if self.shared.hold == Hold::Viewed {
            lock(&self.shared.viewing).look(space, stream, window);
        }
    }
}

impl Shared {
    async fn fetch(&self, fetch: Fetch, one_max: Duration) -> bool {
        for words in self.givers() {
            let (answer, came) = oneshot::channel();
            let asked = words.try_send(Word::Fetch(fetch, answer)).is_ok();
            if asked && matches!(tokio::time::timeout(one_max, came).await, Ok(Ok(true))) {
                return true;
            }
        }
        false
    }

    fn givers(&self) -> Vec<mpsc::Sender<Word>> {
        let links = lock(&self.links);
        let (relays, others): (Vec<_>, Vec<_>) = links.values().partition(|slot| slot.status.facts.relay);
        relays.into_iter().chain(others).map(|slot| slot.words.clone()).collect()
    }
}

/// Closes gaps as long as there are some and a link that brings what lies in them. A node that holds everything comes to have
/// some where it was away for long, and reads the newest first; and where it held what it viewed before.
pub(super) async fn fill(shared: Arc<Shared>) {
    if shared.hold != Hold::Everything {
        return;
    }
    loop {
        let missing = missing(&shared.node.view());
        let fetched =
            stream::iter(missing).map(|fetch| shared.fetch(fetch, FILL_MAX)).buffer_unordered(AT_ONCE);
        if !fetched.fold(false, |came, more| async move { came | more }).await {
            tokio::time::sleep(LOOK_EVERY).await;
        }
    }
}
