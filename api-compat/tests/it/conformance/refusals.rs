//! Bad input gets a clear, documented error, and never more than that.

use super::walk::{ask, request, window, window_of};
use axum::Router;
use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use serde_json::{Value, json};

struct Asked {
    router: Router,
    token: String,
    channel: String,
    guild: String,
    _folder: tempfile::TempDir,
}

impl Asked {
    async fn begin() -> Self {
        let (folder, router) = window();
        let setup = request("POST", "/nexus/setup", "Setup KEY", Some(json!({ "display_name": "Ada" })));
        let (_, setup) = ask(&router, setup).await;
        let token = setup.unwrap()["token"].as_str().unwrap().to_owned();
        let (_, guild) = ask(&router, request("POST", "/guilds", &token, Some(json!({ "name": "G" })))).await;
        let guild = guild.unwrap()["id"].as_str().unwrap().to_owned();
        let path = format!("/guilds/{guild}/channels");
        let (_, channels) = ask(&router, request("GET", &path, &token, None)).await;
        let channels = channels.unwrap();
        let general = channels.as_array().unwrap().iter().find(|channel| channel["type"] == 0).unwrap();
        let channel = general["id"].as_str().unwrap().to_owned();
        Self { router, token, channel, guild, _folder: folder }
    }

    /// Status and code of what is answered to these bytes as a new message.
    async fn says(&self, bytes: impl Into<Body>) -> (u16, u64) {
        let path = format!("/channels/{}/messages", self.channel);
        let mut request = request("POST", &path, &self.token, None);
        *request.body_mut() = bytes.into();
        self.outcome(request).await
    }

    async fn asks(&self, method: &str, path: &str, body: Option<Value>) -> (u16, u64) {
        self.outcome(request(method, path, &self.token, body)).await
    }

    async fn outcome(&self, request: Request<Body>) -> (u16, u64) {
        let (status, body) = ask(&self.router, request).await;
        (status.as_u16(), body.and_then(|body| body["code"].as_u64()).unwrap_or(0))
    }
}

#[tokio::test]
async fn malformed_json_is_50109_and_wrong_types_are_50035() {
    let asked = Asked::begin().await;
    assert_eq!(asked.says("{\"content\":").await, (400, 50_109));
    assert_eq!(asked.says("nonsense").await, (400, 50_109));
    assert_eq!(asked.says(vec![b'{', b'"', 0xff, 0xfe, b'"', b'}']).await, (400, 50_109));
    assert_eq!(asked.says("{\"content\": 5}").await, (400, 50_035));
    assert_eq!(asked.says("[]").await, (400, 50_035));
    assert_eq!(asked.says("{}").await, (400, 50_006));
}

#[tokio::test]
async fn what_is_too_long_is_refused_by_name() {
    let asked = Asked::begin().await;
    let long = json!({ "content": "x".repeat(2_001) }).to_string();
    assert_eq!(asked.says(long).await, (400, 50_035));
    let fields: Vec<Value> = (0..26).map(|_| json!({ "name": "n", "value": "v" })).collect();
    assert_eq!(asked.says(json!({ "embeds": [{ "fields": fields }] }).to_string()).await, (400, 50_035));
    assert_eq!(asked.says(vec![b' '; 2 * 1024 * 1024]).await.0, 413);
    assert_eq!(asked.asks("POST", "/guilds", Some(json!({ "name": "x".repeat(101) }))).await, (400, 50_035));
}

#[tokio::test]
async fn what_is_not_carried_yet_is_refused_and_not_dropped() {
    let asked = Asked::begin().await;
    let buttons = json!({ "content": "x", "components": [{ "type": 1 }] }).to_string();
    assert_eq!(asked.says(buttons).await, (400, 50_035));
    assert_eq!(asked.asks("GET", &format!("/guilds/{}/stickers", asked.guild), None).await.0, 501);
    let form = json!({ "username": "ann", "password": "correct horse" });
    assert_eq!(asked.asks("POST", "/auth/register", Some(form)).await.0, 501);
    assert_eq!(asked.asks("GET", "/nowhere", None).await.0, 404);
    assert_eq!(asked.asks("PATCH", "/gateway", None).await.0, 405);
}

#[tokio::test]
async fn unknown_ids_have_discords_codes() {
    let asked = Asked::begin().await;
    let (guild, channel) = (&asked.guild, &asked.channel);
    for (path, code) in [
        (String::from("/channels/1"), 10_003),
        (String::from("/guilds/1"), 10_004),
        (String::from("/users/1"), 10_013),
        (String::from("/invites/nothing"), 10_006),
        (format!("/guilds/{guild}/members/1"), 10_013),
        (format!("/guilds/{guild}/roles/1"), 10_011),
        (format!("/channels/{channel}/messages/1"), 10_008),
    ] {
        assert_eq!(asked.asks("GET", &path, None).await, (404, code), "{path}");
    }
    assert_eq!(asked.asks("GET", "/channels/abc", None).await, (400, 50_035));
    assert_eq!(asked.asks("GET", "/channels/99999999999999999999999", None).await, (400, 50_035));
    assert_eq!(
        asked.asks("GET", &format!("/channels/{channel}/messages?limit=0"), None).await,
        (400, 50_035)
    );
}

#[tokio::test]
async fn a_token_that_is_none_opens_nothing() {
    let asked = Asked::begin().await;
    for token in ["", "Bot ", "x", "Bot MTU3.x.y", &format!("{}x", asked.token)] {
        let (status, body) = ask(&asked.router, request("GET", "/users/@me", token, None)).await;
        assert_eq!(status, StatusCode::UNAUTHORIZED);
        assert_eq!(body.unwrap(), json!({ "message": "401: Unauthorized", "code": 0 }));
    }
    for key in ["Setup KEY", "Setup wrong"] {
        let again = request("POST", "/nexus/setup", key, Some(json!({ "display_name": "Eve" })));
        let status = ask(&asked.router, again).await.0;
        assert!(status.is_client_error(), "a node is set up once, and with its key: {status}");
    }
}

#[tokio::test]
async fn a_page_from_elsewhere_and_a_made_up_name_are_turned_away() {
    let asked = Asked::begin().await;
    let mut from_page = request("GET", "/users/@me", &asked.token, None);
    from_page.headers_mut().insert(header::ORIGIN, "https://evil.example".parse().unwrap());
    assert_eq!(asked.outcome(from_page).await.0, 403);
    let mut by_name = request("GET", "/users/@me", &asked.token, None);
    by_name.headers_mut().insert(header::HOST, "evil.example".parse().unwrap());
    assert_eq!(asked.outcome(by_name).await.0, 403);
}

#[tokio::test]
async fn too_fast_is_429_with_a_time_to_wait() {
    let asked = Asked::begin().await;
    for _ in 0..30 {
        assert_eq!(asked.says("{\"content\":\"x\"}").await.0, 200);
    }
    let path = format!("/channels/{}/messages", asked.channel);
    let (status, body) =
        ask(&asked.router, request("POST", &path, &asked.token, Some(json!({ "content": "x" })))).await;
    assert_eq!(status, StatusCode::TOO_MANY_REQUESTS);
    assert!(body.unwrap()["retry_after"].as_f64().unwrap() > 0.0);
}

#[tokio::test]
async fn a_persons_node_says_that_it_is_no_relay() {
    let (_folder, router) = window_of(None);
    let (status, body) = ask(&router, request("GET", "/nexus/relay", "", None)).await;
    assert_eq!(status, StatusCode::NOT_IMPLEMENTED, "{body:?}");
}
