//! `cargo xtask mutants`: each main promise has a patch that breaks it, and a test that must then turn red.
//!
//! A patch in `testnet/mutants` begins with two lines: `# promise: WHAT` and `# red: COMMAND`.

use crate::root::{git, target};
use crate::steps::{say, tee};
use anyhow::{Context, Result, bail, ensure};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;

/// A promise, how to break it, and who notices.
struct Mutant {
    name: String,
    patch: PathBuf,
    promise: String,
    red: String,
}

/// Checks that every patch applies; with `run`, that its test passes without it and fails with it.
pub(crate) fn run(root: &Path, run: bool, only: Option<&str>) -> Result<()> {
    let mut mutants = read(&root.join("testnet/mutants"))?;
    mutants.retain(|mutant| only.is_none_or(|only| mutant.name.contains(only)));
    ensure!(!mutants.is_empty(), "no patch in testnet/mutants");
    let mut stale = Vec::new();
    for mutant in &mutants {
        if let Err(error) = apply(root, &mutant.patch, &["--check"]) {
            say(&format!("{}: {error:#}", mutant.name));
            stale.push(mutant.name.as_str());
        }
    }
    ensure!(stale.is_empty(), "patches that no longer apply: {}", stale.join(", "));
    say(&format!("mutants: {} patches apply", mutants.len()));
    if run { kill_all(root, &mutants) } else { Ok(()) }
}

fn read(folder: &Path) -> Result<Vec<Mutant>> {
    let mut mutants = Vec::new();
    for entry in std::fs::read_dir(folder).context("testnet/mutants")? {
        let patch = entry?.path();
        if patch.extension().is_some_and(|extension| extension == "patch") {
            let text = std::fs::read_to_string(&patch)?;
            let name = patch.file_stem().unwrap_or_default().to_string_lossy().into_owned();
            let header =
                |key| header(&text, key).with_context(|| format!("{name}.patch has no line `{key}...`"));
            mutants.push(Mutant { promise: header("# promise: ")?, red: header("# red: ")?, name, patch });
        }
    }
    mutants.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(mutants)
}

fn header(text: &str, key: &str) -> Option<String> {
    text.lines().find_map(|line| line.strip_prefix(key)).map(|value| value.trim().to_owned())
}

fn apply(tree: &Path, patch: &Path, flags: &[&str]) -> Result<()> {
    let mut arguments = vec!["apply"];
    arguments.extend(flags);
    let patch = patch.to_str().context("a patch's path is not UTF-8")?;
    arguments.push(patch);
    git(tree, &arguments).map(drop)
}

/// Works in a checkout of its own, so that nobody's tree is ever broken, with one target folder for all.
fn kill_all(root: &Path, mutants: &[Mutant]) -> Result<()> {
    let tree = target(root).join("mutants/tree");
    let tree_text = tree.to_str().context("the target folder's path is not UTF-8")?;
    if tree.exists() {
        git(root, &["worktree", "remove", "--force", tree_text])?;
    }
    git(root, &["worktree", "add", "--detach", "--force", tree_text, "HEAD"])?;
    let result = kill_each(root, &tree, mutants);
    git(root, &["worktree", "remove", "--force", tree_text])?;
    result
}

fn kill_each(root: &Path, tree: &Path, mutants: &[Mutant]) -> Result<()> {
    let commands: BTreeSet<&str> = mutants.iter().map(|mutant| mutant.red.as_str()).collect();
    for command in commands {
        ensure!(
            outcome(root, tree, command)? == Outcome::Green,
            "without any patch, this must pass: {command}"
        );
    }
    let mut alive = Vec::new();
    for mutant in mutants {
        say(&format!("\n== {}: {}", mutant.name, mutant.promise));
        apply(tree, &mutant.patch, &[])?;
        let outcome = outcome(root, tree, &mutant.red)?;
        apply(tree, &mutant.patch, &["--reverse"])?;
        match outcome {
            Outcome::Red => say(&format!("killed: {}", mutant.name)),
            Outcome::Green => alive.push(mutant.name.as_str()),
            Outcome::Broken => bail!("{}: no test ran; the patch does not compile", mutant.name),
        }
    }
    ensure!(alive.is_empty(), "no test noticed: {}", alive.join(", "));
    say(&format!("mutants: {} of {} killed", mutants.len(), mutants.len()));
    Ok(())
}

#[derive(Debug, PartialEq, Eq)]
enum Outcome {
    /// The tests passed.
    Green,
    /// A test ran and failed.
    Red,
    /// It failed, and not because of a test.
    Broken,
}

fn outcome(root: &Path, tree: &Path, command: &str) -> Result<Outcome> {
    let mut shell = Command::new("sh");
    let cargo_target = target(root).join("mutants/target");
    shell
        .current_dir(tree)
        .args(["-c", command])
        .env("CARGO_TARGET_DIR", cargo_target)
        .env_remove("CARGO_MANIFEST_DIR");
    let mut said_failed = false;
    let mut ran = false;
    let success = tee(&mut shell, |line| {
        said_failed |= line.starts_with("test result: FAILED") || line.starts_with("FAILED (");
        ran |= line.starts_with("running ") && line != "running 0 tests" || line.starts_with("Ran ");
    })?;
    Ok(match (success, ran && said_failed) {
        (true, _) if ran => Outcome::Green,
        (false, true) => Outcome::Red,
        _ => Outcome::Broken,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outcome_of(script: &str) -> Outcome {
        let folder = std::env::temp_dir();
        outcome(&folder, &folder, script).unwrap()
    }

    #[test]
    fn a_compile_error_and_a_filter_that_matches_nothing_kill_no_mutant() {
        assert_eq!(outcome_of("echo 'error[E0308]: mismatched types'; exit 101"), Outcome::Broken);
        assert_eq!(outcome_of("echo 'running 0 tests'; echo 'test result: ok. 0 passed'"), Outcome::Broken);
    }

    #[test]
    fn a_test_that_fails_is_red_and_one_that_passes_is_green() {
        assert_eq!(
            outcome_of("echo 'running 2 tests'; echo 'test result: FAILED. 1 passed; 1 failed'; exit 101"),
            Outcome::Red
        );
        assert_eq!(outcome_of("echo 'running 2 tests'; echo 'test result: ok. 2 passed'"), Outcome::Green);
    }

    #[test]
    fn the_header_of_a_patch_is_read() {
        let text =
            "# promise: nobody can forge\n# red: cargo test -p nexus-crypto forged\ndiff --git a/x b/x\n";
        assert_eq!(header(text, "# promise: ").as_deref(), Some("nobody can forge"));
        assert_eq!(header(text, "# red: ").as_deref(), Some("cargo test -p nexus-crypto forged"));
        assert_eq!(header(text, "# blue: "), None);
    }
}
