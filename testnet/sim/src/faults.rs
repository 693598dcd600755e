//! Counts of what was done to the nodes. A kind of fault that never happened was not survived.

/// Injected faults, by kind.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Faults {
    /// Packets that never arrived.
    pub lost: u64,
    /// Packets that arrived twice.
    pub repeated: u64,
    /// Packets that arrived after a later one.
    pub overtaken: u64,
    /// Packets that met a split network.
    pub cut_off: u64,
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
}

impl Faults {
    /// Every count with its name.
    #[must_use]
    pub const fn counts(&self) -> [(&'static str, u64); 9] {
        [
            ("lost", self.lost),
            ("repeated", self.repeated),
            ("overtaken", self.overtaken),
            ("cut off", self.cut_off),
            ("splits", self.splits),
            ("died before writing", self.died_before_writing),
            ("died after writing", self.died_after_writing),
            ("clock jumps", self.clock_jumps),
            ("forged", self.forged),
        ]
    }

    /// Adds another run's.
    pub const fn add(&mut self, other: &Self) {
        self.lost += other.lost;
        self.repeated += other.repeated;
        self.overtaken += other.overtaken;
        self.cut_off += other.cut_off;
        self.splits += other.splits;
        self.died_before_writing += other.died_before_writing;
        self.died_after_writing += other.died_after_writing;
        self.clock_jumps += other.clock_jumps;
        self.forged += other.forged;
    }
}
