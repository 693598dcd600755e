//! `PUT /guilds/{guild_id}/members/{user_id}`: a bot brings in a person who lets it.
//!
//! The bot's right is to invite; the person's token says that they wish to come. So they join by an invite of the bot's, with a Join
//! that their own key signs: a member everywhere, as by any other invite.

use super::drawn;
use crate::bearer;
use crate::error::{Answer, ApiError};
use crate::ports::oauth::Scope;
use crate::rest::{find, unix_ms};
use crate::window::{Body, Caller, Created, Done, Path, Window};
use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use nexus_api_model::Number;
use nexus_core::{Command, InviteCode, MemberPatch, Reply, Snowflake, Thing};
use nexus_crdt::body::governance::ChannelKind;
use nexus_crdt::guild::GuildView;
use nexus_crdt::id::{ChannelId, RoleId, UserId};
use nexus_crdt::permissions::Permissions;
use serde::Deserialize;

#[derive(Deserialize)]
pub(crate) struct Add {
    access_token: String,
    nick: Option<String>,
    roles: Option<Vec<Number>>,
    #[serde(default)]
    mute: Option<bool>,
    #[serde(default)]
    deaf: Option<bool>,
}

/// How long an invite lasts that a bot brings people in by, seconds: one a day, however many come.
const INVITE_S: u32 = 86_400;
/// What must be left of one, ms.
const INVITE_LEFT_MS: u64 = 60_000;

/// 201 with the member; 204 where they are one already.
pub(crate) async fn add(
    State(window): State<Window>,
    caller: Caller,
    Path((guild, user)): Path<(String, String)>,
    Body(body): Body<Add>,
) -> Answer<Response> {
    let (space, guild) = caller.guild(&guild)?;
    let user = caller.user(&user)?;
    is_let(&window, &caller, user, &body.access_token).await?;
    if guild.members.contains_key(&user) {
        return Ok(Done.into_response());
    }
    let patch = patch(&caller, guild, &body)?;
    let code = invite(&window, &caller, guild).await?;
    window.node.command(Some(user), Command::Join { code }).await?;
    if patch != MemberPatch::default() {
        caller.govern(&window, Command::EditMember { guild: space, user, patch }).await?;
    }
    Ok(Created(drawn(&window, space, user)?.0).into_response())
}

/// Whether a person lets this very bot bring them into guilds.
async fn is_let(window: &Window, caller: &Caller, user: UserId, token: &str) -> Answer<()> {
    if !caller.view.applications.contains_key(&caller.user) {
        return Err(ApiError::forbidden());
    }
    if !token.starts_with(bearer::MARK) {
        return Err(ApiError::bad_access_token());
    }
    let known = match bearer::spoken_for(window, token).await {
        Ok(known) => Some(known),
        Err(error) if error == ApiError::unauthorized() => None,
        Err(error) => return Err(error),
    };
    let known = known.filter(|known| known.application == caller.user && known.user == user);
    match known {
        Some(known) if known.scopes.has(Scope::GuildsJoin) => Ok(()),
        Some(_) => Err(ApiError::out_of_scope()),
        None => Err(ApiError::bad_access_token()),
    }
}

/// What they are in the guild from the beginning. What the bot may not give is refused before they come.
fn patch(caller: &Caller, guild: &GuildView, body: &Add) -> Answer<MemberPatch> {
    let role = |id: &Number| find::role(caller, guild, Snowflake(id.0));
    let roles: Vec<RoleId> = body.roles.iter().flatten().map(role).collect::<Answer<_>>()?;
    let nick = body.nick.clone().filter(|nick| !nick.is_empty());
    let rights = guild.permissions(&caller.user);
    let may_name = nick.is_none() || rights.has(Permissions::MANAGE_NICKNAMES);
    let may_give = roles.is_empty() || rights.has(Permissions::MANAGE_ROLES);
    let (muted, deafened) = (body.mute.filter(|mute| *mute), body.deaf.filter(|deaf| *deaf));
    let may_mute = muted.is_none() || rights.has(Permissions::MUTE_MEMBERS);
    let may_deafen = deafened.is_none() || rights.has(Permissions::DEAFEN_MEMBERS);
    if !may_name || !may_give || !may_mute || !may_deafen {
        return Err(ApiError::forbidden());
    }
    let roles = Some(roles).filter(|roles| !roles.is_empty());
    Ok(MemberPatch { nick, roles, muted, deafened, paused_until_ms: None })
}

/// An invite of the bot's that is open, or a new one; where it may invite.
async fn invite(window: &Window, caller: &Caller, guild: &GuildView) -> Answer<InviteCode> {
    let may = |channel: &ChannelId| {
        let needs = Permissions::VIEW_CHANNEL.with(Permissions::CREATE_INVITE);
        guild.permissions_in(&caller.user, channel).has(needs)
    };
    let texts = guild.channels.values().filter(|channel| channel.kind == ChannelKind::Text);
    let channel = texts.map(|channel| channel.id).find(may).ok_or_else(ApiError::forbidden)?;
    let enough_ms = unix_ms().saturating_add(INVITE_LEFT_MS);
    let open = guild.invites.values().find_map(|invite| {
        let lasts = invite.expires.is_some_and(|end| end.ms() > enough_ms);
        let own = invite.inviter == caller.user && lasts && may(&invite.channel);
        caller.view.invite_codes.get(&invite.id).filter(|_| own)
    });
    if let Some(code) = open {
        return Ok(*code);
    }
    let command = Command::CreateInvite { channel, max_age_s: INVITE_S };
    let made = caller.govern(window, command).await?;
    let Reply::Created(id) = made else { return Err(ApiError::unknown(Thing::Invite)) };
    let code = window.node.view().invite_codes.get(&id).copied();
    code.ok_or_else(|| ApiError::unknown(Thing::Invite))
}
