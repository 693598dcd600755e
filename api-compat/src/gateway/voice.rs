//! Who is in which voice channel: said by op 4, told like presence, kept nowhere. The voice server itself is not there yet: nobody is told of
//! one (no VOICE_SERVER_UPDATE), and nothing is heard.

use crate::render;
use nexus_core::View;
use nexus_core::sync::presence::Voice;
use nexus_crdt::body::governance::ChannelKind;
use nexus_crdt::guild::GuildView;
use nexus_crdt::id::{ChannelId, SpaceId, UserId};
use nexus_crdt::permissions::Permissions;
use serde::Deserialize;
use serde_json::{Value, json};

/// Op 4's data. Without a channel one goes.
#[derive(Debug, Deserialize)]
pub(crate) struct VoiceWish {
    #[serde(deserialize_with = "super::frame::one_id")]
    pub(super) guild_id: u64,
    #[serde(default, deserialize_with = "super::frame::maybe_id")]
    pub(super) channel_id: Option<u64>,
    #[serde(default)]
    pub(super) self_mute: bool,
    #[serde(default)]
    pub(super) self_deaf: bool,
    #[serde(default)]
    pub(super) self_video: bool,
}

/// Whether somebody may be where they say: a member who sees the voice channel, and may connect.
pub(crate) fn may_be(guild: &GuildView, user: &UserId, voice: &Voice) -> bool {
    let there = guild.channels.get(&voice.channel).is_some_and(|channel| channel.kind == ChannelKind::Voice);
    let needs = Permissions::VIEW_CHANNEL.with(Permissions::CONNECT);
    voice.space == guild.facts.id && there && guild.permissions_in(user, &voice.channel).has(needs)
}

/// Where an account wants to be; none where there is no such place for it.
pub(super) fn wanted(view: &View, user: &UserId, wish: &VoiceWish) -> Option<Option<Voice>> {
    let op = |number| view.ids.op(nexus_core::Snowflake(number));
    let guild = view.guilds.get(&SpaceId::from(op(wish.guild_id)?))?;
    let Some(channel) = wish.channel_id else { return Some(None) };
    let voice = Voice {
        space: guild.facts.id,
        channel: ChannelId::from(op(channel)?),
        muted: wish.self_mute,
        deafened: wish.self_deaf,
        video: wish.self_video,
    };
    may_be(guild, user, &voice).then_some(Some(voice))
}

/// A voice state; without a channel, of who has gone. `member`: with who they are, as an event tells it.
pub(crate) fn state(
    view: &View,
    guild: &GuildView,
    user: &UserId,
    voice: Option<&Voice>,
    session: &str,
) -> Value {
    let silenced = guild.silenced.get(user).copied().unwrap_or_default();
    let flag = |of: fn(&Voice) -> bool| voice.is_some_and(of);
    let mut shown = json!({
        "guild_id": render::number(view, guild.facts.id),
        "channel_id": voice.map(|voice| render::number(view, voice.channel)),
        "user_id": render::number(view, *user),
        "session_id": session,
        "deaf": silenced.deafened,
        "mute": silenced.muted,
        "self_deaf": flag(|voice| voice.deafened),
        "self_mute": flag(|voice| voice.muted),
        "self_video": flag(|voice| voice.video),
        "self_stream": false,
        "suppress": false,
        "request_to_speak_timestamp": null,
    });
    if let Some(member) = guild.members.get(user) {
        shown["member"] = render::member(view, guild, member);
    }
    shown
}

/// In place of the session's own name, which opens it.
pub(crate) fn session_name(user: &UserId) -> String {
    hex::encode(&user.0[..16])
}
