//! `/interactions`: people ask bots, bots answer.

pub(crate) mod answer;
pub(in crate::rest) mod callback;
pub(in crate::rest) mod endpoint;
mod event;
pub(crate) mod index;

pub(crate) use callback::callback;

use crate::components;
use crate::error::{Answer, ApiError};
use crate::gateway::EventName;
use crate::interactions::{ANSWER_MS, Asked, Kind, Said};
use crate::offers;
use crate::render;
use crate::rest::id_text;
use crate::window::{Body, Caller, Done, Person, Window};
use axum::extract::State;
use nexus_api_model::Number;
use nexus_core::{Snowflake, Thing};
use nexus_crdt::body::governance::SpaceKind;
use nexus_crdt::guild::GuildView;
use nexus_crdt::id::{ChannelId, OpId, UserId};
use nexus_crdt::permissions::Permissions;
use serde::Deserialize;
use serde_json::{Value, json};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// Longest body of a question, bytes.
const ASKED_MAX: usize = 64 * 1024;

/// What a person's client sends.
#[derive(Deserialize)]
pub(crate) struct Invoke {
    #[serde(rename = "type")]
    kind: u64,
    application_id: Number,
    channel_id: Number,
    message_id: Option<Number>,
    nonce: Option<Value>,
    data: Value,
}

/// Where something is asked, and whom.
struct Scene<'a> {
    application: UserId,
    channel: ChannelId,
    guild: &'a GuildView,
}

/// What is asked, checked.
struct Question {
    kind: Kind,
    name: String,
    data: Value,
    source: Option<Said>,
    /// The message it was done on, as the bot sees it.
    message: Option<Value>,
}

/// `POST /interactions`: a person invokes a command, presses a button, types, or hands in a form.
pub(crate) async fn invoke(
    State(window): State<Window>,
    Person(caller): Person,
    Body(body): Body<Invoke, ASKED_MAX>,
) -> Answer<Done> {
    let scene = Scene::find(&caller, &body)?;
    let question = match body.kind {
        2 => scene.command(&window, &caller, &body, false),
        3 => scene.component(&window, &caller, &body),
        4 => scene.command(&window, &caller, &body, true),
        5 => scene.form(&window, &caller, &body),
        _ => Err(ApiError::invalid("type", "BASE_TYPE_CHOICES", "Value must be one of (2, 3, 4, 5).")),
    }?;
    let asked = begin(&window, &caller, &scene, &question, body.nonce.as_ref());
    let event = event::draw(&caller, &scene, &asked, question.data, question.message);
    let application = caller.view.applications.get(&asked.application);
    if let Some(url) = application.and_then(|application| application.endpoint.clone()) {
        tell(&window, &asked, EventName::InteractionCreate);
        tokio::spawn(lapse(window.clone(), asked.id));
        tokio::spawn(endpoint::ask(window, asked, url, event));
        return Ok(Done);
    }
    if !window.gateway.tell(&asked.application, &asked.space, EventName::InteractionCreate, &event) {
        window.interactions().lapse(asked.id);
        return Err(ApiError::unknown_interaction("the bot is not connected to this program"));
    }
    tell(&window, &asked, EventName::InteractionCreate);
    tokio::spawn(lapse(window, asked.id));
    Ok(Done)
}

/// After 3 s without an answer it has failed, and stays so.
async fn lapse(window: Window, id: u64) {
    tokio::time::sleep(Duration::from_millis(ANSWER_MS)).await;
    let lapsed = window.interactions().lapse(id);
    if let Some(asked) = lapsed {
        tell(&window, &asked, EventName::InteractionFailure);
    }
}

/// Tells who asked what became of it.
fn tell(window: &Window, asked: &Asked, name: EventName) {
    let data = json!({ "id": asked.id.to_string(), "nonce": asked.nonce });
    window.gateway.tell(&asked.user, &asked.space, name, &data);
}

/// Unix ms, for numbers and times.
pub(crate) fn unix_ms() -> u64 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |now| now.as_millis());
    u64::try_from(now).unwrap_or(u64::MAX)
}

fn begin(
    window: &Window,
    caller: &Caller,
    scene: &Scene<'_>,
    question: &Question,
    nonce: Option<&Value>,
) -> Asked {
    let now_ms = window.gateway.now_ms();
    let mut interactions = window.interactions();
    let id = interactions.number(unix_ms());
    let secret: [u8; 32] = rand::random();
    let asked = Asked {
        id,
        token: format!("{id}.{}", hex::encode(secret)),
        application: scene.application,
        user: caller.user,
        space: scene.guild.facts.id,
        channel: scene.channel,
        kind: question.kind,
        name: question.name.clone(),
        nonce: nonce.filter(|nonce| !nonce.is_null()).map(|nonce| id_text(nonce).chars().take(64).collect()),
        source: question.source,
    };
    interactions.begin(asked.clone(), now_ms);
    asked
}

