//! What was written here and is with nobody else yet.

use super::fault;
use super::key;
use super::table::ReadTables;
use nexus_core::{Arrival, StoreFault};
use nexus_crdt::id::{OpId, SpaceId};

impl ReadTables {
    /// The newest of a space's ops that wait to be handed over, the newest first; at most `limit`.
    ///
    /// # Errors
    /// [`StoreFault`].
    pub(crate) fn queued(&self, space: &SpaceId, limit: usize) -> Result<Vec<OpId>, StoreFault> {
        let Some(feed) = self.short(&space.0)? else { return Ok(Vec::new()) };
        let (first, last) = (key::arrival(feed, Arrival(0)), key::arrival(feed, Arrival(u64::MAX)));
        let mut queued = Vec::new();
        for row in self.outbox.range::<&[u8; 12]>(&first..=&last).map_err(fault)?.rev().take(limit) {
            let place = *row.map_err(fault)?.0.value();
            let at = key::arrival_at(&place);
            queued.extend(
                self.arrived(feed, at, 1)?.into_iter().filter(|(there, _)| *there == at).map(|(_, id)| id),
            );
        }
        Ok(queued)
    }
}
