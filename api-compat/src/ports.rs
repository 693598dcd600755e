//! What the window asks of services that differ between a node and a relay.

use nexus_core::{InviteUrl, View};
use nexus_crdt::id::UserId;
use std::fmt::Debug;
use std::pin::Pin;

/// Who stands behind a token. A node has one owner and their bots ([`crate::owner`]); a relay has many people.
pub trait Accounts: Send + Sync + 'static {
    /// Whom a token speaks for.
    fn authenticate(&self, view: &View, token: &str) -> Option<UserId>;
    /// Whether strangers may make an account here.
    fn registers(&self) -> bool;
}

/// How a program comes to hold, as a guest, the governance of a guild that one of its people was invited to.
pub trait Visits: Debug + Send + Sync + 'static {
    /// Asks the invite's relay. Afterwards the view knows the guild and its invite.
    fn visit<'a>(&'a self, invite: &'a InviteUrl) -> Visit<'a>;
}

/// A visit under way.
pub type Visit<'a> = Pin<Box<dyn Future<Output = Result<(), VisitError>> + Send + 'a>>;

/// Why a visit brought nothing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum VisitError {
    /// The relay does not answer, or not as a relay; in words.
    #[error("{0}")]
    NotReached(String),
    /// The relay knows no such invite, or none that still opens anything.
    #[error("unknown invite")]
    UnknownInvite,
}
