//! What who looks after a guild is told of what its filters catch.

use crate::body::limit::{Limit, chars};
use crate::id::{ChannelId, OpId, UserId};
use minicbor::{Decode, Encode};

/// That a filter caught something, whose text is the alert's own. By the program of who said it, in their name; where that kept it back,
/// by the program of who had the filter do so.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
#[cbor(array)]
pub struct Alert {
    /// Which.
    #[n(0)]
    pub filter: OpId,
    /// Where it was said.
    #[n(1)]
    pub channel: ChannelId,
    /// The word or pattern, up to 260 characters; empty where it was none.
    #[n(2)]
    pub keyword: String,
    /// What of the text it found, up to 260 characters.
    #[n(3)]
    pub matched: String,
    /// The message, where there is one.
    #[n(4)]
    pub message: Option<OpId>,
    /// Who said it, where it was not the alert's author. Counts only where that one manages the guild.
    #[n(5)]
    pub said_by: Option<UserId>,
}

impl Alert {
    pub(super) fn check(&self) -> Limit {
        chars(&self.keyword, 0..=FOUND_MAX, "a word or pattern has up to 260 characters")?;
        chars(&self.matched, 0..=FOUND_MAX, "what is found is told up to 260 characters")
    }
}

/// Characters of a word or pattern, and of what it found.
const FOUND_MAX: usize = 260;
