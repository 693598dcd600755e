//! Bots that are asked over HTTP: a program on loopback that checks what it is sent, as Discord's documentation asks of one.

use super::client::Client;
use super::stage::{Account, Stage};
use crate::api::{self, Answer};
use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::IntoResponse as _;
use axum::routing::post;
use nexus_crypto::{PublicKey, Signature};
use serde_json::{Value, json};
use std::sync::Arc;

/// A bot's program: the key it believes, and whether it looks at signatures at all.
struct Bot {
    key: PublicKey,
    looks: bool,
}

impl Bot {
    /// Serves on a port of its own; gives its URL.
    async fn serve(self) -> String {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("binds");
        let url = format!("http://{}/interactions", listener.local_addr().expect("an address"));
        let routes = Router::new().route("/interactions", post(answer)).with_state(Arc::new(self));
        tokio::spawn(async move { axum::serve(listener, routes).await });
        url
    }

    fn believes(&self, headers: &HeaderMap, body: &[u8]) -> bool {
        let said = |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or("");
        let signature = hex::decode(said("x-signature-ed25519")).ok().and_then(|bytes| bytes.try_into().ok());
        let text = [said("x-signature-timestamp").as_bytes(), body].concat();
        signature.is_some_and(|signature| self.key.signed(&text, &Signature(signature)))
    }
}

async fn answer(State(bot): State<Arc<Bot>>, headers: HeaderMap, body: Bytes) -> axum::response::Response {
    if bot.looks && !bot.believes(&headers, &body) {
        return StatusCode::UNAUTHORIZED.into_response();
    }
    let asked: Value = serde_json::from_slice(&body).expect("JSON");
    let answer = match (asked["type"].as_u64(), asked["data"]["name"].as_str()) {
        (Some(1), _) => json!({ "type": 1 }),
        (Some(2), Some("break")) => return StatusCode::INTERNAL_SERVER_ERROR.into_response(),
        _ => json!({ "type": 4, "data": { "content": "by HTTP" } }),
    };
    ([(header::CONTENT_TYPE, "application/json")], answer.to_string()).into_response()
}

struct Scene {
    stage: Stage,
    bot: Account,
    person: Client,
    key: PublicKey,
}

impl Scene {
    async fn set() -> Self {
        let stage = Stage::set().await;
        let bot = stage.bot("Hal").await;
        let person = stage.logs_in(&stage.owner).await;
        let token = format!("Bot {}", bot.token);
        let shown = ask(&stage, &token, "get_my_application", "/applications/@me", None).await;
        let key = hex::decode(api::text(&shown.body, "verify_key")).expect("hexadecimal");
        let key = PublicKey::parse(key.try_into().expect("32 bytes")).expect("a key");
        Self { stage, bot, person, key }
    }

    async fn sets(&self, url: &str) -> Answer {
        let path = format!("/applications/{}", self.stage.number(self.bot.id));
        let body = json!({ "interactions_endpoint_url": url });
        ask(&self.stage, &self.stage.owner.token, "update_application", &path, Some(body)).await
    }

    async fn invokes(&self, name: &str) -> Answer {
        let (bot, token) = (self.stage.number(self.bot.id), format!("Bot {}", self.bot.token));
        let made = json!({ "name": name, "description": "x" });
        let path = format!("/applications/{bot}/commands");
        let made = ask(&self.stage, &token, "create_application_command", &path, Some(made)).await.body;
        let body = json!({
            "type": 2, "application_id": bot, "channel_id": self.stage.number(self.stage.general),
            "data": { "id": made["id"], "name": name, "type": 1 },
        });
        ask(&self.stage, &self.stage.owner.token, "nexus_interact", "/interactions", Some(body)).await
    }
}

async fn ask(stage: &Stage, token: &str, operation: &str, path: &str, body: Option<Value>) -> Answer {
    let route = api::route(operation, path);
    let request = api::request(route.method, path)
        .header(header::CONTENT_TYPE, "application/json")
        .header(header::AUTHORIZATION, token)
        .body(body.map_or_else(Body::empty, |body| Body::from(body.to_string())))
        .expect("a request");
    api::send(&stage.router, request).await
}

#[tokio::test]
async fn a_bot_with_an_endpoint_is_asked_there_by_signed_requests_and_answers_in_their_bodies() {
    let mut scene = Scene::set().await;
    let url = Bot { key: scene.key, looks: true }.serve().await;
    let set = scene.sets(&url).await;
    assert_eq!((set.status.as_u16(), &set.body["interactions_endpoint_url"]), (200, &json!(url)));
    // It has no gateway session: nobody but its endpoint hears the question.
    assert_eq!(scene.invokes("hello").await.status, 204);
    let said = scene.person.until_matching("MESSAGE_CREATE", |said| said["content"] == "by HTTP").await;
    assert_eq!(said["author"]["id"], json!(scene.stage.number(scene.bot.id)));
    assert_eq!(scene.invokes("break").await.status, 204);
    scene.person.until("INTERACTION_FAILURE").await;
    let unset = scene.sets("").await;
    assert_eq!(unset.body["interactions_endpoint_url"], Value::Null);
    assert_eq!(scene.invokes("hello").await.status, 404, "by its gateway session again, and it has none");
}

#[tokio::test]
async fn an_endpoint_that_believes_anybody_or_does_not_answer_is_not_taken() {
    let scene = Scene::set().await;
    let credulous = Bot { key: scene.key, looks: false }.serve().await;
    let nobody = String::from("http://127.0.0.1:1/");
    for url in [credulous, nobody, String::from("file:///etc/passwd"), String::from("no url")] {
        let refused = scene.sets(&url).await;
        assert_eq!(refused.status, 400, "{url}");
        assert!(refused.body["errors"]["interactions_endpoint_url"].is_object(), "{}", refused.body);
    }
}
