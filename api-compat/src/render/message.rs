//! Messages.

use super::{emoji_of, forward, number, poll, thread, timestamp, user};
use crate::components;
use crate::text;
use nexus_core::{Message, View};
use nexus_crdt::body::content::{Alert, Answered, CopyOf, Embed, File, Notice, ShownAs};
use nexus_crdt::body::governance::SpaceKind;
use nexus_crdt::body::rich_text::{Part, Refs};
use nexus_crdt::guild::GuildView;
use nexus_crdt::id::{ChannelId, OpId, UserId};
use nexus_crdt::verdict::VoidReason;
use nexus_node::Reader;
use serde_json::{Map, Value, json};
use std::collections::BTreeSet;

/// What messages are drawn by.
#[derive(Clone, Copy)]
pub(crate) struct Drawing<'a> {
    /// Names and numbers.
    pub(crate) view: &'a View,
    /// The base URL below which files are, without a slash at its end.
    pub(crate) files: &'a str,
}

/// A message, with the one it answers; as an event tells it, to nobody in particular.
pub(crate) fn message(by: Drawing<'_>, reader: Option<&Reader>, message: &Message) -> Value {
    drawn(by, reader, message, None)
}

/// A message as somebody reads it: which reactions are their own.
pub(crate) fn message_for(
    by: Drawing<'_>,
    reader: Option<&Reader>,
    message: &Message,
    viewer: &UserId,
) -> Value {
    drawn(by, reader, message, Some(viewer))
}

/// Whether more than a message itself is shown with it, for which the store is looked into.
pub(crate) fn is_more_than_itself(view: &View, message: &Message) -> bool {
    message.replied.is_some()
        || message.body.copy_of.is_some()
        || message.body.forward.is_some()
        || thread::made_from(view, message).is_some()
}

fn drawn(by: Drawing<'_>, reader: Option<&Reader>, message: &Message, viewer: Option<&UserId>) -> Value {
    let view = by.view;
    let mut shown = alone(by, message, viewer);
    if let Some((guild, thread)) = thread::made_from(view, message) {
        shown["flags"] = json!(flags(message) | HAS_THREAD);
        let drawn = thread::thread(view, reader, guild, thread, viewer);
        shown["thread"] = drawn.unwrap_or(Value::Null);
    }
    if let Some(copy) = &message.body.copy_of {
        shown["message_reference"] = published(view, reader, copy);
    }
    if let Some(forward) = &message.body.forward {
        shown["message_reference"] = forward::reference(view, reader, forward);
    }
    let Some(replied) = message.replied else { return shown };
    shown["type"] = json!(19);
    let answered =
        reader.and_then(|reader| reader.message_of(view, replied.channel, &replied.id).ok().flatten());
    let place = answered.as_ref().map_or(replied.channel, Message::shown_in);
    shown["message_reference"] = json!({
        "type": 0,
        "message_id": replied.api_id.0.to_string(),
        "channel_id": number(view, place),
    });
    let in_guild = |space: &GuildView| space.facts.kind == SpaceKind::Guild;
    if view.guilds.get(&message.space).is_some_and(in_guild) {
        shown["message_reference"]["guild_id"] = json!(number(view, message.space));
    }
    shown["referenced_message"] = answered.map_or(Value::Null, |answered| alone(by, &answered, viewer));
    shown
}

/// Discord's flags: given to whoever follows the channel, brought from a channel that is followed, a thread was made from it.
const CROSSPOSTED: u32 = 1;
const IS_CROSSPOST: u32 = 1 << 1;
const HAS_THREAD: u32 = 1 << 5;
/// .. it passes on another.
const HAS_SNAPSHOT: u32 = 1 << 14;

fn flags(message: &Message) -> u32 {
    let given = if message.published { CROSSPOSTED } else { 0 };
    let brought = if message.body.copy_of.is_some() { IS_CROSSPOST } else { 0 };
    let own = match message.body.forward {
        Some(_) => message.body.flags & !forward::SHAPING | HAS_SNAPSHOT,
        None => message.body.flags,
    };
    own | given | brought
}

