//! Things of the view as Discord's JSON. What is read elsewhere is written here only.

mod access;
mod application;
mod emoji;
mod event;
mod filter;
pub(crate) mod forward;
mod integration;
mod invite;
mod kept;
mod message;
mod poll;
mod thread;

pub(crate) use access::{access_line, command_permissions};
pub(crate) use application::{application, asking_application, public_application};
pub(crate) use emoji::{emoji_of, emoji_with_maker, emojis, own_emoji};
pub(crate) use event::{event, exception, exception_number, interested, recurrence};
pub(crate) use filter::{actions, filter, trigger_type};
pub(crate) use integration::integration;
pub(crate) use invite::{invite, invite_by_code, invite_code, invite_event, invite_with_facts, open_invites};
pub(crate) use kept::{
    all_guild_settings, draft, drafts, guild_settings, read_states, relation, relationship, relationships,
    settings,
};
pub(crate) use message::{
    Drawing, attachment_number, content, is_more_than_itself, message, message_for, void_reason,
};
pub(crate) use thread::{is_thread, kind as thread_kind, thread, thread_list, thread_member};

use crate::ports::Accounts;
use nexus_core::{Snowflake, View};
use nexus_crdt::body::governance::{ChannelKind, OverwriteTarget};
use nexus_crdt::body::identity::AccountClass;
use nexus_crdt::guild::{Channel, GuildView, Member, Role};
use nexus_crdt::id::{OpId, UserId};
use nexus_node::Reader;
use serde_json::{Value, json};

/// The number of a thing, as JSON writes it.
pub(crate) fn number(view: &View, op: impl Into<OpId>) -> String {
    view.ids.of(op).0.to_string()
}

/// An account as others see it.
pub(crate) fn user(view: &View, id: &UserId) -> Value {
    let user = view.users.get(id);
    let name = user.map_or("?", |user| user.name.as_str());
    let bot = user.is_some_and(|user| user.class == AccountClass::Bot);
    let mut shown = json!({
        "id": number(view, *id),
        "username": name,
        "global_name": name,
        "discriminator": "0",
        "avatar": null,
        "bot": bot,
        "flags": 0,
        "public_flags": 0,
        "primary_guild": null,
    });
    // Somebody else signs as them, too.
    if user.is_some_and(|user| user.contested) {
        shown["nexus"] = json!({ "contested": true });
    }
    shown
}

/// An account as it sees itself.
pub(crate) fn own_user(view: &View, id: &UserId, accounts: &dyn Accounts) -> Value {
    let mut shown = user(view, id);
    shown["mfa_enabled"] = json!(accounts.has_second_factor(id));
    shown["locale"] = json!("en-US");
    shown["verified"] = json!(true);
    shown
}

/// RFC 3339 in UTC, from Unix ms. Days to a date by Howard Hinnant's `civil_from_days`.
pub(crate) fn timestamp(unix_ms: u64) -> String {
    let (days, second) = (unix_ms / 86_400_000, unix_ms / 1000 % 86_400);
    let shifted = days + 719_468;
    let (era, day_of_era) = (shifted / 146_097, shifted % 146_097);
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 };
    let year = year_of_era + era * 400 + u64::from(month <= 2);
    let (hour, minute, second) = (second / 3600, second / 60 % 60, second % 60);
    let milli = unix_ms % 1000;
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{milli:03}000+00:00")
}

/// A guild, without what only GUILD_CREATE tells.
pub(crate) fn guild(view: &View, guild: &GuildView) -> Value {
    let roles: Vec<Value> = guild.roles.values().map(|each| role(view, guild, each)).collect();
    let system = guild.settings.system_channel.map(|channel| number(view, channel));
    let mut shown = json!({
        "id": number(view, guild.facts.id),
        "name": guild.settings.name,
        "description": (!guild.settings.description.is_empty()).then_some(&guild.settings.description),
        "owner_id": number(view, guild.facts.founder),
        "roles": roles,
        "verification_level": guild.settings.verification_level,
        "default_message_notifications": guild.settings.default_notifications,
        "system_channel_id": system,
        "icon": null, "splash": null, "discovery_splash": null, "banner": null,
        "afk_channel_id": null, "afk_timeout": 300,
        "explicit_content_filter": 0, "emojis": emojis(view, guild), "stickers": [], "features": [], "mfa_level": 0,
        "application_id": null, "system_channel_flags": 0, "rules_channel_id": null,
        "public_updates_channel_id": null, "vanity_url_code": null, "premium_tier": 0,
        "preferred_locale": "en-US", "nsfw_level": 0, "nsfw": false, "premium_progress_bar_enabled": false,
        "home_header": null, "region": "", "widget_enabled": false, "widget_channel_id": null,
        "max_presences": null, "max_members": 500_000, "max_stage_video_channel_users": 0,
        "max_video_channel_users": 0, "premium_subscription_count": 0, "safety_alerts_channel_id": null,
        "incidents_data": pauses(guild),
    });
    if let Some(days) = guild.retention.get(&None).and_then(|kept| kept.days) {
        shown["nexus"] = json!({ "retention_days": days });
    }
    shown
}

/// What a guild pauses, and until when; a time that is over may still be shown.
pub(crate) fn pauses(guild: &GuildView) -> Value {
    let until = |ms: u64| (ms != 0).then(|| timestamp(ms));
    json!({
        "invites_disabled_until": until(guild.settings.invites_paused_until),
        "dms_disabled_until": until(guild.settings.talks_paused_until),
    })
}

/// A member, with who they are.
/// As on Discord, a time that is over may still be shown.
fn paused_until(guild: &GuildView, user: &UserId) -> Option<String> {
    let pauses = guild.timeouts.get(user)?.values();
    let open = pauses.filter(|pause| pause.ended.is_none()).map(|pause| pause.until).max();
    open.map(|until| timestamp(until.ms()))
}