impl<'a> Scene<'a> {
    fn find(caller: &'a Caller, body: &Invoke) -> Answer<Self> {
        let (channel, guild) = caller.channel(&body.channel_id.0.to_string())?;
        let application = caller.view.ids.op(Snowflake(body.application_id.0)).map(UserId::from);
        let application = application.filter(|id| guild.members.contains_key(id));
        let application = application.ok_or_else(|| ApiError::unknown(Thing::Application))?;
        // Questions are frames, and none goes to another program yet.
        if !caller.view.applications.contains_key(&application) {
            return Err(ApiError::unknown_interaction("the bot lives on another program"));
        }
        Ok(Self { application, channel, guild })
    }

    /// Whether somebody may use a command: the channel allows commands, and the guild, or else its maker, people like them.
    fn may_use(&self, user: &UserId, offer: &OpId, definition: &Value) -> bool {
        may_use(self.guild, &self.channel, user, (&self.application, offer), definition)
    }

    fn command(&self, window: &Window, caller: &Caller, body: &Invoke, typing: bool) -> Answer<Question> {
        let unknown = || ApiError::unknown(Thing::Offer);
        let id = id_text(&body.data["id"]).parse().map(Snowflake).map_err(|_| unknown())?;
        let id = caller.view.ids.op(id).ok_or_else(unknown)?;
        let application = caller.view.applications.get(&self.application).ok_or_else(unknown)?;
        let offered = application.offers.get(&id).ok_or_else(unknown)?;
        if offered.guild.is_some_and(|guild| guild != self.guild.facts.id) {
            return Err(unknown());
        }
        let definition = offers::stored(offered).ok_or_else(unknown)?;
        if !self.may_use(&caller.user, &id, &definition) {
            return Err(ApiError::forbidden());
        }
        let options = offers::asked(&definition, &body.data["options"], typing)?;
        let mut data = json!({
            "id": caller.view.ids.of(id).0.to_string(), "name": definition["name"], "type": definition["type"],
        });
        if let Some(guild) = offered.guild {
            data["guild_id"] = json!(caller.view.ids.of(guild).0.to_string());
        }
        let mut resolved = event::Resolved::new(caller, self.guild, self.channel);
        resolved.options(&options)?;
        if definition["type"] == 2 {
            data["target_id"] = json!(resolved.user(&id_text(&body.data["target_id"]))?);
        } else if definition["type"] == 3 {
            let (_, _, reader) = caller.history(window, &body.channel_id.0.to_string())?;
            let message = caller.message(&reader, self.channel, &id_text(&body.data["target_id"]))?;
            data["target_id"] = json!(message.api_id.0.to_string());
            resolved.message(render::message(caller.drawing(), Some(&reader), &message));
        } else {
            data["options"] = json!(options);
        }
        if let Some(resolved) = resolved.drawn() {
            data["resolved"] = resolved;
        }
        let name = definition["name"].as_str().unwrap_or("").to_owned();
        let kind = if typing { Kind::Typing } else { Kind::Command };
        Ok(Question { kind, name, data, source: None, message: None })
    }

    fn component(&self, window: &Window, caller: &Caller, body: &Invoke) -> Answer<Question> {
        let number = body
            .message_id
            .ok_or_else(|| ApiError::invalid("message_id", "BASE_TYPE_REQUIRED", "This field is required"))?;
        let (source, message) = self.source(window, caller, number.0)?;
        let refuse = |words: &str| ApiError::invalid("data", "COMPONENT_VALIDATION_FAILED", words);
        let list = message["components"].as_array().cloned().unwrap_or_default();
        let custom_id = body.data["custom_id"].as_str().unwrap_or("");
        let component = components::find(&list, custom_id).ok_or_else(|| refuse("no such component"))?;
        if component["disabled"] == true {
            return Err(refuse("the component is switched off"));
        }
        let mut data =
            json!({ "custom_id": custom_id, "component_type": component["type"], "id": component["id"] });
        if component["type"] != 2 {
            let values =
                chosen(component, &body.data["values"]).ok_or_else(|| refuse("not what can be chosen"))?;
            let mut resolved = event::Resolved::new(caller, self.guild, self.channel);
            resolved.chosen(component["type"].as_u64().unwrap_or(0), &values)?;
            data["values"] = json!(values);
            if let Some(resolved) = resolved.drawn() {
                data["resolved"] = resolved;
            }
        }
        Ok(Question {
            kind: Kind::Component,
            name: String::new(),
            data,
            source: Some(source),
            message: Some(message),
        })
    }

    /// The message that a component stands in: of this bot, in the channel or whispered to who asks.
    fn source(&self, window: &Window, caller: &Caller, number: u64) -> Answer<(Said, Value)> {
        let unknown = || ApiError::unknown(Thing::Message);
        if let Some((_, message)) = window.interactions().whispered_to(&caller.user, &self.channel, number) {
            let own = message.author == self.application;
            let drawn = render::message(caller.drawing(), None, message);
            return if own { Ok((Said::Whispered(number), drawn)) } else { Err(unknown()) };
        }
        let reader = window.node.read()?;
        let message = caller.message(&reader, self.channel, &number.to_string())?;
        if message.author != self.application {
            return Err(unknown());
        }
        Ok((Said::Aloud(message.id), render::message(caller.drawing(), Some(&reader), &message)))
    }

