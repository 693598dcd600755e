//! `/auth/sign-in`: signing in at a provider, as a window goes there and comes back. Discord has no route for it.

use super::auth::{Asker, tokens};
use super::second_factor;
use super::sessions::spoken;
use crate::error::{Answer, ApiError};
use crate::ports::Spoken;
use crate::ports::sign_in::{BeginSignIn, FinishSignIn, Newcomer, SignInFor, SignedIn, Unlink};
use crate::window::{Body, Caller, Done, Json, Path, Person, Window, token_of};
use axum::extract::{FromRequestParts, State};
use axum::http::HeaderMap;
use axum::http::request::Parts;
use axum::response::{IntoResponse as _, Response};
use serde::Deserialize;
use serde_json::{Value, json};
use std::convert::Infallible;

#[derive(Deserialize)]
pub(crate) struct Begin {
    secret: String,
    #[serde(default)]
    purpose: Word,
    password: Option<String>,
}

#[derive(Clone, Copy, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Word {
    #[default]
    Enter,
    Link,
    Confirm,
}

#[derive(Deserialize)]
pub(crate) struct Finish {
    state: String,
    code: String,
    secret: String,
    iss: Option<String>,
}

#[derive(Deserialize)]
pub(crate) struct New {
    ticket: String,
    username: String,
    email: Option<String>,
    invite: Option<String>,
}

#[derive(Deserialize)]
pub(crate) struct Password {
    password: String,
}

/// Who asks, where it is anybody known.
pub(crate) struct Somebody(Option<Spoken>);

/// Longest body here, bytes: a provider's code may be long.
const BODY_MAX: usize = 8 * 1024;
/// Characters of a window's secret: at least 128 bits of base64.
const SECRET: std::ops::RangeInclusive<usize> = 22..=128;

/// `POST /auth/sign-in/{provider}`
pub(crate) async fn begin(
    State(window): State<Window>,
    Path(provider): Path<String>,
    Somebody(known): Somebody,
    Asker(from): Asker,
    Body(body): Body<Begin, BODY_MAX>,
) -> Answer<Json<Value>> {
    if !SECRET.contains(&body.secret.len()) {
        return Err(ApiError::invalid("secret", "BASE_TYPE_BAD_LENGTH", "22 to 128 characters"));
    }
    let known = || known.ok_or_else(ApiError::unauthorized);
    let purpose = match body.purpose {
        Word::Enter => SignInFor::Entering,
        Word::Confirm => SignInFor::Confirming(known()?),
        Word::Link => SignInFor::Linking { spoken: known()?, password: body.password.unwrap_or_default() },
    };
    let form = BeginSignIn { provider, secret: body.secret, purpose, from };
    let url = window.accounts.begin_sign_in(form).await?;
    Ok(Json(json!({ "url": url })))
}

/// `POST /auth/sign-in/{provider}/finish`
pub(crate) async fn finish(
    State(window): State<Window>,
    headers: HeaderMap,
    Path(provider): Path<String>,
    Somebody(spoken): Somebody,
    Asker(from): Asker,
    Body(body): Body<Finish, BODY_MAX>,
) -> Answer<Response> {
    let Finish { state, code, secret, iss: issuer } = body;
    let form = FinishSignIn { provider, state, code, secret, issuer, spoken, from };
    Ok(match window.accounts.finish_sign_in(form).await? {
        SignedIn::Granted(granted) => tokens(&window, &headers, &granted),
        SignedIn::Ticket(ticket) => second_factor::awaited(&ticket),
        SignedIn::Newcomer { ticket, username, email } => {
            let newcomer = json!({ "ticket": ticket, "username": username, "email": email });
            Json(json!({ "token": null, "newcomer": newcomer })).into_response()
        }
        SignedIn::Linked => Json(json!({ "token": null, "linked": true })).into_response(),
        SignedIn::Proof(proof) => Json(json!({ "token": null, "proof": proof })).into_response(),
    })
}

/// `POST /auth/sign-in/{provider}/register`
pub(crate) async fn register(
    State(window): State<Window>,
    headers: HeaderMap,
    Asker(from): Asker,
    Body(body): Body<New, BODY_MAX>,
) -> Answer<Response> {
    let New { ticket, username, email, invite } = body;
    let granted =
        window.accounts.register_newcomer(Newcomer { ticket, username, email, invite, from }).await?;
    Ok(tokens(&window, &headers, &granted))
}

/// `POST /auth/sign-in/{provider}/unlink`
pub(crate) async fn unlink(
    State(window): State<Window>,
    Path(provider): Path<String>,
    Person(caller): Person,
    Body(body): Body<Password, BODY_MAX>,
) -> Answer<Done> {
    let form = Unlink { spoken: spoken(&caller)?, provider, password: body.password };
    window.accounts.unlink(form).await?;
    Ok(Done)
}

impl FromRequestParts<Window> for Somebody {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, window: &Window) -> Result<Self, Infallible> {
        if token_of(&parts.headers).is_none() {
            return Ok(Self(None));
        }
        let caller = Caller::from_request_parts(parts, window).await.ok();
        Ok(Self(caller.and_then(|caller| spoken(&caller).ok())))
    }
}
