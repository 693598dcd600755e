//! What the window asks of services that differ between a node and a relay.

use nexus_core::View;
use nexus_crdt::id::UserId;

/// Who stands behind a token. A node has one owner and their bots ([`crate::owner`]); a relay has many people.
pub trait Accounts: Send + Sync + 'static {
    /// Whom a token speaks for.
    fn authenticate(&self, view: &View, token: &str) -> Option<UserId>;
    /// Whether strangers may make an account here.
    fn registers(&self) -> bool;
}
