//! The window from outside: a real node, real sockets, every body and event validated.

mod conformance;
mod gateway;
