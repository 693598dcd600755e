//! The window from outside: a real node, real sockets, every body and event validated.

#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "tests may fail, and say what they leave out")]

mod api;
mod bots;
mod conformance;
mod export;
mod files;
mod gateway;
mod journeys;
mod moderation;
mod pace;
mod refusals;
mod webhooks;
