//! The IO shell of a node: the store, the one loop, and the handle that programs and windows hold.

mod handle;

pub use handle::{ChangeFeed, FeedError, Node, OpenError, Options, Page, Published, Reader, SpaceStatus};
