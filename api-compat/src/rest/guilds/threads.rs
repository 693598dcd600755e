//! `/guilds/{guild_id}/threads`.

use crate::access;
use crate::error::Answer;
use crate::render;
use crate::window::{Caller, Json, Path, Window};
use axum::extract::State;
use nexus_crdt::guild::{Channel, GuildView};
use nexus_crdt::id::UserId;
use serde_json::{Value, json};

/// `GET /guilds/{guild_id}/threads/active`: all that the caller sees, the newest first.
pub(crate) async fn active(
    State(window): State<Window>,
    caller: Caller,
    Path(guild): Path<String>,
) -> Answer<Json<Value>> {
    let (_, guild) = caller.guild(&guild)?;
    let mut all = open_to(guild, &caller.user);
    all.sort_by_key(|channel| std::cmp::Reverse((channel.born, channel.id)));
    let reader = window.node.read()?;
    let mut shown = render::thread_list(&caller.view, &reader, guild, &caller.user, &all)?;
    shown.insert("has_more".to_owned(), json!(false));
    Ok(Json(Value::Object(shown)))
}

/// The threads that are not put away, as far as somebody sees them.
pub(crate) fn open_to<'a>(guild: &'a GuildView, user: &UserId) -> Vec<&'a Channel> {
    let open = |channel: &&Channel| channel.thread.as_ref().is_some_and(|thread| !thread.archived);
    let all = guild.channels.values().filter(open);
    all.filter(|channel| access::sees(guild, user, &channel.id)).collect()
}
