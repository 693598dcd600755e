//! What the crate promises to everybody else, checked from outside.

#![allow(clippy::unwrap_used, clippy::disallowed_methods, reason = "tests may fail and read their vectors")]

mod authority;
mod vectors;
