//! `/guilds/{guild_id}/scheduled-events`.

use super::exceptions::{self, Rule};
use crate::access;
use crate::error::{Answer, ApiError};
use crate::render;
use crate::rest::find::number;
use crate::rest::moment;
use crate::window::{Body, Caller, Done, Json, Path, Person, Query, Window};
use axum::extract::State;
use nexus_api_model::{Number, given};
use nexus_core::{Command, Reply, Snowflake, StoreFault, Thing, View};
use nexus_crdt::body::governance::{ChannelKind, EventFields, EventPlace, EventStatus, Recurring};
use nexus_crdt::guild::{Channel, GuildView};
use nexus_crdt::id::{ChannelId, UserId};
use nexus_node::Reader;
use serde::{Deserialize, Deserializer};
use serde_json::{Value, json};

#[derive(Deserialize)]
pub(crate) struct Counted {
    #[serde(default, deserialize_with = "truth")]
    with_user_count: bool,
}

/// Libraries write truth as a word or as a number.
fn truth<'de, D: Deserializer<'de>>(deserializer: D) -> Result<bool, D::Error> {
    let text = String::deserialize(deserializer)?;
    Ok(matches!(text.as_str(), "1" | "true" | "True"))
}

/// `GET /guilds/{guild_id}/scheduled-events`: those to come and under way.
pub(crate) async fn list(
    State(window): State<Window>,
    caller: Caller,
    Path(guild): Path<String>,
    Query(query): Query<Counted>,
) -> Answer<Json<Vec<Value>>> {
    let (_, guild) = caller.guild(&guild)?;
    let reader = if query.with_user_count { Some(window.node.read()?) } else { None };
    let open = open_to(guild, &caller.user).into_iter();
    let drawn: Result<Vec<Value>, StoreFault> =
        open.map(|event| counted(&caller.view, reader.as_ref(), guild, event)).collect();
    Ok(Json(drawn?))
}

/// `GET /guilds/{guild_id}/scheduled-events/{guild_scheduled_event_id}`
pub(crate) async fn get(
    State(window): State<Window>,
    caller: Caller,
    Path((guild, event)): Path<(String, String)>,
    Query(query): Query<Counted>,
) -> Answer<Json<Value>> {
    let (_, guild) = caller.guild(&guild)?;
    let event = find(&caller, guild, &event)?;
    let reader = if query.with_user_count { Some(window.node.read()?) } else { None };
    Ok(Json(counted(&caller.view, reader.as_ref(), guild, event)?))
}

#[derive(Deserialize)]
pub(crate) struct Words {
    name: Option<String>,
    #[serde(default, deserialize_with = "given")]
    description: Option<Option<String>>,
    scheduled_start_time: Option<String>,
    #[serde(default, deserialize_with = "given")]
    scheduled_end_time: Option<Option<String>>,
    privacy_level: Option<u8>,
    entity_type: Option<u8>,
    #[serde(default, deserialize_with = "given")]
    channel_id: Option<Option<Number>>,
    #[serde(default, deserialize_with = "given")]
    entity_metadata: Option<Option<Metadata>>,
    status: Option<u8>,
    image: Option<Value>,
    #[serde(default, deserialize_with = "given")]
    recurrence_rule: Option<Option<Rule>>,
}

/// Exceptions of which one request is told how many look forward.
const COUNTED_MAX: usize = 10;

#[derive(Deserialize)]
pub(crate) struct Metadata {
    location: Option<String>,
}

