//! Many runs, summed: in whatever order they end, the sum is the same.

use crate::{Deeds, Faults, Report};

/// What came of many seeds.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Tally {
    /// Faults that were injected.
    pub faults: Faults,
    /// What people did with threads.
    pub deeds: Deeds,
    /// Commands that were carried out ..
    pub carried_out: u64,
    /// .. and that were refused.
    pub refused: u64,
    /// Virtual time of all nodes together, ms.
    pub node_ms: u64,
    /// Of one run its log's hash; of more a hash of all.
    pub log: [u8; 32],
    /// .. and of what the nodes hold to be so.
    pub state: [u8; 32],
    /// How many they were.
    pub runs: u64,
    first: u64,
}

impl Tally {
    /// One run more.
    pub fn add(&mut self, seed: u64, report: &Report) {
        self.faults.add(&report.faults);
        self.deeds.add(&report.deeds);
        self.carried_out += report.carried_out;
        self.refused += report.refused;
        self.node_ms += report.elapsed_ms * report.nodes as u64;
        // The first run's stands as it is; with more of them each is bound to its seed.
        if self.runs == 1 {
            self.log = bound(self.first, &self.log);
            self.state = bound(self.first, &self.state);
        }
        let (log, state) = match self.runs {
            0 => (report.log, report.state),
            _ => (bound(seed, &report.log), bound(seed, &report.state)),
        };
        if self.runs == 0 {
            self.first = seed;
        }
        self.log = both(&self.log, &log);
        self.state = both(&self.state, &state);
        self.runs += 1;
    }
}

fn bound(seed: u64, hash: &[u8; 32]) -> [u8; 32] {
    let mut bound = blake3::Hasher::new();
    bound.update(&seed.to_be_bytes());
    bound.update(hash);
    *bound.finalize().as_bytes()
}

fn both(one: &[u8; 32], other: &[u8; 32]) -> [u8; 32] {
    std::array::from_fn(|place| one[place] ^ other[place])
}
