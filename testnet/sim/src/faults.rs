//! Counts of what was done to the nodes. A kind of fault that never happened was not survived.

macro_rules! faults {
    ($($(#[$doc:meta])* $field:ident $name:literal;)*) => {
        /// Injected faults, by kind.
        #[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
        pub struct Faults {
            $($(#[$doc])* pub $field: u64,)*
        }

        impl Faults {
            /// Every count with its name.
            #[must_use]
            pub fn counts(&self) -> Vec<(&'static str, u64)> {
                vec![$(($name, self.$field)),*]
            }

            /// Adds another run's.
            pub const fn add(&mut self, other: &Self) {
                $(self.$field += other.$field;)*
            }

            /// All of them.
            #[must_use]
            pub fn total(&self) -> u64 {
                self.counts().iter().map(|(_, count)| count).sum()
            }
        }
    };
}

faults! {
    /// Links that were cut.
    links_cut "links cut";
    /// Frames that were lost with a link.
    frames_lost "frames lost";
    /// Times the network was split.
    splits "splits";
    /// Processes that died after deciding and before writing.
    died_before_writing "died before writing";
    /// Processes that died after writing and before telling anybody.
    died_after_writing "died after writing";
    /// Times the relay was set back to an older copy of its store.
    set_back "set back";
    /// Jumps of a clock.
    clock_jumps "clock jumps";
    /// Forged or damaged ops that were sent.
    forged "forged";
    /// Links that were ended because of what came over them.
    liars_closed "liars closed";
}
