//! `POST /interactions/{id}/{token}/callback`: a bot's first answer, once, within 3 s. The token is all it needs.

use super::answer::{self, EPHEMERAL};
use super::tell;
use crate::components::{self, Place};
use crate::error::{Answer, ApiError};
use crate::gateway::EventName;
use crate::interactions::{Asked, Deferred, Kind, NotNow, Said};
use crate::render;
use crate::rest::channels::messages::{CreateMessage, EditMessage, MESSAGE_MAX};
use crate::upload::Upload;
use crate::window::{Done, Json, Path, Query, Window, read};
use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use serde::Deserialize;
use serde_json::{Value, json};

#[derive(Deserialize)]
pub(crate) struct Callback {
    #[serde(rename = "type")]
    kind: u64,
    #[serde(default)]
    data: Value,
}

#[derive(Deserialize)]
pub(crate) struct How {
    with_response: Option<String>,
}

/// What an answer came to.
pub(super) struct Given {
    original: Option<Said>,
    /// The message, as it is answered with.
    message: Option<Value>,
    loading: bool,
}

/// The route.
pub(crate) async fn callback(
    State(window): State<Window>,
    Path((id, token)): Path<(u64, String)>,
    Query(how): Query<How>,
    upload: Upload<Callback, MESSAGE_MAX>,
) -> Answer<Response> {
    let kind = upload.body.kind;
    let (asked, given) = give(&window, id, &token, upload).await?;
    let wants = how.with_response.is_some_and(|wish| ["1", "true", "True"].contains(&wish.as_str()));
    Ok(if wants {
        Json(described(&window, &asked, kind, &given)).into_response()
    } else {
        Done.into_response()
    })
}

/// Carries a first answer out, whichever way it came.
pub(super) async fn give(
    window: &Window,
    id: u64,
    token: &str,
    upload: Upload<Callback, MESSAGE_MAX>,
) -> Answer<(Asked, Given)> {
    let now_ms = window.gateway.now_ms();
    let claimed = window.interactions().claim(id, token, now_ms);
    let asked = claimed.map_err(|why| match why {
        NotNow::Unknown => ApiError::unknown_interaction("Unknown interaction"),
        NotNow::Acknowledged => ApiError::acknowledged(),
    })?;
    let kind = upload.body.kind;
    let given = match answer(window, &asked, upload).await {
        Ok(given) => given,
        Err(error) => {
            window.interactions().release(id);
            return Err(error);
        }
    };
    if kind != 8 && kind != 9 {
        tell(window, &asked, EventName::InteractionSuccess);
    }
    Ok((asked, given))
}

async fn answer(window: &Window, asked: &Asked, upload: Upload<Callback, MESSAGE_MAX>) -> Answer<Given> {
    let Upload { body, files } = upload;
    let typing = asked.kind == Kind::Typing;
    let done = |original, message, loading| Given { original, message, loading };
    match body.kind {
        4 if !typing => {
            let whispered = flags(&body.data) & EPHEMERAL != 0;
            let mut words: CreateMessage = read(body.data)?;
            words.keep(window, files).await?;
            let (said, message) = answer::say(window, asked, words, whispered).await?;
            window.interactions().answered(asked.id, Some(said));
            Ok(done(Some(said), Some(message), false))
        }
        5 if !typing => {
            let whispered = flags(&body.data) & EPHEMERAL != 0;
            let how = if whispered { Deferred::Whisper } else { Deferred::SayAloud };
            window.interactions().deferred(asked.id, how);
            Ok(done(None, None, true))
        }
        6 if asked.source.is_some() => {
            window.interactions().deferred(asked.id, Deferred::Update);
            Ok(done(asked.source, None, false))
        }
        7 => {
            let source = asked.source.ok_or_else(wrong_kind)?;
            let mut words: EditMessage = read(body.data)?;
            words.keep(window, files).await?;
            let message = answer::change(window, asked, source, words).await?;
            window.interactions().answered(asked.id, Some(source));
            Ok(done(Some(source), Some(message), false))
        }
        8 if typing => {
            let choices = choices(&body.data["choices"])?;
            let data = json!({ "nonce": asked.nonce, "choices": choices });
            window.gateway.tell(&asked.user, &asked.space, EventName::CommandAutocomplete, &data);
            window.interactions().answered(asked.id, None);
            Ok(done(None, None, false))
        }
        9 if [Kind::Command, Kind::Component].contains(&asked.kind) => {
            show_form(window, asked, &body.data)?;
            Ok(done(None, None, false))
        }
        _ => Err(wrong_kind()),
    }
}

