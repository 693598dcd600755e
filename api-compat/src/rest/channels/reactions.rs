//! `/channels/{channel_id}/messages/{message_id}/reactions`.

use crate::access;
use crate::error::{Answer, ApiError};
use crate::render;
use crate::rest::users::After;
use crate::window::{Caller, Done, Json, Path, Query, Window};
use axum::extract::State;
use nexus_core::{Command, Thing};
use nexus_crdt::id::{ChannelId, OpId, UserId};
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
    let (channel, message) = place(&window, &caller, &channel, &message)?;
    let command = Command::React { channel, message, emoji: unicode(emoji)? };
    window.node.command(Some(caller.user), command).await?;
    Ok(Done)
}

/// `DELETE ../reactions/{emoji_name}/@me`
pub(crate) async fn remove_mine(
    State(window): State<Window>,
    caller: Caller,
    Path((channel, message, emoji)): At,
) -> Answer<Done> {
    let (emoji, user) = (Some(unicode(emoji)?), Some(caller.user));
    take_away(&window, &caller, (&channel, &message), emoji, user).await
}

/// `DELETE ../reactions/{emoji_name}/{user_id}`
pub(crate) async fn remove(
    State(window): State<Window>,
    caller: Caller,
    Path((channel, message, emoji, user)): Path<(String, String, String, String)>,
) -> Answer<Done> {
    let (emoji, user) = (Some(unicode(emoji)?), Some(caller.user(&user)?));
    take_away(&window, &caller, (&channel, &message), emoji, user).await
}

/// `DELETE ../reactions/{emoji_name}`
pub(crate) async fn clear_emoji(
    State(window): State<Window>,
    caller: Caller,
    Path((channel, message, emoji)): At,
) -> Answer<Done> {
    take_away(&window, &caller, (&channel, &message), Some(unicode(emoji)?), None).await
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
    let (channel, _, reader) = caller.history(&window, &channel)?;
    let message = caller.message(&reader, channel, &message)?;
    let emoji = unicode(emoji)?;
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
    let (channel, message) = place(window, caller, channel, message)?;
    window.node.command(Some(caller.user), Command::Unreact { channel, message, emoji, user }).await?;
    Ok(Done)
}

fn place(window: &Window, caller: &Caller, channel: &str, message: &str) -> Answer<(ChannelId, OpId)> {
    let (channel, _) = caller.channel(channel)?;
    Ok((channel, caller.message(&window.node.read()?, channel, message)?.id))
}

/// A Unicode emoji. Keycaps begin in ASCII, so only what has nothing but ASCII is none; custom ones (`name:id`) are
/// not known here.
fn unicode(emoji: String) -> Answer<String> {
    let plausible = emoji.len() <= 64 && !emoji.is_ascii() && !emoji.contains(':');
    if plausible { Ok(emoji) } else { Err(ApiError::unknown(Thing::Emoji)) }
}
