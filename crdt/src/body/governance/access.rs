//! Who may ask a bot for something, in this guild: Discord's command permissions.

use crate::body::Body;
use crate::body::limit::{Limit, hold};
use crate::id::{ChannelId, OpId, RoleId, UserId};
use minicbor::{Decode, Encode};

/// Whom, or where, a line of [`OfferAccess`] is about.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Encode, Decode)]
pub enum AccessTarget {
    /// A role, `@everyone` included.
    #[n(0)]
    Role(#[n(0)] RoleId),
    /// A person.
    #[n(1)]
    User(#[n(0)] UserId),
    /// One channel.
    #[n(2)]
    Channel(#[n(0)] ChannelId),
    /// Every channel that has no line of its own.
    #[n(3)]
    AllChannels,
}

/// One line: allowed, or not.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Encode, Decode)]
#[cbor(array)]
pub struct AccessLine {
    /// Whom, or where.
    #[n(0)]
    pub target: AccessTarget,
    /// Which of the two.
    #[n(1)]
    pub allowed: bool,
}

/// Says who may ask a bot for one of its offers, or for all of them: the whole list, one register.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
#[cbor(array)]
pub struct OfferAccess {
    /// Whose offer.
    #[n(0)]
    pub application: UserId,
    /// Which; none: every one that has no lines of its own.
    #[n(1)]
    pub offer: Option<OpId>,
    /// At most 100, ascending by target, each once; none: as the offer itself says.
    #[n(2)]
    pub lines: Vec<AccessLine>,
}

/// Lines of one offer, as on Discord.
pub const ACCESS_LINES_MAX: usize = 100;

impl Body for OfferAccess {
    fn check(&self) -> Limit {
        let sorted = self.lines.is_sorted_by(|a, b| a.target < b.target);
        hold(sorted && self.lines.len() <= ACCESS_LINES_MAX, "lines are at most 100, ascending, each once")
    }
}
