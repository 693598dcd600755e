//! Threads, who follows them, and what forums have.

use super::{member, number, timestamp};
use crate::rest::channel_body::{PINNED, TAG_REQUIRED};
use nexus_core::{StoreFault, Tally, View};
use nexus_crdt::body::governance::ChannelKind;
use nexus_crdt::guild::{Channel, Forum, GuildView};
use nexus_crdt::hlc::Hlc;
use nexus_crdt::id::{ChannelId, UserId};
use nexus_node::Reader;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// Whether a channel is a thread.
pub(crate) fn is_thread(guild: &GuildView, channel: &ChannelId) -> bool {
    guild.channels.get(channel).is_some_and(|channel| channel.thread.is_some())
}

/// Whether it is a post of a forum.
fn is_post(guild: &GuildView, thread: &Channel) -> bool {
    let parent = thread.parent.and_then(|parent| guild.channels.get(&parent));
    parent.is_some_and(|parent| parent.forum.is_some())
}

/// What of a thread the store says.
struct Told {
    tally: Tally,
    followers: BTreeMap<UserId, Hlc>,
    last: Option<String>,
}

impl Told {
    fn by(view: &View, guild: &GuildView, thread: &Channel, reader: &Reader) -> Result<Self, StoreFault> {
        let mut tally = reader.tally(view, thread)?;
        if is_post(guild, thread) {
            // As on Discord, what a post begins with is not counted.
            let begins = reader.message(view, thread.id, view.ids.of(thread.id))?.is_some();
            tally.shown = tally.shown.saturating_sub(u64::from(begins));
            tally.said = tally.said.saturating_sub(1);
        }
        let last = reader.last_message(thread.id)?;
        let followers = reader.followers(thread)?.into_iter();
        let followers = followers.filter(|(user, _)| guild.members.contains_key(user)).collect();
        Ok(Self { tally, followers, last: last.map(|last| last.0.to_string()) })
    }
}

/// A thread, with how its viewer follows it. Without a reader nothing is known of what the store says.
///
/// # Errors
/// [`StoreFault`] where the store fails.
pub(crate) fn thread(
    view: &View,
    reader: Option<&Reader>,
    guild: &GuildView,
    channel: &Channel,
    viewer: Option<&UserId>,
) -> Result<Value, StoreFault> {
    let Some(thread) = &channel.thread else { return Ok(Value::Null) };
    let told = reader.map(|reader| Told::by(view, guild, channel, reader)).transpose()?;
    let told = told.unwrap_or(Told { tally: Tally::default(), followers: BTreeMap::new(), last: None });
    let mut shown = json!({
        "id": number(view, channel.id),
        "type": kind(guild, channel),
        "guild_id": number(view, guild.facts.id),
        "parent_id": channel.parent.map(|parent| number(view, parent)),
        "owner_id": number(view, thread.owner),
        "name": channel.name,
        "last_message_id": told.last,
        "rate_limit_per_user": channel.slowmode_s,
        "message_count": told.tally.shown,
        "total_message_sent": told.tally.said,
        "member_count": told.followers.len(),
        "flags": if thread.pinned { PINNED } else { 0 },
        "thread_metadata": {
            "archived": thread.archived,
            "archive_timestamp": timestamp(thread.archived_at.ms()),
            "auto_archive_duration": thread.quiet_after_min,
            "locked": channel.is_locked(),
            "create_timestamp": timestamp(channel.born.ms()),
        },
    });
    if let Some(circle) = &thread.private {
        shown["thread_metadata"]["invitable"] = json!(circle.invitable);
    }
    if is_post(guild, channel) {
        shown["applied_tags"] = thread.tags.iter().map(ToString::to_string).collect();
    }
    if let Some((viewer, since)) = viewer.and_then(|viewer| Some((viewer, told.followers.get(viewer)?))) {
        shown["member"] = thread_member(view, guild, channel, (viewer, *since), false);
    }
    Ok(shown)
}

/// Discord's number of the kind of a thread.
pub(crate) fn kind(guild: &GuildView, thread: &Channel) -> u8 {
    if thread.thread.as_ref().is_some_and(|facts| facts.private.is_some()) {
        return 12;
    }
    let parent = thread.parent.and_then(|parent| guild.channels.get(&parent));
    if parent.is_some_and(|parent| parent.kind == ChannelKind::Announcement) { 10 } else { 11 }
}

/// Who follows a thread since when; with who they are in the guild, where that is asked for.
pub(crate) fn thread_member(
    view: &View,
    guild: &GuildView,
    thread: &Channel,
    (user, since): (&UserId, Hlc),
    with_member: bool,
) -> Value {
    let mut shown = json!({
        "id": number(view, thread.id),
        "user_id": number(view, *user),
        "join_timestamp": timestamp(since.ms()),
        "flags": 0,
    });
    if let Some(who) = guild.members.get(user).filter(|_| with_member) {
        shown["member"] = member(view, guild, who);
    }
    shown
}

/// Several threads, and how their viewer follows them.
///
/// # Errors
/// [`StoreFault`] where the store fails.
pub(crate) fn thread_list(
    view: &View,
    reader: &Reader,
    guild: &GuildView,
    viewer: &UserId,
    threads: &[&Channel],
) -> Result<Map<String, Value>, StoreFault> {
    let drawn = threads.iter().map(|channel| thread(view, Some(reader), guild, channel, Some(viewer)));
    let drawn = drawn.collect::<Result<Vec<_>, _>>()?;
    let members: Vec<Value> = drawn.iter().filter_map(|thread| thread.get("member").cloned()).collect();
    Ok(Map::from_iter([("threads".to_owned(), json!(drawn)), ("members".to_owned(), json!(members))]))
}

/// The thread that was made from a message, where it is called like the message.
pub(crate) fn made_from<'a>(
    view: &'a View,
    message: &nexus_core::Message,
) -> Option<(&'a GuildView, &'a Channel)> {
    let guild = view.guilds.get(&message.space)?;
    let channel = guild.channels.get(&ChannelId::from(view.ids.op(message.api_id)?))?;
    let made = channel.thread.as_ref().is_some_and(|thread| thread.starter == Some(message.id));
    (made && channel.parent == Some(message.channel)).then_some((guild, channel))
}

/// What only forums have.
pub(super) fn forum(forum: &Forum) -> Map<String, Value> {
    let tags = forum.tags.iter().map(|tag| {
        json!({
            "id": tag.id.to_string(), "name": tag.name, "moderated": tag.moderated,
            "emoji_id": null, "emoji_name": tag.emoji,
        })
    });
    let reaction = Some(&forum.reaction).filter(|emoji| !emoji.is_empty());
    let mut shown = Map::from_iter([
        ("available_tags".to_owned(), tags.collect()),
        (
            "default_reaction_emoji".to_owned(),
            reaction.map_or(Value::Null, |emoji| json!({ "emoji_id": null, "emoji_name": emoji })),
        ),
        ("default_sort_order".to_owned(), json!(forum.sort_order)),
        ("default_forum_layout".to_owned(), json!(forum.layout)),
        ("default_thread_rate_limit_per_user".to_owned(), json!(forum.slowmode_s)),
        ("flags".to_owned(), json!(if forum.tag_required { TAG_REQUIRED } else { 0 })),
    ]);
    let quiet = forum.quiet_after_min.map(|minutes| json!(minutes));
    shown.extend(quiet.map(|minutes| ("default_auto_archive_duration".to_owned(), minutes)));
    shown
}
