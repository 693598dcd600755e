//! Embeds as clients send them.

use crate::error::{Answer, ApiError};
use crate::text;
use nexus_core::View;
use nexus_crdt::body::content::{Embed, is_link};
use nexus_crdt::body::rich_text::Refs;
use serde::Deserialize;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

/// One embed. What a sender may set; the rest of what libraries send (`type`, proxies, sizes) is derived.
#[derive(Deserialize)]
pub(crate) struct EmbedBody {
    title: Option<String>,
    description: Option<String>,
    url: Option<String>,
    timestamp: Option<String>,
    color: Option<u32>,
    footer: Option<Footer>,
    image: Option<Picture>,
    thumbnail: Option<Picture>,
    author: Option<Author>,
    fields: Option<Vec<Field>>,
}

#[derive(Deserialize)]
struct Footer {
    text: String,
    icon_url: Option<String>,
}

#[derive(Deserialize)]
struct Picture {
    url: String,
}

#[derive(Deserialize)]
struct Author {
    name: String,
    url: Option<String>,
    icon_url: Option<String>,
}

#[derive(Deserialize)]
struct Field {
    name: String,
    value: String,
    #[serde(default)]
    inline: bool,
}

/// Most embeds of a message.
const EMBEDS_MAX: usize = 10;
/// Most characters of all embeds of a message.
const CHARACTERS_MAX: usize = 6_000;

/// Reads embeds; what they mention joins the message's refs.
pub(crate) fn parse(view: &View, embeds: Vec<EmbedBody>, refs: &mut Refs) -> Answer<Vec<Embed>> {
    if embeds.len() > EMBEDS_MAX {
        return Err(ApiError::invalid("embeds", "BASE_TYPE_MAX_LENGTH", "Must be 10 or fewer in length."));
    }
    if embeds.iter().map(EmbedBody::characters).sum::<usize>() > CHARACTERS_MAX {
        let words = "Embed size exceeds maximum size of 6000";
        return Err(ApiError::invalid("embeds", "MAX_EMBED_SIZE_EXCEEDED", words));
    }
    embeds.into_iter().enumerate().map(|(at, embed)| embed.read(at, view, refs)).collect()
}

impl EmbedBody {
    fn characters(&self) -> usize {
        let count = |text: &str| text.chars().count();
        let some = |text: &Option<String>| text.as_deref().map_or(0, count);
        let fields: usize =
            self.fields.iter().flatten().map(|field| count(&field.name) + count(&field.value)).sum();
        some(&self.title)
            + some(&self.description)
            + self.footer.as_ref().map_or(0, |footer| count(&footer.text))
            + self.author.as_ref().map_or(0, |author| count(&author.name))
            + fields
    }

    fn links(&self) -> [(&'static str, Option<&str>); 6] {
        let author = self.author.as_ref();
        [
            ("url", self.url.as_deref()),
            ("footer.icon_url", self.footer.as_ref().and_then(|footer| footer.icon_url.as_deref())),
            ("image.url", self.image.as_ref().map(|picture| picture.url.as_str())),
            ("thumbnail.url", self.thumbnail.as_ref().map(|picture| picture.url.as_str())),
            ("author.url", author.and_then(|author| author.url.as_deref())),
            ("author.icon_url", author.and_then(|author| author.icon_url.as_deref())),
        ]
    }

    fn check(&self, at: usize) -> Answer<()> {
        let long = |text: Option<&String>, max: usize| text.is_some_and(|text| text.chars().count() > max);
        let field = |name: &str| format!("embeds.{at}.{name}");
        let refuse = |name: &str, max: usize| {
            let words = format!("Must be {max} or fewer in length.");
            Err(ApiError::invalid(&field(name), "BASE_TYPE_MAX_LENGTH", &words))
        };
        if long(self.title.as_ref(), 256) {
            return refuse("title", 256);
        }
        if long(self.description.as_ref(), 4_096) {
            return refuse("description", 4_096);
        }
        if long(self.footer.as_ref().map(|footer| &footer.text), 2_048) {
            return refuse("footer.text", 2_048);
        }
        if long(self.author.as_ref().map(|author| &author.name), 256) {
            return refuse("author.name", 256);
        }
        if self.color.is_some_and(|color| color > 0x00ff_ffff) {
            let words = "int value should be less than or equal to 16777215.";
            return Err(ApiError::invalid(&field("color"), "NUMBER_TYPE_MAX", words));
        }
        if let Some((name, _)) =
            self.links().into_iter().find(|(_, url)| url.is_some_and(|url| !is_link(url)))
        {
            return Err(ApiError::invalid(&field(name), "URL_TYPE_INVALID_URL", "Not a well formed URL."));
        }
        let fields = self.fields.as_deref().unwrap_or_default();
        if fields.len() > 25 {
            return refuse("fields", 25);
        }
        for (number, each) in fields.iter().enumerate() {
            if long(Some(&each.name), 256) {
                return refuse(&format!("fields.{number}.name"), 256);
            }
            if long(Some(&each.value), 1_024) {
                return refuse(&format!("fields.{number}.value"), 1_024);
            }
        }
        Ok(())
    }

    fn read(self, at: usize, view: &View, refs: &mut Refs) -> Answer<Embed> {
        self.check(at)?;
        let timestamp = self.timestamp.as_deref().map(|text| unix_ms(at, text)).transpose()?;
        let mut rich = |text: &str| text::parse(view, text, refs);
        Ok(Embed {
            title: self.title,
            description: self.description.as_deref().map(&mut rich),
            url: self.url,
            timestamp,
            color: self.color,
            footer: self.footer.map(|footer| (footer.text, footer.icon_url)),
            image: self.image.map(|picture| picture.url),
            thumbnail: self.thumbnail.map(|picture| picture.url),
            author: self.author.map(|author| (author.name, author.url, author.icon_url)),
            fields: self
                .fields
                .unwrap_or_default()
                .into_iter()
                .map(|field| (field.name, rich(&field.value), field.inline))
                .collect(),
        })
    }
}

fn unix_ms(at: usize, text: &str) -> Answer<u64> {
    let wrong = || {
        let field = format!("embeds.{at}.timestamp");
        ApiError::invalid(&field, "DATE_TIME_TYPE_PARSE", "Not an ISO 8601 timestamp.")
    };
    let moment = OffsetDateTime::parse(text, &Rfc3339).map_err(|_| wrong())?;
    u64::try_from(moment.unix_timestamp_nanos() / 1_000_000).map_err(|_| wrong())
}
