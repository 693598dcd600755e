//! The real relay program, driven as whoever runs it does.

#![allow(clippy::unwrap_used, reason = "a test may")]

mod cli;
mod program;
