//! What nobody should send, and what they are told: each has the answer that Discord documents, and nothing was written.

mod bodies;
mod doors;
mod things;

use crate::api::{Account, Answer, Api, Begun, begun, request};
use axum::body::Body;
use axum::http::header;
use serde_json::Value;

/// A node with an owner, a guild, and a bot that may do nothing in it but talk.
struct Scene {
    api: Api,
    owner: Account,
    bot: Account,
    guild: String,
    general: String,
}

impl Scene {
    async fn set() -> Self {
        let Begun { api, owner, bot, guild, general } = begun().await;
        Self { api, owner, bot, guild, general }
    }

    /// What the owner is told who sends these bytes as JSON.
    async fn sends(&self, method: &str, path: &str, body: impl Into<Body>) -> Answer {
        let request = request(method, path)
            .header(header::AUTHORIZATION, &self.owner.authorization)
            .header(header::CONTENT_TYPE, "application/json")
            .body(body.into())
            .expect("a request");
        self.api.send(request).await
    }

    fn messages(&self) -> String {
        format!("/channels/{}/messages", self.general)
    }

    /// How many messages there are in `general`.
    async fn written(&self) -> usize {
        let path = format!("{}?limit=100", self.messages());
        let page = self.api.ask(&self.owner, "list_messages", &path, None).await;
        page.body.as_array().map_or(0, Vec::len)
    }
}

/// Status, code, and whether a field is named as what is wrong.
#[track_caller]
fn assert_refused(answer: &Answer, status: u16, code: u32) {
    let got = (answer.status.as_u16(), &answer.body["code"]);
    assert_eq!(got, (status, &Value::from(code)), "{}", answer.body);
    assert_eq!(answer.body.get("errors").is_some(), code == 50_035, "{}", answer.body);
}
