//! What others were heard to hold.

use super::request::Request;
use nexus_core::Arrival;
use nexus_crdt::id::SpaceId;
use std::collections::BTreeMap;
use std::time::{Duration, Instant};

/// What others were heard to hold, until it is written down: nobody waits for it, and who is just writing does not wait
/// for a commit of it.
#[derive(Default)]
pub(super) struct HandedOver {
    upto: BTreeMap<SpaceId, Arrival>,
    pub(super) due: Option<Instant>,
}

impl HandedOver {
    pub(super) fn note(&mut self, space: SpaceId, upto: Arrival) {
        let known = self.upto.entry(space).or_insert(upto);
        *known = upto.max(*known);
        self.due.get_or_insert_with(|| Instant::now() + HANDED_OVER_WAITS);
    }

    pub(super) fn take(&mut self) -> impl Iterator<Item = Request> + use<> {
        self.due = None;
        std::mem::take(&mut self.upto).into_iter().map(|(space, upto)| Request::HandedOver { space, upto })
    }
}

/// Short beside what people notice, long beside a commit.
const HANDED_OVER_WAITS: Duration = Duration::from_millis(20);
