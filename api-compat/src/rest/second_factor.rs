//! Two-factor authentication, shaped as Discord's own client uses it, and what a relay knows of an account.

use super::auth::tokens;
use super::sessions::spoken;
use crate::error::Answer;
use crate::ports::second_factor::{NewFactor, SecondFactor};
use crate::window::{Body, Done, Json, Person, Window};
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::{IntoResponse as _, Response};
use serde::Deserialize;
use serde_json::{Value, json};

#[derive(Deserialize)]
pub(crate) struct Shown {
    ticket: String,
    code: String,
}

#[derive(Deserialize)]
pub(crate) struct New {
    password: String,
    secret: String,
    code: String,
}

#[derive(Deserialize)]
pub(crate) struct Code {
    code: String,
}

#[derive(Deserialize)]
pub(crate) struct Password {
    password: String,
}

/// Longest body here, bytes.
const BODY_MAX: usize = 4 * 1024;

/// What a login answers where the password is right and not enough.
pub(super) fn awaited(ticket: &str) -> Response {
    Json(json!({ "token": null, "mfa": true, "totp": true, "backup": true, "sms": false, "ticket": ticket }))
        .into_response()
}

/// `POST /auth/mfa/totp`: the ticket of a login and a code, for a session.
pub(crate) async fn show(
    State(window): State<Window>,
    headers: HeaderMap,
    Body(body): Body<Shown, BODY_MAX>,
) -> Answer<Response> {
    let Shown { ticket, code } = body;
    let granted = window.accounts.show_second_factor(SecondFactor { ticket, code }).await?;
    Ok(tokens(&window, &headers, &granted))
}

/// `POST /users/@me/mfa/totp/enable`: the caller's client made the secret and showed it to an authenticator.
pub(crate) async fn enable(
    State(window): State<Window>,
    Person(caller): Person,
    Body(body): Body<New, BODY_MAX>,
) -> Answer<Json<Value>> {
    let New { password, secret, code } = body;
    let form = NewFactor { password, secret, code };
    let codes = window.accounts.add_second_factor(spoken(&caller)?, form).await?;
    Ok(Json(shown(&codes)))
}

/// `POST /users/@me/mfa/totp/disable`
pub(crate) async fn disable(
    State(window): State<Window>,
    Person(caller): Person,
    Body(body): Body<Code, BODY_MAX>,
) -> Answer<Done> {
    window.accounts.drop_second_factor(spoken(&caller)?, body.code).await?;
    Ok(Done)
}

/// `POST /users/@me/mfa/codes`: other recovery codes.
pub(crate) async fn renew_codes(
    State(window): State<Window>,
    Person(caller): Person,
    Body(body): Body<Password, BODY_MAX>,
) -> Answer<Json<Value>> {
    let codes = window.accounts.renew_recovery_codes(spoken(&caller)?, body.password).await?;
    Ok(Json(shown(&codes)))
}

/// `GET /auth/account`
pub(crate) async fn account(State(window): State<Window>, Person(caller): Person) -> Answer<Json<Value>> {
    let facts = window.accounts.account(spoken(&caller)?).await?;
    Ok(Json(json!({
        "username": facts.username,
        "email": facts.email,
        "mfa_enabled": facts.second_factor,
        "recovery_codes": facts.recovery_codes,
        "password": facts.password,
        "sign_ins": facts.sign_ins,
    })))
}

fn shown(codes: &[String]) -> Value {
    let each = |code: &String| json!({ "code": code, "consumed": false });
    json!({ "backup_codes": codes.iter().map(each).collect::<Vec<_>>() })
}
