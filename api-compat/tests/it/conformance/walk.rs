//! A walk over the API: one node, its owner, a bot in a guild, and a note of each operation that was validated.

use super::documents::Documents;
use axum::Router;
use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use http_body_util::BodyExt as _;
use nexus_api::RelayFacts;
use nexus_api::gateway::{Gateway, Settings};
use nexus_node::{Node, Options};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use tower::ServiceExt as _;

pub(super) struct Walk {
    router: Router,
    pub(super) documents: Documents,
    pub(super) validated: BTreeSet<&'static str>,
    token: String,
    bot_token: String,
    pub(super) owner: String,
    pub(super) bot: String,
    pub(super) guild: String,
    pub(super) channel: String,
    _folder: tempfile::TempDir,
}

/// A node's window without a socket, which says of itself what a relay says.
pub(crate) fn window() -> (tempfile::TempDir, Router) {
    window_of(Some(relay_facts()))
}

fn relay_facts() -> RelayFacts {
    let name = String::from("Ours");
    RelayFacts {
        peer_key: [7; 32],
        mesh_port: 8080,
        name,
        hosting: "open",
        registration: "open",
        mail: false,
        sign_in: vec![(String::from("google"), String::from("Google"))],
    }
}

/// .. or not.
pub(crate) fn window_of(relay: Option<RelayFacts>) -> (tempfile::TempDir, Router) {
    let (folder, router, _) = window_with(relay, false);
    (folder, router)
}

/// .. and takes files, or not.
pub(crate) fn window_with(relay: Option<RelayFacts>, files: bool) -> (tempfile::TempDir, Router, Node) {
    let folder = tempfile::tempdir().expect("a folder");
    let node = Node::open(Options { data: folder.path().join("data"), disk_reserve: 0 }).expect("opens");
    let gateway = Gateway::start(node.clone(), nexus_api::owner_of(&node), None, Settings::default());
    let open = || nexus_api::Files::open(folder.path().join("files")).expect("a folder of files");
    let options = nexus_api::Options {
        setup_key: Some(String::from("KEY")),
        files: files.then(|| open().into()),
        relay,
        ..nexus_api::Options::default()
    };
    (folder, nexus_api::router(node.clone(), options, &gateway), node)
}

/// Sends one request and reads the whole answer.
pub(super) async fn ask(router: &Router, request: Request<Body>) -> (StatusCode, Option<Value>) {
    let response = router.clone().oneshot(request).await.expect("a router never fails");
    let (head, body) = response.into_parts();
    let bytes = body.collect().await.expect("a body").to_bytes();
    if bytes.is_empty() {
        return (head.status, None);
    }
    let kind = head.headers.get(header::CONTENT_TYPE).expect("a body has a type");
    assert_eq!(kind, "application/json", "libraries compare the type for equality");
    (head.status, Some(serde_json::from_slice(&bytes).expect("JSON")))
}

/// A request as libraries send it.
pub(super) fn request(method: &str, path: &str, authorization: &str, body: Option<Value>) -> Request<Body> {
    let request = Request::builder().method(method).uri(format!("/api/v10{path}"));
    let request = request.header(header::HOST, "127.0.0.1:8081").header(header::AUTHORIZATION, authorization);
    let bytes = body.map(|body| body.to_string()).unwrap_or_default();
    request.header(header::CONTENT_TYPE, "application/json").body(Body::from(bytes)).expect("a request")
}

impl Walk {
    pub(super) async fn begin(documents: Documents) -> Self {
        let (folder, router, _) = window_with(Some(relay_facts()), true);
        let mut walk = Self {
            router,
            documents,
            validated: BTreeSet::new(),
            token: String::from("Setup KEY"),
            bot_token: String::new(),
            owner: String::new(),
            bot: String::new(),
            guild: String::new(),
            channel: String::new(),
            _folder: folder,
        };
        let setup = walk.call("POST", "/nexus/setup", Some(json!({ "display_name": "Ada" }))).await;
        walk.token = text(&setup["token"]);
        walk.owner = text(&setup["user_id"]);
        walk.guild = walk.made("POST", "/guilds", json!({ "name": "Guild" })).await;
        let channels = walk.call("GET", &format!("/guilds/{}/channels", walk.guild), None).await;
        let general =
            channels.as_array().and_then(|all| all.iter().find(|channel| channel["name"] == "general"));
        walk.channel = text(&general.expect("a guild begins with it")["id"]);
        walk.bot = walk.made("POST", "/applications", json!({ "name": "helper" })).await;
        let reset = walk.call("POST", &format!("/applications/{}/bot/reset", walk.bot), None).await;
        walk.bot_token = format!("Bot {}", text(&reset["token"]));
        walk.install().await;
        walk
    }