/// What a copy is of; its number where it is held here.
fn published(view: &View, reader: Option<&Reader>, copy: &CopyOf) -> Value {
    let mut reference = json!({
        "type": 0, "channel_id": number(view, copy.channel), "guild_id": number(view, copy.space),
    });
    let held = reader.and_then(|reader| reader.message_of(view, copy.channel, &copy.message).ok().flatten());
    if let Some(held) = held {
        reference["message_id"] = json!(held.api_id.0.to_string());
    }
    reference
}

/// Discord's number of what the author did.
const fn notice_kind(notice: &Notice) -> u8 {
    match notice {
        // Discord has none: it says so in words.
        Notice::Brought(..) => 0,
        Notice::Admitted(_) => 1,
        Notice::PutOut(_) => 2,
        Notice::Named => 4,
    }
}

/// What it says, as a client writes it.
pub(crate) fn content(view: &View, message: &Message) -> String {
    match &message.body.notice {
        Some(Notice::Brought(from, messages)) => brought(view, from, messages.len()),
        _ => text::write(view, &message.body.text, &message.body.refs),
    }
}

/// What was moved into a thread, for who draws no line of their own for it.
fn brought(view: &View, from: &ChannelId, count: usize) -> String {
    let what = if count == 1 { String::from("a message") } else { format!("{count} messages") };
    format!("Moved {what} here from <#{}>.", number(view, *from))
}

fn alone(by: Drawing<'_>, message: &Message, viewer: Option<&UserId>) -> Value {
    let view = by.view;
    let body = &message.body;
    let (people, roles) = pinged(message);
    let mut shown = json!({
        "id": message.api_id.0.to_string(),
        "channel_id": number(view, message.shown_in()),
        "author": user(view, &message.author),
        "content": content(view, message),
        "timestamp": timestamp(body.shown_at.unwrap_or(message.hlc.ms())),
        "edited_timestamp": message.edited.map(|edited| timestamp(edited.ms())),
        "tts": body.tts,
        "mention_everyone": body.pings.everyone,
        "mentions": people.iter().map(|person| user(view, person)).collect::<Vec<_>>(),
        "mention_roles": roles.iter().map(|role| number(view, *role)).collect::<Vec<_>>(),
        "attachments": body.files.iter().flatten().map(|file| attachment(by.files, file)).collect::<Vec<_>>(),
        "embeds": body.embeds.iter().map(|card| embed(view, card, &body.refs)).collect::<Vec<_>>(),
        "components": body.components.as_deref().map_or_else(Vec::new, components::stored),
        "pinned": message.pinned,
        "type": if body.reply_to.is_some() { 19 } else { body.notice.as_ref().map_or(0, notice_kind) },
        "flags": flags(message),
    });
    if let Some(shown) = shown.as_object_mut() {
        if let Some(Notice::Admitted(about) | Notice::PutOut(about)) = &body.notice {
            shown.insert("mentions".to_owned(), json!([user(view, about)]));
        }
        shown.extend(message.nonce.iter().map(|nonce| ("nonce".to_owned(), json!(nonce))));
        if !message.reactions.is_empty() {
            shown.insert("reactions".to_owned(), reactions(view, message, viewer));
        }
        shown.extend(poll::poll(view, message, viewer).map(|poll| ("poll".to_owned(), poll)));
        if let Some(hook) = &body.shown_as {
            shown.extend(shown_as(view, hook));
        }
        if let Some(answered) = &body.answers {
            shown.extend(answers(view, message, answered));
        }
        if let Some(told) = &body.alert {
            shown.extend(alert(view, message, told));
        }
        if let Some(forward) = &body.forward {
            forward::into_snapshot(shown, forward, body.flags);
        }
        shown.extend(beyond_discord(view, message).map(|facts| ("nexus".to_owned(), Value::Object(facts))));
    }
    shown
}

/// The author of a message as its webhook shows them.
fn shown_as(view: &View, hook: &ShownAs) -> Map<String, Value> {
    let id = number(view, hook.webhook);
    let author = json!({
        "id": id, "username": hook.name, "global_name": null, "discriminator": "0000", "avatar": null,
        "bot": true, "flags": 0, "public_flags": 0, "primary_guild": null,
    });
    Map::from_iter([("author".to_owned(), author), ("webhook_id".to_owned(), json!(id))])
}

