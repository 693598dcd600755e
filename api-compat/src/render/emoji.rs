//! Emoji: a guild's own, and those of reactions and answers.

use super::{number, user};
use nexus_core::View;
use nexus_crdt::body::content::custom_emoji;
use nexus_crdt::body::governance::{Picture, PictureFormat};
use nexus_crdt::guild::{Emoji, GuildView};
use nexus_crdt::id::{OpId, UserId};
use nexus_crdt::identity::NamedPicture;
use serde_json::{Value, json};

/// An emoji of a guild. Where its picture is stands under `nexus`: below the window's address, at whatever program keeps it.
pub(crate) fn emoji(view: &View, emoji: &Emoji) -> Value {
    let roles: Vec<String> = emoji.roles.iter().map(|role| number(view, *role)).collect();
    json!({
        "id": number(view, emoji.id),
        "name": emoji.name,
        "roles": roles,
        "require_colons": true,
        "managed": false,
        "animated": emoji.picture.animated,
        "available": true,
        "nexus": { "path": path(&emoji.picture, &emoji.name) },
    })
}

/// An emoji of a bot's own, with the bot.
pub(crate) fn own_emoji(view: &View, bot: &UserId, (id, emoji): (&OpId, &NamedPicture)) -> Value {
    json!({
        "id": number(view, *id),
        "name": emoji.name,
        "roles": [],
        "require_colons": true,
        "managed": false,
        "animated": emoji.picture.animated,
        "available": true,
        "user": user(view, bot),
        "nexus": { "path": path(&emoji.picture, &emoji.name) },
    })
}

/// The same, with who made it.
pub(crate) fn emoji_with_maker(view: &View, shown: &Emoji) -> Value {
    let mut drawn = emoji(view, shown);
    drawn["user"] = user(view, &shown.maker);
    drawn
}

/// All of a guild's, the oldest first.
pub(crate) fn emojis(view: &View, guild: &GuildView) -> Vec<Value> {
    let mut all: Vec<&Emoji> = guild.emojis.values().collect();
    all.sort_by_key(|emoji| view.ids.of(emoji.id));
    all.into_iter().map(|each| emoji(view, each)).collect()
}

/// An emoji as an op names it. One that is gone has lost its name.
pub(crate) fn emoji_of(view: &View, guild: Option<&GuildView>, named: &str) -> Value {
    let Some(id) = custom_emoji(named) else { return json!({ "id": null, "name": named }) };
    let known = guild.and_then(|guild| guild.emojis.get(&id));
    let mut shown = json!({ "id": known_number(view, id), "name": known.map(|emoji| &emoji.name) });
    if known.is_some_and(|emoji| emoji.picture.animated) {
        shown["animated"] = json!(true);
    }
    shown
}

fn known_number(view: &View, id: OpId) -> Option<String> {
    let number = view.ids.of(id).0;
    (number != 0).then(|| number.to_string())
}

fn path(picture: &Picture, name: &str) -> String {
    let end = match picture.format {
        PictureFormat::Png => "png",
        PictureFormat::Jpeg => "jpg",
        PictureFormat::Gif => "gif",
        PictureFormat::Webp => "webp",
    };
    format!("/files/{}/{name}.{end}", hex::encode(picture.hash))
}