/// `POST /guilds/{guild_id}/scheduled-events`
pub(crate) async fn create(
    State(window): State<Window>,
    caller: Caller,
    Path(guild): Path<String>,
    Body(body): Body<Words>,
) -> Answer<Json<Value>> {
    let (space, guild) = caller.guild(&guild)?;
    for (field, given) in [
        ("name", body.name.is_some()),
        ("scheduled_start_time", body.scheduled_start_time.is_some()),
        ("entity_type", body.entity_type.is_some()),
        ("privacy_level", body.privacy_level.is_some()),
    ] {
        if !given {
            return Err(ApiError::invalid(field, "BASE_TYPE_REQUIRED", "This field is required"));
        }
    }
    let mut fields = body.fields(&caller, guild, None)?;
    // A new one is to come, whatever is said.
    fields.status = None;
    let reply = caller.govern(&window, Command::Announce { guild: space, fields }).await?;
    let Reply::Created(id) = reply else { return Err(ApiError::unknown(Thing::Event)) };
    drawn(&window.node.view(), id.into()).map(Json)
}

/// `PATCH /guilds/{guild_id}/scheduled-events/{guild_scheduled_event_id}`
pub(crate) async fn edit(
    State(window): State<Window>,
    caller: Caller,
    Path((guild, event)): Path<(String, String)>,
    Body(body): Body<Words>,
) -> Answer<Json<Value>> {
    let (_, guild) = caller.guild(&guild)?;
    let channel = find(&caller, guild, &event)?;
    let fields = body.fields(&caller, guild, Some(channel))?;
    let event = channel.id;
    caller.govern(&window, Command::EditEvent { event, fields }).await?;
    drawn(&window.node.view(), event).map(Json)
}

/// `DELETE /guilds/{guild_id}/scheduled-events/{guild_scheduled_event_id}`
pub(crate) async fn delete(
    State(window): State<Window>,
    caller: Caller,
    Path((guild, event)): Path<(String, String)>,
) -> Answer<Done> {
    let (_, guild) = caller.guild(&guild)?;
    let event = find(&caller, guild, &event)?.id;
    caller.govern(&window, Command::CallOff { event }).await?;
    Ok(Done)
}

#[derive(Deserialize)]
pub(crate) struct Page {
    limit: Option<usize>,
    #[serde(default, deserialize_with = "truth")]
    with_member: bool,
    before: Option<u64>,
    after: Option<u64>,
}

/// `GET ../scheduled-events/{guild_scheduled_event_id}/users`: ascending by number.
pub(crate) async fn users(
    State(window): State<Window>,
    caller: Caller,
    Path((guild, event)): Path<(String, String)>,
    Query(page): Query<Page>,
) -> Answer<Json<Vec<Value>>> {
    let (_, guild) = caller.guild(&guild)?;
    let event = find(&caller, guild, &event)?;
    page_of(&window, &caller, guild, event, &page).map(Json)
}

/// A page of those who look forward to an event.
pub(super) fn page_of(
    window: &Window,
    caller: &Caller,
    guild: &GuildView,
    event: &Channel,
    page: &Page,
) -> Answer<Vec<Value>> {
    let view = &caller.view;
    let mut people = render::interested(view, &window.node.read()?, guild, event)?;
    people.retain(|user| {
        let id = view.ids.of(*user).0;
        page.after.is_none_or(|after| id > after) && page.before.is_none_or(|before| id < before)
    });
    let limit = page.limit.unwrap_or(100).clamp(1, 100);
    // Before a number, those next to it.
    if page.before.is_some() && page.after.is_none() {
        people.drain(..people.len().saturating_sub(limit));
    }
    let member = |user: &UserId| guild.members.get(user).filter(|_| page.with_member);
    let drawn = people.iter().take(limit).map(|user| {
        let mut shown = response(view, event, user, true);
        shown["user"] = render::user(view, user);
        if let Some(member) = member(user) {
            shown["member"] = render::member(view, guild, member);
        }
        shown
    });
    Ok(drawn.collect())
}

