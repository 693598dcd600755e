//! `cargo xtask test`: every test of every language, by the runners themselves.

use crate::steps::Steps;
use crate::{fuzz, mutants, needs, root, tidy, web};
use anyhow::{Result, ensure};
use std::path::{Path, PathBuf};
use std::process::Command;

/// Runs it all. Data outside the tree is looked for where `NEXUS_DATA` says; named and missing, the run fails at once.
pub(crate) fn run(root: &Path) -> Result<()> {
    needs::packages()?;
    let data = data(root)?;
    let mut steps = Steps::default();
    web::before_rust(root, &mut steps);
    steps.command("format", root::cargo(root).args(["fmt", "--all", "--check"]), nothing);
    steps.command("clippy", root::cargo(root).args(CLIPPY), nothing);
    steps.step("tidy", |_| tidy::run(root));
    steps.step("mutants apply", |_| mutants::run(root, false, None));
    let mut rust = root::cargo(root);
    rust.args(["test", "--workspace", "--no-fail-fast"]).envs(data.clone());
    steps.command("rust", &mut rust, cargo_summary);
    steps.step("fuzz", |summary| {
        summary.extend(fuzz::run(root, fuzz::Effort::Brief)?.pop());
        Ok(())
    });
    web::tests(root, &mut steps);
    bots(root, data, &mut steps);
    steps.finish()
}

const CLIPPY: [&str; 6] = ["clippy", "--workspace", "--all-targets", "--", "-D", "warnings"];

/// The bots' tests: unmodified Discord libraries against the program that was just built.
fn bots(root: &Path, data: Option<(&str, PathBuf)>, steps: &mut Steps) {
    // First, since it brings what both need.
    web::discord_js(root, steps);
    let needed = needs::bots_python(root)
        .and_then(|python| Ok((python, needs::red_python(root)?, needs::rust_bots(root)?)));
    let (python, red_python, rust_bots) = match needed {
        Ok(needed) => needed,
        Err(error) => return steps.step("bots", |_| Err(error)),
    };
    let mut command = Command::new(python);
    // The programs are those that the Rust tests have built and driven: building them apart would compile everything anew,
    // with the features of a program alone.
    command
        .current_dir(root)
        .args(["-m", "unittest", "discover", "-v", "-s", "testnet/bots"])
        .env("NEXUS_BIN", root::program(root, "debug", "nexus"))
        .env("NEXUS_RELAY_BIN", root::program(root, "debug", "nexus-relay"))
        .env("NEXUS_CUT_BIN", root::program(root, "debug", "nexus-cut"))
        .env("NEXUS_LOAD_BIN", root::program(root, "debug", "nexus-load"))
        .env("NEXUS_RUST_BOTS", rust_bots)
        .env("NEXUS_RED_PYTHON", red_python)
        .envs(data);
    steps.command("bots", &mut command, unittest_summary);
}

/// `NEXUS_DATA` as a path that holds wherever a runner starts its tests. It is a promise that the data are there: tests that
/// would fall back to generated talk must not do so silently.
fn data(root: &Path) -> Result<Option<(&'static str, PathBuf)>> {
    let Some(data) = std::env::var_os("NEXUS_DATA") else { return Ok(None) };
    let data = root.join(data);
    for file in ["corpus/corpus.jsonl.gz", "discord/openapi.json"] {
        ensure!(data.join(file).is_file(), "NEXUS_DATA names {}, and {file} is not there", data.display());
    }
    Ok(Some(("NEXUS_DATA", data.canonicalize()?)))
}

fn nothing(_: &str) -> bool {
    false
}

fn cargo_summary(line: &str) -> bool {
    line.starts_with("test result: ")
}

fn unittest_summary(line: &str) -> bool {
    (line.starts_with("Ran ") && line.contains(" test"))
        || line == "OK"
        || line.starts_with("OK (")
        || line.starts_with("FAILED (")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_runners_own_summary_lines_are_kept_and_nothing_else() {
        assert!(cargo_summary(
            "test result: ok. 3 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.00s"
        ));
        assert!(!cargo_summary("test a_ban_stands ... ok"));
        assert!(unittest_summary("Ran 12 tests in 41.310s"));
        assert!(unittest_summary("OK"));
        assert!(unittest_summary("FAILED (failures=1)"));
        assert!(!unittest_summary("test_ping (test_hello.Hello) ... ok"));
    }
}
