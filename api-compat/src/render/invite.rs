//! Invites.

use super::{channel, number, timestamp, user};
use nexus_core::{Holder, InviteCode, InviteUrl, View};
use nexus_crdt::guild::{GuildView, Invite};
use nexus_node::mesh::Place;
use serde_json::{Value, json};
use std::time::{SystemTime, UNIX_EPOCH};

/// An invite as INVITE_CREATE tells it.
pub(crate) fn invite_event(view: &View, invite: &Invite, code: &str) -> Value {
    let age_s = invite.expires.map_or(0, |end| end.ms().saturating_sub(invite.born.ms()) / 1000);
    json!({
        "code": code,
        "created_at": timestamp(invite.born.ms()),
        "expires_at": invite.expires.map(|end| timestamp(end.ms())),
        "inviter": user(view, &invite.inviter),
        "max_age": age_s, "max_uses": 0, "temporary": false, "uses": 0,
    })
}

/// The code of an invite, where it was made here or followed here: it is a secret, and stands in no op.
pub(crate) fn invite_code(view: &View, invite: &Invite) -> Option<String> {
    view.invite_codes.get(&invite.id).map(InviteCode::to_string)
}

/// The invites of a guild that can be followed now and whose code is known here. One that is over opens nothing and is not
/// shown, as on Discord.
pub(crate) fn open_invites<'a>(view: &'a View, guild: &'a GuildView) -> impl Iterator<Item = &'a Invite> {
    guild.invites.values().filter(|invite| view.invite_codes.contains_key(&invite.id) && is_open(invite))
}

fn is_open(invite: &Invite) -> bool {
    let now_ms = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |now| now.as_millis());
    invite.expires.is_none_or(|end| u128::from(end.ms()) > now_ms)
}

/// The invite of a code that can be followed now, among all guilds here.
pub(crate) fn invite_by_code<'a>(view: &'a View, code: &str) -> Option<(&'a GuildView, &'a Invite)> {
    let (guild, invite) = view.invite(InviteCode::parse(code)?)?;
    is_open(invite).then_some((guild, invite))
}

/// An invite as who follows it sees it.
pub(crate) fn invite(view: &View, guild: &GuildView, invite: &Invite, code: &str) -> Value {
    let target = guild.channels.get(&invite.channel).map(|target| channel(view, guild, target, None));
    let part =
        |name: &str| target.as_ref().and_then(|target| target.get(name)).cloned().unwrap_or(Value::Null);
    json!({
        "type": 0,
        "code": code,
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
    })
}

/// An invite as who looks after the guild sees it: with what is handed to who is invited, and which addresses of this program
/// that tells.
pub(crate) fn invite_with_facts(view: &View, guild: &GuildView, of: &Invite, place: Option<&Place>) -> Value {
    let code = invite_code(view, of).unwrap_or_default();
    let mut shown = invite(view, guild, of, &code);
    if let (Some(shown), Value::Object(facts)) = (shown.as_object_mut(), invite_event(view, of, &code)) {
        let url = invite_url(guild, &code, place);
        let told = url.as_ref().and_then(|url| url.holder.as_ref());
        let told: Vec<String> =
            told.into_iter().flat_map(|holder| holder.addresses.iter()).map(|at| at.to_string()).collect();
        shown.extend(facts);
        shown.insert(String::from("nexus_url"), json!(url.map(|url| url.to_string())));
        shown.insert(String::from("nexus_addresses"), json!(told));
    }
    shown
}

/// By the guild's first relay, or for who is near where it has none; and this program, where it may say where it is.
fn invite_url(guild: &GuildView, code: &str, place: Option<&Place>) -> Option<InviteUrl> {
    let relay = match guild.relays.iter().next() {
        Some(relay) => Some(relay.parse().ok()?),
        None => None,
    };
    let place = place.filter(|place| relay.is_none() || place.beside_a_relay);
    let holder = place.map(|place| Holder {
        guild: guild.facts.id,
        name: guild.settings.name.clone(),
        peer: place.peer,
        addresses: place.addresses.clone(),
    });
    Some(InviteUrl { relay, code: InviteCode::parse(code)?, holder })
}
