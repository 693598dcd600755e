//! Text whose mentions are places in a table of 32-byte ids, so that it means the same on every machine.

use crate::id::OpId;
use minicbor::{Decode, Encode};

/// Text and mentions in order. Two texts never stand side by side, and none is empty.
#[derive(Clone, PartialEq, Eq, Debug, Default, Encode, Decode)]
#[cbor(transparent)]
pub struct RichText(#[n(0)] pub Vec<Part>);

/// A piece of text, or an index into the body's `refs`.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub enum Part {
    /// As written.
    #[n(0)]
    Text(#[n(0)] String),
    /// A person.
    #[n(1)]
    User(#[n(0)] u32),
    /// A channel.
    #[n(2)]
    Channel(#[n(0)] u32),
    /// A role.
    #[n(3)]
    Role(#[n(0)] u32),
    /// A custom emoji: index, name, animated.
    #[n(4)]
    Emoji(#[n(0)] u32, #[n(1)] String, #[n(2)] bool),
}

/// The ids that a body mentions, each once, in order of first use. At most 100.
#[derive(Clone, PartialEq, Eq, Debug, Default, Encode, Decode)]
#[cbor(transparent)]
pub struct Refs(#[n(0)] pub Vec<OpId>);

impl Refs {
    /// The index of `id`, added where it is new.
    pub fn index_of(&mut self, id: OpId) -> u32 {
        let place = self.0.iter().position(|known| *known == id).unwrap_or_else(|| {
            self.0.push(id);
            self.0.len() - 1
        });
        u32::try_from(place).unwrap_or(u32::MAX)
    }

    /// The id at an index.
    #[must_use]
    pub fn get(&self, index: u32) -> Option<OpId> {
        self.0.get(usize::try_from(index).ok()?).copied()
    }
}

impl RichText {
    /// Plain text without mentions.
    #[must_use]
    pub fn plain(text: &str) -> Self {
        if text.is_empty() { Self::default() } else { Self(vec![Part::Text(text.to_owned())]) }
    }

    /// Whether nothing is written.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}