/// A file, with the link that opens it.
fn attachment(base: &str, file: &File) -> Value {
    let name =
        percent_encoding::utf8_percent_encode(&file.name, percent_encoding::NON_ALPHANUMERIC).to_string();
    // The dot before a name's end stays readable: by it the file is served as what it is.
    let url = format!("{base}/files/{}/{}", hex::encode(file.hash), name.replace("%2E", "."));
    without_nulls(json!({
        "id": attachment_number(file).to_string(),
        "filename": file.name,
        "size": file.size,
        "url": url,
        "proxy_url": url,
        "content_type": file.kind,
        "description": file.about,
    }))
}

/// The number of a file in its message: by what it is and is called.
pub(crate) fn attachment_number(file: &File) -> u64 {
    let hash = blake3::hash(&[&file.hash[..], file.name.as_bytes()].concat());
    let [a, b, c, d, e, f, g, h, ..] = *hash.as_bytes();
    (u64::from_le_bytes([a, b, c, d, e, f, g, h]) >> 1).max(1)
}

/// What a bot says its message answers.
fn answers(view: &View, message: &Message, answered: &Answered) -> Map<String, Value> {
    let bot = json!(number(view, message.author));
    let mut facts =
        Map::from_iter([("application_id".to_owned(), bot.clone()), ("webhook_id".to_owned(), bot)]);
    if answered.kind != 2 {
        return facts;
    }
    let who = user(view, &answered.user);
    let owners = match view.guilds.get(&message.space).map(|space| space.facts.kind) {
        Some(SpaceKind::Guild) => json!({ "0": number(view, message.space) }),
        _ => json!({ "1": number(view, answered.user) }),
    };
    let id = answered.id.to_string();
    facts.insert("type".to_owned(), json!(20));
    facts
        .insert("interaction".to_owned(), json!({ "id": id, "type": 2, "name": answered.name, "user": who }));
    let metadata = json!({ "id": id, "type": 2, "user": who, "authorizing_integration_owners": owners });
    facts.insert("interaction_metadata".to_owned(), metadata);
    facts
}

/// Whom the author pings: people in the text, the author of the message it answers, roles in the text.
fn pinged(message: &Message) -> (BTreeSet<UserId>, BTreeSet<OpId>) {
    let body = &message.body;
    let of_kind = |people: bool| {
        let parts = body.text.0.iter().filter_map(move |part| match part {
            Part::User(index) if people => Some(*index),
            Part::Role(index) if !people => Some(*index),
            _ => None,
        });
        parts.filter(|index| body.pings.refs.contains(index)).filter_map(|index| body.refs.get(index))
    };
    let mut people: BTreeSet<UserId> = of_kind(true).map(UserId::from).collect();
    people.extend(message.replied.filter(|_| body.pings.replied).map(|replied| replied.author));
    (people, of_kind(false).collect())
}

fn reactions(view: &View, message: &Message, viewer: Option<&UserId>) -> Value {
    let guild = view.guilds.get(&message.space);
    let each = message.reactions.iter().map(|reaction| {
        json!({
            "emoji": emoji_of(view, guild, &reaction.emoji),
            "count": reaction.users.len(),
            "count_details": { "burst": 0, "normal": reaction.users.len() },
            "burst_colors": [],
            "me": viewer.is_some_and(|viewer| reaction.users.contains(viewer)),
            "me_burst": false,
        })
    });
    each.collect()
}

/// What a filter caught, as Discord shows it: a card in the name of who said it.
fn alert(view: &View, message: &Message, told: &Alert) -> Map<String, Value> {
    let filter = view.guilds.get(&message.space).and_then(|guild| guild.filters.get(&told.filter));
    let mut fields = vec![
        ("rule_name", filter.map(|filter| filter.name.clone()).unwrap_or_default()),
        ("channel_id", number(view, told.channel)),
        ("decision_id", message.api_id.0.to_string()),
        ("decision_outcome", if told.message.is_none() { "blocked" } else { "flagged" }.to_owned()),
    ];
    if !told.keyword.is_empty() {
        fields.push(("keyword", told.keyword.clone()));
        fields.push(("keyword_matched_content", told.matched.clone()));
    }
    let fields =
        fields.into_iter().map(|(name, value)| json!({ "name": name, "value": value, "inline": false }));
    let card = json!({
        "type": "auto_moderation_message",
        "description": content(view, message),
        "fields": fields.collect::<Vec<_>>(),
    });
    let said_by = told.said_by.as_ref().unwrap_or(&message.author);
    Map::from_iter([
        ("type".to_owned(), json!(24)),
        ("content".to_owned(), json!("")),
        ("embeds".to_owned(), json!([card])),
        ("author".to_owned(), user(view, said_by)),
    ])
}

