//! Where things are: the workspace, cargo, cargo's target folder.

use anyhow::{Context, Result};
use std::path::{Path, PathBuf};
use std::process::Command;

/// The workspace's folder.
pub(crate) fn find() -> Result<PathBuf> {
    let here = std::env::var_os("CARGO_MANIFEST_DIR")
        .map_or_else(|| env!("CARGO_MANIFEST_DIR").into(), PathBuf::from);
    let root = here.ancestors().nth(2).context("the xtask crate lies two folders below the root")?;
    Ok(root.to_path_buf())
}

/// The cargo that started us.
pub(crate) fn cargo(root: &Path) -> Command {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.current_dir(root);
    // What the outer cargo says of this package would have some libraries built anew at every turn between the two.
    let ours = |name: &str| name.starts_with("CARGO_PKG_") || name.starts_with("CARGO_MANIFEST_");
    std::env::vars_os().filter(|(name, _)| name.to_str().is_some_and(ours)).for_each(|(name, _)| {
        command.env_remove(name);
    });
    command
}

/// Where cargo puts what it builds.
pub(crate) fn target(root: &Path) -> PathBuf {
    std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root.join("target"), |dir| root.join(dir))
}

/// A program of the workspace, built with the given profile folder (`debug`, `release`).
pub(crate) fn program(root: &Path, profile: &str, name: &str) -> PathBuf {
    target(root).join(profile).join(format!("{name}{}", std::env::consts::EXE_SUFFIX))
}

/// Builds every program of the workspace. Always the whole of it: a selection would unify features differently and build twice.
pub(crate) fn build(root: &Path, release: bool) -> Result<()> {
    let mut command = cargo(root);
    command.args(["build", "--workspace", "--bins"]);
    if release {
        command.arg("--release");
    }
    let status = command.status().context("cargo does not start")?;
    anyhow::ensure!(status.success(), "the build failed");
    Ok(())
}

/// The commit that is checked out, `-changed` behind it where the tree differs.
pub(crate) fn commit(root: &Path) -> Result<String> {
    let hash = git(root, &["rev-parse", "--short=12", "HEAD"])?;
    let changed = !git(root, &["status", "--porcelain", "--untracked-files=no"])?.trim().is_empty();
    Ok(format!("{}{}", hash.trim(), if changed { "-changed" } else { "" }))
}

/// What git says.
pub(crate) fn git(root: &Path, arguments: &[&str]) -> Result<String> {
    let output =
        Command::new("git").current_dir(root).args(arguments).output().context("git does not start")?;
    let said = String::from_utf8_lossy(&output.stderr);
    anyhow::ensure!(output.status.success(), "git {}: {}", arguments.join(" "), said.trim());
    Ok(String::from_utf8(output.stdout)?)
}
