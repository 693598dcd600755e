//! Text whose mentions are places in a table of 32-byte ids, so that it means the same on every machine.

use super::limit::{Limit, chars, distinct, hold};
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

/// Ids in one table.
pub const REFS_MAX: usize = 100;

impl Refs {
    pub(super) fn check(&self) -> Limit {
        distinct(self.0.iter(), REFS_MAX, "a body mentions at most 100 ids, each once in its table")
    }

    /// Whether an index has an id behind it.
    pub(super) fn covers(&self, index: u32) -> bool {
        self.get(index).is_some()
    }

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

    /// Length in characters; a mention counts as one.
    #[must_use]
    pub fn len(&self) -> usize {
        let part = |part: &Part| if let Part::Text(text) = part { text.chars().count() } else { 1 };
        self.0.iter().map(part).sum()
    }

    pub(super) fn check(&self, refs: &Refs, max: usize, too_long: &'static str) -> Limit {
        let text = |part: &Part| matches!(part, Part::Text(_));
        let apart = self.0.windows(2).all(|pair| !pair.iter().all(text));
        hold(apart, "two pieces of text stand side by side")?;
        self.0.iter().try_for_each(|part| part.check(refs))?;
        hold(self.len() <= max, too_long)
    }

    /// Whether nothing is written.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl Part {
    fn check(&self, refs: &Refs) -> Limit {
        let index = match self {
            Self::Text(text) => return hold(!text.is_empty(), "a piece of text is empty"),
            Self::User(index) | Self::Channel(index) | Self::Role(index) => index,
            Self::Emoji(index, name, _) => {
                chars(name, 1..=32, "an emoji's name has 1 to 32 characters")?;
                index
            }
        };
        hold(refs.covers(*index), "a mention points outside the table of ids")
    }
}
