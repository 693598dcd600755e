//! Counts of what was done to the nodes. A kind of fault that never happened was not survived.

/// Injected faults, by kind.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Faults {
    /// Links that were cut.
    pub links_cut: u64,
    /// Frames that were lost with a link.
    pub frames_lost: u64,
    /// Times the network was split.
    pub splits: u64,
    /// Processes that died after deciding and before writing.
    pub died_before_writing: u64,
    /// Processes that died after writing and before telling anybody.
    pub died_after_writing: u64,
    /// Jumps of a clock.
    pub clock_jumps: u64,
    /// Forged or damaged ops that were sent.
    pub forged: u64,
    /// Links that were ended because of what came over them.
    pub liars_closed: u64,
    /// Times the relay was set back to an older copy of its store.
    pub set_back: u64,
}

impl Faults {
    /// Every count with its name.
    #[must_use]
    pub const fn counts(&self) -> [(&'static str, u64); 9] {
        [
            ("links cut", self.links_cut),
            ("frames lost", self.frames_lost),
            ("splits", self.splits),
            ("died before writing", self.died_before_writing),
            ("died after writing", self.died_after_writing),
            ("clock jumps", self.clock_jumps),
            ("forged", self.forged),
            ("liars closed", self.liars_closed),
            ("set back", self.set_back),
        ]
    }

    /// Adds another run's.
    pub const fn add(&mut self, other: &Self) {
        self.links_cut += other.links_cut;
        self.frames_lost += other.frames_lost;
        self.splits += other.splits;
        self.died_before_writing += other.died_before_writing;
        self.died_after_writing += other.died_after_writing;
        self.clock_jumps += other.clock_jumps;
        self.forged += other.forged;
        self.liars_closed += other.liars_closed;
        self.set_back += other.set_back;
    }
}