    fn form(&self, window: &Window, caller: &Caller, body: &Invoke) -> Answer<Question> {
        let id = id_text(&body.data["id"]).parse().unwrap_or(0);
        let custom_id = body.data["custom_id"].as_str().unwrap_or("");
        let components = handed_in(&body.data["components"])?;
        let shown = window.interactions().take_form(id, &caller.user, custom_id);
        let shown =
            shown.filter(|asked| asked.application == self.application && asked.channel == self.channel);
        let shown = shown.ok_or_else(|| ApiError::unknown_interaction("no such form"))?;
        let data = json!({ "custom_id": custom_id, "components": components });
        let message = match shown.source {
            Some(Said::Aloud(id)) => window
                .node
                .read()?
                .message_of(&caller.view, self.channel, &id)?
                .map(|message| render::message(caller.drawing(), None, &message)),
            Some(Said::Whispered(number)) => {
                let interactions = window.interactions();
                let whisper = interactions.whispered_to(&caller.user, &self.channel, number);
                whisper.map(|(_, message)| render::message(caller.drawing(), None, message))
            }
            None => None,
        };
        Ok(Question { kind: Kind::Modal, name: String::new(), data, source: shown.source, message })
    }
}

/// Whether somebody may use a command in a channel.
pub(super) fn may_use(
    guild: &GuildView,
    channel: &ChannelId,
    user: &UserId,
    offer: (&UserId, &OpId),
    definition: &Value,
) -> bool {
    let in_guild = guild.facts.kind == SpaceKind::Guild;
    let context = if in_guild { 0 } else { 1 };
    let here =
        definition["contexts"].as_array().is_none_or(|contexts| contexts.iter().any(|each| *each == context));
    if !in_guild {
        return here && definition["dm_permission"] != false;
    }
    let has = guild.permissions_in(user, channel);
    let needs = definition["default_member_permissions"].as_str().and_then(|bits| bits.parse().ok());
    let needs = match needs {
        // None of the bits: nobody but who may do everything.
        Some(0) => Permissions::ADMINISTRATOR,
        Some(bits) => Permissions(bits),
        None => Permissions::NONE,
    };
    let all = has.has(Permissions::ADMINISTRATOR);
    let meant = || guild.offer_access(offer, user, channel).unwrap_or_else(|| has.has(needs));
    here && has.has(Permissions::USE_APPLICATION_COMMANDS) && (all || meant())
}

/// What was chosen of a select, where it can be.
fn chosen(component: &Value, given: &Value) -> Option<Vec<String>> {
    let values: Vec<String> =
        given.as_array()?.iter().map(|each| each.as_str().map(str::to_owned)).collect::<Option<_>>()?;
    let count = u64::try_from(values.len()).ok()?;
    let fits = (component["min_values"].as_u64()?..=component["max_values"].as_u64()?).contains(&count);
    let offered = |value: &String| match component["options"].as_array() {
        Some(options) => options.iter().any(|option| option["value"] == *value),
        None => value.parse::<u64>().is_ok(),
    };
    (fits && values.iter().all(offered)).then_some(values)
}

/// A form as it was filled in: names, values and the integer id that libraries expect of each part, nothing else.
fn handed_in(list: &Value) -> Answer<Vec<Value>> {
    let refuse =
        || ApiError::invalid("data.components", "BASE_TYPE_BAD_LENGTH", "A list of at most 5 fields.");
    let list = list.as_array().filter(|list| list.len() <= 5).ok_or_else(refuse)?;
    let numbered = |part: &Value, n: usize| part["id"].as_u64().unwrap_or(n as u64 + 1);
    let field = |field: &Value, n: usize| {
        let fits = |text: &str| text.chars().count() <= 4_000;
        let mut shown = json!({
            "type": field["type"].as_u64()?, "custom_id": field["custom_id"].as_str()?, "id": numbered(field, n),
        });
        if let Some(values) = field["values"].as_array() {
            shown["values"] = json!(values.iter().filter_map(Value::as_str).take(25).collect::<Vec<_>>());
        } else {
            shown["value"] = json!(field["value"].as_str().filter(|text| fits(text))?);
        }
        Some(shown)
    };
    let each = |(n, part): (usize, &Value)| {
        let (id, inner) = (numbered(part, 2 * n), 2 * n + 1);
        Some(match part["type"].as_u64()? {
            1 => json!({ "type": 1, "id": id, "components": [field(&part["components"][0], inner)?] }),
            18 => json!({ "type": 18, "id": id, "component": field(&part["component"], inner)? }),
            _ => return None,
        })
    };
    list.iter().enumerate().map(|part| each(part).ok_or_else(refuse)).collect()
}
