//! What the crate promises to everybody else, checked from outside.

#![allow(clippy::unwrap_used, reason = "a test may")]

mod vectors;
