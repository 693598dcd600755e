//! Whose turn it is to catch up with a space: one link after the other, so that nothing comes from two at once. And which feeds it
//! afterwards, when all the others only name what they have.

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
    /// Whose feeds brought what is new, the latest last.
    feeds: VecDeque<LinkId>,
}

/// A turn that has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Granted {
    /// With which space.
    pub space: SpaceId,
    /// Enough other links bring it already.
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

    /// A link's feed brought something new, or some more of it.
    pub fn feeds(&mut self, space: SpaceId, link: LinkId) {
        let feeds = &mut self.0.entry(space).or_default().feeds;
        feeds.push_back(link);
        // Who brought something once, and then no more, is not counted on.
        if feeds.len() > LATELY {
            feeds.pop_front();
        }
    }

    /// Whether a link's feed may be quiet, for others are faster; `idle`: it brings next to nothing. The last one stays.
    pub fn may_be_quiet(&mut self, space: SpaceId, link: LinkId, idle: bool) -> bool {
        let Some(queue) = self.0.get_mut(&space) else { return idle };
        let may = idle || queue.feeds.iter().any(|feeds| *feeds != link);
        if may {
            queue.feeds.retain(|feeds| *feeds != link);
        }
        may
    }

    /// A link has ended.
    pub fn gone(&mut self, link: LinkId) {
        self.0.retain(|_, queue| {
            queue.leave(link);
            queue.feeds.retain(|feeds| *feeds != link);
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
            Granted { space: *space, among: queue.caught_up.len() >= FEEDS }
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
        self.at_it.is_none() && self.caught_up.is_empty() && self.feeds.is_empty()
    }
}

/// So many links feed a space to begin with; the rest are quiet. Were it one, the nodes that are nearest each other would be each
/// other's feed, and hear of nobody else.
const FEEDS: usize = 2;
/// So many times that feeds brought something new are remembered.
const LATELY: usize = 4;

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
        assert_eq!(turns.tell(3), [Granted { space: SPACE, among: false }], "two bring it");
        turns.over(SPACE, 3, true);
        turns.ask(SPACE, 9);
        assert_eq!(turns.tell(5), [Granted { space: SPACE, among: true }], "and the others need not");
        turns.gone(7);
        turns.over(SPACE, 5, false);
        assert_eq!(turns.tell(9), [Granted { space: SPACE, among: false }], "one of the two is gone");
    }

    #[test]
    fn of_the_links_that_feed_a_space_the_last_stays_unless_it_brings_next_to_nothing() {
        let mut turns = Turns::default();
        turns.feeds(SPACE, 1);
        assert!(!turns.may_be_quiet(SPACE, 1, false), "there is no other");
        turns.feeds(SPACE, 2);
        assert!(turns.may_be_quiet(SPACE, 1, false));
        assert!(!turns.may_be_quiet(SPACE, 2, false), "now there is none");
        assert!(turns.may_be_quiet(SPACE, 2, true), "authors bring all of it themselves");
        turns.feeds(SPACE, 3);
        (0..LATELY).for_each(|_| turns.feeds(SPACE, 4));
        assert!(!turns.may_be_quiet(SPACE, 4, false), "the third brings nothing any more");
        turns.gone(4);
        assert!(turns.0.is_empty());
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
