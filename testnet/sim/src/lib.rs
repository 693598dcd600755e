//! Several real cores and a relay between them, one seed, no sockets: people write, move what was said into threads, moderate and fight over a guild while
//! links are slow, cut and split, heard one way, and carry frames twice and out of order; clocks lie and drift, disks are full,
//! processes die, stores are set back to an older copy, disks change what they hold, a relay withholds, somebody floods, somebody forges, and one member
//! equivocates and dates back; one node holds what its person looks at. What goes between them is the sync protocol itself. In the end the network heals, and every holder
//! must say the same.
//!
//! One seed decides everything: the same seed gives the same run, byte for byte ([`Report::log`] is its hash).

mod carry;
mod checks;
mod counts;
mod deeds;
mod faults;
mod forger;
mod host;
pub mod mesh;
mod mischief;
mod network;
mod oracle;
mod partial;
mod people;
mod rot;
mod tally;
mod world;

pub use deeds::Deeds;
pub use faults::Faults;
pub use tally::Tally;

use world::World;

/// How much happens in a run.
#[derive(Clone, Copy, Debug)]
pub struct Scale {
    /// Nodes, each with a person, beside the relay. At least 2.
    pub nodes: usize,
    /// Things that happen before the network heals.
    pub steps: u32,
    /// Every line of the log goes to standard error, too.
    pub log: bool,
}

/// What came of a run that kept every promise.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Report {
    /// Hash of every line of the run's log: equal for equal seeds.
    pub log: [u8; 32],
    /// Faults that were injected.
    pub faults: Faults,
    /// What people did with threads.
    pub deeds: Deeds,
    /// Commands that were carried out ..
    pub carried_out: u64,
    /// .. and that were refused.
    pub refused: u64,
    /// Ops that every node holds in the end.
    pub ops: usize,
    /// Programs that took part, the relay among them.
    pub nodes: usize,
    /// Times that a node checked the relay, and it answered.
    pub looks: u64,
    /// Virtual time that passed until the network healed.
    pub elapsed_ms: u64,
    /// Hash of what every honest node holds to be so in the end: equal for equal seeds.
    pub state: [u8; 32],
}

/// Runs one seed.
///
/// # Errors
/// The promise that was broken, in words, with the seed that shows it.
pub fn run(seed: u64, scale: Scale) -> Result<Report, String> {
    let mut world = World::new(seed, scale);
    world.found();
    for _ in 0..scale.steps {
        world.step();
    }
    world.heal();
    world.view_everything().map_err(|broken| format!("seed {seed}: {broken}"))?;
    checks::check(&world).map_err(|broken| format!("seed {seed}: {broken}"))?;
    Ok(world.into_report())
}