/// `GET ../scheduled-events/{guild_scheduled_event_id}/users/counts`
pub(crate) async fn count(
    State(window): State<Window>,
    caller: Caller,
    Path((guild, event)): Path<(String, String)>,
    Query(query): Query<Vec<(String, String)>>,
) -> Answer<Json<Value>> {
    let (_, guild) = caller.guild(&guild)?;
    let event = find(&caller, guild, &event)?;
    let people = render::interested(&caller.view, &window.node.read()?, guild, event)?.len();
    let asked =
        query.iter().filter(|(name, _)| name.trim_end_matches("[]") == "guild_scheduled_event_exception_ids");
    let mut exceptions = serde_json::Map::new();
    for id in asked.flat_map(|(_, ids)| ids.split(',')).take(COUNTED_MAX) {
        if exceptions::find(event, id).is_ok() {
            exceptions.insert(id.to_owned(), json!(people));
        }
    }
    let counts = json!({
        "guild_scheduled_event_count": people, "guild_scheduled_event_exception_counts": exceptions,
    });
    Ok(Json(counts))
}

/// `PUT ../scheduled-events/{guild_scheduled_event_id}/users/@me`: the caller looks forward to it.
pub(crate) async fn look_forward(
    window: State<Window>,
    person: Person,
    path: Path<(String, String)>,
) -> Answer<Json<Value>> {
    interest(window, person, path, true).await.map(Json)
}

/// `DELETE ../scheduled-events/{guild_scheduled_event_id}/users/@me`
pub(crate) async fn lose_interest(
    window: State<Window>,
    person: Person,
    path: Path<(String, String)>,
) -> Answer<Done> {
    interest(window, person, path, false).await.map(|_| Done)
}

async fn interest(
    State(window): State<Window>,
    Person(caller): Person,
    Path((guild, event)): Path<(String, String)>,
    interested: bool,
) -> Answer<Value> {
    let (_, guild) = caller.guild(&guild)?;
    let channel = find(&caller, guild, &event)?;
    let command = Command::BeInterested { event: channel.id, interested };
    window.node.command(Some(caller.user), command).await?;
    Ok(response(&caller.view, channel, &caller.user, interested))
}

/// Events to come and under way that somebody sees, in order of their beginning.
pub(crate) fn open_to<'a>(guild: &'a GuildView, user: &UserId) -> Vec<&'a Channel> {
    let open = |channel: &&Channel| {
        let event = channel.event.as_ref();
        event.is_some_and(|it| matches!(it.status, EventStatus::Scheduled | EventStatus::Active))
            && access::sees(guild, user, &channel.id)
    };
    let mut all: Vec<&Channel> = guild.channels.values().filter(open).collect();
    all.sort_by_key(|channel| (channel.event.as_ref().map(|event| event.starts), channel.id));
    all
}

impl Words {
    fn fields(self, caller: &Caller, guild: &GuildView, now: Option<&Channel>) -> Answer<EventFields> {
        if self.image.as_ref().is_some_and(|value| !value.is_null()) {
            let words = "This program does not carry these yet.";
            return Err(ApiError::invalid("image", "NOT_IMPLEMENTED", words));
        }
        let place = self.place(caller, guild, now)?;
        let elsewhere = match &place {
            Some(place) => matches!(place, EventPlace::Elsewhere(_)),
            None => now.is_some_and(|channel| channel.parent.is_none()),
        };
        let ends_now = now.and_then(|channel| channel.event.as_ref()).map_or(0, |event| event.ends);
        let ends = match &self.scheduled_end_time {
            Some(Some(text)) => Some(time("scheduled_end_time", text)?),
            Some(None) => Some(0),
            None => None,
        };
        if elsewhere && ends.unwrap_or(ends_now) == 0 {
            let words = "Scheduled end time is required for external events.";
            return Err(ApiError::invalid("scheduled_end_time", "BASE_TYPE_REQUIRED", words));
        }
        let starts = self.scheduled_start_time.as_deref();
        let status = self.status.map(status).transpose()?;
        let recurring = match self.recurrence_rule {
            Some(Some(rule)) => Some(Recurring::By(rule.read()?)),
            Some(None) => Some(Recurring::Once),
            None => None,
        };
        Ok(EventFields {
            name: self.name,
            about: self.description.map(Option::unwrap_or_default),
            starts: starts.map(|text| time("scheduled_start_time", text)).transpose()?,
            ends,
            place,
            status,
            recurring,
            occurrence: None,
        })
    }

