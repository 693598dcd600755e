//! All that somebody said.

use crate::body::Body;
use crate::body::limit::Limit;
use crate::hlc::Hlc;
use crate::id::UserId;
use minicbor::{Decode, Encode};

/// Takes away all that somebody said in the guild up to a time: messages, edits, reactions, ballots, their nickname.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Encode, Decode)]
#[cbor(array)]
pub struct Erase {
    /// Whose.
    #[n(0)]
    pub user: UserId,
    /// Whatever they wrote no later than this; no later than this op itself.
    #[n(1)]
    pub upto: Hlc,
}

impl Body for Erase {
    fn check(&self) -> Limit {
        Ok(())
    }
}
