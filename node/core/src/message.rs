//! A chat message as it is read: the op, what became of it, and the numbers the API calls it by.

mod pings;
mod read;

pub(crate) use pings::honoured;
pub(crate) use read::{as_sent, replied, shown_in};
pub use read::{read, unreadable};

use crate::snowflake::Snowflake;
use nexus_crdt::body::content;
use nexus_crdt::hlc::Hlc;
use nexus_crdt::id::{ChannelId, OpId, SpaceId, UserId};
use nexus_crdt::timeline::{Ballots, Reaction};

/// A visible message.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Message {
    /// Its op.
    pub id: OpId,
    /// Its number in the channel.
    pub api_id: Snowflake,
    /// Guild or conversation.
    pub space: SpaceId,
    /// Where it was written, and where what acts on it stands.
    pub channel: ChannelId,
    /// The thread of that channel in which it is shown, where somebody moved it there.
    pub moved: Option<ChannelId>,
    /// Whose.
    pub author: UserId,
    /// When it was written.
    pub hlc: Hlc,
    /// As the latest visible edit says it, else as sent (a poll always as sent).
    pub body: content::Message,
    /// Whether the body is sealed, was destroyed, or was changed on the disk: `body` is empty then.
    pub unreadable: bool,
    /// When it was last edited.
    pub edited: Option<Hlc>,
    /// Number and author of the message it answers, where that is still to be seen.
    pub replied: Option<Replied>,
    /// Pinned.
    pub pinned: bool,
    /// Given to whoever follows its channel.
    pub published: bool,
    /// In order of first use.
    pub reactions: Vec<Reaction>,
    /// What its poll has become, where it has one.
    pub ballots: Option<Ballots>,
    /// What the sender's client calls it until it is back; known only where it was just sent.
    pub nonce: Option<String>,
    /// Came in from another device more than 10 minutes after it was written.
    pub late: bool,
}

impl Message {
    /// Where it is read.
    #[must_use]
    pub fn shown_in(&self) -> ChannelId {
        self.moved.unwrap_or(self.channel)
    }
}

/// The message an answer answers.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Replied {
    /// Where it was written.
    pub channel: ChannelId,
    /// Its op.
    pub id: OpId,
    /// Its number.
    pub api_id: Snowflake,
    /// Whose it is.
    pub author: UserId,
}
