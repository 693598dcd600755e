//! The IO shell of a node: the store, the one loop, and the handle that programs and windows hold.
//!
//! One thread owns the core and is the only writer. It takes whatever has arrived in its inbox, lets the core decide
//! it within one write transaction, makes that durable, and only then shows the new view and answers. Readers go
//! around the loop: the view is in memory, and a [`Reader`] is a read transaction of its own.
//!
//! **Invariant.** Nothing is answered, published or shown before it is durable.

mod handle;
pub mod mesh;
mod node_loop;
mod reader;
pub mod secret_file;
mod stage;
mod status;
pub mod store;
mod unreadable;

pub use handle::{Node, OPS_MAX, OpenError, Options};
pub use reader::{Page, Queued, Reader, SpaceStatus};
pub use stage::{ChangeFeed, FeedError, Published};
pub use status::{
    CertificateStatus, ContestedStatus, GuildRelayStatus, GuildStatus, MeshStatus, NodeStatus, PeerStatus,
    RelayStatus, ShortfallStatus, TimelineStatus, relays_of,
};

/// Wall clock, Unix ms.
fn node_now_ms() -> u64 {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    since.map_or(0, |since| u64::try_from(since.as_millis()).unwrap_or(u64::MAX))
}
