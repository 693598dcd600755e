//! The IO shell of a node: the store, the one loop, and the handle that programs and windows hold.

mod handle;
mod status;

pub use handle::{ChangeFeed, FeedError, Node, OpenError, Options, Page, Published, Reader, SpaceStatus};
pub use status::{GuildStatus, NodeStatus, TimelineStatus};
