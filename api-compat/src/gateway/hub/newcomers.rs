//! Who comes into a guild within one batch, and so knows already what it is told of there.

use crate::gateway::dispatch::Delivery;
use crate::gateway::event::Event;
use nexus_crdt::id::{SpaceId, UserId};
use std::collections::BTreeSet;

/// Who comes into a guild within one batch. The view shows the guild with all of the batch in it, so its
/// GUILD_CREATE holds what came before and what is structural after it.
pub(super) struct Newcomers {
    coming: BTreeSet<(UserId, SpaceId)>,
    here: BTreeSet<(UserId, SpaceId)>,
}

impl Newcomers {
    pub(super) fn of(deliveries: &[Delivery<'_>]) -> Self {
        let begins = |delivery: &Delivery<'_>| match delivery {
            Delivery::BeginGuild { user, space } => Some((*user, *space)),
            Delivery::Event { .. } | Delivery::Undrawn(_) => None,
        };
        Self { coming: deliveries.iter().filter_map(begins).collect(), here: BTreeSet::new() }
    }

    pub(super) fn begun(&mut self, user: UserId, space: SpaceId) {
        self.coming.remove(&(user, space));
        self.here.insert((user, space));
    }

    pub(super) fn know_already(&self, user: &UserId, event: &Event, structural: bool) -> bool {
        if self.coming.is_empty() && self.here.is_empty() {
            return false;
        }
        let Some(space) = event.scope.space() else {
            return false;
        };
        let key = (*user, *space);
        self.coming.contains(&key) || (structural && self.here.contains(&key))
    }
}
