//! What a program takes of the machine.

use anyhow::{Context as _, Result};

/// Memory and files.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Usage {
    /// Resident memory, KiB.
    pub resident_kib: u64,
    /// Open files, sockets among them.
    pub files: usize,
}

impl Usage {
    /// Of a process.
    ///
    /// # Errors
    /// Where it does not run.
    pub fn of(pid: u32) -> Result<Self> {
        let status = std::fs::read_to_string(format!("/proc/{pid}/status"))?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).context("VmRSS")?;
        let resident_kib = line.trim().trim_end_matches("kB").trim().parse()?;
        let files = std::fs::read_dir(format!("/proc/{pid}/fd"))?.count();
        Ok(Self { resident_kib, files })
    }
}
