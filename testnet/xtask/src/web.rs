//! The web client: its packages, its build, its tests, its size.

use crate::root;
use crate::steps::{Steps, say, without_colour};
use anyhow::{Context, Result, ensure};
use std::collections::BTreeMap;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// The oldest Node.js that the pinned tools run on.
const NODE: (u32, u32) = (20, 19);
/// What a browser loads before anything is shown, compressed; bytes.
const INITIAL_MAX: u64 = 220 * 1024;

/// Builds the client where Node.js is there, so that cargo puts it into the programs. Without it they are built without.
pub(crate) fn build_where_possible(root: &Path) -> Result<()> {
    if node_version().is_none_or(|version| version < NODE) {
        say("no Node.js that is new enough: the programs are built without the web client");
        return Ok(());
    }
    install(root)?;
    build(root)
}

/// What comes before the Rust tests: the programs that they drive have this client in them.
pub(crate) fn before_rust(root: &Path, steps: &mut Steps) {
    steps.step("web packages", |_| install(root));
    steps.command("web types", npm(root).args(["run", "check"]), |_| false);
    steps.command("web lint", npm(root).args(["run", "lint"]), |line| line.starts_with("Checked "));
    steps.step("web build", |summary| {
        build(root)?;
        let size = initial_size(&dist(root))?;
        summary.push(format!("web: the initial JavaScript is {:.1} KiB compressed", kibibytes(size)));
        ensure!(size <= INITIAL_MAX, "the initial JavaScript is {size} bytes, {INITIAL_MAX} are the most");
        Ok(())
    });
}

/// The client's own tests, against the programs that were just built.
pub(crate) fn tests(root: &Path, steps: &mut Steps) {
    let mut command = npm(root);
    command
        .args(["test"])
        .env("NEXUS_BIN", root::program(root, "debug", "nexus"))
        .env("NEXUS_RELAY_BIN", root::program(root, "debug", "nexus-relay"));
    steps.command("web", &mut command, vitest_summary);
}

/// The bots' tests in the other language: unmodified discord.js against the programs that were just built.
pub(crate) fn discord_js(root: &Path, steps: &mut Steps) {
    let folder = root.join("testnet/bots/js");
    if let Err(error) = packages(&folder) {
        return steps.step("discord.js", |_| Err(error));
    }
    let mut command = npm(&folder);
    command
        .args(["test"])
        .env("NEXUS_BIN", root::program(root, "debug", "nexus"))
        .env("NEXUS_RELAY_BIN", root::program(root, "debug", "nexus-relay"));
    steps.command("discord.js", &mut command, node_summary);
}

fn node_summary(line: &str) -> bool {
    ["# tests ", "# pass ", "# fail "].iter().any(|start| line.starts_with(start))
}

/// Packages as the lockfile names them; kept while it stays the same.
fn install(root: &Path) -> Result<()> {
    let version = node_version().context("no Node.js: install 20.19 or newer from https://nodejs.org")?;
    ensure!(
        version >= NODE,
        "Node.js {}.{} is too old: {}.{} is needed",
        version.0,
        version.1,
        NODE.0,
        NODE.1
    );
    packages(root)
}

fn packages(folder: &Path) -> Result<()> {
    let wanted = fs::read(folder.join("package-lock.json"))?;
    let stamp = folder.join("node_modules/.nexus-lock.json");
    if fs::read(&stamp).is_ok_and(|have| have == wanted) {
        return Ok(());
    }
    let status = npm(folder).args(["ci", "--no-fund", "--no-audit"]).status()?;
    ensure!(status.success(), "npm ci failed");
    fs::write(stamp, wanted)?;
    Ok(())
}

/// Builds beside what is there and takes its place only where it differs: cargo would compile the programs anew.
fn build(root: &Path) -> Result<()> {
    let (old, new) = (dist(root), root.join("desktop/ui/dist.new"));
    let build = ["run", "build", "--workspace", "@nexus/ui", "--", "--outDir", "dist.new", "--emptyOutDir"];
    let status = npm(root).args(build).status()?;
    ensure!(status.success(), "the web client does not build");
    if files(&old)? == files(&new)? {
        fs::remove_dir_all(&new)?;
        return Ok(());
    }
    if old.exists() {
        fs::remove_dir_all(&old)?;
    }
    fs::rename(&new, &old)?;
    Ok(())
}

fn dist(root: &Path) -> PathBuf {
    root.join("desktop/ui/dist")
}

