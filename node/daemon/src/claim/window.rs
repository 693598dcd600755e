//! The relay's window, as `claim` needs it: a session, the account, and its hand-over.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use nexus_core::BaseUrl;
use nexus_crdt::id::{DeviceKey, UserId};
use reqwest::{Client, RequestBuilder, StatusCode, redirect};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use std::time::Duration;

/// A session at a relay.
pub(super) struct Window {
    client: Client,
    base: String,
    token: String,
    password: String,
}

/// An account as its relay shows it.
pub(super) struct Shown {
    pub(super) account: UserId,
    /// Its ops, unchecked.
    pub(super) log: Vec<Vec<u8>>,
}

/// What a login answers: a session, or the ticket for which a code is asked.
#[derive(Deserialize)]
struct Entered {
    token: Option<String>,
    ticket: Option<String>,
}

#[derive(Deserialize)]
struct Granted {
    token: String,
}

#[derive(Deserialize)]
struct Claimed {
    account: String,
    log: Vec<String>,
}

/// Longest answer, bytes: more than an account's longest log.
const ANSWER_MAX: usize = 16 * 1024 * 1024;
const PATIENCE: Duration = Duration::from_secs(7);

impl Window {
    pub(super) async fn log_in(
        relay: &BaseUrl,
        login: &str,
        password: String,
        code: Option<String>,
    ) -> Result<Self, String> {
        let client = Client::builder()
            .redirect(redirect::Policy::none())
            .timeout(PATIENCE)
            .build()
            .map_err(|error| error.to_string())?;
        let base = format!("{relay}/api/v10");
        let asked = client.post(format!("{base}/auth/login"));
        let asked = asked.json(&json!({ "login": login, "password": password }));
        let token = match (ask(asked).await?, code) {
            (Entered { token: Some(token), .. }, _) => token,
            (Entered { ticket: Some(ticket), .. }, Some(code)) => {
                let asked = client.post(format!("{base}/auth/mfa/totp"));
                let Granted { token } = ask(asked.json(&json!({ "ticket": ticket, "code": code }))).await?;
                token
            }
            (Entered { ticket: Some(_), .. }, None) => return Err(String::from(CODE_WANTED)),
            _ => return Err(String::from(NO_RELAY)),
        };
        Ok(Self { client, base, token, password })
    }

    pub(super) async fn show(&self) -> Result<Shown, String> {
        self.claim(json!({ "password": self.password })).await
    }

    pub(super) async fn hand_over(&self, key: &DeviceKey, recovery: &[u8; 32]) -> Result<Shown, String> {
        let (key, recovery) = (hex::encode(key.0), hex::encode(recovery));
        let body = json!({ "password": self.password, "identity_key": key, "recovery": recovery });
        self.claim(body).await
    }

    /// Where it fails the session ends by itself, some time.
    pub(super) async fn log_out(&self) {
        let asked = self.client.post(format!("{}/auth/logout", self.base)).bearer_auth(&self.token);
        let _ = asked.json(&json!({})).send().await;
    }

    async fn claim(&self, body: Value) -> Result<Shown, String> {
        let asked = self.client.post(format!("{}/nexus/claim", self.base)).bearer_auth(&self.token);
        let Claimed { account, log } = ask(asked.json(&body)).await?;
        let mut id = [0; 32];
        let account = hex::decode_to_slice(account, &mut id).map(|()| UserId(id));
        let log: Result<Vec<_>, _> = log.iter().map(|op| STANDARD.decode(op)).collect();
        match (account, log) {
            (Ok(account), Ok(log)) => Ok(Shown { account, log }),
            _ => Err(String::from(NO_RELAY)),
        }
    }
}

async fn ask<T: DeserializeOwned>(asked: RequestBuilder) -> Result<T, String> {
    let mut answer = asked.send().await.map_err(|_| String::from("the relay does not answer"))?;
    let status = answer.status();
    let mut body = Vec::new();
    while let Some(chunk) =
        answer.chunk().await.map_err(|_| String::from("the relay's answer was cut short"))?
    {
        body.extend_from_slice(&chunk);
        if body.len() > ANSWER_MAX {
            return Err(String::from(NO_RELAY));
        }
    }
    if status.is_success() {
        return serde_json::from_slice(&body).map_err(|_| String::from(NO_RELAY));
    }
    Err(why(status, &body))
}

/// Discord's number for a code of a second factor that is none.
const WRONG_CODE: u64 = 60_008;
const CODE_WANTED: &str =
    "this account has a second factor: give the code of your authenticator, or a recovery code, with --code";

fn why(status: StatusCode, body: &[u8]) -> String {
    let body: Value = serde_json::from_slice(body).unwrap_or_default();
    match status {
        StatusCode::BAD_REQUEST if body["code"] == WRONG_CODE => {
            String::from("the code is not right, or was used before")
        }
        StatusCode::BAD_REQUEST | StatusCode::UNAUTHORIZED => String::from("name or password is not right"),
        StatusCode::TOO_MANY_REQUESTS => String::from("too many tries: wait a minute, then ask again"),
        StatusCode::FORBIDDEN => {
            let words = body["message"].as_str().unwrap_or("no word why");
            format!("the relay refuses: {}", words.chars().take(WORDS_MAX).collect::<String>())
        }
        StatusCode::SERVICE_UNAVAILABLE => String::from("the relay can write nothing now: ask again later"),
        _ => String::from(NO_RELAY),
    }
}

const NO_RELAY: &str = "there is no relay there that lets accounts go home";
/// Of a relay's own words, characters that are passed on.
const WORDS_MAX: usize = 200;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whatever_a_relay_answers_there_is_a_sentence() {
        for status in 100..=999 {
            let Ok(status) = StatusCode::from_u16(status) else { continue };
            for body in [&b""[..], b"{", b"\xff", br#"{"message":[]}"#, br#"{"message":"no"}"#] {
                assert!(!why(status, body).is_empty());
            }
        }
        let long = format!(r#"{{"message":"{}"}}"#, "x".repeat(10_000));
        assert!(why(StatusCode::FORBIDDEN, long.as_bytes()).len() < 300);
    }
}
