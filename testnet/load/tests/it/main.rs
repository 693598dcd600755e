//! Talk and replay from outside: the real corpus, the real program.

#![allow(clippy::unwrap_used, reason = "a test ends where it cannot go on")]

mod benches;
mod corpus;
mod replay;

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

/// The program: `NEXUS_BIN`, else the one that cargo built beside this test.
fn nexus() -> PathBuf {
    if let Some(named) = std::env::var_os("NEXUS_BIN") {
        return named.into();
    }
    let profile = std::env::current_exe().unwrap().ancestors().nth(2).unwrap().to_owned();
    let built = profile.join(format!("nexus{}", std::env::consts::EXE_SUFFIX));
    assert!(built.exists(), "build the program first: cargo build --workspace --bins");
    built
}
