//! What nobody should send, and what they are told: each has the answer that Discord documents, and nothing was written.

mod bodies;
mod doors;
mod things;

use crate::api::{Account, Answer, Api, SETUP_KEY, request, text};
use axum::body::Body;
use axum::http::header;
use serde_json::{Value, json};

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
        let api = Api::open();
        let newcomer = Account { authorization: format!("Setup {SETUP_KEY}"), ..Account::nobody() };
        let name = json!({"display_name": "Ada"});
        let made = api.call(&newcomer, "nexus_setup", "/nexus/setup", Some(name)).await;
        let owner = Account { authorization: text(&made, "token"), id: text(&made, "user_id") };
        let made = api.call(&owner, "nexus_create_guild", "/guilds", Some(json!({"name": "Space"}))).await;
        let guild = text(&made, "id");
        let path = format!("/guilds/{guild}/channels");
        let channels = api.call(&owner, "list_guild_channels", &path, None).await;
        let general = channels.as_array().and_then(|all| all.iter().find(|each| each["name"] == "general"));
        let general = text(general.expect("general"), "id");
        let made =
            api.call(&owner, "nexus_create_application", "/applications", Some(json!({"name": "Hal"}))).await;
        let id = text(&made, "id");
        let reset = format!("/applications/{id}/bot/reset");
        let token = text(&api.call(&owner, "nexus_reset_bot_token", &reset, None).await, "token");
        let bot = Account { authorization: format!("Bot {token}"), id };
        let install = json!({"guild_id": guild, "authorize": true});
        let path = format!("/oauth2/authorize?client_id={}&scope=bot", bot.id);
        api.call(&owner, "nexus_authorize_bot", &path, Some(install)).await;
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