fn show_form(window: &Window, asked: &Asked, form: &Value) -> Answer<()> {
    let short = |name: &str, max: usize| {
        let text = form[name].as_str().filter(|text| (1..=max).contains(&text.chars().count()));
        text.ok_or_else(|| {
            ApiError::invalid(&format!("data.{name}"), "BASE_TYPE_BAD_LENGTH", "missing or too long")
        })
    };
    let (custom_id, title) = (short("custom_id", 100)?, short("title", 45)?);
    let list = form["components"].as_array().map_or(&[][..], Vec::as_slice);
    let parts = components::parse(list, Place::Modal)?;
    if parts.is_empty() {
        return Err(ApiError::invalid("data.components", "BASE_TYPE_REQUIRED", "This field is required"));
    }
    let view = window.node.view();
    let data = json!({
        "id": asked.id.to_string(),
        "nonce": asked.nonce,
        "channel_id": view.ids.of(asked.channel).0.to_string(),
        "application": render::user(&view, &asked.application),
        "custom_id": custom_id,
        "title": title,
        "components": parts,
    });
    window.interactions().showed(asked.id, custom_id.to_owned());
    window.gateway.tell(&asked.user, &asked.space, EventName::InteractionModalCreate, &data);
    Ok(())
}

fn choices(given: &Value) -> Answer<Vec<Value>> {
    let refuse =
        || ApiError::invalid("data.choices", "BASE_TYPE_BAD_LENGTH", "At most 25, each with name and value.");
    let list = given.as_array().filter(|list| list.len() <= 25).ok_or_else(refuse)?;
    let each = |choice: &Value| {
        let name = choice["name"].as_str().filter(|name| (1..=100).contains(&name.chars().count()))?;
        let value = &choice["value"];
        let fits = value.is_number() || value.as_str().is_some_and(|text| text.chars().count() <= 100);
        fits.then(|| json!({ "name": name, "value": value }))
    };
    list.iter().map(|choice| each(choice).ok_or_else(refuse)).collect()
}

fn described(window: &Window, asked: &Asked, kind: u64, given: &Given) -> Value {
    let mut interaction = json!({ "id": asked.id.to_string(), "type": asked.kind as u8 });
    if given.loading {
        let how = window.interactions().owed(asked.id);
        interaction["response_message_id"] = json!(asked.id.to_string());
        interaction["response_message_loading"] = json!(true);
        interaction["response_message_ephemeral"] = json!(how == Some(Deferred::Whisper));
    }
    let mut whole = json!({});
    if let Some(message) = &given.message {
        interaction["response_message_id"] = message["id"].clone();
        interaction["response_message_loading"] = json!(false);
        interaction["response_message_ephemeral"] = json!(matches!(given.original, Some(Said::Whispered(_))));
        whole["resource"] = json!({ "type": kind, "message": message });
    }
    whole["interaction"] = interaction;
    whole
}

fn flags(data: &Value) -> u32 {
    data["flags"].as_u64().and_then(|flags| u32::try_from(flags).ok()).unwrap_or(0)
}

fn wrong_kind() -> ApiError {
    ApiError::invalid(
        "type",
        "INTERACTION_RESPONSE_TYPE_INVALID",
        "not an answer to this kind of interaction",
    )
}
