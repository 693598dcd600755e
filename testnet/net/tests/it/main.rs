//! Nodes and a relay as real programs: killed, cut off, starved of space.

#![allow(clippy::unwrap_used, reason = "a test may")]

mod acme;
mod air;
mod audit;
mod away;
mod bad_peers;
mod captions;
mod certificates;
mod claim;
mod day;
mod departure;
mod direct;
mod doctor;
mod full_disk;
mod golden;
mod handshakes;
mod kill;
mod latency;
mod load;
mod no_address;
mod offline;
mod phone;
mod proxies;
mod real_input;
mod relays;
mod roads;
mod stories;
mod street;
mod tls;
mod who_may;
