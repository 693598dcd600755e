//! Invites.

use super::{channel, number, timestamp, user};
use nexus_core::View;
use nexus_crdt::guild::{GuildView, Invite};
use serde_json::{Value, json};
use std::time::{SystemTime, UNIX_EPOCH};

/// An invite as INVITE_CREATE tells it.
pub(crate) fn invite_event(view: &View, _: &GuildView, invite: &Invite) -> Value {
    let age_s = invite.expires.map_or(0, |end| end.ms().saturating_sub(invite.born.ms()) / 1000);
    json!({
        "code": invite_code(invite),
        "created_at": timestamp(invite.born.ms()),
        "expires_at": invite.expires.map(|end| timestamp(end.ms())),
        "inviter": user(view, &invite.inviter),
        "max_age": age_s, "max_uses": 0, "temporary": false, "uses": 0,
    })
}

/// The first 8 bytes of the invite's op id in base 62.
pub(crate) fn invite_code(invite: &Invite) -> String {
    const DIGITS: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    let mut rest = invite.id.0.iter().take(8).fold(0u64, |number, byte| number << 8 | u64::from(*byte));
    let mut code: Vec<u8> = Vec::new();
    while rest > 0 || code.is_empty() {
        code.extend(usize::try_from(rest % 62).ok().and_then(|digit| DIGITS.get(digit)));
        rest /= 62;
    }
    code.iter().rev().map(|digit| char::from(*digit)).collect()
}

/// The invites of a guild that can be followed now. One that is over opens nothing and is not shown, as on Discord.
pub(crate) fn open_invites(guild: &GuildView) -> impl Iterator<Item = &Invite> {
    let now_ms = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |now| now.as_millis());
    guild
        .invites
        .values()
        .filter(move |invite| invite.expires.is_none_or(|end| u128::from(end.ms()) > now_ms))
}

/// The invite of a code, among all guilds here.
pub(crate) fn invite_by_code<'a>(view: &'a View, code: &str) -> Option<(&'a GuildView, &'a Invite)> {
    let all = view.guilds.values().flat_map(|guild| open_invites(guild).map(move |invite| (guild, invite)));
    all.into_iter().find(|(_, invite)| invite_code(invite) == code)
}

/// An invite as who follows it sees it.
pub(crate) fn invite(view: &View, guild: &GuildView, invite: &Invite) -> Value {
    let target = guild.channels.get(&invite.channel).map(|target| channel(view, guild, target, None));
    let part =
        |name: &str| target.as_ref().and_then(|target| target.get(name)).cloned().unwrap_or(Value::Null);
    json!({
        "type": 0,
        "code": invite_code(invite),
        "inviter": user(view, &invite.inviter),
        "expires_at": invite.expires.map(|end| timestamp(end.ms())),
        "guild_id": number(view, guild.facts.id),
        "guild": {
            "id": number(view, guild.facts.id),
            "name": guild.settings.name,
            "splash": null, "banner": null, "icon": null, "vanity_url_code": null,
            "description": (!guild.settings.description.is_empty()).then_some(&guild.settings.description),
            "features": [],
            "verification_level": guild.settings.verification_level,
            "nsfw_level": 0, "nsfw": false, "premium_subscription_count": 0, "premium_tier": 0,
        },
        "channel": { "id": part("id"), "type": part("type"), "name": part("name") },
        "approximate_member_count": guild.members.len(),
        "approximate_presence_count": guild.members.len(),
    })
}

/// An invite as who looks after the guild sees it.
pub(crate) fn invite_with_facts(view: &View, guild: &GuildView, of: &Invite) -> Value {
    let mut shown = invite(view, guild, of);
    if let (Some(shown), Value::Object(facts)) = (shown.as_object_mut(), invite_event(view, guild, of)) {
        shown.extend(facts);
    }
    shown
}
