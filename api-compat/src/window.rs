//! What every handler has: the node, how it is served, and who asks.

use crate::cookie;
use crate::endpoint::Endpoints;
use crate::error::{Answer, ApiError, json_response};
use crate::gateway::Gateway;
use crate::interactions::Interactions;
use crate::limit::Limits;
use crate::ports::{Accounts, Credential};
use crate::render::Drawing;
use crate::rest::audit_reason;
use crate::rest::guilds::search::Searches;
use axum::body::{HttpBody as _, to_bytes};
use axum::extract::{FromRequest, FromRequestParts, Request};
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use nexus_core::{Command, Refusal, Reply, View};
use nexus_crdt::id::UserId;
use nexus_node::Node;
use nexus_node::mesh::{Mesh, Place};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use std::ops::Deref;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::Semaphore;

/// What all handlers have. One count to clone: each layer above a handler does so with each request.
#[derive(Clone)]
pub(crate) struct Window(Arc<Shared>);

/// What a window is made of.
pub(crate) struct Shared {
    pub(crate) node: Node,
    pub(crate) options: crate::Options,
    pub(crate) accounts: Arc<dyn Accounts>,
    pub(crate) gateway: Gateway,
    pub(crate) limits: Mutex<Limits>,
    pub(crate) asked: Mutex<Interactions>,
    /// How bots are asked that have an endpoint.
    pub(crate) endpoints: Endpoints,
    /// Forms with files that may be read at a time.
    pub(crate) forms: Semaphore,
    /// Archives that may be written at a time.
    pub(crate) exports: Arc<Semaphore>,
    /// Searches that are not through yet, or were lately.
    pub(crate) searches: Searches,
}

impl Deref for Window {
    type Target = Shared;

    fn deref(&self) -> &Shared {
        &self.0
    }
}

impl Window {
    pub(crate) fn of(shared: Shared) -> Self {
        Self(Arc::new(shared))
    }

    /// Where this program is, where its invites may say so.
    pub(crate) fn place(&self) -> Option<Place> {
        self.options.mesh.as_ref().and_then(Mesh::place)
    }
}

/// Who asks, and the view as it was when they did.
pub(crate) struct Caller {
    pub(crate) user: UserId,
    /// None: a bot that speaks by the token of an interaction, or an application for a person who lets it.
    pub(crate) by: Option<Credential>,
    pub(crate) view: Arc<View>,
    /// Why they do it, by `X-Audit-Log-Reason`.
    reason: String,
    gateway: Gateway,
}

/// Only a person, no bot: for what a person's own client does.
pub(crate) struct Person(pub(crate) Caller);

/// A JSON body of at most so many bytes, parsed.
pub(crate) struct Body<T, const MAX: usize = BODY_MAX>(pub(crate) T);

/// Largest body of a request, bytes.
pub(crate) const BODY_MAX: usize = 1024 * 1024;

/// How long a client may take to send a body.
const BODY_PATIENCE: Duration = Duration::from_secs(30);

/// The words of a path that have names in its template.
pub(crate) struct Path<T>(pub(crate) T);

/// A query string, parsed.
pub(crate) struct Query<T>(pub(crate) T);

/// A JSON answer with status 200.
pub(crate) struct Json<T>(pub(crate) T);

/// A JSON answer with status 201.
pub(crate) struct Created<T>(pub(crate) T);

/// Done, and nothing to say: 204.
pub(crate) struct Done;

impl Window {
    /// What people ask of bots. Never held across a wait.
    pub(crate) fn interactions(&self) -> MutexGuard<'_, Interactions> {
        // Each change is whole in itself: a panic leaves nothing half-done.
        self.asked.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The base URL bots are told, without a slash at its end.
    pub(crate) fn base(&self, headers: &HeaderMap) -> String {
        self.options.public_url.clone().unwrap_or_else(|| {
            let host =
                headers.get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or("127.0.0.1:8081");
            let scheme = if self.options.tls.is_some() { "https" } else { "http" };
            format!("{scheme}://{host}")
        })
    }
}

impl Caller {
    /// A bot, by what it was asked; or a person, by what they let an application do.
    pub(crate) fn acting(window: &Window, user: UserId) -> Self {
        let (view, gateway) = (window.node.view(), window.gateway.clone());
        Self { user, by: None, view, reason: String::new(), gateway }
    }

    /// Why they do it, where that was said.
    pub(crate) fn reason(&self) -> &str {
        &self.reason
    }

    /// Asks the node for something that is governed, and says why where that was said.
    pub(crate) async fn govern(&self, window: &Window, command: Command) -> Result<Reply, Refusal> {
        let command = match self.reason.as_str() {
            "" => command,
            reason => Command::Because { reason: reason.to_owned(), command: Box::new(command) },
        };
        window.node.command(Some(self.user), command).await
    }

    /// What messages are drawn by.
    pub(crate) fn drawing(&self) -> Drawing<'_> {
        Drawing { view: &self.view, files: &self.gateway.settings().files_url }
    }
}

impl FromRequestParts<Window> for Caller {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, window: &Window) -> Answer<Self> {
        let token = token_of(&parts.headers).ok_or_else(ApiError::unauthorized)?;
        let view = window.node.view();
        let spoken = window.accounts.authenticate(&view, token).ok_or_else(ApiError::unauthorized)?;
        let reason = audit_reason(&parts.headers);
        Ok(Self { user: spoken.user, by: Some(spoken.by), view, reason, gateway: window.gateway.clone() })
    }
}

