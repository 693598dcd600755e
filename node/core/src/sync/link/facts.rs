//! What is known of a link, for people.

use super::Link;
use nexus_crdt::id::SpaceId;

/// What is known of a link, for people.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Facts {
    /// The peer is a relay.
    pub relay: bool,
    /// The peer greeted.
    pub greeted: bool,
    /// The peer's clock less this one, ms.
    pub skew_ms: i64,
    /// Spaces that are given.
    pub giving: usize,
    /// .. of them those that the peer has not all of.
    pub behind: usize,
    /// Something was given that the peer has not said it holds.
    pub awaiting: bool,
    /// Spaces that are taken.
    pub taking: usize,
    /// .. of them those whose giver has not said that this is all.
    pub catching_up: usize,
    /// Of a relay: spaces of which it has all that is given it.
    pub full: Vec<SpaceId>,
    /// Spaces that the peer refused, and why, as numbers of the protocol.
    pub refused: Vec<(SpaceId, u32)>,
    /// Ops that came by it first ..
    pub news: u64,
    /// .. and those that were here when they came.
    pub repeats: u64,
    /// Ops that were named to it instead of sent.
    pub named: u64,
}

impl Link {
    /// What is known of it, for people.
    #[must_use]
    pub fn facts(&self) -> Facts {
        let full = self.giving.iter().filter(|(_, giving)| self.setup.relay.is_some() && giving.has_all());
        Facts {
            full: full.map(|(space, _)| *space).collect(),
            relay: self.hello.as_ref().is_some_and(|hello| hello.relay),
            greeted: self.hello.is_some(),
            skew_ms: self.skew_ms,
            giving: self.giving.len(),
            behind: self.giving.values().filter(|giving| !giving.has_all()).count(),
            awaiting: self.in_flight + self.repairs_in_flight > 0,
            taking: self.taking.len(),
            catching_up: self.taking.values().filter(|taking| !taking.is_whole()).count(),
            refused: self.refused.iter().map(|(space, code)| (*space, *code)).collect(),
            news: self.counts.news,
            repeats: self.counts.repeats,
            named: self.counts.named,
        }
    }
}
