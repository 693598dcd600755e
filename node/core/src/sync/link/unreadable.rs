//! What the disk changed, or what came without its body though nobody took it away: a peer that has it is asked for it.
//!
//! Sums and names say of it that it is here, so no feed and no comparison brings it. It is asked for where somebody looked at it,
//! of each peer once; what comes is taken as any op is, and only where it is what was signed.

use super::{Action, Link};
use crate::sync::frame::{Frame, Need, OPS_MAX};
use nexus_crdt::id::{OpId, SpaceId};
use std::collections::{BTreeMap, BTreeSet};

impl Link {
    pub(super) fn ask_for_unreadable(
        &mut self,
        unreadable: &BTreeSet<(SpaceId, OpId)>,
        out: &mut Vec<Action>,
    ) {
        let mut needed: BTreeMap<SpaceId, Vec<OpId>> = BTreeMap::new();
        for (space, op) in unreadable {
            // While the peer catches this side up it may bring it by itself.
            let gives = self.taking.get(space).is_some_and(|taking| taking.is_caught_up());
            let asked = needed.get(space).map_or(0, Vec::len);
            if gives
                && asked < OPS_MAX
                && self.unreadable_asked.len() < ASKED_MAX
                && self.unreadable_asked.insert(*op)
            {
                needed.entry(*space).or_default().push(*op);
            }
        }
        let frames = needed.into_iter().map(|(space, ops)| Frame::Need(Need { space, ops }));
        out.extend(frames.map(Action::Send));
    }
}

/// Ops that one peer is asked for so on one link.
const ASKED_MAX: usize = 4_096;
