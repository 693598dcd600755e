//! `/auth/forgot` and `/auth/reset`: another password by mail, shaped as Discord's own client uses it.

use super::auth::Asker;
use crate::error::Answer;
use crate::ports::{Forgot, Reset};
use crate::window::{Body, Done, Window};
use axum::extract::State;
use serde::Deserialize;

#[derive(Deserialize)]
pub(crate) struct Login {
    login: String,
}

#[derive(Deserialize)]
pub(crate) struct Chosen {
    /// The code of the mail.
    token: String,
    password: String,
}

/// Longest body here, bytes.
const BODY_MAX: usize = 4 * 1024;

/// `POST /auth/forgot`: the same answer whether there is such an account or not.
pub(crate) async fn forgot(
    State(window): State<Window>,
    Asker(from): Asker,
    Body(body): Body<Login, BODY_MAX>,
) -> Answer<Done> {
    window.accounts.forgot_password(Forgot { login: body.login, from }).await?;
    Ok(Done)
}

/// `POST /auth/reset`
pub(crate) async fn reset(
    State(window): State<Window>,
    Asker(from): Asker,
    Body(body): Body<Chosen, BODY_MAX>,
) -> Answer<Done> {
    let Chosen { token: code, password } = body;
    window.accounts.reset_password(Reset { code, password, from }).await?;
    Ok(Done)
}
