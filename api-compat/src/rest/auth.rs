//! `/auth`: accounts of a relay. On one person's node, only `logout` has something to do.

use super::second_factor;
use crate::cookie;
use crate::entrance::guests;
use crate::entrance::whence::Whence;
use crate::error::{Answer, ApiError};
use crate::ports::refusal::AuthRefusal;
use crate::ports::{Entered, Granted, Login, Registration, Spoken};
use crate::window::{Body, Caller, Done, Json, Window};
use axum::extract::{FromRequestParts, State};
use axum::http::HeaderMap;
use axum::http::request::Parts;
use axum::response::{IntoResponse as _, Response};
use serde::Deserialize;
use serde_json::json;
use std::convert::Infallible;
use std::net::IpAddr;

#[derive(Deserialize)]
pub(crate) struct Register {
    username: String,
    password: String,
    email: Option<String>,
    invite: Option<String>,
}

#[derive(Deserialize)]
pub(crate) struct LogIn {
    login: String,
    password: String,
}

#[derive(Deserialize)]
pub(crate) struct Refresh {
    /// A page leaves it out, for it cannot read it: then the cookie has it.
    refresh_token: Option<String>,
}

/// Where a request comes from, as tries are counted: by the network of an IPv6 address, and not at all from this machine or a
/// private address, which is a proxy's as often as not.
pub(crate) struct Asker(pub(super) Option<IpAddr>);

/// Longest body here, bytes.
const BODY_MAX: usize = 4 * 1024;

/// `POST /auth/register`
pub(crate) async fn register(
    State(window): State<Window>,
    headers: HeaderMap,
    Asker(from): Asker,
    Body(body): Body<Register, BODY_MAX>,
) -> Answer<Response> {
    let Register { username, password, email, invite } = body;
    let granted = window.accounts.register(Registration { username, password, email, invite, from }).await?;
    Ok(tokens(&window, &headers, &granted))
}

/// `POST /auth/login`
pub(crate) async fn login(
    State(window): State<Window>,
    headers: HeaderMap,
    Asker(from): Asker,
    Body(body): Body<LogIn, BODY_MAX>,
) -> Answer<Response> {
    let LogIn { login, password } = body;
    Ok(match window.accounts.login(Login { login, password, from }).await? {
        Entered::Granted(granted) => tokens(&window, &headers, &granted),
        Entered::Ticket(ticket) => second_factor::awaited(&ticket),
    })
}

/// `POST /auth/refresh`
pub(crate) async fn refresh(
    State(window): State<Window>,
    headers: HeaderMap,
    Body(body): Body<Refresh, BODY_MAX>,
) -> Answer<Response> {
    let brought = || cookie::refresh_token(&headers).map(str::to_owned);
    let token = body.refresh_token.or_else(brought).ok_or_else(ApiError::unauthorized)?;
    let granted = window.accounts.refresh(token).await?;
    Ok(tokens(&window, &headers, &granted))
}

/// `POST /auth/logout`: ends what the caller came with.
pub(crate) async fn logout(
    State(window): State<Window>,
    headers: HeaderMap,
    caller: Caller,
) -> Answer<Response> {
    if let Some(by) = caller.by {
        window.accounts.logout(Spoken { user: caller.user, by }).await?;
    }
    let mut response = Done.into_response();
    cookie::take_tokens(response.headers_mut(), &headers);
    Ok(response)
}

pub(super) fn tokens(window: &Window, headers: &HeaderMap, granted: &Granted) -> Response {
    let user = window.node.view().ids.of(granted.user).0.to_string();
    let mut response = Json(json!({
        "token": granted.token,
        "refresh_token": granted.refresh_token,
        "expires_in": granted.expires_in_s,
        "user_id": user,
    }))
    .into_response();
    // A page keeps its session where scripts cannot read it.
    cookie::give_token(response.headers_mut(), headers, &granted.token);
    cookie::give_refresh_token(response.headers_mut(), headers, &granted.refresh_token);
    response
}

impl FromRequestParts<Window> for Asker {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &Window) -> Result<Self, Infallible> {
        let from = parts.extensions.get::<Whence>();
        Ok(Self(from.and_then(|from| guests::counted(from.address))))
    }
}

impl From<AuthRefusal> for ApiError {
    fn from(refusal: AuthRefusal) -> Self {
        let words = refusal.to_string();
        match refusal {
            AuthRefusal::NotHere => {
                Self::not_implemented("accounts: this is one person's node; `nexus setup` makes its owner")
            }
            AuthRefusal::Closed => Self::foreign(&words),
            AuthRefusal::Uninvited => Self::invalid("invite", "INVALID_VALUE", &words),
            AuthRefusal::NoSession => Self::not_found(),
            AuthRefusal::Taken => {
                Self::invalid("username", "USERNAME_ALREADY_TAKEN", "Username is unavailable.")
            }
            AuthRefusal::Name => Self::invalid("username", "USERNAME_INVALID", &words),
            AuthRefusal::Password => Self::invalid("password", "BASE_TYPE_BAD_LENGTH", &words),
            AuthRefusal::Email => Self::invalid("email", "EMAIL_TYPE_INVALID_EMAIL", &words),
            AuthRefusal::Login => Self::invalid("login", "INVALID_LOGIN", "Login or password is invalid."),
            AuthRefusal::OwnsGuilds => Self::owns_guilds(&words),
            AuthRefusal::NoMail => Self::not_implemented(&words),
            AuthRefusal::ResetCode => Self::invalid("token", "INVALID_VALUE", &words),
            AuthRefusal::Ticket => Self::two_factor(60_006, &words),
            AuthRefusal::Code => Self::two_factor(60_008, &words),
            AuthRefusal::Secret => Self::two_factor(60_005, &words),
            AuthRefusal::HasFactor => Self::two_factor(60_001, &words),
            AuthRefusal::NoFactor => Self::two_factor(60_002, &words),
            AuthRefusal::NoProvider => Self::not_found(),
            AuthRefusal::SignIn => Self::invalid("state", "INVALID_VALUE", &words),
            AuthRefusal::Provider => Self::not_reached(words),
            AuthRefusal::Elsewhere | AuthRefusal::NotTheirs | AuthRefusal::LastWay => {
                Self::invalid("provider", "INVALID_VALUE", &words)
            }
            AuthRefusal::TakenHome => Self::foreign(&words),
            AuthRefusal::Key => Self::invalid("identity_key", "INVALID_VALUE", &words),
            AuthRefusal::Session => Self::unauthorized(),
            AuthRefusal::Later { retry_ms } => nexus_core::Refusal::Later { retry_ms }.into(),
            AuthRefusal::Unavailable => nexus_core::Refusal::Unavailable.into(),
        }
    }
}
