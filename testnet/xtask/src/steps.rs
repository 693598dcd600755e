//! Steps of a longer task: each runs to its end whatever came before, and the end says which failed.

use anyhow::{Context, Result};
use std::io::{BufRead, BufReader};
use std::process::Command;
use std::time::{Duration, Instant};

/// What has been run so far.
#[derive(Default)]
pub(crate) struct Steps {
    done: Vec<Step>,
}

struct Step {
    name: String,
    failure: Option<String>,
    took: Duration,
    summary: Vec<String>,
    broken: Broken,
}

impl Steps {
    /// Runs a program with its output shown as it comes. Lines that `keep` wants are said again at the end.
    pub(crate) fn command(&mut self, name: &str, command: &mut Command, keep: fn(&str) -> bool) {
        let mut broken = Broken::default();
        self.step(name, |summary| {
            let success = tee(command, |line| {
                broken.hear(line);
                if keep(line) {
                    summary.push(line.to_owned());
                }
            })?;
            anyhow::ensure!(success, "{} failed", command.get_program().display());
            Ok(())
        });
        if let Some(step) = self.done.last_mut() {
            step.broken = broken;
        }
    }

    /// Runs a step of our own; it may leave lines for the end.
    pub(crate) fn step(&mut self, name: &str, body: impl FnOnce(&mut Vec<String>) -> Result<()>) {
        say(&format!("\n== {name}"));
        let begun = Instant::now();
        let mut summary = Vec::new();
        let failure = body(&mut summary).err().map(|error| format!("{error:#}"));
        if let Some(failure) = &failure {
            say(&format!("failed: {failure}"));
        }
        self.done.push(Step {
            name: name.to_owned(),
            failure,
            took: begun.elapsed(),
            summary,
            broken: Broken::default(),
        });
    }

    /// Says what was run, then every kept line as its runner wrote it, and last what broke: whoever is shown the end of it alone learns
    /// which test it was.
    ///
    /// # Errors
    /// Where a step failed.
    pub(crate) fn finish(self) -> Result<()> {
        say("\n== Summary");
        for step in &self.done {
            let verdict = if step.failure.is_some() { "FAILED" } else { "ok" };
            say(&format!("{verdict:>6}  {:>4} s  {}", step.took.as_secs(), step.name));
        }
        say("");
        self.done.iter().flat_map(|step| &step.summary).for_each(|line| say(line));
        let failed: Vec<&Step> = self.done.iter().filter(|step| step.failure.is_some()).collect();
        for step in &failed {
            say(&format!("\n== What broke: {}", step.name));
            step.broken.lines.iter().for_each(|line| say(line));
        }
        let failed: Vec<&str> = failed.iter().map(|step| &*step.name).collect();
        anyhow::ensure!(failed.is_empty(), "failed: {}", failed.join(", "));
        Ok(())
    }
}

/// What a runner says of tests that failed: the line that names one, and what it says right after.
#[derive(Default)]
struct Broken {
    lines: Vec<String>,
    /// How many lines still belong to the last one that was named.
    left: usize,
}

impl Broken {
    fn hear(&mut self, line: &str) {
        let plain = without_colour(line);
        let names_one = NAMES_A_FAILURE.iter().any(|start| plain.trim_start().starts_with(start))
            || plain.ends_with(" ... FAILED")
            || plain.contains("' panicked at ");
        self.left = if names_one { LINES_OF_ONE } else { self.left };
        if self.left > 0 && self.lines.len() < BROKEN_LINES_MAX && !plain.trim().is_empty() {
            self.lines.push(plain);
        }
        self.left = self.left.saturating_sub(1);
    }
}

/// A line as it is without the colours of a terminal.
pub(crate) fn without_colour(line: &str) -> String {
    let mut parts = line.split('\u{1b}');
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |sum, part| sum + part.split_once('m').map_or("", |(_, text)| text))
}

/// How lines of vitest, unittest, Node's runner and of compilers begin that name what failed.
const NAMES_A_FAILURE: [&str; 6] = ["FAIL ", "FAIL: ", "ERROR: ", "not ok ", "error: ", "error["];
/// Of each, with the line that names it.
const LINES_OF_ONE: usize = 6;
/// Of a step.
const BROKEN_LINES_MAX: usize = 24;

/// Runs a program, hands on each line of what it writes, and says whether it succeeded.
pub(crate) fn tee(command: &mut Command, mut line_seen: impl FnMut(&str)) -> Result<bool> {
    // One pipe for both, so that the lines stay in the order in which they were written.
    let (reader, writer) = std::io::pipe()?;
    command.stdout(writer.try_clone()?).stderr(writer);
    let mut child =
        command.spawn().with_context(|| format!("{} does not start", command.get_program().display()))?;
    // The command keeps its ends of the pipe: without this the reader would never see the end.
    command.stdout(std::process::Stdio::inherit()).stderr(std::process::Stdio::inherit());
    let mut reader = BufReader::new(reader);
    let mut line = Vec::new();
    while reader.read_until(b'\n', &mut line)? > 0 {
        let text = String::from_utf8_lossy(&line);
        let text = text.trim_end_matches(['\n', '\r']);
        say(text);
        line_seen(text);
        line.clear();
    }
    Ok(child.wait()?.success())
}

/// A line on standard output.
#[expect(
    clippy::print_stdout,
    reason = "this is what the program is for; the test harness can keep it apart"
)]
pub(crate) fn say(line: &str) {
    println!("{line}");
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shell(script: &str) -> Command {
        let mut command = Command::new("sh");
        command.args(["-c", script]);
        command
    }

    #[test]
    fn a_failed_step_does_not_hide_the_next_and_fails_the_whole() {
        let mut steps = Steps::default();
        steps.command("first", &mut shell("echo kept: a; exit 3"), |line| line.starts_with("kept"));
        steps.command("second", &mut shell("echo kept: b >&2; echo lost"), |line| line.starts_with("kept"));
        assert_eq!(steps.done.len(), 2);
        assert_eq!(steps.done[0].summary, ["kept: a"]);
        assert_eq!(steps.done[1].summary, ["kept: b"]);
        assert_eq!(steps.finish().unwrap_err().to_string(), "failed: first");
    }

    #[test]
    fn what_broke_is_kept_with_what_its_runner_says_of_it_and_no_more() {
        let script = "echo fine; echo ' \u{1b}[31mFAIL\u{1b}[39m  a.test.ts > it holds'; seq 9; echo 'test b ... FAILED'; exit 1";
        let mut steps = Steps::default();
        steps.command("tests", &mut shell(script), |_| false);
        assert_eq!(
            steps.done[0].broken.lines,
            [" FAIL  a.test.ts > it holds", "1", "2", "3", "4", "5", "test b ... FAILED"]
        );
        steps.command("many", &mut shell("yes 'not ok 1' | head -99; exit 1"), |_| false);
        assert_eq!(steps.done[1].broken.lines.len(), BROKEN_LINES_MAX);
    }

    #[test]
    fn both_outputs_of_a_runner_stay_in_order() {
        let mut lines = Vec::new();
        let success =
            tee(&mut shell("echo 1; echo 2 >&2; echo 3"), |line| lines.push(line.to_owned())).unwrap();
        assert!(success);
        assert_eq!(lines, ["1", "2", "3"]);
    }
}
