//! Talk played into a node, benchmarks of it, and what stands between it and its clients in tests and breaks things there.
//! An outsider: it speaks HTTP and WebSocket, starts the program by its command line, and imports nothing of it.

pub mod api;
pub mod bench;
pub mod cut;
pub mod facts;
pub mod floor;
pub mod gateway;
pub mod node;
pub mod quic;
pub mod replay;
pub mod stage;
pub mod table;
pub mod talk;
