//! `/oauth2/token`: an application shows a code, a refresh token or itself, and is given tokens (RFC 6749); and gives them back
//! (RFC 7009). Forms and refusals are those of the RFCs, not Discord's JSON.

use super::pages::ToASecret;
use super::{by_number, openid};
use crate::bearer::oauth;
use crate::error::{ApiError, json_response};
use crate::ports::oauth::{Client, OAuthRefusal, Scope, Scopes, Shown, Tokens};
use crate::rest::auth::Asker;
use crate::window::{Window, token_basic};
use axum::body::to_bytes;
use axum::extract::{FromRequest, Request, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use percent_encoding::percent_decode_str;
use serde_json::json;
use std::collections::BTreeMap;
use std::net::IpAddr;
use std::time::Duration;

/// What a form says, each name once.
pub(crate) struct Form(BTreeMap<String, String>);

/// Why an application is given nothing (RFC 6749, 5.2).
pub(crate) enum Refused {
    /// By its word.
    Told(&'static str, String),
    /// Who it is was not shown.
    Client(String),
    /// By the window's own words: too fast, not now, not here.
    Otherwise(ApiError),
}

/// Largest form, bytes.
const FORM_MAX: usize = 8 * 1024;
/// How long an application may take to send it.
const PATIENCE: Duration = Duration::from_secs(30);

/// `POST /oauth2/token`
pub(crate) async fn give(
    State(window): State<Window>,
    headers: HeaderMap,
    Asker(from): Asker,
    form: Result<Form, Refused>,
) -> Response {
    let secret = shows_a_secret(&form);
    marked(given(&window, &headers, from, form).await, secret)
}

async fn given(
    window: &Window,
    headers: &HeaderMap,
    from: Option<IpAddr>,
    form: Result<Form, Refused>,
) -> Result<Response, Refused> {
    let oauth = oauth(window).map_err(Refused::Otherwise)?;
    let form = form?;
    let client = client(window, headers, &form, from)?;
    let application = client.application;
    let shown = match form.needed("grant_type")? {
        "authorization_code" => Shown::Code {
            code: form.needed("code")?.to_owned(),
            redirect: form.of("redirect_uri").map(str::to_owned),
            verifier: form.of("code_verifier").map(str::to_owned),
        },
        "refresh_token" => Shown::Refresh(form.needed("refresh_token")?.to_owned()),
        "client_credentials" => Shown::Itself(scopes(form.of("scope"))?),
        _ => {
            let words = "authorization_code, refresh_token, client_credentials";
            return Err(Refused::Told("unsupported_grant_type", words.to_owned()));
        }
    };
    let tokens = oauth.exchange(client, shown).await?;
    let id_token = if tokens.scopes.has(Scope::OpenId) {
        Some(openid::token(window, headers, application, &tokens).await?)
    } else {
        None
    };
    Ok(quiet(json_response(StatusCode::OK, &shape(&tokens, id_token))))
}

fn shape(tokens: &Tokens, id_token: Option<String>) -> serde_json::Value {
    let mut shape = json!({
        "access_token": tokens.access,
        "token_type": "Bearer",
        "expires_in": tokens.expires_in_s,
        "scope": tokens.scopes.words().join(" "),
    });
    for (name, value) in [("refresh_token", tokens.refresh.clone()), ("id_token", id_token)] {
        if let Some(value) = value {
            shape[name] = json!(value);
        }
    }
    shape
}

/// `POST /oauth2/token/revoke`: whatever the token was, it opens nothing afterwards. One of another application is left alone, and
/// nobody is told whether there is such a one.
pub(crate) async fn revoke(
    State(window): State<Window>,
    headers: HeaderMap,
    Asker(from): Asker,
    form: Result<Form, Refused>,
) -> Response {
    let secret = shows_a_secret(&form);
    marked(revoked(&window, &headers, from, form).await, secret)
}

async fn revoked(
    window: &Window,
    headers: &HeaderMap,
    from: Option<IpAddr>,
    form: Result<Form, Refused>,
) -> Result<Response, Refused> {
    let oauth = oauth(window).map_err(Refused::Otherwise)?;
    let form = form?;
    let client = client(window, headers, &form, from)?;
    oauth.revoke(client, form.needed("token")?.to_owned()).await?;
    Ok(quiet(json_response(StatusCode::OK, &json!({}))))
}

fn shows_a_secret(form: &Result<Form, Refused>) -> bool {
    form.as_ref().is_ok_and(|form| form.of("client_secret").is_some())
}

fn marked(answer: Result<Response, Refused>, secret: bool) -> Response {
    let mut response = answer.into_response();
    if secret {
        response.extensions_mut().insert(ToASecret);
    }
    response
}

fn scopes(words: Option<&str>) -> Result<Scopes, Refused> {
    let known = Scopes::parse(words.unwrap_or_default()).filter(|scopes| !scopes.is_empty());
    known.ok_or_else(|| Refused::Told("invalid_scope", String::from("none, or one that is no scope here")))
}

/// By `Authorization: Basic`, or in the form; not both (RFC 6749, 2.3).
fn client(
    window: &Window,
    headers: &HeaderMap,
    form: &Form,
    from: Option<IpAddr>,
) -> Result<Client, Refused> {
    let nobody = || Refused::Client(String::from("unknown application, or not its secret"));
    let (id, secret) = match headers.get(header::AUTHORIZATION) {
        Some(basic) => {
            if form.of("client_secret").is_some() {
                return Err(Refused::Told("invalid_request", String::from("two ways of showing who it is")));
            }
            let (id, secret) = basic.to_str().ok().and_then(token_basic).ok_or_else(nobody)?;
            let decoded =
                |text: &str| percent_decode_str(&text.replace('+', " ")).decode_utf8_lossy().into_owned();
            (decoded(&id), Some(decoded(&secret)))
        }
        None => (form.needed("client_id")?.to_owned(), form.of("client_secret").map(str::to_owned)),
    };
    let application = by_number(&window.node.view(), &id).ok().flatten().ok_or_else(nobody)?;
    Ok(Client { application, secret: secret.filter(|secret| !secret.is_empty()), from })
}

impl Form {
    /// A parameter; one without a value was not sent (RFC 6749, 3.2).
    fn of(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str).filter(|value| !value.is_empty())
    }

    fn needed(&self, name: &str) -> Result<&str, Refused> {
        self.of(name).ok_or_else(|| Refused::Told("invalid_request", format!("{name} is missing")))
    }

    /// What a form says; none where it says something twice.
    pub(crate) fn parse(bytes: &[u8]) -> Option<Self> {
        let mut all = BTreeMap::new();
        for (name, value) in url::form_urlencoded::parse(bytes) {
            if all.insert(name.into_owned(), value.into_owned()).is_some() {
                return None;
            }
        }
        Some(Self(all))
    }
}

impl FromRequest<Window> for Form {
    type Rejection = Refused;

    async fn from_request(request: Request, _: &Window) -> Result<Self, Refused> {
        let told = |words: &str| Refused::Told("invalid_request", words.to_owned());
        let kind = request.headers().get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
        if !kind.is_some_and(|kind| kind.starts_with("application/x-www-form-urlencoded")) {
            return Err(told("the body is a form: application/x-www-form-urlencoded"));
        }
        let whole = tokio::time::timeout(PATIENCE, to_bytes(request.into_body(), FORM_MAX)).await;
        let bytes = whole.map_err(|_| Refused::Otherwise(ApiError::timed_out()))?;
        let bytes = bytes.map_err(|_| Refused::Otherwise(ApiError::too_large()))?;
        Self::parse(&bytes).ok_or_else(|| told("a parameter comes twice"))
    }
}

impl From<OAuthRefusal> for Refused {
    fn from(refusal: OAuthRefusal) -> Self {
        let words = refusal.to_string();
        match refusal {
            OAuthRefusal::Client => Self::Client(words),
            OAuthRefusal::Grant => Self::Told("invalid_grant", words),
            OAuthRefusal::Unauthorized => Self::Told("unauthorized_client", words),
            other => Self::Otherwise(other.into()),
        }
    }
}

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        let said = |error: &str, words: &str| json!({ "error": error, "error_description": words });
        quiet(match self {
            Self::Told(error, words) => json_response(StatusCode::BAD_REQUEST, &said(error, &words)),
            Self::Client(words) => {
                let mut response = json_response(StatusCode::UNAUTHORIZED, &said("invalid_client", &words));
                let way = HeaderValue::from_static("Basic realm=\"nexus\"");
                response.headers_mut().insert(header::WWW_AUTHENTICATE, way);
                response
            }
            Self::Otherwise(error) => error.into_response(),
        })
    }
}

/// Nobody on the way keeps it.
fn quiet(mut response: Response) -> Response {
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_says_each_thing_once_and_an_empty_one_is_not_said() {
        let form = Form::parse(b"code=a%2Bb+c&state=").unwrap();
        assert_eq!((form.of("code"), form.of("state"), form.of("scope")), (Some("a+b c"), None, None));
        assert!(Form::parse(b"code=a&code=b").is_none());
        assert!(Form::parse(b"%ff=%zz&&=").is_some(), "whatever it is, it is read");
    }
}
