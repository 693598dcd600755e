//! A message that is to be sent, and what is to change of one.

use nexus_crdt::body::content::{Answered, CopyOf, Embed, File, Forward, Pings, Poll, ShownAs};
use nexus_crdt::body::rich_text::{Refs, RichText};
use nexus_crdt::id::{ChannelId, OpId};

/// A message to be sent.
#[derive(Clone, PartialEq, Debug)]
pub struct MessageDraft {
    /// Where.
    pub channel: ChannelId,
    /// What is written.
    pub text: RichText,
    /// What it mentions.
    pub refs: Refs,
    /// Cards.
    pub embeds: Vec<Embed>,
    /// The message it answers.
    pub reply_to: Option<OpId>,
    /// Who is pinged.
    pub pings: Pings,
    /// Bulk class only, Unix ms.
    pub shown_at: Option<u64>,
    /// Discord's message flags.
    pub flags: u32,
    /// Read aloud.
    pub tts: bool,
    /// The client's name for it.
    pub nonce: Option<String>,
    /// A second message with the same nonce by the same author within minutes is the first one again.
    pub enforce_nonce: bool,
    /// What bots send besides.
    pub extras: Extras,
}

impl MessageDraft {
    /// A text, and nothing else.
    #[must_use]
    pub fn plain(channel: ChannelId, text: &str) -> Self {
        Self {
            channel,
            text: RichText::plain(text),
            refs: Refs::default(),
            embeds: Vec::new(),
            reply_to: None,
            pings: Pings::default(),
            shown_at: None,
            flags: 0,
            tts: false,
            nonce: None,
            enforce_nonce: false,
            extras: Extras::default(),
        }
    }
}

/// What a message has besides text and embeds.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Extras {
    /// Buttons and the like, as in the op's body.
    pub components: Option<String>,
    /// The interaction it answers.
    pub answers: Option<Answered>,
    /// Files, kept already.
    pub files: Option<Vec<File>>,
    /// The webhook of the actor's that it is sent by.
    pub shown_as: Option<ShownAs>,
    /// What it asks.
    pub poll: Option<Box<Poll>>,
    /// What it is a copy of.
    pub copy_of: Option<Box<CopyOf>>,
    /// What it passes on, whose text and the rest are the draft's.
    pub forward: Option<Box<Forward>>,
}

impl Extras {
    /// Whether there is nothing in it that makes a message of an empty text.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.components.is_none() && self.files.is_none() && self.poll.is_none()
    }
}

/// New text for a message; what is not given stays.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct MessageEdit {
    /// What is written, with what text and embeds mention.
    pub text: Option<RichText>,
    /// Cards.
    pub embeds: Option<Vec<Embed>>,
    /// What the new text and embeds mention; indices of kept parts are carried over by the core.
    pub refs: Refs,
    /// Who is pinged.
    pub pings: Pings,
    /// Discord's message flags.
    pub flags: Option<u32>,
    /// Buttons and the like; `Some(None)` takes them away.
    pub components: Option<Option<String>>,
    /// The whole list of files, where given.
    pub files: Option<Option<Vec<File>>>,
}
