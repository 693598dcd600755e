//! The shell of a node against real files, and against disks that forget, tear and fill up.

#![allow(clippy::unwrap_used, reason = "a test may")]

mod bit_rot;
mod blocks;
mod erased;
mod forgetful_disk;
mod full_disk;
mod history;
mod inbox;
mod marks;
mod mesh;
mod opening;
mod power_cut;
mod talk;
mod write_points;