pub(crate) fn member(view: &View, guild: &GuildView, member: &Member) -> Value {
    let roles: Vec<String> = guild.roles_of(&member.user).map(|role| number(view, role.id)).collect();
    let silenced = guild.silenced.get(&member.user).copied().unwrap_or_default();
    json!({
        "user": user(view, &member.user),
        "nick": member.nick,
        "roles": roles,
        "joined_at": timestamp(member.joined.ms()),
        "flags": 0, "deaf": silenced.deafened, "mute": silenced.muted, "pending": false,
        "avatar": null, "banner": null, "premium_since": null,
        "communication_disabled_until": paused_until(guild, &member.user),
    })
}

/// A role; its position is its place among the ranks.
pub(crate) fn role(view: &View, guild: &GuildView, role: &Role) -> Value {
    let below = guild.roles.values().filter(|other| (other.rank, other.id) < (role.rank, role.id));
    let mut shown = json!({
        "id": number(view, role.id),
        "name": role.name,
        "color": role.color,
        "colors": { "primary_color": role.color, "secondary_color": null, "tertiary_color": null },
        "hoist": role.hoist,
        "position": below.count(),
        "permissions": role.permissions.0.to_string(),
        "managed": role.managed_by.is_some(),
        "mentionable": role.mentionable,
        "icon": null,
        "unicode_emoji": null,
        "flags": 0,
    });
    if let Some(bot) = role.managed_by {
        shown["tags"] = json!({ "bot_id": number(view, bot) });
    }
    shown
}

/// A guild's channel.
pub(crate) fn channel(view: &View, guild: &GuildView, channel: &Channel, last: Option<Snowflake>) -> Value {
    let kind = match channel.kind {
        ChannelKind::Text => 0,
        ChannelKind::Voice => 2,
        ChannelKind::Category => 4,
        ChannelKind::Announcement => 5,
        ChannelKind::Forum => 15,
        ChannelKind::Media => 16,
        // These two are drawn by `thread` and `event`.
        ChannelKind::Thread | ChannelKind::Event => 11,
    };
    let overwrite = |(target, id): (u8, String), allow: u64, deny: u64| json!({ "id": id, "type": target, "allow": allow.to_string(), "deny": deny.to_string() });
    let target = |target: OverwriteTarget| match target {
        OverwriteTarget::Role(role) => (0, number(view, role)),
        OverwriteTarget::User(user) => (1, number(view, user)),
    };
    let lines = channel.overwrites.values();
    let overwrites: Vec<Value> =
        lines.map(|line| overwrite(target(line.target), line.allow.0, line.deny.0)).collect();
    let mut shown = json!({
        "id": number(view, channel.id),
        "type": kind,
        "guild_id": number(view, guild.facts.id),
        "name": channel.name,
        "position": channel.position,
        "permission_overwrites": overwrites,
        "parent_id": channel.parent.map(|parent| number(view, parent)),
        "nsfw": channel.nsfw,
        "topic": (!channel.topic.is_empty()).then_some(&channel.topic),
        "last_message_id": last.map(|last| last.0.to_string()),
        "rate_limit_per_user": channel.slowmode_s,
        "bitrate": channel.bitrate,
        "user_limit": channel.user_limit,
        "flags": 0,
    });
    if let (Some(forum), Some(shown)) = (&channel.forum, shown.as_object_mut()) {
        shown.extend(thread::forum(forum));
    }
    let kept = guild.retention.get(&Some(channel.id)).and_then(|kept| kept.days);
    if channel.is_locked() || kept.is_some() {
        let mut beyond = serde_json::Map::new();
        beyond.extend(channel.is_locked().then(|| ("locked".to_owned(), json!(true))));
        beyond.extend(kept.map(|days| ("retention_days".to_owned(), json!(days))));
        shown["nexus"] = Value::Object(beyond);
    }
    shown
}

/// A conversation as one participant sees it: the others in it.
pub(crate) fn conversation(
    view: &View,
    reader: Option<&Reader>,
    space: &GuildView,
    me: &UserId,
) -> Option<Value> {
    if View::is_of_one(space) {
        return None;
    }
    let channel = space.channels.keys().next();
    let last = reader.zip(channel).and_then(|(reader, channel)| reader.last_message(*channel).ok().flatten());
    let others: Vec<Value> =
        space.members.keys().filter(|other| *other != me).map(|other| user(view, other)).collect();
    let mut shown = json!({
        "id": number(view, space.facts.id), "type": 1, "flags": 0, "recipients": others,
        "last_message_id": last.map(|last| last.0.to_string()),
    });
    if space.is_group() {
        shown["type"] = json!(3);
        shown["name"] = json!(Some(&space.settings.name).filter(|name| !name.is_empty()));
        shown["icon"] = Value::Null;
        shown["owner_id"] = json!(number(view, space.head().unwrap_or(space.facts.founder)));
    }
    Some(shown)
}

/// A guild in the list of one's own.
pub(crate) fn partial_guild(view: &View, guild: &GuildView, viewer: &UserId) -> Value {
    json!({
        "id": number(view, guild.facts.id),
        "name": guild.settings.name,
        "icon": null,
        "banner": null,
        "owner": guild.is_owner(viewer),
        "permissions": guild.permissions(viewer).0.to_string(),
        "features": [],
    })
}

/// A ban.
pub(crate) fn ban(view: &View, whom: &UserId, reason: &str) -> Value {
    json!({ "user": user(view, whom), "reason": (!reason.is_empty()).then_some(reason) })
}
