//! The real program, driven as a person and their tools drive it: started, asked, starved of space, killed.

#![allow(clippy::unwrap_used, reason = "a test may")]

mod api;
mod cli;
mod full_disk;
mod kill;
mod place;
mod program;
mod status;
