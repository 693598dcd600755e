//! `/users/@me/delete`: an account ends, shaped as Discord's own client uses it.

use super::sessions::spoken;
use crate::cookie;
use crate::error::Answer;
use crate::ports::Erase;
use crate::window::{Body, Done, Person, Window};
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::{IntoResponse as _, Response};
use serde::Deserialize;

#[derive(Deserialize)]
pub(crate) struct Form {
    password: String,
    code: Option<String>,
}

/// Longest body here, bytes.
const BODY_MAX: usize = 4 * 1024;

/// `POST /users/@me/delete`
pub(crate) async fn erase(
    State(window): State<Window>,
    headers: HeaderMap,
    Person(caller): Person,
    Body(body): Body<Form, BODY_MAX>,
) -> Answer<Response> {
    let Form { password, code } = body;
    window.accounts.erase_account(spoken(&caller)?, Erase { password, code }).await?;
    let mut response = Done.into_response();
    cookie::take_tokens(response.headers_mut(), &headers);
    Ok(response)
}
