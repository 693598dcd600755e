//! The shell of a node against real files, and against disks that fail.

mod opening;
