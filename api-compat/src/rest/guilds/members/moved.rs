//! `channel_id`, `mute` and `deaf` in `PATCH /guilds/{guild_id}/members/{user_id}`: somebody is put into another voice channel, or out of
//! theirs. Where somebody is is told and kept nowhere, so this is no op either: the program tells it by whose gateway session they are there.

use crate::access;
use crate::error::{Answer, ApiError};
use crate::gateway::{caption, voice};
use crate::window::{Caller, Window};
use nexus_api_model::Number;
use nexus_core::sync::presence::Voice;
use nexus_crdt::guild::GuildView;
use nexus_crdt::id::{ChannelId, UserId};
use nexus_crdt::permissions::Permissions;

/// Discord's MOVE_MEMBERS.
const MOVE_MEMBERS: Permissions = Permissions(1 << 24);

/// Somebody who is to be elsewhere, as far as the caller may do that.
pub(super) struct Move {
    user: UserId,
    to: Option<Voice>,
}

impl Move {
    /// # Errors
    /// Where the caller may not, they are in no voice channel that the caller sees, or may not be in that one; or they are there by another
    /// program, which nobody here can tell.
    pub(super) fn read(
        window: &Window,
        caller: &Caller,
        guild: &GuildView,
        user: UserId,
        to: Option<&Number>,
    ) -> Answer<Self> {
        let to = to.map(|number| place(caller, guild, number)).transpose()?;
        let may = |channel: &ChannelId, needs| guild.permissions_in(&caller.user, channel).has(needs);
        let now = window.gateway.voice_of(&user).filter(|voice| voice::may_be(guild, &user, voice));
        let now = now.filter(|voice| access::sees(guild, &caller.user, &voice.channel));
        let anywhere = guild.permissions(&caller.user).has(MOVE_MEMBERS);
        if !now.as_ref().map_or(anywhere, |voice| may(&voice.channel, MOVE_MEMBERS)) {
            return Err(ApiError::forbidden());
        }
        let now = now.ok_or_else(ApiError::not_in_voice)?;
        let to = to.map(|channel| Voice { channel, ..now });
        if let Some(there) = &to {
            let needs = Permissions::VIEW_CHANNEL.with(Permissions::CONNECT).with(MOVE_MEMBERS);
            if !may(&there.channel, needs) || !voice::may_be(guild, &user, there) {
                return Err(ApiError::forbidden());
            }
        }
        if !window.gateway.is_in_voice_here(&user) {
            return Err(ApiError::not_implemented(
                "moving somebody who is in a voice channel by another program",
            ));
        }
        Ok(Self { user, to })
    }

    /// Tells it. Who has gone by themselves meanwhile is not brought back.
    pub(super) async fn carry_out(self, window: &Window, guild: &GuildView) {
        window.gateway.put_in_voice(&self.user, &guild.facts.id, self.to.map(|voice| voice.channel)).await;
    }
}

/// Whether somebody may be muted and deafened, or no longer. As on Discord the whole guild keeps it, and it is said of who is in a voice
/// channel that the caller sees.
pub(super) fn may_silence(
    window: &Window,
    caller: &Caller,
    guild: &GuildView,
    user: &UserId,
    (mute, deaf): (Option<bool>, Option<bool>),
) -> Answer<()> {
    let now = guild.silenced.get(user).copied().unwrap_or_default();
    let says = |asked: Option<bool>, now: bool| asked.is_some_and(|asked| asked != now);
    let needs = [
        (says(mute, now.muted), Permissions::MUTE_MEMBERS),
        (says(deaf, now.deafened), Permissions::DEAFEN_MEMBERS),
    ];
    let mut needs = needs.into_iter().filter(|(said, _)| *said).map(|(_, needed)| needed).peekable();
    if needs.peek().is_none() {
        return Ok(());
    }
    let rights = guild.permissions(&caller.user);
    if !needs.all(|needed| rights.has(needed)) {
        return Err(ApiError::forbidden());
    }
    let there = window.gateway.voice_of(user).filter(|voice| voice::may_be(guild, user, voice));
    let seen = there.filter(|voice| access::sees(guild, &caller.user, &voice.channel));
    seen.map(drop).ok_or_else(ApiError::not_in_voice)
}

fn place(caller: &Caller, guild: &GuildView, number: &Number) -> Answer<ChannelId> {
    let (channel, of) = caller.channel(&number.0.to_string())?;
    let is_there = of.facts.id == guild.facts.id && caption::is_voice(guild, &channel);
    if is_there { Ok(channel) } else { Err(ApiError::wrong_channel_type()) }
}
