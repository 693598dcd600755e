//! Embeds as a sender sets them; what libraries send besides (`type`, sizes, proxies) is derived and left unread.
//! See [Discord Docs/Message/Embed Object].

use crate::null_as_absent;
use serde::Deserialize;

/// A card below a message's text.
#[derive(Clone, PartialEq, Eq, Debug, Default, Deserialize)]
#[serde(default)]
pub struct Embed {
    /// Name, link and icon at the top.
    pub author: Option<EmbedAuthor>,
    /// 0xRRGGBB.
    pub color: Option<u32>,
    /// Up to 4,096 characters.
    pub description: Option<String>,
    /// Up to 25.
    pub fields: Option<Vec<EmbedField>>,
    /// Text and icon at the bottom.
    pub footer: Option<EmbedFooter>,
    /// The large picture.
    pub image: Option<EmbedMedia>,
    /// The small picture.
    pub thumbnail: Option<EmbedMedia>,
    /// ISO 8601.
    pub timestamp: Option<String>,
    /// Up to 256 characters.
    pub title: Option<String>,
    /// Where the title leads.
    pub url: Option<String>,
}

/// The top line of an embed.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
pub struct EmbedAuthor {
    /// Picture URL.
    pub icon_url: Option<String>,
    /// Up to 256 characters.
    pub name: String,
    /// Where the name leads.
    pub url: Option<String>,
}

/// A field of an embed.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
pub struct EmbedField {
    /// Beside others.
    #[serde(default, deserialize_with = "null_as_absent")]
    pub inline: bool,
    /// Up to 256 characters.
    pub name: String,
    /// Up to 1,024 characters.
    pub value: String,
}

/// The bottom line of an embed.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
pub struct EmbedFooter {
    /// Picture URL.
    pub icon_url: Option<String>,
    /// Up to 2,048 characters.
    pub text: String,
}

/// A picture of an embed.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
pub struct EmbedMedia {
    /// Where it is.
    pub url: String,
}

impl Embed {
    /// Characters that count against the 6,000 of a message: title, description, author, footer, fields.
    #[must_use]
    pub fn characters(&self) -> usize {
        let count = |text: &str| text.chars().count();
        let some = |text: &Option<String>| text.as_deref().map_or(0, count);
        let fields = self.fields.iter().flatten().map(|field| count(&field.name) + count(&field.value));
        some(&self.title)
            + some(&self.description)
            + self.footer.as_ref().map_or(0, |footer| count(&footer.text))
            + self.author.as_ref().map_or(0, |author| count(&author.name))
            + fields.sum::<usize>()
    }
}
