//! Counts by kind, each with the name that it is told by.

macro_rules! counts {
    ($(#[$whole:meta])* $kinds:ident { $($(#[$doc:meta])* $field:ident $name:literal;)* }) => {
        $(#[$whole])*
        #[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
        pub struct $kinds {
            $($(#[$doc])* pub $field: u64,)*
        }

        impl $kinds {
            /// Every count with its name.
            #[must_use]
            pub fn counts(&self) -> Vec<(&'static str, u64)> {
                vec![$(($name, self.$field)),*]
            }

            /// Kinds of which there were fewer than `floor`.
            #[must_use]
            pub fn rarer_than(&self, floor: u64) -> Vec<&'static str> {
                self.counts().into_iter().filter(|(_, count)| *count < floor).map(|(name, _)| name).collect()
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

pub(crate) use counts;
