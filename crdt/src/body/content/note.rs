//! What somebody keeps for themself, and says of somebody else: registers of their author, the latest word of which counts.
//!
//! All but one stand in the space of one's own: a conversation whose only participant one is, held by one's own
//! devices and home relays and by nobody else, and sealed so that only the devices read them ([`super::sealing`]); earlier versions wrote
//! them open. Whether one wishes to be friends stands, open, in the conversation with that person, who is to know. Elsewhere they mean nothing.

use crate::body::Body;
use crate::body::limit::{Limit, chars, hold};
use crate::id::{ChannelId, OpId, SpaceId, UserId};
use minicbor::{Decode, Encode};

/// A note.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub enum Note {
    /// How far one has read.
    #[n(0)]
    Read {
        /// Where.
        #[n(0)]
        channel: ChannelId,
        /// The last message that is read.
        #[n(1)]
        message: OpId,
    },
    /// A setting.
    #[n(1)]
    Setting {
        /// What it is about.
        #[n(0)]
        about: About,
        /// 1 to 64 characters.
        #[n(1)]
        name: String,
        /// JSON, 1 to 4,096 bytes. What it says is for the window.
        #[n(2)]
        json: String,
    },
    /// Somebody is blocked, or no longer.
    #[n(2)]
    Block {
        /// Who.
        #[n(0)]
        user: UserId,
        /// Which of the two.
        #[n(1)]
        blocked: bool,
    },
    /// One wishes to be friends with the other person of this conversation, or no longer.
    #[n(3)]
    Friend {
        /// Which of the two.
        #[n(0)]
        wished: bool,
    },
    /// What one is about to say somewhere, and has not said yet. Only ever sealed.
    #[n(4)]
    Draft {
        /// Where.
        #[n(0)]
        channel: ChannelId,
        /// Up to 8,000 bytes; empty: nothing any more.
        #[n(1)]
        text: String,
    },
}

/// What a setting is about.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Encode, Decode)]
pub enum About {
    /// Oneself.
    #[n(0)]
    Me,
    /// A guild.
    #[n(1)]
    Guild(#[n(0)] SpaceId),
    /// A channel.
    #[n(2)]
    Channel(#[n(0)] ChannelId),
}

/// Bytes of one setting.
pub const SETTING_MAX: usize = 4_096;
/// Bytes of one draft: a message's 2,000 characters, whatever they are.
pub const DRAFT_MAX: usize = 8_000;

impl Body for Note {
    fn check(&self) -> Limit {
        match self {
            Self::Setting { name, json, .. } => {
                chars(name, 1..=64, "a setting's name has 1 to 64 characters")?;
                hold((1..=SETTING_MAX).contains(&json.len()), "a setting has 1 to 4,096 bytes")
            }
            Self::Draft { text, .. } => hold(text.len() <= DRAFT_MAX, "a draft has up to 8,000 bytes"),
            Self::Read { .. } | Self::Block { .. } | Self::Friend { .. } => Ok(()),
        }
    }
}
