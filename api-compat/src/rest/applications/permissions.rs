//! `/applications/{application_id}/guilds/{guild_id}/commands/permissions`: who may use a bot's commands in a guild.

use crate::error::{Answer, ApiError};
use crate::render;
use crate::rest::find::{self, number};
use crate::window::{Body, Caller, Json, Path, Person, Window};
use axum::extract::State;
use nexus_api_model::Number;
use nexus_core::{Command, Snowflake, Thing, View};
use nexus_crdt::body::governance::{ACCESS_LINES_MAX, AccessLine, AccessTarget, OfferAccess};
use nexus_crdt::guild::GuildView;
use nexus_crdt::id::{ChannelId, OpId, UserId};
use nexus_crdt::permissions::Permissions;
use serde::Deserialize;
use serde_json::Value;

/// `GET ../commands/permissions`: of the commands that have some, and of the application.
pub(crate) async fn list(
    caller: Caller,
    Path((application, guild)): Path<(String, String)>,
) -> Answer<Json<Vec<Value>>> {
    let (application, guild) = readable(&caller, &application, &guild)?;
    let standing = guild.access.keys().filter(|(whose, _)| *whose == application);
    let drawn =
        standing.map(|(_, offer)| render::command_permissions(&caller.view, guild, &application, *offer));
    Ok(Json(drawn.collect()))
}

/// `GET ../commands/{command_id}/permissions`
pub(crate) async fn get(
    caller: Caller,
    Path((application, guild, command)): Path<(String, String, String)>,
) -> Answer<Json<Value>> {
    let (application, guild) = readable(&caller, &application, &guild)?;
    let offer = offer(&caller.view, guild, &application, &command)?;
    if !guild.access.contains_key(&(application, offer)) {
        return Err(ApiError::unknown_command_permissions());
    }
    Ok(Json(render::command_permissions(&caller.view, guild, &application, offer)))
}

#[derive(Deserialize)]
pub(crate) struct Given {
    permissions: Option<Vec<Line>>,
}

#[derive(Deserialize)]
struct Line {
    id: Number,
    #[serde(rename = "type")]
    kind: u8,
    permission: bool,
}

/// `PUT ../commands/{command_id}/permissions`: a person's own act, by what they may in the guild. `command_id` may be the
/// application's: then of all commands that have none of their own.
pub(crate) async fn set(
    State(window): State<Window>,
    Person(caller): Person,
    Path((application, guild, command)): Path<(String, String, String)>,
    Body(body): Body<Given>,
) -> Answer<Json<Value>> {
    let (space, guild) = caller.guild(&guild)?;
    let application = found(&caller, guild, &application)?;
    let offer = offer(&caller.view, guild, &application, &command)?;
    let given = body.permissions.unwrap_or_default();
    if given.len() > ACCESS_LINES_MAX {
        let words = "Must be 100 or fewer in length.";
        return Err(ApiError::invalid("permissions", "BASE_TYPE_MAX_LENGTH", words));
    }
    let read = given.iter().enumerate().map(|(at, line)| line.read(&caller, guild, at));
    let access = OfferAccess { application, offer, lines: read.collect::<Answer<_>>()? };
    caller.govern(&window, Command::SetOfferAccess { guild: space, access }).await?;
    let view = window.node.view();
    let guild = view.guilds.get(&space).ok_or_else(|| ApiError::unknown(Thing::Guild))?;
    Ok(Json(render::command_permissions(&view, guild, &application, offer)))
}

impl Line {
    fn read(&self, caller: &Caller, guild: &GuildView, at: usize) -> Answer<AccessLine> {
        let whole = caller.view.ids.of(guild.facts.id).0;
        let Number(id) = self.id;
        let target = match self.kind {
            1 => AccessTarget::Role(find::role(caller, guild, Snowflake(id))?),
            2 => AccessTarget::User(caller.user(&id.to_string())?),
            // Discord's number of every channel: the guild's less one.
            3 if id.checked_add(1) == Some(whole) => AccessTarget::AllChannels,
            3 => {
                let channel = caller.view.ids.op(Snowflake(id)).map(ChannelId::from);
                let listed =
                    |channel: &ChannelId| guild.channels.get(channel).is_some_and(|it| it.is_listed());
                AccessTarget::Channel(
                    channel.filter(listed).ok_or_else(|| ApiError::unknown(Thing::Channel))?,
                )
            }
            _ => {
                let field = format!("permissions.{at}.type");
                return Err(ApiError::invalid(
                    &field,
                    "BASE_TYPE_CHOICES",
                    "Value must be one of {1, 2, 3}.",
                ));
            }
        };
        Ok(AccessLine { target, allowed: self.permission })
    }
}

/// The bot itself, its maker, and who manages the guild read them.
fn readable<'a>(caller: &'a Caller, application: &str, guild: &str) -> Answer<(UserId, &'a GuildView)> {
    let (_, guild) = caller.guild(guild)?;
    let application = found(caller, guild, application)?;
    let maker = caller.view.applications.get(&application).map(|application| application.owner);
    let manages = guild.permissions(&caller.user).has(Permissions::MANAGE_GUILD);
    if caller.user == application || maker == Some(caller.user) || manages {
        Ok((application, guild))
    } else {
        Err(ApiError::forbidden())
    }
}

/// A bot of this program that is in the guild: what others offer is not known here.
fn found(caller: &Caller, guild: &GuildView, text: &str) -> Answer<UserId> {
    let unknown = || ApiError::unknown(Thing::Application);
    let id = caller.view.ids.op(number(text)?).map(UserId::from).ok_or_else(unknown)?;
    let here = caller.view.applications.contains_key(&id) && guild.members.contains_key(&id);
    if here { Ok(id) } else { Err(unknown()) }
}

/// The command of a number, none for the application itself.
fn offer(view: &View, guild: &GuildView, application: &UserId, text: &str) -> Answer<Option<OpId>> {
    let unknown = || ApiError::unknown(Thing::Offer);
    let id = view.ids.op(number(text)?).ok_or_else(unknown)?;
    if id == OpId::from(*application) {
        return Ok(None);
    }
    let offers = view.applications.get(application).map(|application| &application.offers);
    let offered = offers.and_then(|offers| offers.get(&id)).ok_or_else(unknown)?;
    let here = offered.guild.is_none_or(|space| space == guild.facts.id);
    if here { Ok(Some(id)) } else { Err(unknown()) }
}
