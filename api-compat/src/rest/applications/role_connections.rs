//! What an application knows of people: what that may be, and of each who lets it.

use super::found;
use crate::bearer::Scoped;
use crate::error::{Answer, ApiError};
use crate::ports::oauth::Scope;
use crate::rest::connections::of;
use crate::window::{Body, Caller, Done, Json, Path, Window};
use axum::extract::State;
use nexus_core::Thing;
use nexus_crdt::id::UserId;
use serde::de::{IgnoredAny, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::fmt;

/// One thing that it may know.
#[derive(Deserialize, Serialize)]
pub(crate) struct Kind {
    r#type: u8,
    key: String,
    name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    name_localizations: Option<BTreeMap<String, String>>,
    description: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    description_localizations: Option<BTreeMap<String, String>>,
}

/// All that it may know: at most one more than there may be, which is refused. Room is made for what comes and not for what is announced:
/// a list of many short things that are none of these once took a megabyte.
pub(crate) struct Kinds(Vec<Kind>);

/// What it knows of one person.
#[derive(Default, Deserialize, Serialize)]
pub(crate) struct Known {
    #[serde(skip_serializing_if = "Option::is_none")]
    platform_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    platform_username: Option<String>,
    metadata: Option<BTreeMap<String, Value>>,
}

type Asker = Scoped<{ Scope::RoleConnectionsWrite.bit() }>;

/// Longest body here, bytes.
const BODY_MAX: usize = 16 * 1024;
/// Things that one application may know.
const KINDS_MAX: usize = 5;

/// `GET /applications/{application_id}/role-connections/metadata`
pub(crate) async fn kinds(
    State(window): State<Window>,
    caller: Caller,
    Path(id): Path<String>,
) -> Answer<Json<Value>> {
    let application = found(&caller, &id)?;
    kinds_of(&window, application).await.map(|kinds| Json(json!(kinds)))
}

/// `PUT /applications/{application_id}/role-connections/metadata`: all of them.
pub(crate) async fn set_kinds(
    State(window): State<Window>,
    caller: Caller,
    Path(id): Path<String>,
    Body(Kinds(kinds)): Body<Kinds, BODY_MAX>,
) -> Answer<Json<Value>> {
    let application = found(&caller, &id)?;
    let connections = of(&window)?;
    if kinds.len() > KINDS_MAX {
        return Err(ApiError::invalid("", "BASE_TYPE_MAX_LENGTH", "Must be 5 or fewer in length."));
    }
    for kind in &kinds {
        kind.check()?;
    }
    let kinds = json!(kinds);
    connections.set_metadata(application, kinds.to_string()).await?;
    Ok(Json(kinds))
}

/// `GET /users/@me/applications/{application_id}/role-connection`
pub(crate) async fn get(
    State(window): State<Window>,
    asker: Asker,
    Path(id): Path<String>,
) -> Answer<Json<Value>> {
    let application = its_own(&asker, &id)?;
    let kept = of(&window)?.known(asker.caller.user, application).await?;
    let kept = kept.and_then(|json| serde_json::from_str(&json).ok());
    Ok(Json(kept.unwrap_or_else(|| json!({ "metadata": {} }))))
}

/// `PUT /users/@me/applications/{application_id}/role-connection`
pub(crate) async fn set(
    State(window): State<Window>,
    asker: Asker,
    Path(id): Path<String>,
    Body(known): Body<Known, BODY_MAX>,
) -> Answer<Json<Value>> {
    let application = its_own(&asker, &id)?;
    let kinds = kinds_of(&window, application).await?;
    let known = known.checked(&kinds)?;
    of(&window)?.set_known(asker.caller.user, application, Some(known.to_string())).await?;
    Ok(Json(known))
}

/// `DELETE /users/@me/applications/{application_id}/role-connection`
pub(crate) async fn delete(
    State(window): State<Window>,
    asker: Asker,
    Path(id): Path<String>,
) -> Answer<Done> {
    let application = its_own(&asker, &id)?;
    of(&window)?.set_known(asker.caller.user, application, None).await?;
    Ok(Done)
}

/// An application keeps what it itself knows, and nobody else does in its name.
fn its_own(asker: &Asker, id: &str) -> Answer<UserId> {
    let known = asker.application.ok_or_else(ApiError::unauthorized)?;
    let named = asker.caller.user(id).map_err(|_| ApiError::unknown(Thing::Application))?;
    if named == known.application { Ok(named) } else { Err(ApiError::missing_access()) }
}

async fn kinds_of(window: &Window, application: UserId) -> Answer<Vec<Kind>> {
    let kept = of(window)?.metadata(application).await?;
    Ok(kept.and_then(|json| serde_json::from_str(&json).ok()).unwrap_or_default())
}

impl<'de> Deserialize<'de> for Kinds {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_seq(Listed)
    }
}

struct Listed;

impl<'de> Visitor<'de> for Listed {
    type Value = Kinds;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a list")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Kinds, A::Error> {
        let mut kinds = Vec::new();
        while kinds.len() <= KINDS_MAX
            && let Some(kind) = seq.next_element()?
        {
            kinds.push(kind);
        }
        while seq.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Kinds(kinds))
    }
}

impl Kind {
    /// As Discord bounds them.
    fn check(&self) -> Answer<()> {
        let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
        let length = |text: &str| text.chars().count();
        let wrong = if !(1..=8).contains(&self.r#type) {
            "type"
        } else if !(1..=50).contains(&self.key.len()) || !self.key.bytes().all(plain) {
            "key"
        } else if !(1..=100).contains(&length(&self.name)) {
            "name"
        } else if !(1..=200).contains(&length(&self.description)) {
            "description"
        } else {
            return Ok(());
        };
        Err(ApiError::invalid(wrong, "INVALID_VALUE", "not as Discord documents it"))
    }
}

impl Known {
    /// Short enough, and only what the application has said that it may know.
    fn checked(self, kinds: &[Kind]) -> Answer<Value> {
        let fits =
            |text: &Option<String>, most| text.as_ref().is_none_or(|text| text.chars().count() <= most);
        let too_long = |field| Err(ApiError::invalid(field, "BASE_TYPE_MAX_LENGTH", "too long"));
        if !fits(&self.platform_name, 50) {
            return too_long("platform_name");
        }
        if !fits(&self.platform_username, 100) {
            return too_long("platform_username");
        }
        let mut metadata = BTreeMap::new();
        for (key, value) in self.metadata.unwrap_or_default() {
            let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            let is_known = kinds.iter().any(|kind| kind.key == key);
            if !is_known || value.is_array() || value.is_object() || text.chars().count() > 100 {
                return Err(ApiError::invalid(
                    "metadata",
                    "INVALID_VALUE",
                    "a key that it does not know, or no short text",
                ));
            }
            metadata.insert(key, text);
        }
        let mut shown = json!({ "metadata": metadata });
        for (name, text) in
            [("platform_name", self.platform_name), ("platform_username", self.platform_username)]
        {
            if let Some(text) = text {
                shown[name] = json!(text);
            }
        }
        Ok(shown)
    }
}
