//! `/nexus/guilds/ID/members/ID/erase`: all that somebody said in a guild is taken away, for which Discord has no word.

use crate::access;
use crate::error::{Answer, ApiError};
use crate::window::{Caller, Done, Path, Window};
use axum::extract::State;
use nexus_core::Command;

/// `POST /nexus/guilds/{guild_id}/members/{user_id}/erase`: up to now, for good; `@me` for oneself. Of others by who may ban them and take
/// messages away; whether they are in the guild still does not matter.
pub(crate) async fn erase(
    State(window): State<Window>,
    caller: Caller,
    Path((guild, user)): Path<(String, String)>,
) -> Answer<Done> {
    let (guild, view) = caller.guild(&guild)?;
    if !access::is_guild(view) {
        return Err(ApiError::not_implemented("taking a conversation's words away at one stroke"));
    }
    let user = if user == "@me" { caller.user } else { caller.user(&user)? };
    caller.govern(&window, Command::Erase { guild, user }).await?;
    Ok(Done)
}
