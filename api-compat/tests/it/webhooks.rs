//! Webhooks from outside: who may, who may not, and GitHub.

use crate::api::{Account, Answer, Api, Begun, begun, request, text};
use axum::body::Body;
use axum::http::header;
use serde_json::{Value, json};

struct Scene {
    api: Api,
    owner: Account,
    bot: Account,
    channel: String,
    link: String,
}

impl Scene {
    async fn set() -> Self {
        let Begun { api, owner, bot, general: channel, .. } = begun().await;
        let path = format!("/channels/{channel}/webhooks");
        let hook = api.call(&owner, "create_webhook", &path, Some(json!({"name": "CI"}))).await;
        let link = format!("/webhooks/{}/{}", text(&hook, "id"), text(&hook, "token"));
        Self { api, owner, bot, channel, link }
    }

    /// By the link alone.
    async fn posts(&self, path: &str, event: Option<&str>, body: &Value) -> Answer {
        let mut request = request("POST", path).header(header::CONTENT_TYPE, "application/json");
        if let Some(event) = event {
            request = request.header("X-GitHub-Event", event);
        }
        let request = request.body(Body::from(body.to_string())).expect("a request");
        let operation = if event.is_some() { "execute_github_compatible_webhook" } else { "execute_webhook" };
        self.api.send_for(operation, request).await
    }

    async fn newest(&self) -> Value {
        let path = format!("/channels/{}/messages?limit=1", self.channel);
        self.api.call(&self.owner, "list_messages", &path, None).await[0].clone()
    }
}

#[tokio::test]
async fn a_link_opens_its_own_webhook_and_nothing_else() {
    let scene = Scene::set().await;
    let said = scene.posts(&scene.link, None, &json!({"content": "green"})).await;
    assert_eq!(said.status, 204);
    assert_eq!(
        (&scene.newest().await["content"], &scene.newest().await["author"]["username"]),
        (&json!("green"), &json!("CI"))
    );
    let wrong = format!("{}x", scene.link);
    let refused = scene.posts(&wrong, None, &json!({"content": "x"})).await;
    assert_eq!((refused.status.as_u16(), &refused.body["code"]), (404, &json!(10_015)));
    let refused = scene.posts(&wrong, Some("ping"), &json!({})).await;
    assert_eq!(refused.status, 404);
    let messages = format!("/channels/{}/messages", scene.channel);
    let refused = scene.posts(&messages, None, &json!({"content": "x"})).await;
    assert_eq!(refused.status, 401, "the link is no account");
    let list = format!("/channels/{}/webhooks", scene.channel);
    let refused = scene.api.ask(&scene.bot, "list_channel_webhooks", &list, None).await;
    assert_eq!((refused.status.as_u16(), &refused.body["code"]), (403, &json!(50_013)));
    let own = json!({"content": "x", "username": "Owner"});
    let path = format!("/channels/{}/messages", scene.channel);
    let plain = scene.api.call(&scene.owner, "create_message", &path, Some(own)).await;
    assert_eq!(plain["author"]["username"], "Ada", "no name but one's own without a webhook");
    scene.api.all_was_as_documented();
}

#[tokio::test]
async fn github_is_understood() {
    let scene = Scene::set().await;
    let link = format!("{}/github", scene.link);
    let push = json!({
        "ref": "refs/heads/main", "compare": "https://github.com/a/b/compare/1...2",
        "repository": { "full_name": "a/b" }, "sender": { "login": "ada" },
        "commits": [{ "id": "0123456789", "message": "first", "author": { "name": "Ada" } }],
    });
    assert_eq!(scene.posts(&link, Some("push"), &push).await.status, 204);
    assert_eq!(scene.newest().await["embeds"][0]["title"], "[a/b:main] 1 new commit(s)");
    assert_eq!(scene.posts(&link, Some("workflow_job"), &push).await.status, 204);
    assert_eq!(scene.newest().await["embeds"][0]["title"], "[a/b:main] 1 new commit(s)", "said nothing more");
    scene.api.all_was_as_documented();
}
