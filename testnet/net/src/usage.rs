//! What a program takes of the machine.

use anyhow::{Context as _, Result};
use std::collections::BTreeSet;
use std::path::Path;

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

    /// The most that was ever resident of a process, KiB.
    ///
    /// # Errors
    /// Where it does not run.
    pub fn peak_kib(pid: u32) -> Result<u64> {
        let status = std::fs::read_to_string(format!("/proc/{pid}/status"))?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).context("VmHWM")?;
        Ok(line.trim().trim_end_matches("kB").trim().parse()?)
    }

    /// Processor time of a process and its threads so far, ms.
    ///
    /// # Errors
    /// Where it does not run.
    pub fn cpu_ms(pid: u32) -> Result<u64> {
        let stat = std::fs::read_to_string(format!("/proc/{pid}/stat"))?;
        // The name before it may hold anything: user and system time are the 12th and 13th behind it, in ticks of 10 ms.
        let (_, rest) = stat.rsplit_once(')').context("a name")?;
        let ticks: Vec<u64> =
            rest.split_whitespace().skip(11).take(2).map(str::parse).collect::<Result<_, _>>()?;
        Ok(ticks.iter().sum::<u64>() * 10)
    }
}

/// A socket, by the ports at both its ends.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Socket {
    /// By UDP, and not by TCP.
    pub udp: bool,
    /// This end's port.
    pub port: u16,
    /// The other end's; 0 where there is none.
    pub remote: u16,
}

/// The internet sockets that a process holds.
///
/// # Errors
/// Where it does not run.
pub fn sockets(pid: u32) -> Result<BTreeSet<Socket>> {
    let folder = Path::new("/proc").join(pid.to_string());
    let mut own = BTreeSet::new();
    for file in std::fs::read_dir(folder.join("fd"))? {
        // A file that was closed meanwhile is none of its sockets.
        let Ok(target) = std::fs::read_link(file?.path()) else { continue };
        let target = target.to_string_lossy().into_owned();
        let inode = target.strip_prefix("socket:[").and_then(|rest| rest.strip_suffix(']'));
        own.extend(inode.map(str::to_owned));
    }
    let mut found = BTreeSet::new();
    for (table, udp) in [("tcp", false), ("tcp6", false), ("udp", true), ("udp6", true)] {
        let text = std::fs::read_to_string(folder.join("net").join(table)).unwrap_or_default();
        for line in text.lines().skip(1) {
            let words: Vec<&str> = line.split_whitespace().collect();
            let [_, local, remote, _, _, _, _, _, _, inode, ..] = words[..] else { continue };
            if own.contains(inode) {
                found.insert(Socket { udp, port: port(local)?, remote: port(remote)? });
            }
        }
    }
    Ok(found)
}

fn port(address: &str) -> Result<u16> {
    let (_, port) = address.rsplit_once(':').context("an address")?;
    Ok(u16::from_str_radix(port, 16)?)
}
