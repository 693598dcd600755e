//! Who owns a guild: a chain of changes, each carried by a quorum of the owners before it.
//!
//! Votes are decided before everything else and are never void for what others do: so nobody who is voted out can
//! void the votes, and the chain depends on the set of votes alone.

use super::deed::Deed;
use super::graph::{Graph, Node};
use super::past::{Past, Place};
use super::state::space::{Ownership, Vote};
use crate::body::governance::{ChangeId, SetOwners};
use crate::id::UserId;
use crate::verdict::VoidReason;
use imbl::{OrdMap, OrdSet};
use std::collections::{BTreeMap, BTreeSet};

/// One reign of owners, and the votes that made it.
pub(super) struct Reign {
    pub(super) ownership: Ownership,
    votes: Vec<Place>,
}

/// The owners of a set, from Genesis to now.
pub(super) struct Reigns(Vec<Reign>);

impl Reigns {
    /// From each reign to the one its quorum voted for. Of several that were voted for (owners contradicted each other,
    /// or one of them themself) the one with most votes, then the greatest name.
    pub(super) fn of(graph: &Graph, set: &Past) -> Self {
        let votes: Vec<(&Node, &SetOwners)> =
            graph.votes().filter(|(node, _)| set.has(node.place) && node.local.is_ok()).collect();
        let mut reigns = vec![Reign { ownership: (*graph.blank.ownership).clone(), votes: Vec::new() }];
        // A change names the one before it by hash: no chain comes back to itself.
        while let Some(next) = reigns.last().and_then(|now| now.followed_by(&votes)) {
            reigns.push(next);
        }
        Self(reigns)
    }

    /// The owners in the end.
    pub(super) fn last(self, blank: &Ownership) -> Ownership {
        self.0.into_iter().last().map_or_else(|| blank.clone(), |reign| reign.ownership)
    }

    /// Why an owner's op does not count for what became of its author since: voted out by a quorum of whom nobody
    /// had seen it, or never an owner in this set.
    pub(super) fn against(&self, graph: &Graph, x: &Node) -> Option<VoidReason> {
        if self.0.len() == 1 && x.change == graph.blank.ownership.change {
            return None;
        }
        let seen = self.seen_by(graph, x);
        let mut later = self.0.iter().skip(seen);
        if !later.next().is_some_and(|reign| reign.has(&x.author)) {
            return Some(VoidReason::Unsupported);
        }
        let out = later.find(|reign| !reign.has(&x.author))?;
        let seen = out.votes.iter().any(|vote| graph.node(*vote).past.has(x.place));
        (!seen).then_some(VoidReason::Removed)
    }

    /// How far along this chain an op had seen.
    fn seen_by(&self, graph: &Graph, x: &Node) -> usize {
        let place = |change: &ChangeId| self.0.iter().position(|reign| reign.ownership.change == *change);
        place(&x.change).unwrap_or_else(|| {
            let theirs = Self::of(graph, &x.past);
            theirs.0.iter().filter_map(|reign| place(&reign.ownership.change)).max().unwrap_or(0)
        })
    }
}

/// The changes on top of the present owners that are voted for.
pub(super) fn open_votes(graph: &Graph, now: &Ownership, set: &Past) -> OrdMap<ChangeId, Vote> {
    let mut open = OrdMap::new();
    let valid = graph.votes().filter(|(node, _)| set.has(node.place) && node.local.is_ok());
    for (node, body) in valid.filter(|(_, body)| body.base == now.change) {
        let fresh = || Vote { owners: body.owners.clone(), threshold: body.threshold, by: OrdSet::new() };
        open.entry(body.change()).or_insert_with(fresh).by.insert(node.author);
    }
    open
}

impl Reign {
    fn has(&self, user: &UserId) -> bool {
        self.ownership.owners.binary_search(user).is_ok()
    }

    fn followed_by(&self, votes: &[(&Node, &SetOwners)]) -> Option<Self> {
        let mut said: BTreeMap<ChangeId, (BTreeSet<UserId>, Vec<Place>, &SetOwners)> = BTreeMap::new();
        let mine =
            |vote: &&(&Node, &SetOwners)| vote.1.base == self.ownership.change && self.has(&vote.0.author);
        for (node, body) in votes.iter().filter(mine) {
            let (who, places, _) =
                said.entry(body.change()).or_insert_with(|| (BTreeSet::new(), Vec::new(), body));
            who.insert(node.author);
            places.push(node.place);
        }
        let quorum = usize::try_from(self.ownership.threshold).unwrap_or(usize::MAX);
        let carried = said.into_iter().filter(|(_, (who, ..))| who.len() >= quorum);
        let (change, (_, votes, body)) = carried.max_by_key(|(change, (who, ..))| (who.len(), *change))?;
        let ownership = Ownership { change, owners: body.owners.clone(), threshold: body.threshold };
        Some(Self { ownership, votes })
    }
}

impl Graph {
    /// The change that made the owners of a set.
    pub(super) fn owners(&self, set: &Past) -> ChangeId {
        Reigns::of(self, set).last(&self.blank.ownership).change
    }

    fn votes(&self) -> impl Iterator<Item = (&Node, &SetOwners)> {
        self.votes.iter().filter_map(|place| match &self.node(*place).deed {
            Deed::SetOwners(body) => Some((self.node(*place), body)),
            _ => None,
        })
    }
}
