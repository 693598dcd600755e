//! libFuzzer over every decoder, guided by the coverage of our own crates, on the stable toolchain (`testnet/fuzz/guided-rustc`).

use crate::root;
use crate::steps::say;
use anyhow::{Context as _, Result, ensure};
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

/// How long each target is run.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Effort {
    /// A few thousand inputs, the same every time.
    Brief,
    /// So many seconds; what was found before is gone on with.
    Seconds(u64),
}

/// What came of one target.
struct Found {
    target: String,
    /// As libFuzzer counts them.
    executions: u64,
    /// `cov: 512 ft: 900 corp: 44/12Kb ..`
    coverage: String,
}

/// Runs all of them, two for each two cores; a line of a table for each.
///
/// # Errors
/// Where an input broke a promise: libFuzzer's words, and where the input lies.
pub(crate) fn run(root: &Path, effort: Effort) -> Result<Vec<String>> {
    let program = build(root)?;
    let targets = targets(root)?;
    let (next, all) = (AtomicUsize::new(0), Mutex::new(Vec::new()));
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                while let Some(target) = targets.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let found = one(root, &program, target, effort);
                    if let Ok(mut all) = all.lock() {
                        all.push(found);
                    }
                }
            });
        }
    });
    let mut all = all.into_inner().unwrap_or_default().into_iter().collect::<Result<Vec<Found>>>()?;
    all.sort_by(|one, other| one.target.cmp(&other.target));
    ensure!(all.len() == targets.len(), "not every target was run");
    Ok(table(&all))
}

fn table(all: &[Found]) -> Vec<String> {
    let mut lines = vec![String::from("target           executions  coverage edges, features, corpus")];
    lines.extend(
        all.iter().map(|found| format!("{:<16} {:>10}  {}", found.target, found.executions, found.coverage)),
    );
    let executions: u64 = all.iter().map(|found| found.executions).sum();
    lines.push(format!("{} targets, {executions} executions, nothing broken", all.len()));
    lines
}

/// The corpus has a folder for each.
fn targets(root: &Path) -> Result<Vec<String>> {
    let folders = std::fs::read_dir(root.join(CORPUS)).context(CORPUS)?;
    let names = folders.map(|entry| Ok(entry?.file_name().to_string_lossy().into_owned()));
    let mut names = names.collect::<Result<Vec<String>>>()?;
    names.sort();
    Ok(names)
}

// As the tests are built, so that what is not ours is built once.
fn build(root: &Path) -> Result<PathBuf> {
    let mut command = root::cargo(root);
    command.args(["test", "--workspace", "--test", "guided", "--features", "nexus-fuzz/guided"]);
    command.args(["--no-run", "--message-format", "json-render-diagnostics"]);
    command.env("RUSTC_WORKSPACE_WRAPPER", root.join("testnet/fuzz/guided-rustc"));
    let output = command.stderr(Stdio::inherit()).output().context("cargo does not start")?;
    ensure!(output.status.success(), "the build failed");
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    let messages = said.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
    let mut built = messages.filter(|message| message["target"]["name"] == "guided");
    let program = built.find_map(|message| message["executable"].as_str().map(PathBuf::from));
    program.context("cargo built no program")
}

fn one(root: &Path, program: &Path, target: &str, effort: Effort) -> Result<Found> {
    let found = root::target(root).join("fuzz").join(match effort {
        Effort::Brief => "brief",
        Effort::Seconds(_) => "found",
    });
    let (new, crashes) = (found.join(target), found.join("crashes"));
    if matches!(effort, Effort::Brief) && new.exists() {
        std::fs::remove_dir_all(&new)?;
    }
    [&new, &crashes].into_iter().try_for_each(std::fs::create_dir_all)?;
    let mut command = Command::new(program);
    command.env("NEXUS_FUZZ_TARGET", target).args(["-print_final_stats=1", "-max_len=4096", "-timeout=60"]);
    command.arg(format!("-artifact_prefix={}/{target}-", crashes.display()));
    match effort {
        Effort::Brief => command.args(["-seed=1", &format!("-runs={}", brief_runs(target))]),
        Effort::Seconds(seconds) => command.arg(format!("-max_total_time={seconds}")),
    };
    let output = command.arg(&new).arg(root.join(CORPUS).join(target)).output().context("libFuzzer")?;
    let said = String::from_utf8_lossy(&output.stderr);
    if !output.status.success() {
        said.lines().for_each(say);
    }
    ensure!(output.status.success(), "{target} broke a promise; the input is in {}", crashes.display());
    read(target, &said).with_context(|| format!("{target}: libFuzzer says nothing of what it did"))
}

fn read(target: &str, said: &str) -> Option<Found> {
    let executions = said.lines().find_map(|line| line.strip_prefix("stat::number_of_executed_units:"))?;
    let last = said.lines().rev().find_map(|line| Some(line.get(line.find("cov: ")?..)?.to_owned()))?;
    let coverage = last.split(" lim:").next().and_then(|text| text.split(" exec/s:").next())?.to_owned();
    Some(Found { target: target.to_owned(), executions: executions.trim().parse().ok()?, coverage })
}

const CORPUS: &str = "testnet/fuzz/corpus";

/// Inputs of a target in a change run, beside its corpus: a second or two of each. Some sign what they are given.
fn brief_runs(target: &str) -> u64 {
    match target {
        "guild_ops" | "identity_log" => 200,
        _ => 10_000,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_libfuzzer_did_is_read_from_its_last_words() {
        let said = "INFO: seed\n#2\tINITED cov: 10 ft: 11 corp: 1/1b exec/s: 0 rss: 30Mb\n#2000\tDONE   cov: 99 ft: 120 corp: 9/80b lim: 40 \
                    exec/s: 0 rss: 31Mb\nDone\nstat::number_of_executed_units: 2000\n";
        let found = read("op_wire", said).unwrap();
        assert_eq!((found.executions, found.coverage.as_str()), (2_000, "cov: 99 ft: 120 corp: 9/80b"));
        assert!(read("op_wire", "it did not start").is_none());
    }
}
