//! The real program, driven as a person and their tools drive it.

#![allow(clippy::unwrap_used, reason = "a test may")]

mod cli;
mod program;
