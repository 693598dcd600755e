//! `/users`.

use crate::access;
use crate::bearer::{Scoped, oauth};
use crate::error::{Answer, ApiError};
use crate::ports::oauth::Scope;
use crate::render;
use crate::window::{Body, Caller, Done, Json, Path, Person, Query, Window};
use axum::extract::State;
use nexus_api_model::Number;
use nexus_core::{Command, Reply, Snowflake, Thing};
use nexus_crdt::id::SpaceId;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// `GET /users/@me`
pub(crate) async fn me(
    State(window): State<Window>,
    asker: Scoped<{ Scope::Identify.bit() }>,
) -> Answer<Json<Value>> {
    let caller = &asker.caller;
    let mut shown = render::own_user(&caller.view, &caller.user, &*window.accounts);
    if let (Some(application), Some(fields)) = (asker.application, shown.as_object_mut()) {
        // It is said of the address, and only to who may know that.
        fields.remove("verified");
        if application.scopes.has(Scope::Email) {
            fields.insert(String::from("email"), json!(oauth(&window)?.email(caller.user).await?));
            fields.insert(String::from("verified"), json!(false));
        }
    }
    Ok(Json(shown))
}

#[derive(Deserialize)]
pub(crate) struct EditMe {
    username: Option<String>,
    bio: Option<String>,
}

/// `PATCH /users/@me`
pub(crate) async fn edit_me(
    State(window): State<Window>,
    caller: Caller,
    Body(edit): Body<EditMe>,
) -> Answer<Json<impl Serialize>> {
    let command = Command::EditProfile { name: edit.username, about: edit.bio };
    window.node.command(Some(caller.user), command).await?;
    Ok(Json(render::own_user(&window.node.view(), &caller.user, &*window.accounts)))
}

/// `GET /users/{user_id}`
pub(crate) async fn get(caller: Caller, Path(user): Path<String>) -> Answer<Json<impl Serialize>> {
    let user = caller.user(&user)?;
    Ok(Json(render::user(&caller.view, &user)))
}

#[derive(Deserialize)]
pub(crate) struct Guilds {
    before: Option<u64>,
    after: Option<u64>,
    limit: Option<usize>,
}

/// `GET /users/@me/guilds`: ascending by number.
pub(crate) async fn my_guilds(
    asker: Scoped<{ Scope::Guilds.bit() }>,
    Query(page): Query<Guilds>,
) -> Json<Vec<impl Serialize>> {
    let caller = asker.caller;
    let view = &caller.view;
    let spaces =
        view.guilds_of.get(&caller.user).into_iter().flatten().filter_map(|space| view.guilds.get(space));
    let mut guilds: Vec<_> = spaces
        .filter(|guild| access::is_guild(guild))
        .map(|guild| (view.ids.of(guild.facts.id), guild))
        .filter(|(id, _)| {
            page.after.is_none_or(|after| id.0 > after) && page.before.is_none_or(|before| id.0 < before)
        })
        .collect();
    guilds.sort_by_key(|(id, _)| *id);
    let limit = page.limit.unwrap_or(200).min(200);
    Json(
        guilds
            .into_iter()
            .take(limit)
            .map(|(_, guild)| render::partial_guild(view, guild, &caller.user))
            .collect(),
    )
}

/// `GET /users/@me/guilds/{guild_id}/member`: oneself as a member.
pub(crate) async fn my_member(
    asker: Scoped<{ Scope::GuildsMembersRead.bit() }>,
    Path(guild): Path<String>,
) -> Answer<Json<impl Serialize>> {
    let caller = asker.caller;
    let (_, guild) = caller.guild(&guild)?;
    let member = guild.members.get(&caller.user).ok_or_else(|| ApiError::unknown(Thing::Member))?;
    Ok(Json(render::member(&caller.view, guild, member)))
}

#[derive(Deserialize)]
pub(crate) struct Leave {
    /// And all that one said there is taken away.
    #[serde(default)]
    erase: bool,
}

/// `DELETE /users/@me/guilds/{guild_id}?erase=true`
pub(crate) async fn leave(
    State(window): State<Window>,
    caller: Caller,
    Path(guild): Path<String>,
    Query(Leave { erase }): Query<Leave>,
) -> Answer<Done> {
    let (guild, _) = caller.guild(&guild)?;
    window.node.command(Some(caller.user), Command::LeaveGuild { guild, erase }).await?;
    Ok(Done)
}

#[derive(Deserialize)]
pub(crate) struct OpenConversation {
    recipient_id: Option<Number>,
    #[serde(default)]
    recipients: Vec<Number>,
}

/// `POST /users/@me/channels`
pub(crate) async fn open_conversation(
    State(window): State<Window>,
    caller: Caller,
    Body(body): Body<OpenConversation>,
) -> Answer<Json<impl Serialize>> {
    let named = body.recipient_id.iter().chain(&body.recipients).take(11);
    let with = named.map(|value| caller.user(&value.0.to_string())).collect::<Answer<Vec<_>>>()?;
    if with.is_empty() {
        return Err(ApiError::invalid("recipient_id", "BASE_TYPE_REQUIRED", "This field is required"));
    }
    let reply = window.node.command(Some(caller.user), Command::OpenConversation { with }).await?;
    let Reply::Created(space) = reply else { return Err(ApiError::unknown(Thing::Channel)) };
    let view = window.node.view();
    let reader = window.node.read()?;
    let guild = view.guilds.get(&SpaceId::from(space));
    let drawn = guild.and_then(|guild| render::conversation(&view, Some(&reader), guild, &caller.user));
    drawn.map(Json).ok_or_else(|| ApiError::unknown(Thing::Channel))
}

/// `GET /users/@me/channels`: a person's conversations.
pub(crate) async fn my_conversations(
    State(window): State<Window>,
    Person(caller): Person,
) -> Answer<Json<Vec<impl Serialize>>> {
    let (view, reader) = (&caller.view, window.node.read()?);
    let spaces =
        view.guilds_of.get(&caller.user).into_iter().flatten().filter_map(|space| view.guilds.get(space));
    let drawn = spaces
        .filter(|space| !access::is_guild(space))
        .filter_map(|space| render::conversation(view, Some(&reader), space, &caller.user));
    Ok(Json(drawn.collect()))
}

/// A page by number: `after`, ascending, at most `limit`.
#[derive(Deserialize)]
pub(crate) struct After {
    pub(crate) after: Option<u64>,
    pub(crate) limit: Option<usize>,
}

impl After {
    /// Cuts a list of numbered things to the page.
    pub(crate) fn cut<T>(&self, mut all: Vec<(Snowflake, T)>, most: usize, usual: usize) -> Vec<T> {
        all.sort_by_key(|(id, _)| *id);
        let newer = all.into_iter().filter(|(id, _)| id.0 > self.after.unwrap_or(0));
        newer.take(self.limit.unwrap_or(usual).clamp(1, most)).map(|(_, thing)| thing).collect()
    }
}
