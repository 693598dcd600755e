//! Bots with an endpoint: what they are asked is signed and sent there, and answered in the response's body.

use super::callback::{Callback, give};
use super::{tell, unix_ms};
use crate::endpoint::{Answered, Question};
use crate::error::{Answer, ApiError};
use crate::gateway::EventName;
use crate::interactions::Asked;
use crate::render;
use crate::upload::Upload;
use crate::window::{Window, parse};
use axum::http::StatusCode;
use nexus_core::{Command, Reply};
use nexus_crdt::id::UserId;
use serde_json::{Value, json};

/// Asks a bot; what it answers is carried out as if it had come by the callback's route.
pub(super) async fn ask(window: Window, asked: Asked, url: String, event: Value) {
    let answered = send(&window, &asked.application, &url, event.to_string().into_bytes(), false).await;
    let given = match answered {
        Ok(answered) if answered.status == StatusCode::OK => carry_out(&window, &asked, &answered.body).await,
        // It will call back.
        Ok(answered) if [StatusCode::ACCEPTED, StatusCode::NO_CONTENT].contains(&answered.status) => Ok(()),
        Ok(_) => Err(ApiError::unknown_interaction("the endpoint refused")),
        Err(error) => Err(error),
    };
    if given.is_err() {
        let lapsed = window.interactions().lapse(asked.id);
        if let Some(asked) = lapsed {
            tell(&window, &asked, EventName::InteractionFailure);
        }
    }
}

async fn carry_out(window: &Window, asked: &Asked, body: &[u8]) -> Answer<()> {
    let upload = Upload { body: parse::<Callback>(body)?, files: Vec::new() };
    give(window, asked.id, &asked.token, upload).await.map(drop)
}

/// Whether an endpoint is a bot's own: it answers a PING that is signed, and refuses one that is signed
/// wrongly: Discord asks for 401, and hikari says 400.
pub(in crate::rest) async fn is_its_own(window: &Window, application: &UserId, url: &str) -> Answer<()> {
    let view = window.node.view();
    let number = render::number(&view, *application);
    let ping = json!({
        "id": unix_ms().to_string(), "application_id": number, "type": 1, "token": "", "version": 1,
        "entitlements": [], "authorizing_integration_owners": {}, "user": render::user(&view, application),
    });
    let ping = ping.to_string().into_bytes();
    let pong = send(window, application, url, ping.clone(), false).await?;
    let is_pong = serde_json::from_slice::<Value>(&pong.body).is_ok_and(|body| body["type"] == 1);
    if pong.status != StatusCode::OK || !is_pong {
        return Err(refused("did not answer a PING with 200 and {\"type\": 1}"));
    }
    let forged = send(window, application, url, ping, true).await?;
    if forged.status.is_client_error() { Ok(()) } else { Err(refused("did not refuse a wrong signature")) }
}

async fn send(
    window: &Window,
    application: &UserId,
    url: &str,
    body: Vec<u8>,
    forged: bool,
) -> Answer<Answered> {
    let timestamp = (unix_ms() / 1_000).to_string();
    let text = [timestamp.as_bytes(), &body].concat();
    let reply = window.node.command(Some(*application), Command::SignQuestion { text }).await?;
    let Reply::Signature(mut signature) = reply else { return Err(refused("cannot be signed for")) };
    if forged {
        signature[0] ^= 1;
    }
    let question = Question { body, timestamp, signature };
    window.endpoints.ask(url, question).await.map_err(|why| refused(&why.to_string()))
}

fn refused(why: &str) -> ApiError {
    let words = format!("The specified interactions endpoint url could not be verified: {why}.");
    ApiError::invalid("interactions_endpoint_url", "APPLICATION_INTERACTIONS_ENDPOINT_INVALID", &words)
}
