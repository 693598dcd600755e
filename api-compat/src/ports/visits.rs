//! How a program comes to hold what it was invited to.

use nexus_core::InviteUrl;
use std::fmt::Debug;
use std::pin::Pin;

/// How a program comes to hold, as a guest, the governance of a guild that one of its people was invited to.
pub trait Visits: Debug + Send + Sync + 'static {
    /// Asks the invite's relay, and whoever is near. Afterwards the view knows the guild and its invite.
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
