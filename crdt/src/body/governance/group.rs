//! Who is in a conversation of several.

use crate::body::Body;
use crate::body::limit::Limit;
use crate::id::UserId;
use minicbor::{Decode, Encode};

/// People in a conversation, as on Discord.
pub const GROUP_MAX: usize = 10;

/// Brings somebody into a conversation of several, or back into it: whoever is in may. A [`super::Kick`] of others by who heads it, or of
/// oneself, ends that.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
#[cbor(array)]
pub struct Admit {
    /// Whom.
    #[n(0)]
    pub user: UserId,
}

impl Body for Admit {
    fn check(&self) -> Limit {
        Ok(())
    }
}
