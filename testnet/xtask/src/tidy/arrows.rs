//! Which crate may import which: the list in ARCHITECTURE.md against what cargo says.

use super::Finding;
use super::tree::Tree;
use crate::root;
use anyhow::{Context, Result};
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// A crate of the workspace, as far as the rules care.
#[derive(Debug, Deserialize)]
pub(super) struct Crate {
    pub(super) name: String,
    pub(super) license: Option<String>,
    pub(super) manifest_path: String,
    dependencies: Vec<Dependency>,
}

#[derive(Debug, Deserialize)]
struct Dependency {
    name: String,
    /// None, `dev` or `build`.
    kind: Option<String>,
}

/// The workspace's crates, from `cargo metadata`.
pub(super) fn crates(root: &Path) -> Result<Vec<Crate>> {
    #[derive(Deserialize)]
    struct Metadata {
        packages: Vec<Crate>,
    }
    let output = root::cargo(root)
        .args(["metadata", "--format-version", "1", "--no-deps"])
        .output()
        .context("cargo metadata does not start")?;
    anyhow::ensure!(output.status.success(), "cargo metadata: {}", String::from_utf8_lossy(&output.stderr));
    Ok(serde_json::from_slice::<Metadata>(&output.stdout)?.packages)
}

/// Every arrow between our crates must be on the list, every line of the list must be about a crate there is. Tests may
/// import what they like.
pub(super) fn check(tree: &Tree, crates: &[Crate]) -> Result<Vec<Finding>> {
    let page = tree.text(PAGE).context("ARCHITECTURE.md is missing")?;
    let allowed = allowed(page)?;
    let ours: BTreeSet<&str> = crates.iter().map(|one| one.name.as_str()).collect();
    let mut findings = Vec::new();
    for one in crates {
        let Some(may) = allowed.get(one.name.as_str()) else {
            findings
                .push(Finding::new(PAGE, format!("crate `{}` has no line in the list of arrows", one.name)));
            continue;
        };
        let imports = one.dependencies.iter().filter(|dependency| dependency.kind.as_deref() != Some("dev"));
        let forbidden = imports
            .map(|dependency| dependency.name.as_str())
            .filter(|name| ours.contains(name) && !may.contains(name));
        findings.extend(forbidden.map(|name| {
            Finding::new(
                &one.manifest_path,
                format!("arrow `{} -> {name}` is not on the list in {PAGE}", one.name),
            )
        }));
    }
    let gone = allowed.keys().filter(|name| !ours.contains(**name));
    findings.extend(
        gone.map(|name| Finding::new(PAGE, format!("the list of arrows names `{name}`, which is no crate"))),
    );
    Ok(findings)
}

/// The block fenced as `arrows`: lines `crate -> import import`.
fn allowed(page: &str) -> Result<BTreeMap<&str, BTreeSet<&str>>> {
    let (_, rest) =
        page.split_once("```arrows\n").context("ARCHITECTURE.md has no block fenced as ```arrows")?;
    let (block, _) = rest.split_once("```").context("the block of arrows in ARCHITECTURE.md does not end")?;
    let mut allowed = BTreeMap::new();
    for line in block.lines().filter(|line| !line.trim().is_empty()) {
        let (from, to) = line.split_once("->").with_context(|| format!("no arrow: {line}"))?;
        allowed.insert(from.trim(), to.split_whitespace().collect());
    }
    Ok(allowed)
}

const PAGE: &str = "ARCHITECTURE.md";

#[cfg(test)]
mod tests {
    use super::*;

    fn one(name: &str, dependencies: &[(&str, Option<&str>)]) -> Crate {
        let dependency = |(name, kind): &(&str, Option<&str>)| Dependency {
            name: (*name).to_owned(),
            kind: kind.map(str::to_owned),
        };
        Crate {
            name: name.to_owned(),
            license: None,
            manifest_path: format!("{name}/Cargo.toml"),
            dependencies: dependencies.iter().map(dependency).collect(),
        }
    }

    fn findings(page: &str, crates: &[Crate]) -> Vec<String> {
        let tree = Tree::of([(PAGE, page)]);
        check(&tree, crates).unwrap().into_iter().map(|finding| finding.what).collect()
    }

    #[test]
    fn an_arrow_on_the_list_passes_and_so_does_a_library_of_others() {
        let crates = [one("crdt", &[("crypto", None), ("blake3", None)]), one("crypto", &[])];
        assert!(findings("```arrows\ncrypto ->\ncrdt -> crypto\n```", &crates).is_empty());
    }

    #[test]
    fn an_arrow_that_points_up_is_found() {
        let crates = [one("crdt", &[]), one("crypto", &[("crdt", None)])];
        let found = findings("```arrows\ncrypto ->\ncrdt -> crypto\n```", &crates);
        assert_eq!(found, ["arrow `crypto -> crdt` is not on the list in ARCHITECTURE.md"]);
    }

    #[test]
    fn a_test_may_import_what_a_program_may_not() {
        let crates = [one("crdt", &[]), one("crypto", &[("crdt", Some("dev"))])];
        assert!(findings("```arrows\ncrypto ->\ncrdt ->\n```", &crates).is_empty());
    }

    #[test]
    fn a_crate_without_a_line_and_a_line_without_a_crate_are_found() {
        let found = findings("```arrows\nvoice ->\n```", &[one("crdt", &[])]);
        assert_eq!(found.len(), 2);
        assert!(found[0].contains("`crdt` has no line"));
        assert!(found[1].contains("`voice`, which is no crate"));
    }
}
