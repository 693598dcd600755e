//! What the tests need beside the Rust toolchain, installed where it may be, named where it may not.

use crate::root;
use crate::steps::say;
use anyhow::{Context, Result, ensure};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// A Debian package, and the command that succeeds where it is there.
const PACKAGES: [(&str, &[&str]); 11] = [
    ("build-essential", &["cc", "--version"]),
    ("git", &["git", "--version"]),
    // For the web client's tests in a real browser.
    ("chromium", &["chromium", "--version"]),
    // For networks of the tests' own, and people in them.
    ("iproute2", &["ip", "-V"]),
    ("curl", &["curl", "--version"]),
    // An authority to ask for certificates (RFC 8555).
    ("pebble", &["pebble", "-help"]),
    // Proxies before a relay, as the README sets them up.
    ("nginx-light", &["nginx", "-v"]),
    ("caddy", &["caddy", "version"]),
    // The accounts of a relay may be kept in it.
    ("postgresql", &["sh", "-c", "ls /usr/lib/postgresql/*/bin/postgres"]),
    ("python3", &["python3", "--version"]),
    ("python3-venv", &["python3", "-c", "import ensurepip, venv"]),
];

/// Makes sure that the programs are there.
///
/// # Errors
/// Names the exact command that installs what is missing, where we may not run it.
pub(crate) fn packages() -> Result<()> {
    let missing: Vec<&str> =
        PACKAGES.iter().filter(|(_, probe)| !succeeds(probe)).map(|(name, _)| *name).collect();
    if missing.is_empty() {
        return Ok(());
    }
    let list = missing.join(" ");
    let may = succeeds(&["apt-get", "--version"]) && succeeds(&["sh", "-c", "test \"$(id -u)\" = 0"]);
    ensure!(may, "missing: {list}. Install it, then run this again:\n    sudo apt-get install --yes {list}");
    say(&format!("installing {list}"));
    apt_get(&["update"])?;
    let mut install = vec!["install", "--yes", "--no-install-recommends"];
    install.extend(&missing);
    apt_get(&install)
}

/// A Python with the packages that the bots' tests pin, kept between runs.
pub(crate) fn bots_python(root: &Path) -> Result<PathBuf> {
    environment(root, "bots-venv", "python3", &["requirements.txt", "requirements-tests.txt"])
}

/// A Python with Red in it, which runs on none newer than 3.11.
pub(crate) fn red_python(root: &Path) -> Result<PathBuf> {
    const OLD_ENOUGH: &str = "import sys; sys.exit(not (3, 8) <= sys.version_info < (3, 12))";
    let found = ["python3", "python3.11", "python3.10", "python3.9"]
        .into_iter()
        .find(|python| succeeds(&[python, "-c", OLD_ENOUGH]))
        .context(
            "Red-DiscordBot runs on Python 3.8 to 3.11: install one of them beside yours (python3.11)",
        )?;
    environment(root, "red-venv", found, &["requirements-red.txt"])
}

/// A virtual environment with what the last of these lists of `testnet/bots` names; made anew where any of them changed.
fn environment(root: &Path, name: &str, python: &str, lists: &[&str]) -> Result<PathBuf> {
    let folder = root.join("testnet/bots");
    let read = |list: &&str| std::fs::read_to_string(folder.join(list)).with_context(|| (*list).to_owned());
    let wanted = lists.iter().map(read).collect::<Result<String>>()?;
    let venv = root::target(root).join(name);
    let (stamp, made) = (venv.join("requirements.txt"), venv.join("bin/python"));
    if std::fs::read_to_string(&stamp).is_ok_and(|have| have == wanted) && made.exists() {
        return Ok(made);
    }
    let begun = Command::new(python).args(["-m", "venv", "--clear"]).arg(&venv).status()?;
    ensure!(begun.success(), "{python} cannot make a virtual environment");
    let last = lists.last().context("a list")?;
    let installed = Command::new(&made)
        .current_dir(&folder)
        .args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--requirement", last])
        .status()?;
    ensure!(installed.success(), "pip could not install testnet/bots/{last}");
    std::fs::write(stamp, wanted)?;
    Ok(made)
}

/// The bots of the Rust libraries, from a workspace and a lock file of their own: the folder of their programs. What they are built
/// of is kept in the user's cache, for clones share it.
pub(crate) fn rust_bots(root: &Path) -> Result<PathBuf> {
    let target = cache()?.join("nexus-rust-bots");
    let mut build = root::cargo(&root.join("testnet/bots/rust"));
    let built = build.args(["build", "--locked", "--quiet", "--target-dir"]).arg(&target).status()?;
    ensure!(built.success(), "testnet/bots/rust does not build");
    Ok(target.join("debug"))
}

fn cache() -> Result<PathBuf> {
    if let Some(cache) = std::env::var_os("XDG_CACHE_HOME") {
        return Ok(cache.into());
    }
    let home = std::env::var_os("HOME").context("neither XDG_CACHE_HOME nor HOME is set")?;
    Ok(Path::new(&home).join(".cache"))
}

fn apt_get(arguments: &[&str]) -> Result<()> {
    let status = Command::new("apt-get").env("DEBIAN_FRONTEND", "noninteractive").args(arguments).status()?;
    ensure!(status.success(), "apt-get {} failed", arguments.join(" "));
    Ok(())
}

fn succeeds(command: &[&str]) -> bool {
    let Some((program, arguments)) = command.split_first() else { return false };
    let run = Command::new(program)
        .args(arguments)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status();
    run.is_ok_and(|status| status.success())
}
