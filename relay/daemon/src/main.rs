//! `nexus-relay`: an always-on node with accounts.

fn main() {}
