//! A disk of a few MiB that can be filled: a tmpfs in a mount namespace of the program's own.

use anyhow::{Context as _, Result};
use std::fs::File;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Where such a disk is mounted, for the programs that are started [`inside`](SmallDisk::inside).
#[derive(Clone, Debug)]
pub struct SmallDisk {
    folder: PathBuf,
}

const DISK: &str = "size=24m";

impl SmallDisk {
    /// A disk over `folder`; none where the system allows no such namespace.
    #[must_use]
    pub fn over(folder: &Path) -> Option<Self> {
        let disk = Self { folder: folder.to_owned() };
        let works = disk.inside(&Command::new("true")).status().is_ok_and(|status| status.success());
        works.then_some(disk)
    }

    /// The data folder of the program that lives on it.
    #[must_use]
    pub fn data(&self) -> PathBuf {
        self.folder.join("data")
    }

    /// `command`, with the disk mounted for it and nobody else.
    #[must_use]
    pub fn inside(&self, command: &Command) -> Command {
        let mut inside = Command::new("unshare");
        inside.args(["--user", "--map-root-user", "--mount", "sh", "-c"]);
        inside
            .arg("mount -t tmpfs -o \"$0\" tmpfs \"$1\" && shift && exec \"$@\"")
            .arg(DISK)
            .arg(&self.folder);
        inside.arg(command.get_program()).args(command.get_args());
        for (name, value) in command.get_envs() {
            match value {
                Some(value) => inside.env(name, value),
                None => inside.env_remove(name),
            };
        }
        inside
    }

    /// A path on it, as everybody else reaches it while `pid` runs.
    #[must_use]
    pub fn seen_from_here(&self, pid: u32, path: &Path) -> PathBuf {
        PathBuf::from(format!("/proc/{pid}/root")).join(path.strip_prefix("/").unwrap_or(path))
    }

    /// Fills it to the last byte; the file to be removed when there shall be space again.
    ///
    /// # Errors
    /// Where it cannot be reached.
    pub fn fill(&self, pid: u32) -> Result<PathBuf> {
        let path = self.seen_from_here(pid, &self.folder.join("filler"));
        let mut file = File::create(&path).context("the small disk")?;
        for size in [1 << 16, 1 << 12, 1] {
            while file.write_all(&vec![0; size]).is_ok() {}
        }
        Ok(path)
    }
}
