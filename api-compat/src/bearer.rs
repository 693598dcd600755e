//! Applications that act for a person, by an access token of OAuth 2.0.
//!
//! Such a token is known at the operations that ask for it in their signature, by [`Scoped`] or [`Bearer`], and nowhere else: the
//! accounts' own door ([`Accounts::authenticate`](crate::ports::Accounts::authenticate)) takes it for none.

use crate::error::{Answer, ApiError};
use crate::ports::oauth::{Authorization, OAuth, OAuthRefusal};
use crate::window::{Caller, Window, token_of};
use axum::extract::FromRequestParts;
use axum::http::HeaderMap;
use axum::http::request::Parts;

/// What every access token begins with.
pub(crate) const MARK: &str = "nxo_";
/// Bytes of a token that is looked at.
pub(crate) const TOKEN_MAX: usize = 128;

/// An account, or an application that may do this for one: `SCOPE` is the bit of the scope that it takes.
pub(crate) struct Scoped<const SCOPE: u16> {
    pub(crate) caller: Caller,
    /// None: the account itself.
    pub(crate) application: Option<Authorization>,
}

/// An application that may do anything at all for somebody.
pub(crate) struct Bearer(pub(crate) Authorization);

impl<const SCOPE: u16> FromRequestParts<Window> for Scoped<SCOPE> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, window: &Window) -> Answer<Self> {
        let Some(token) = access_token(&parts.headers) else {
            let caller = Caller::from_request_parts(parts, window).await?;
            return Ok(Self { caller, application: None });
        };
        let authorization = spoken_for(window, token).await?;
        if !authorization.scopes.has_bit(SCOPE) {
            return Err(ApiError::out_of_scope());
        }
        let caller = Caller::acting(window, authorization.user);
        Ok(Self { caller, application: Some(authorization) })
    }
}

impl FromRequestParts<Window> for Bearer {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, window: &Window) -> Answer<Self> {
        let token = access_token(&parts.headers).ok_or_else(ApiError::unauthorized)?;
        Ok(Self(spoken_for(window, token).await?))
    }
}

/// An access token of an application, by its form.
pub(crate) fn access_token(headers: &HeaderMap) -> Option<&str> {
    token_of(headers).filter(|token| token.starts_with(MARK) && token.len() <= TOKEN_MAX)
}

/// For whom a token speaks, while both are there.
pub(crate) async fn spoken_for(window: &Window, token: &str) -> Answer<Authorization> {
    let known = oauth(window)?.authorization(token.to_owned()).await?;
    let view = window.node.view();
    let stands =
        |it: &Authorization| view.local.contains(&it.user) && view.applications.contains_key(&it.application);
    known.filter(stands).ok_or_else(ApiError::unauthorized)
}

/// Where people sign in to applications.
pub(crate) fn oauth(window: &Window) -> Answer<&dyn OAuth> {
    let none = || ApiError::not_implemented("signing in to applications: this is one person's node");
    window.accounts.oauth().ok_or_else(none)
}

impl From<OAuthRefusal> for ApiError {
    fn from(refusal: OAuthRefusal) -> Self {
        let words = refusal.to_string();
        match refusal {
            OAuthRefusal::Redirect => Self::invalid("redirect_uri", "INVALID_VALUE", &words),
            OAuthRefusal::RedirectForm => Self::invalid("redirect_uris", "INVALID_VALUE", &words),
            OAuthRefusal::NoChallenge | OAuthRefusal::Challenge => {
                Self::invalid("code_challenge", "INVALID_VALUE", &words)
            }
            OAuthRefusal::Nonce => Self::invalid("nonce", "INVALID_VALUE", &words),
            OAuthRefusal::Client | OAuthRefusal::Session => Self::unauthorized(),
            OAuthRefusal::Grant => Self::not_found(),
            OAuthRefusal::Unauthorized => Self::foreign(&words),
            OAuthRefusal::Later { retry_ms } => nexus_core::Refusal::Later { retry_ms }.into(),
            OAuthRefusal::Unavailable => nexus_core::Refusal::Unavailable.into(),
        }
    }
}
