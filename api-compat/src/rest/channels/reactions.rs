//! `/channels/{channel_id}/messages/{message_id}/reactions`.

use super::fetched;
use crate::access;
use crate::error::{Answer, ApiError};
use crate::render;
use crate::rest::users::After;
use crate::window::{Caller, Done, Json, Path, Query, Window};
use axum::extract::State;
use nexus_core::{Command, Snowflake, Thing};
use nexus_crdt::guild::GuildView;
use nexus_crdt::id::{ChannelId, OpId, RoleId, UserId};
use serde::Serialize;

type At = Path<(String, String, String)>;

/// `PUT ../reactions/{emoji_name}/@me`
pub(crate) async fn add(
    State(window): State<Window>,
    caller: Caller,
    Path((channel, message, emoji)): At,
) -> Answer<Done> {
    let (at, guild) = caller.channel(&channel)?;
    if !access::reads_history(guild, &caller.user, &at) {
        return Err(ApiError::forbidden());
    }
    let (channel, message, guild) = place(&window, &caller, &channel, &message).await?;
    let command = Command::React { channel, message, emoji: emoji_named(&caller, guild, emoji)? };
    window.node.command(Some(caller.user), command).await?;
    Ok(Done)
}

/// `DELETE ../reactions/{emoji_name}/@me`
pub(crate) async fn remove_mine(
    State(window): State<Window>,
    caller: Caller,
    Path((channel, message, emoji)): At,
) -> Answer<Done> {
    let user = Some(caller.user);
    take_away(&window, &caller, (&channel, &message), Some(emoji), user).await
}

/// `DELETE ../reactions/{emoji_name}/{user_id}`
pub(crate) async fn remove(
    State(window): State<Window>,
    caller: Caller,
    Path((channel, message, emoji, user)): Path<(String, String, String, String)>,
) -> Answer<Done> {
    let user = Some(caller.user(&user)?);
    take_away(&window, &caller, (&channel, &message), Some(emoji), user).await
}

/// `DELETE ../reactions/{emoji_name}`
pub(crate) async fn clear_emoji(
    State(window): State<Window>,
    caller: Caller,
    Path((channel, message, emoji)): At,
) -> Answer<Done> {
    take_away(&window, &caller, (&channel, &message), Some(emoji), None).await
}

/// `DELETE ../reactions`
pub(crate) async fn clear(
    State(window): State<Window>,
    caller: Caller,
    Path((channel, message)): Path<(String, String)>,
) -> Answer<Done> {
    take_away(&window, &caller, (&channel, &message), None, None).await
}

/// `GET ../reactions/{emoji_name}`: who reacted so, ascending by number.
pub(crate) async fn list(
    State(window): State<Window>,
    caller: Caller,
    Path((channel, message, emoji)): At,
    Query(page): Query<After>,
) -> Answer<Json<Vec<impl Serialize>>> {
    let (_, guild) = caller.channel(&channel)?;
    let (_, message, _) = fetched::message(&window, &caller, &channel, &message).await?;
    let emoji = emoji_named(&caller, guild, emoji)?;
    let view = &caller.view;
    let reaction = message.reactions.iter().find(|reaction| reaction.emoji == emoji);
    let people = reaction.map_or(&[][..], |reaction| &reaction.users);
    let page = page.cut(people.iter().map(|user| (view.ids.of(*user), user)).collect(), 100, 25);
    Ok(Json(page.into_iter().map(|user| render::user(view, user)).collect()))
}

async fn take_away(
    window: &Window,
    caller: &Caller,
    (channel, message): (&str, &str),
    emoji: Option<String>,
    user: Option<UserId>,
) -> Answer<Done> {
    let (channel, message, guild) = place(window, caller, channel, message).await?;
    let emoji = emoji.map(|emoji| emoji_named(caller, guild, emoji)).transpose()?;
    window.node.command(Some(caller.user), Command::Unreact { channel, message, emoji, user }).await?;
    Ok(Done)
}

async fn place<'a>(
    window: &Window,
    caller: &'a Caller,
    channel: &str,
    message: &str,
) -> Answer<(ChannelId, OpId, &'a GuildView)> {
    let (_, guild) = caller.channel(channel)?;
    let (channel, message) = fetched::target(window, caller, channel, message).await?;
    Ok((channel, message.id, guild))
}

/// An emoji as an op names it: Unicode, or one of the guild's, which a path writes `name:id`. Keycaps begin in ASCII, so only
/// what has nothing but ASCII is not Unicode. One that the guild has no more is still known: reactions with it stay.
pub(crate) fn emoji_named(caller: &Caller, guild: &GuildView, emoji: String) -> Answer<String> {
    let unknown = || ApiError::unknown(Thing::Emoji);
    if emoji.len() <= 64 && !emoji.is_ascii() && !emoji.contains(':') {
        return Ok(emoji);
    }
    let (_, number) = emoji.rsplit_once(':').ok_or_else(unknown)?;
    let id =
        number.parse().ok().and_then(|number| caller.view.ids.op(Snowflake(number))).ok_or_else(unknown)?;
    // A number of another thing is no emoji's.
    let other = guild.channels.contains_key(&ChannelId::from(id))
        || guild.roles.contains_key(&RoleId::from(id))
        || caller.view.users.contains_key(&UserId::from(id));
    if other { Err(unknown()) } else { Ok(id.to_hex()) }
}