impl FromRequestParts<Window> for Person {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, window: &Window) -> Answer<Self> {
        let caller = Caller::from_request_parts(parts, window).await?;
        let bot = caller.view.applications.contains_key(&caller.user);
        if bot { Err(ApiError::bots_cannot()) } else { Ok(Self(caller)) }
    }
}

impl<T: DeserializeOwned, const MAX: usize> FromRequest<Window> for Body<T, MAX> {
    type Rejection = ApiError;

    async fn from_request(request: Request, _: &Window) -> Answer<Self> {
        let kind =
            request.headers().get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or("");
        if kind.starts_with("multipart/") {
            return Err(ApiError::not_implemented("files in messages"));
        }
        if request.body().size_hint().lower() > MAX as u64 {
            return Err(ApiError::too_large());
        }
        let whole = tokio::time::timeout(BODY_PATIENCE, to_bytes(request.into_body(), MAX)).await;
        let bytes = whole.map_err(|_| ApiError::timed_out())?.map_err(|_| ApiError::too_large())?;
        parse(&bytes).map(Self)
    }
}

/// Reads JSON; an empty body is an empty object, as Discord takes it.
pub(crate) fn parse<T: DeserializeOwned>(bytes: &[u8]) -> Answer<T> {
    let bytes = if bytes.is_empty() { b"{}" } else { bytes };
    let error = match serde_json::from_slice(bytes) {
        Ok(body) => return Ok(body),
        Err(error) if error.is_data() => error,
        Err(_) => return Err(ApiError::malformed()),
    };
    let whole =
        serde_json::from_slice(bytes).ok().and_then(|value| serde_json::from_value(whole(value)).ok());
    whole.ok_or_else(|| ApiError::invalid("", "BASE_TYPE_INVALID", &error.to_string()))
}

/// The same of JSON that is read already.
pub(crate) fn read<T: DeserializeOwned>(value: Value) -> Answer<T> {
    let value = if value.is_null() { serde_json::json!({}) } else { value };
    serde_json::from_value(value.clone())
        .or_else(|error| serde_json::from_value(whole(value)).map_err(|_| error))
        .map_err(|error| ApiError::invalid("data", "BASE_TYPE_INVALID", &error.to_string()))
}

/// 5 where 5.0 was written: bots in Python reckon seconds as floats, and Discord takes them.
fn whole(value: Value) -> Value {
    match value {
        // Up to 2^53 a float says exactly which integer it is.
        Value::Number(number) if number.is_f64() => {
            let float = number
                .as_f64()
                .filter(|float| float.fract() == 0.0 && float.abs() <= 9_007_199_254_740_992.0);
            let integer = float.and_then(|float| format!("{float:.0}").parse::<i64>().ok());
            integer.map_or(Value::Number(number), Value::from)
        }
        Value::Array(list) => list.into_iter().map(whole).collect(),
        Value::Object(fields) => fields.into_iter().map(|(name, field)| (name, whole(field))).collect(),
        other => other,
    }
}

impl<T: DeserializeOwned + Send> FromRequestParts<Window> for Path<T> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, window: &Window) -> Answer<Self> {
        let words = axum::extract::Path::from_request_parts(parts, window).await;
        words
            .map(|words| Self(words.0))
            .map_err(|error| ApiError::invalid("", "BASE_TYPE_INVALID", &error.body_text()))
    }
}

impl<T: DeserializeOwned> FromRequestParts<Window> for Query<T> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &Window) -> Answer<Self> {
        axum::extract::Query::<T>::try_from_uri(&parts.uri)
            .map(|query| Self(query.0))
            .map_err(|error| ApiError::invalid("", "BASE_TYPE_INVALID", &error.body_text()))
    }
}

impl<T: Serialize> IntoResponse for Json<T> {
    fn into_response(self) -> Response {
        json_response(StatusCode::OK, &self.0)
    }
}

impl<T: Serialize> IntoResponse for Created<T> {
    fn into_response(self) -> Response {
        json_response(StatusCode::CREATED, &self.0)
    }
}

impl IntoResponse for Done {
    fn into_response(self) -> Response {
        StatusCode::NO_CONTENT.into_response()
    }
}

/// `Bot TOKEN`, a bare token, or the session cookie of a browser on this node.
pub(crate) fn token_of(headers: &HeaderMap) -> Option<&str> {
    if let Some(value) = headers.get(header::AUTHORIZATION) {
        let value = value.to_str().ok()?.trim();
        return Some(value.strip_prefix("Bot ").or_else(|| value.strip_prefix("Bearer ")).unwrap_or(value));
    }
    cookie::token(headers)
}

/// Name and secret of `Basic` (RFC 7617).
pub(crate) fn token_basic(value: &str) -> Option<(String, String)> {
    let encoded = value.strip_prefix("Basic ")?;
    let text = String::from_utf8(BASE64.decode(encoded.trim()).ok()?).ok()?;
    let (name, secret) = text.split_once(':')?;
    Some((name.to_owned(), secret.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_whole_number_is_taken_however_it_is_written_and_no_other() {
        assert_eq!(parse::<Vec<u32>>(b"[5.0, 6]").unwrap(), [5, 6]);
        assert_eq!(parse::<Vec<i64>>(b"[-0.0, 1e3]").unwrap(), [0, 1_000]);
        assert_eq!(read::<Vec<u32>>(serde_json::json!([7.0])).unwrap(), [7]);
        for refused in ["[5.5]", "[-1.0]", "[1e300]", "[9007199254740994.0]", "[\"5.0\"]"] {
            assert!(parse::<Vec<u32>>(refused.as_bytes()).is_err(), "{refused}");
        }
    }
}
