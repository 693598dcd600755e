//! The real program, driven as a person and their tools drive it.

mod cli;
mod program;
