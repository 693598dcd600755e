//! A mesh of hundreds of nodes of one guild that no relay keeps, each the shipped core and its links; some of them attack as members who
//! speak our frames. Measured in virtual time and in counts: who hears what is said, how late, and what it costs.
//!
//! Which nodes link is the shell's to decide (`node/src/mesh/nearby.rs`): whoever is found is linked with, up to 50. That is
//! modelled in [`topology`]. Processing takes no time here: delays are those of links alone.

mod air;
mod deeds;
mod figures;
mod members;
mod run;
mod topology;

pub use deeds::Attack;
pub use figures::Figures;

/// One run.
#[derive(Clone, Copy, Debug)]
pub struct Plan {
    /// Decides everything.
    pub seed: u64,
    /// Honest nodes.
    pub honest: usize,
    /// Nodes that attack.
    pub attackers: usize,
    /// What they do.
    pub attack: Attack,
    /// Links of a node, at most; the shell's limit is [`LINKS_MAX`].
    pub links: usize,
    /// Messages, one every 100 ms, by [`PUBLISHERS`] honest nodes in turn.
    pub messages: usize,
}

/// Links that a node has to others, at most.
pub const LINKS_MAX: usize = 50;
/// Nodes that say something.
pub const PUBLISHERS: usize = 8;

impl Plan {
    /// `share` percent of `nodes` attack, or ten of each eleven, where they are Sybils. All who publish are honest.
    #[must_use]
    pub fn new(seed: u64, nodes: usize, share: usize, attack: Attack, messages: usize) -> Self {
        let attackers = match attack {
            Attack::None => 0,
            Attack::Sybils => nodes * 10 / 11,
            _ => nodes * share / 100,
        };
        let nodes = nodes.max(PUBLISHERS);
        let attackers = attackers.min(nodes - PUBLISHERS);
        Self { seed, honest: nodes - attackers, attackers, attack, links: LINKS_MAX, messages }
    }

    /// Runs it. The same plan gives the same figures.
    ///
    /// # Panics
    /// Where a core breaks a promise to its shell.
    #[must_use]
    pub fn run(self) -> Figures {
        run::run(self)
    }
}
