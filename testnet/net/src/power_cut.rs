//! Power cuts under a real program: a library that is loaded before it remembers what was not synced, ends the program at a step that
//! is told, and leaves its files as a disk would that was still at it. What it can do, and how, stands in `power_cut.c`.

use crate::program::Program;
use anyhow::{Context as _, Result, ensure};
use std::fs::File;
use std::os::unix::fs::FileExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;

/// A disk that can be cut off, for one program at a time.
pub struct PowerCut {
    library: PathBuf,
    orders: PathBuf,
}

/// What is there, after a cut, of what had not been synced.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Left {
    /// Nothing.
    Nothing,
    /// Every other write: later ones came before earlier ones.
    EveryOtherWrite,
}

impl PowerCut {
    /// Made in a folder, with the machine's C compiler.
    ///
    /// # Errors
    /// Where there is none.
    pub fn in_folder(folder: &Path) -> Result<Self> {
        let (source, library) = (folder.join("power_cut.c"), folder.join("power_cut.so"));
        std::fs::write(&source, SOURCE)?;
        let mut compile = Command::new("cc");
        compile.args(["-shared", "-fPIC", "-Wall", "-Werror", "-O1", "-o"]).arg(&library).arg(&source);
        let said =
            compile.args(["-ldl", "-lpthread"]).output().context("no `cc`: install build-essential")?;
        ensure!(said.status.success(), "power_cut.c: {}", String::from_utf8_lossy(&said.stderr));
        let orders = folder.join("power_cut.orders");
        std::fs::write(&orders, [0; 16])?;
        Ok(Self { library, orders })
    }

    /// A program with it underneath. Before the first start.
    #[must_use]
    pub fn under(&self, program: Program) -> Program {
        let path = |path: &Path| path.display().to_string();
        program.knowing("LD_PRELOAD", &path(&self.library)).knowing("POWER_CUT", &path(&self.orders))
    }

    /// From now on so many steps are taken, the last of which is not. A step: a write, the beginning of a sync, its end.
    ///
    /// # Errors
    /// Where its file is gone.
    pub fn after(&self, steps: u64, left: Left) -> Result<()> {
        // What it begins to count with is written last.
        self.order(8, u64::from(left == Left::EveryOtherWrite))?;
        self.order(0, steps)
    }

    /// No cut. How many steps are left of those that were to be taken: none where it was cut off.
    ///
    /// # Errors
    /// Where its file is gone.
    pub fn no_more(&self) -> Result<u64> {
        let mut left = [0; 8];
        File::open(&self.orders)?.read_exact_at(&mut left, 0)?;
        self.order(0, 0)?;
        Ok(u64::from_ne_bytes(left))
    }

    fn order(&self, at: u64, number: u64) -> Result<()> {
        let orders = File::options().write(true).open(&self.orders)?;
        Ok(orders.write_all_at(&number.to_ne_bytes(), at)?)
    }
}

const SOURCE: &str = include_str!("power_cut.c");
