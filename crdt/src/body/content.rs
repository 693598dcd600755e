//! Bodies of channel streams. What an op acts on stands in the header's `target`.

use super::rich_text::{Refs, RichText};
use crate::id::{OpId, UserId};
use minicbor::{Decode, Encode};

/// A chat message.
#[derive(Clone, PartialEq, Eq, Debug, Default, Encode, Decode)]
#[cbor(array)]
pub struct Message {
    /// Up to 4,000 characters.
    #[n(0)]
    pub text: RichText,
    /// What `text` and `embeds` mention.
    #[n(1)]
    pub refs: Refs,
    /// Up to 10, 6,000 characters in all.
    #[n(2)]
    pub embeds: Vec<Embed>,
    /// The message it answers, in the same channel.
    #[n(3)]
    pub reply_to: Option<OpId>,
    /// Who is pinged.
    #[n(4)]
    pub pings: Pings,
    /// An importer's word for when it was first written, Unix ms (negative before 1970 is not a thing here).
    /// Only members of rate class bulk may set it.
    #[n(5)]
    pub shown_at: Option<u64>,
    /// Discord's message flags that a sender may set (suppress embeds, silent).
    #[n(6)]
    pub flags: u32,
    /// Read aloud.
    #[n(7)]
    pub tts: bool,
}

/// Who is pinged by a message: what its author allowed, not what the text says.
#[derive(Clone, PartialEq, Eq, Debug, Default, Encode, Decode)]
#[cbor(array)]
pub struct Pings {
    /// `@everyone` or `@here` counts.
    #[n(0)]
    pub everyone: bool,
    /// The author of the message it answers.
    #[n(1)]
    pub replied: bool,
    /// Indices into `refs`: people and roles.
    #[n(2)]
    pub refs: Vec<u32>,
}

/// New text for one's own message; replaces all of these at once.
#[derive(Clone, PartialEq, Eq, Debug, Default, Encode, Decode)]
#[cbor(array)]
pub struct Edit {
    /// As in [`Message`].
    #[n(0)]
    pub text: RichText,
    /// As in [`Message`].
    #[n(1)]
    pub refs: Refs,
    /// As in [`Message`].
    #[n(2)]
    pub embeds: Vec<Embed>,
    /// As in [`Message`].
    #[n(3)]
    pub pings: Pings,
    /// As in [`Message`].
    #[n(4)]
    pub flags: u32,
}

/// Takes the target message away.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
#[cbor(array)]
pub struct Delete {}

/// Adds the author's reaction to the target message.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
#[cbor(array)]
pub struct React {
    /// Unicode, up to 64 bytes.
    #[n(0)]
    pub emoji: String,
}

/// Takes reactions away from the target message: of every (hlc, id) order, the latest word for a person and emoji counts.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
#[cbor(array)]
pub struct Unreact {
    /// Which; none for all of the emoji.
    #[n(0)]
    pub emoji: Option<String>,
    /// Whose; none for everybody's. Others' need MANAGE_MESSAGES.
    #[n(1)]
    pub user: Option<UserId>,
}

/// Pins or unpins the target message; the latest word counts.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
#[cbor(array)]
pub struct Pin {
    /// Which of the two.
    #[n(0)]
    pub pinned: bool,
}

/// A card below the text, as Discord shows it.
#[derive(Clone, PartialEq, Eq, Debug, Default, Encode, Decode)]
#[cbor(array)]
pub struct Embed {
    /// Up to 256 characters.
    #[n(0)]
    pub title: Option<String>,
    /// Up to 4,096 characters.
    #[n(1)]
    pub description: Option<RichText>,
    /// Where the title leads.
    #[n(2)]
    pub url: Option<String>,
    /// Unix ms.
    #[n(3)]
    pub timestamp: Option<u64>,
    /// 0xRRGGBB.
    #[n(4)]
    pub color: Option<u32>,
    /// Text and icon.
    #[n(5)]
    pub footer: Option<(String, Option<String>)>,
    /// URL.
    #[n(6)]
    pub image: Option<String>,
    /// URL.
    #[n(7)]
    pub thumbnail: Option<String>,
    /// Name, URL, icon.
    #[n(8)]
    pub author: Option<(String, Option<String>, Option<String>)>,
    /// Up to 25: name, value, inline.
    #[n(9)]
    pub fields: Vec<(String, RichText, bool)>,
}
