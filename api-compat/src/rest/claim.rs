//! `/nexus/claim`: an account leaves the relay that keeps its key (`api-compat/docs/people.md`).

use crate::error::{Answer, ApiError};
use crate::ports::Spoken;
use crate::ports::claim::{Claim, Home};
use crate::window::{Body, Json, Person, Window};
use axum::extract::State;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use nexus_crdt::id::DeviceKey;
use serde::Deserialize;
use serde_json::{Value, json};

#[derive(Deserialize)]
pub(crate) struct Asked {
    password: String,
    /// 64 hex digits each; both or neither.
    identity_key: Option<String>,
    recovery: Option<String>,
}

/// Longest body here, bytes.
const BODY_MAX: usize = 4 * 1024;

/// `POST /nexus/claim`: shows the caller their account's own log; with `identity_key` and `recovery`, the account is handed
/// to that key first, and the relay's copy of the old one is destroyed.
pub(crate) async fn claim(
    State(window): State<Window>,
    Person(caller): Person,
    Body(body): Body<Asked, BODY_MAX>,
) -> Answer<Json<Value>> {
    let home = match (&body.identity_key, &body.recovery) {
        (None, None) => None,
        (key, recovery) => Some(Home {
            identity_key: DeviceKey(digits("identity_key", key.as_deref())?),
            recovery: digits("recovery", recovery.as_deref())?,
        }),
    };
    let by = caller.by.ok_or_else(ApiError::unauthorized)?;
    let spoken = Spoken { user: caller.user, by };
    let claimed = window.accounts.claim(spoken, Claim { password: body.password, home }).await?;
    let log: Vec<String> = claimed.log.iter().map(|op| STANDARD.encode(op)).collect();
    let account = hex::encode(claimed.account.0);
    Ok(Json(json!({ "account": account, "log": log, "destroyed": home.is_some() })))
}

fn digits(field: &str, text: Option<&str>) -> Answer<[u8; 32]> {
    let mut bytes = [0; 32];
    match text.map(|text| hex::decode_to_slice(text, &mut bytes)) {
        Some(Ok(())) => Ok(bytes),
        _ => Err(ApiError::invalid(field, "INVALID_VALUE", "64 hex digits")),
    }
}