/// Every file below a folder, by its path.
fn files(folder: &Path) -> Result<BTreeMap<PathBuf, Vec<u8>>> {
    let mut found = BTreeMap::new();
    let mut open = vec![folder.to_path_buf()];
    while let Some(here) = open.pop().filter(|_| folder.exists()) {
        for entry in fs::read_dir(here)? {
            let path = entry?.path();
            if path.is_dir() {
                open.push(path);
            } else {
                found.insert(path.strip_prefix(folder)?.to_path_buf(), fs::read(&path)?);
            }
        }
    }
    Ok(found)
}

/// Bytes of every script that the page names: what is loaded before anything is shown.
fn initial_size(dist: &Path) -> Result<u64> {
    let page = fs::read_to_string(dist.join("index.html")).context("the built page")?;
    let named = scripts(&page);
    ensure!(!named.is_empty(), "the built page names no script");
    named.iter().map(|script| compressed(&dist.join(script.trim_start_matches('/')))).sum()
}

/// Scripts that a page loads at once: its own, and those it says will be needed.
fn scripts(page: &str) -> Vec<&str> {
    let values = |attribute: &str| {
        let parts: Vec<&str> = page.split(attribute).skip(1).collect();
        parts.into_iter().filter_map(|rest| rest.split('"').nth(1))
    };
    let mut all: Vec<&str> =
        values("src=").chain(values("href=")).filter(|name| name.ends_with(".js")).collect();
    all.sort_unstable();
    all.dedup();
    all
}

/// As a server sends it: the programs keep every file compressed with gzip.
fn compressed(path: &Path) -> Result<u64> {
    let bytes = fs::read(path).with_context(|| path.display().to_string())?;
    let mut gzip = Command::new("gzip")
        .args(["-9", "--stdout"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .context("gzip does not start")?;
    let mut input = gzip.stdin.take().context("gzip reads")?;
    let feeding = std::thread::spawn(move || input.write_all(&bytes));
    let packed = gzip.wait_with_output()?;
    feeding.join().map_err(|_| anyhow::anyhow!("feeding gzip failed"))??;
    Ok(u64::try_from(packed.stdout.len())?)
}

#[expect(clippy::cast_precision_loss, reason = "a size that is shown with one digit behind the point")]
fn kibibytes(bytes: u64) -> f64 {
    bytes as f64 / 1024.0
}

/// npm, in the workspace's folder.
pub(crate) fn npm(root: &Path) -> Command {
    let mut command = Command::new("npm");
    command.current_dir(root).env("npm_config_update_notifier", "false");
    command
}

/// Major and minor; none where there is no Node.js, or no npm.
fn node_version() -> Option<(u32, u32)> {
    Command::new("npm").arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status().ok()?;
    let output = Command::new("node").arg("--version").output().ok()?;
    version(&String::from_utf8_lossy(&output.stdout))
}

fn version(text: &str) -> Option<(u32, u32)> {
    let mut parts = text.trim().strip_prefix('v')?.split('.').map(|part| part.parse().ok());
    Some((parts.next()??, parts.next()??))
}

fn vitest_summary(line: &str) -> bool {
    let plain: String = without_colour(line);
    let plain = plain.trim();
    ["Test Files ", "Tests ", "e2e: "].iter().any(|start| plain.starts_with(start))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_page_loads_at_once_is_its_scripts_and_those_it_says_will_be_needed() {
        let page = r#"<script type="module" crossorigin src="/assets/index-a.js"></script>
            <link rel="modulepreload" crossorigin href="/assets/vendor-b.js"><link rel="stylesheet" href="/assets/c.css">
            <link rel="modulepreload" href="/assets/vendor-b.js">"#;
        assert_eq!(scripts(page), ["/assets/index-a.js", "/assets/vendor-b.js"]);
    }

    #[test]
    fn a_version_is_read_as_node_says_it() {
        assert_eq!(version("v20.20.2\n"), Some((20, 20)));
        assert!(version("v18.20.4\n") < Some(NODE));
        assert_eq!(version("command not found"), None);
    }

    #[test]
    fn the_summary_of_the_runner_is_found_under_its_colours() {
        assert!(vitest_summary("\u{1b}[2m      Tests \u{1b}[22m \u{1b}[1m\u{1b}[32m85 passed\u{1b}[39m"));
        assert!(!vitest_summary(" ✓ test/gateway.test.ts (13 tests) 31ms"));
    }
}