    /// Lets the bot into the guild.
    pub(super) async fn install(&mut self) {
        let body = json!({ "guild_id": self.guild, "permissions": "3072", "authorize": true });
        self.call("POST", &format!("/oauth2/authorize?client_id={}&scope=bot", self.bot), Some(body)).await;
    }

    /// The owner asks; the answer is validated.
    pub(super) async fn call(&mut self, method: &str, path: &str, body: Option<Value>) -> Value {
        self.validate(method, path, self.token.clone(), body).await
    }

    /// The bot asks.
    pub(super) async fn as_bot(&mut self, method: &str, path: &str, body: Option<Value>) -> Value {
        self.validate(method, path, self.bot_token.clone(), body).await
    }

    /// The id of what was made.
    pub(super) async fn made(&mut self, method: &str, path: &str, body: Value) -> String {
        text(&self.call(method, path, Some(body)).await["id"])
    }

    /// The code of the invite that was made.
    pub(super) async fn code(&mut self, method: &str, path: &str, body: Value) -> String {
        text(&self.call(method, path, Some(body)).await["code"])
    }

    /// Status and code by which somebody, the bot or the owner, is refused what they would read.
    pub(super) async fn refused(&mut self, by_bot: bool, path: &str) -> (u16, Value) {
        let token = if by_bot { &self.bot_token } else { &self.token };
        let (status, answer) = ask(&self.router, request("GET", path, token, None)).await;
        assert!(status.is_client_error(), "{path}: {status}");
        self.documents.check(served("GET", path), status.as_u16(), answer.as_ref());
        (status.as_u16(), answer.map(|answer| answer["code"].clone()).unwrap_or_default())
    }

    async fn validate(&mut self, method: &str, path: &str, token: String, body: Option<Value>) -> Value {
        let route = served(method, path);
        let (status, answer) = loop {
            let (status, answer) = ask(&self.router, request(method, path, &token, body.clone())).await;
            // The walk says more than a person may in 10 s; it waits for as long as it is told, as clients do.
            let told = answer.as_ref().and_then(|answer| answer["retry_after"].as_f64());
            match told.filter(|_| status.as_u16() == 429) {
                Some(wait) => tokio::time::sleep(std::time::Duration::from_secs_f64(wait)).await,
                None => break (status, answer),
            }
        };
        // What only a relay has, a node refuses in words.
        let of_a_relay = [
            "nexus_register",
            "nexus_login",
            "nexus_refresh",
            "nexus_claim",
            "nexus_list_sessions",
            "nexus_end_one_session",
            "nexus_change_password",
            "nexus_erase_account",
            "nexus_forgot_password",
            "nexus_reset_password",
            "nexus_my_account",
            "nexus_show_second_factor",
            "nexus_enable_totp",
            "nexus_disable_totp",
            "nexus_renew_recovery_codes",
            "nexus_begin_sign_in",
            "nexus_finish_sign_in",
            "nexus_register_newcomer",
            "nexus_unlink",
            "nexus_exchange_token",
            "nexus_revoke_token",
            "nexus_list_authorizations",
            "nexus_end_authorization",
            "nexus_reset_client_secret",
            "get_my_oauth2_authorization",
            "nexus_show_connection",
            "get_application_role_connections_metadata",
            "update_application_role_connections_metadata",
            "get_application_user_role_connection",
            "update_application_user_role_connection",
            "delete_application_user_role_connection",
            "add_guild_member",
            "get_public_keys",
        ]
        .contains(&route.operation);
        let fine = status.is_success() || of_a_relay;
        assert!(fine, "{method} {path}: {status} {answer:?}");
        self.documents.check(route, status.as_u16(), answer.as_ref());
        self.validated.insert(route.operation);
        answer.unwrap_or(Value::Null)
    }
}

/// The registration that a path belongs to: the one with the most words of its own.
fn served(method: &str, path: &str) -> &'static nexus_api::Served {
    let path = path.split('?').next().unwrap_or(path);
    let fits = |template: &str| {
        let (wanted, given) = (template.split('/').collect::<Vec<_>>(), path.split('/').collect::<Vec<_>>());
        wanted.len() == given.len()
            && wanted.iter().zip(&given).all(|(want, got)| want.starts_with('{') || want == got)
    };
    let all = nexus_api::SERVED.iter().filter(|route| route.method == method && fits(route.path));
    let best = all.min_by_key(|route| route.path.matches('{').count());
    best.unwrap_or_else(|| panic!("{method} {path} is not served"))
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_else(|| panic!("no text: {value}")).to_owned()
}
