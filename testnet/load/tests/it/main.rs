//! Talk and replay from outside: the real corpus, the real program.

#![allow(clippy::unwrap_used, reason = "a test ends where it cannot go on")]

mod corpus;

use nexus_load::talk::{self, Size, Talk};
use std::path::{Path, PathBuf};

/// Where the data outside the tree are, if they are anywhere. `NEXUS_DATA` decides where it is set.
fn data() -> Option<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).unwrap();
    match std::env::var_os("NEXUS_DATA") {
        Some(named) => Some(root.join(named)),
        None => Some(root.join("../shared/data")).filter(|usual| usual.join("corpus").is_dir()),
    }
}

/// Real talk where there is a corpus, else generated.
fn talk(size: Size) -> Talk {
    talk::find(data().as_deref(), size).unwrap()
}