/// Why authority took a message away, as a word for programs.
pub(crate) const fn void_reason(reason: VoidReason) -> &'static str {
    match reason {
        VoidReason::NotAMember => "not_a_member",
        VoidReason::NoPermission => "no_permission",
        VoidReason::Rank => "rank",
        VoidReason::Removed => "removed",
        VoidReason::Stale => "stale",
        VoidReason::BeyondCut => "beyond_cut",
        VoidReason::Device => "device",
        VoidReason::Target => "target",
        VoidReason::Quota => "quota",
        VoidReason::Frontier => "frontier",
        VoidReason::Rules => "rules",
        VoidReason::Locked => "locked",
        VoidReason::Filtered => "filtered",
        VoidReason::Erased => "erased",
        _ => "unsupported",
    }
}

/// What Discord has no word for, where there is something to say.
fn beyond_discord(view: &View, message: &Message) -> Option<Map<String, Value>> {
    let mut facts = Map::new();
    facts.extend(message.body.shown_at.map(|ms| ("shown_at".to_owned(), json!(ms))));
    facts.extend(message.late.then(|| ("late".to_owned(), json!(true))));
    facts.extend(message.unreadable.then(|| ("unreadable".to_owned(), json!(true))));
    if message.moved.is_some() {
        facts.insert("moved_from".to_owned(), json!(number(view, message.channel)));
    }
    if let Some(Notice::Brought(from, messages)) = &message.body.notice {
        let brought = json!({ "from": number(view, *from), "count": messages.len() });
        facts.insert("brought".to_owned(), brought);
    }
    if message.body.alert.as_ref().is_some_and(|alert| alert.said_by.is_some()) {
        // Who says so of somebody else, nobody has to guess.
        facts.insert("alert_by".to_owned(), json!(number(view, message.author)));
    }
    if let Some(hook) = &message.body.shown_as {
        // Whose webhook it is, nobody has to guess.
        facts.insert("webhook_of".to_owned(), json!(number(view, message.author)));
        facts.extend(hook.avatar.iter().map(|url| ("avatar_url".to_owned(), json!(url))));
    }
    (!facts.is_empty()).then_some(facts)
}

fn embed(view: &View, card: &Embed, refs: &Refs) -> Value {
    let mut shown = Map::from_iter([("type".to_owned(), json!("rich"))]);
    let mut set =
        |name: &str, value: Option<Value>| shown.extend(value.map(|value| (name.to_owned(), value)));
    set("title", card.title.as_ref().map(|title| json!(title)));
    set("description", card.description.as_ref().map(|rich| json!(text::write(view, rich, refs))));
    set("url", card.url.as_ref().map(|url| json!(url)));
    set("timestamp", card.timestamp.map(|ms| json!(timestamp(ms))));
    set("color", card.color.map(|color| json!(color)));
    set(
        "footer",
        card.footer.as_ref().map(|(text, icon)| without_nulls(json!({ "text": text, "icon_url": icon }))),
    );
    set("image", card.image.as_ref().map(|url| json!({ "url": url })));
    set("thumbnail", card.thumbnail.as_ref().map(|url| json!({ "url": url })));
    set(
        "author",
        card.author
            .as_ref()
            .map(|(name, url, icon)| without_nulls(json!({ "name": name, "url": url, "icon_url": icon }))),
    );
    let fields = card.fields.iter().map(|(name, value, inline)| {
        json!({ "name": name, "value": text::write(view, value, refs), "inline": inline })
    });
    set("fields", (!card.fields.is_empty()).then(|| fields.collect()));
    Value::Object(shown)
}

/// Libraries throw at null where Discord leaves a key out.
fn without_nulls(value: Value) -> Value {
    match value {
        Value::Object(fields) => {
            Value::Object(fields.into_iter().filter(|(_, value)| !value.is_null()).collect())
        }
        other => other,
    }
}
