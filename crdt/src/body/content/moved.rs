//! Messages that are shown elsewhere than where they were written.

use super::Notice;
use crate::body::Body;
use crate::body::limit::{Limit, hold};
use crate::hlc::Hlc;
use crate::id::{ChannelId, OpId};
use minicbor::{Decode, Encode};

/// Shows the target message in a public thread of the channel in whose stream it stands; the latest word counts. It says where
/// it is read and nothing else: the message stays in its stream, under its number, and what acts on it stands there too.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
#[cbor(array)]
pub struct Move {
    /// The thread; none for the channel itself.
    #[n(0)]
    pub to: Option<ChannelId>,
}

/// Where a message that was moved stands in its channel's stream: who holds the thread alone knows by it what to ask for.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Encode, Decode)]
#[cbor(array)]
pub struct Brought {
    /// When it was written.
    #[n(0)]
    pub written: Hlc,
    /// Its op.
    #[n(1)]
    pub message: OpId,
}

/// Messages of one [`Notice::Brought`].
pub const BROUGHT_MAX: usize = 100;

impl Body for Move {
    fn check(&self) -> Limit {
        Ok(())
    }
}

impl Notice {
    pub(super) fn check(&self) -> Limit {
        let Self::Brought(_, messages) = self else { return Ok(()) };
        hold((1..=BROUGHT_MAX).contains(&messages.len()), "1 to 100 messages are brought")
    }
}