    /// Where it takes place from now on, where that is said.
    fn place(&self, caller: &Caller, guild: &GuildView, now: Option<&Channel>) -> Answer<Option<EventPlace>> {
        let location = self.entity_metadata.iter().flatten().find_map(|given| given.location.clone());
        let kind = match (self.entity_type, now) {
            (Some(kind), _) => kind,
            (None, Some(channel)) if channel.parent.is_some() => 2,
            _ => 3,
        };
        match kind {
            2 => {
                let Some(Number(id)) = self.channel_id.flatten() else {
                    let stays = now.is_some_and(|channel| channel.parent.is_some());
                    return if stays { Ok(None) } else { Err(required("channel_id")) };
                };
                let (voice, space) = caller.channel(&id.to_string())?;
                let there = space.channels.get(&voice).filter(|it| it.kind == ChannelKind::Voice);
                if there.is_none() || space.facts.id != guild.facts.id {
                    return Err(ApiError::unknown(Thing::Channel));
                }
                Ok(Some(EventPlace::Voice(voice)))
            }
            3 => match location {
                Some(place) => Ok(Some(EventPlace::Elsewhere(place))),
                None if now.is_some_and(|channel| channel.parent.is_none()) => Ok(None),
                None => Err(required("entity_metadata.location")),
            },
            1 => Err(ApiError::not_implemented("events in stage channels")),
            _ => {
                Err(ApiError::invalid("entity_type", "BASE_TYPE_CHOICES", "Value must be one of {1, 2, 3}."))
            }
        }
    }
}

fn required(field: &str) -> ApiError {
    ApiError::invalid(field, "BASE_TYPE_REQUIRED", "This field is required")
}

pub(super) fn time(field: &str, text: &str) -> Answer<u64> {
    moment(text).ok_or_else(|| ApiError::invalid(field, "DATETIME_TYPE_PARSE", "not an ISO 8601 timestamp"))
}

fn status(number: u8) -> Answer<EventStatus> {
    Ok(match number {
        1 => EventStatus::Scheduled,
        2 => EventStatus::Active,
        3 => EventStatus::Completed,
        4 => EventStatus::Canceled,
        _ => {
            return Err(ApiError::invalid(
                "status",
                "BASE_TYPE_CHOICES",
                "Value must be one of {1, 2, 3, 4}.",
            ));
        }
    })
}

pub(super) fn find<'a>(caller: &Caller, guild: &'a GuildView, text: &str) -> Answer<&'a Channel> {
    let unknown = || ApiError::unknown(Thing::Event);
    let id = caller.view.ids.op(number(text)?).map(ChannelId::from).ok_or_else(unknown)?;
    let event = guild.channels.get(&id).filter(|channel| channel.event.is_some());
    event.filter(|event| access::sees(guild, &caller.user, &event.id)).ok_or_else(unknown)
}

fn counted(
    view: &View,
    reader: Option<&Reader>,
    guild: &GuildView,
    event: &Channel,
) -> Result<Value, StoreFault> {
    let mut shown = render::event(view, guild, event);
    if let Some(reader) = reader {
        shown["user_count"] = json!(render::interested(view, reader, guild, event)?.len());
    }
    Ok(shown)
}

/// What Discord says of somebody and an event: 1, they are interested, or 0.
pub(super) fn response(view: &View, event: &Channel, user: &UserId, interested: bool) -> Value {
    let number = |Snowflake(number)| number.to_string();
    json!({
        "guild_scheduled_event_id": number(view.ids.of(event.id)),
        "user_id": number(view.ids.of(*user)),
        "response": u8::from(interested),
    })
}

fn drawn(view: &View, event: ChannelId) -> Answer<Value> {
    let guild = view.guild_of(&event).ok_or_else(|| ApiError::unknown(Thing::Event))?;
    let channel = guild.channels.get(&event).ok_or_else(|| ApiError::unknown(Thing::Event))?;
    Ok(render::event(view, guild, channel))
}
