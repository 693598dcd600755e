//! OpenID Connect (Core 1.0, Discovery 1.0): who somebody is, signed; by which key; and where everything is.

use super::token::Refused;
use crate::bearer::{Scoped, oauth};
use crate::error::{Answer, ApiError};
use crate::ports::oauth::{Scope, Tokens};
use crate::rest::unix_ms;
use crate::window::{Json, Window};
use axum::extract::State;
use axum::http::HeaderMap;
use nexus_crdt::id::UserId;
use serde_json::{Value, json};

/// How long an ID token is good, seconds: it is looked at when it comes.
const ID_TOKEN_S: u64 = 3_600;

/// `GET /.well-known/openid-configuration`, and `/.well-known/oauth-authorization-server` (RFC 8414).
pub(crate) async fn discovery(State(window): State<Window>, headers: HeaderMap) -> Answer<Json<Value>> {
    if window.accounts.oauth().is_none() {
        return Err(ApiError::not_found());
    }
    let base = window.base(&headers);
    Ok(Json(json!({
        "issuer": base,
        "authorization_endpoint": format!("{base}/oauth2/authorize"),
        "token_endpoint": format!("{base}/api/oauth2/token"),
        "revocation_endpoint": format!("{base}/api/oauth2/token/revoke"),
        "userinfo_endpoint": format!("{base}/api/oauth2/userinfo"),
        "jwks_uri": format!("{base}/api/oauth2/keys"),
        "scopes_supported": Scope::ALL.map(Scope::word),
        "response_types_supported": ["code"],
        "response_modes_supported": ["query"],
        "grant_types_supported": ["authorization_code", "refresh_token", "client_credentials"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["RS256"],
        "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post", "none"],
        "revocation_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post", "none"],
        "code_challenge_methods_supported": ["S256"],
        "claims_supported":
            ["iss", "sub", "aud", "exp", "iat", "auth_time", "nonce", "preferred_username", "nickname", "email", "email_verified"],
        "authorization_response_iss_parameter_supported": true,
    })))
}

/// `GET /oauth2/keys`
pub(crate) async fn keys(State(window): State<Window>) -> Answer<Json<Value>> {
    let key = oauth(&window)?.public_key().await?;
    let (id, modulus, exponent) = (key.id, key.modulus, key.exponent);
    Ok(Json(json!({ "keys": [
        { "kty": "RSA", "use": "sig", "alg": "RS256", "kid": id, "n": modulus, "e": exponent },
    ] })))
}

/// `GET /oauth2/userinfo`
pub(crate) async fn user_info(
    State(window): State<Window>,
    asker: Scoped<{ Scope::OpenId.bit() }>,
) -> Answer<Json<Value>> {
    let caller = &asker.caller;
    let may = |scope| asker.application.is_none_or(|it| it.scopes.has(scope));
    let mut shown = json!({ "sub": caller.view.ids.of(caller.user).0.to_string() });
    if may(Scope::Identify) {
        let name = caller.view.users.get(&caller.user).map_or("?", |user| user.name.as_str());
        shown["preferred_username"] = json!(name);
        shown["nickname"] = json!(name);
        shown["locale"] = json!("en-US");
    }
    if let Some(oauth) = window.accounts.oauth().filter(|_| may(Scope::Email)) {
        shown["email"] = json!(oauth.email(caller.user).await?);
        // An address is not checked when somebody gives it.
        shown["email_verified"] = json!(false);
    }
    Ok(Json(shown))
}

/// The ID token beside other tokens.
pub(super) async fn token(
    window: &Window,
    headers: &HeaderMap,
    application: UserId,
    tokens: &Tokens,
) -> Result<String, Refused> {
    let view = window.node.view();
    let now_s = unix_ms() / 1_000;
    let mut claims = json!({
        "iss": window.base(headers),
        "sub": view.ids.of(tokens.user).0.to_string(),
        "aud": view.ids.of(application).0.to_string(),
        "iat": now_s,
        "exp": now_s + ID_TOKEN_S,
        "auth_time": tokens.consented_ms / 1_000,
    });
    if let Some(nonce) = &tokens.nonce {
        claims["nonce"] = json!(nonce);
    }
    let oauth = oauth(window).map_err(Refused::Otherwise)?;
    Ok(oauth.sign(claims.to_string()).await?)
}
