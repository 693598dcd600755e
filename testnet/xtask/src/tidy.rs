//! `cargo xtask tidy`: what no compiler checks. Each rule is a function from the tree to findings.

mod arrows;
mod dead;
mod licences;
mod links;
mod names;
mod sizes;
mod tree;
mod words;

use crate::steps::say;
use anyhow::{Result, ensure};
use std::path::Path;
use tree::Tree;

/// Something that must not be so.
#[derive(Debug, PartialEq, Eq)]
struct Finding {
    /// File, and line where there is one.
    place: String,
    /// What is wrong and what to do instead.
    what: String,
}

impl Finding {
    fn new(place: impl Into<String>, what: impl Into<String>) -> Self {
        Self { place: place.into(), what: what.into() }
    }

    fn at(path: &str, line: usize, what: impl Into<String>) -> Self {
        Self::new(format!("{path}:{line}"), what)
    }
}

/// Applies every rule to what git tracks and cargo knows.
///
/// # Errors
/// Where anything was found.
pub(crate) fn run(root: &Path) -> Result<()> {
    let tree = Tree::read(root)?;
    let crates = arrows::crates(root)?;
    let mut findings = arrows::check(&tree, &crates)?;
    findings.extend(licences::check(&tree, &crates));
    for rule in [sizes::check, names::check, words::check, dead::check, links::check] {
        findings.extend(rule(&tree));
    }
    for finding in &findings {
        say(&format!("{}: {}", finding.place, finding.what));
    }
    ensure!(findings.is_empty(), "{} findings", findings.len());
    say(&format!("tidy: {} files, {} crates, nothing found", tree.files.len(), crates.len()));
    Ok(())
}
