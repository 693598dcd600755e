//! Whose turn it is to catch up with a space: one link after the other, so that nothing comes from two at once.

use nexus_crdt::id::SpaceId;
use std::collections::{BTreeMap, BTreeSet, VecDeque};

/// A link in the life of the program.
pub type LinkId = u64;

/// Every space that a link waits for or is at.
#[derive(Debug, Default)]
pub struct Turns(BTreeMap<SpaceId, Queue>);

#[derive(Debug, Default)]
struct Queue {
    at_it: Option<LinkId>,
    /// Of those it is the turn, and they have not been told.
    told: bool,
    waiting: VecDeque<LinkId>,
    caught_up: BTreeSet<LinkId>,
}

/// A turn that has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Granted {
    /// With which space.
    pub space: SpaceId,
    /// Another link brings it already.
    pub among: bool,
}

impl Turns {
    /// A link waits for its turn, or has it.
    pub fn ask(&mut self, space: SpaceId, link: LinkId) {
        let queue = self.0.entry(space).or_default();
        if queue.at_it != Some(link) && !queue.waiting.contains(&link) {
            queue.waiting.push_back(link);
        }
        queue.advance();
    }

    /// A link has had its turn, or wants none.
    pub fn over(&mut self, space: SpaceId, link: LinkId, caught_up: bool) {
        let Some(queue) = self.0.get_mut(&space) else { return };
        queue.leave(link);
        if caught_up {
            queue.caught_up.insert(link);
        }
        queue.advance();
        if queue.is_empty() {
            self.0.remove(&space);
        }
    }

    /// A link has ended.
    pub fn gone(&mut self, link: LinkId) {
        self.0.retain(|_, queue| {
            queue.leave(link);
            queue.advance();
            !queue.is_empty()
        });
    }

    /// Those whose turn has come and who have not been told.
    #[must_use]
    pub fn next(&self) -> BTreeSet<LinkId> {
        self.0.values().filter(|queue| !queue.told).filter_map(|queue| queue.at_it).collect()
    }

    /// Tells a link.
    pub fn tell(&mut self, link: LinkId) -> Vec<Granted> {
        let its = self.0.iter_mut().filter(|(_, queue)| queue.at_it == Some(link) && !queue.told);
        its.map(|(space, queue)| {
            queue.told = true;
            Granted { space: *space, among: !queue.caught_up.is_empty() }
        })
        .collect()
    }
}

impl Queue {
    fn advance(&mut self) {
        if self.at_it.is_none() {
            self.at_it = self.waiting.pop_front();
            self.told = false;
        }
    }

    fn leave(&mut self, link: LinkId) {
        self.at_it = self.at_it.filter(|at_it| *at_it != link);
        self.waiting.retain(|waiting| *waiting != link);
        self.caught_up.remove(&link);
    }

    fn is_empty(&self) -> bool {
        self.at_it.is_none() && self.caught_up.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SPACE: SpaceId = SpaceId([1; 32]);

    #[test]
    fn links_have_their_turns_in_the_order_they_asked_and_learn_whether_others_bring_it() {
        let mut turns = Turns::default();
        for link in [7, 3, 5] {
            turns.ask(SPACE, link);
        }
        assert_eq!(turns.next(), [7].into());
        assert_eq!(turns.tell(7), [Granted { space: SPACE, among: false }]);
        assert_eq!((turns.tell(7), turns.tell(3)), (vec![], vec![]), "told once, and nobody else");
        turns.over(SPACE, 7, true);
        assert_eq!(turns.tell(3), [Granted { space: SPACE, among: true }]);
        turns.gone(7);
        turns.over(SPACE, 3, false);
        assert_eq!(turns.tell(5), [Granted { space: SPACE, among: false }], "whoever brought it is gone");
    }

    #[test]
    fn a_link_that_ends_passes_its_turn_on_and_leaves_nothing_behind() {
        let mut turns = Turns::default();
        turns.ask(SPACE, 1);
        turns.ask(SPACE, 2);
        turns.gone(1);
        assert_eq!(turns.next(), [2].into());
        turns.gone(2);
        assert!(turns.0.is_empty());
    }
}
