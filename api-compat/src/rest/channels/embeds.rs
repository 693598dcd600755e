//! Embeds as clients send them.

use crate::error::{Answer, ApiError};
use crate::text;
use nexus_api_model as model;
use nexus_core::View;
use nexus_crdt::body::content::{Embed, is_link};
use nexus_crdt::body::rich_text::Refs;

/// Most embeds of a message.
const EMBEDS_MAX: usize = 10;
/// Most characters of all embeds of a message.
const CHARACTERS_MAX: usize = 6_000;

/// Reads embeds; what they mention joins the message's refs.
pub(crate) fn parse(view: &View, embeds: Vec<model::Embed>, refs: &mut Refs) -> Answer<Vec<Embed>> {
    if embeds.len() > EMBEDS_MAX {
        return Err(ApiError::invalid("embeds", "BASE_TYPE_MAX_LENGTH", "Must be 10 or fewer in length."));
    }
    if embeds.iter().map(model::Embed::characters).sum::<usize>() > CHARACTERS_MAX {
        let words = "Embed size exceeds maximum size of 6000";
        return Err(ApiError::invalid("embeds", "MAX_EMBED_SIZE_EXCEEDED", words));
    }
    embeds.into_iter().enumerate().map(|(at, embed)| read(embed, at, view, refs)).collect()
}

fn links(embed: &model::Embed) -> [(&'static str, Option<&str>); 6] {
    let author = embed.author.as_ref();
    [
        ("url", embed.url.as_deref()),
        ("footer.icon_url", embed.footer.as_ref().and_then(|footer| footer.icon_url.as_deref())),
        ("image.url", embed.image.as_ref().map(|picture| picture.url.as_str())),
        ("thumbnail.url", embed.thumbnail.as_ref().map(|picture| picture.url.as_str())),
        ("author.url", author.and_then(|author| author.url.as_deref())),
        ("author.icon_url", author.and_then(|author| author.icon_url.as_deref())),
    ]
}

fn check(embed: &model::Embed, at: usize) -> Answer<()> {
    let long = |text: Option<&String>, max: usize| text.is_some_and(|text| text.chars().count() > max);
    let field = |name: &str| format!("embeds.{at}.{name}");
    let refuse = |name: &str, max: usize| {
        let words = format!("Must be {max} or fewer in length.");
        Err(ApiError::invalid(&field(name), "BASE_TYPE_MAX_LENGTH", &words))
    };
    if long(embed.title.as_ref(), 256) {
        return refuse("title", 256);
    }
    if long(embed.description.as_ref(), 4_096) {
        return refuse("description", 4_096);
    }
    if long(embed.footer.as_ref().map(|footer| &footer.text), 2_048) {
        return refuse("footer.text", 2_048);
    }
    if long(embed.author.as_ref().map(|author| &author.name), 256) {
        return refuse("author.name", 256);
    }
    if embed.color.is_some_and(|color| color > 0x00ff_ffff) {
        let words = "int value should be less than or equal to 16777215.";
        return Err(ApiError::invalid(&field("color"), "NUMBER_TYPE_MAX", words));
    }
    if let Some((name, _)) = links(embed).into_iter().find(|(_, url)| url.is_some_and(|url| !is_link(url))) {
        return Err(ApiError::invalid(&field(name), "URL_TYPE_INVALID_URL", "Not a well formed URL."));
    }
    let fields = embed.fields.as_deref().unwrap_or_default();
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

fn read(embed: model::Embed, at: usize, view: &View, refs: &mut Refs) -> Answer<Embed> {
    check(&embed, at)?;
    let timestamp = embed.timestamp.as_deref().map(|text| unix_ms(at, text)).transpose()?;
    let mut rich = |text: &str| text::parse(view, text, refs);
    Ok(Embed {
        title: embed.title,
        description: embed.description.as_deref().map(&mut rich),
        url: embed.url,
        timestamp,
        color: embed.color,
        footer: embed.footer.map(|footer| (footer.text, footer.icon_url)),
        image: embed.image.map(|picture| picture.url),
        thumbnail: embed.thumbnail.map(|picture| picture.url),
        author: embed.author.map(|author| (author.name, author.url, author.icon_url)),
        fields: embed
            .fields
            .unwrap_or_default()
            .into_iter()
            .map(|field| (field.name, rich(&field.value), field.inline))
            .collect(),
    })
}

fn unix_ms(at: usize, text: &str) -> Answer<u64> {
    let wrong = || {
        let field = format!("embeds.{at}.timestamp");
        ApiError::invalid(&field, "DATE_TIME_TYPE_PARSE", "Not an ISO 8601 timestamp.")
    };
    crate::rest::moment(text).ok_or_else(wrong)
}
