//! The window of a node in this process, and everybody's way to ask it. Whatever is answered is validated.

use crate::conformance::documents::Documents;
use crate::conformance::walk::{window, window_with};
use axum::Router;
use axum::body::{Body, Bytes};
use axum::http::{HeaderMap, Request, StatusCode, header};
use http_body_util::BodyExt as _;
use nexus_api::{SERVED, Served};
use nexus_node::Node;
use serde_json::{Value, json};
use std::path::Path;
use std::sync::Mutex;
use std::time::{Duration, SystemTime};
use tower::ServiceExt as _;

/// The key that a node prints at its first start.
pub(crate) const SETUP_KEY: &str = "KEY";

/// A node's window, and what its answers are held against.
pub(crate) struct Api {
    router: Router,
    documents: Mutex<Documents>,
    folder: tempfile::TempDir,
    /// Of one that takes files.
    node: Option<Node>,
}

/// Somebody who can ask.
#[derive(Clone, Debug)]
pub(crate) struct Account {
    /// What they show in `Authorization`.
    pub(crate) authorization: String,
    /// Their number.
    pub(crate) id: String,
}

/// What came back.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Value,
}

impl Api {
    /// A node on its first day.
    pub(crate) fn open() -> Self {
        let (folder, router) = window();
        Self { router, documents: Mutex::new(Documents::load()), folder, node: None }
    }

    /// .. that takes files.
    pub(crate) fn with_files() -> Self {
        let (folder, router, node) = window_with(None, true);
        Self { router, documents: Mutex::new(Documents::load()), folder, node: Some(node) }
    }

    /// An hour later files that nothing names are looked for.
    pub(crate) fn sweeps(&self) {
        let folder = self.folder.path().join("files");
        for file in folder.read_dir().expect("a folder of files") {
            let file = std::fs::File::options().append(true).open(file.expect("a file").path());
            let earlier = SystemTime::now() - Duration::from_secs(3_600);
            file.expect("a file").set_modified(earlier).expect("a time");
        }
        let files = nexus_api::Files::open(folder).expect("a folder of files");
        files.sweep(self.node.as_ref().expect("a node with files")).expect("swept");
    }

    /// Whether bytes stand in any file of the program's folder.
    pub(crate) fn holds_somewhere(&self, bytes: &[u8]) -> bool {
        stands_in(self.folder.path(), bytes)
    }

    /// What is served outside the API, and how.
    pub(crate) async fn fetch(&self, path: &str, range: Option<&str>) -> (StatusCode, HeaderMap, Bytes) {
        let mut request = Request::builder().uri(path).header(header::HOST, "127.0.0.1:8081");
        if let Some(range) = range {
            request = request.header(header::RANGE, range);
        }
        let request = request.body(Body::empty()).expect("a request");
        let response = self.router.clone().oneshot(request).await.expect("an answer");
        let (status, headers) = (response.status(), response.headers().clone());
        (status, headers, response.into_body().collect().await.expect("a body").to_bytes())
    }

    /// Sends a request as it is; the answer is held against an operation's document.
    pub(crate) async fn send_for(&self, operation: &str, request: Request<Body>) -> Answer {
        let route = SERVED.iter().find(|route| route.operation == operation).expect("served");
        let answer = self.send(request).await;
        let body = Some(&answer.body).filter(|body| !body.is_null());
        self.documents.lock().expect("whole").check(route, answer.status.as_u16(), body);
        answer
    }

    /// Asks for an operation with a JSON body, is granted it, and gives what was answered.
    pub(crate) async fn call(
        &self,
        who: &Account,
        operation: &str,
        path: &str,
        body: Option<Value>,
    ) -> Value {
        let answer = self.ask(who, operation, path, body).await;
        assert!(answer.status.is_success(), "{operation} {path}: {} {}", answer.status, answer.body);
        answer.body
    }

    /// Asks for an operation with a JSON body; the answer, whatever it is, is held against its schema.
    pub(crate) async fn ask(
        &self,
        who: &Account,
        operation: &str,
        path: &str,
        body: Option<Value>,
    ) -> Answer {
        self.ask_beyond(who, operation, path, body, |_| ()).await
    }

    /// The same where the answer has what Discord's clients know and its document does not name; that is put back in what is held
    /// against it.
    pub(crate) async fn ask_beyond(
        &self,
        who: &Account,
        operation: &str,
        path: &str,
        body: Option<Value>,
        put_back: fn(&mut Value),
    ) -> Answer {
        let route = route(operation, path);
        let answer = loop {
            let request = request(route.method, path)
                .header(header::AUTHORIZATION, &who.authorization)
                .header(header::CONTENT_TYPE, "application/json")
                .body(body.as_ref().map_or_else(Body::empty, |body| Body::from(body.to_string())))
                .expect("a request");
            let answer = self.send(request).await;
            // On a fast machine a journey asks for more in a second than anybody may; it waits as it is told, as clients do.
            match answer.body["retry_after"].as_f64().filter(|_| answer.body["global"] == true) {
                Some(wait) => tokio::time::sleep(Duration::from_secs_f64(wait)).await,
                None => break answer,
            }
        };
        let mut documented = answer.body.clone();
        put_back(&mut documented);
        let body = Some(&documented).filter(|body| !body.is_null());
        self.documents.lock().expect("whole").check(&route, answer.status.as_u16(), body);
        answer
    }

    /// Panics where an answer was not as its schema says.
    pub(crate) fn all_was_as_documented(self) {
        let wrong = self.documents.into_inner().expect("whole").wrong;
        assert!(wrong.is_empty(), "not as documented:\n{}", wrong.join("\n\n"));
    }

    /// Sends a request as it is.
    pub(crate) async fn send(&self, request: Request<Body>) -> Answer {
        send(&self.router, request).await
    }
}

fn stands_in(folder: &Path, bytes: &[u8]) -> bool {
    let found = folder.read_dir().expect("a folder").map(|entry| entry.expect("an entry").path());
    found.into_iter().any(|path| {
        if path.is_dir() {
            return stands_in(&path, bytes);
        }
        let all = std::fs::read(&path).expect("a file");
        all.windows(bytes.len()).any(|window| window == bytes)
    })
}

/// Sends a request as it is.
pub(crate) async fn send(router: &Router, request: Request<Body>) -> Answer {
    let response = router.clone().oneshot(request).await.expect("an answer");
    let (status, headers) = (response.status(), response.headers().clone());
    let bytes = response.into_body().collect().await.expect("a body").to_bytes();
    if bytes.is_empty() {
        return Answer { status, headers, body: Value::Null };
    }
    // discord.py compares for equality: `; charset=utf-8` would end a bot at login.
    assert_eq!(headers.get(header::CONTENT_TYPE).expect("a type"), "application/json");
    let body = serde_json::from_slice(&bytes).expect("JSON");
    Answer { status, headers, body }
}

/// A node with an owner, a guild, its channel, and a bot that may do nothing in it but talk.
pub(crate) struct Begun {
    pub(crate) api: Api,
    pub(crate) owner: Account,
    pub(crate) bot: Account,
    pub(crate) guild: String,
    pub(crate) general: String,
}

pub(crate) async fn begun() -> Begun {
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
    let name = json!({"name": "Hal"});
    let id = text(&api.call(&owner, "nexus_create_application", "/applications", Some(name)).await, "id");
    let reset = format!("/applications/{id}/bot/reset");
    let token = text(&api.call(&owner, "nexus_reset_bot_token", &reset, None).await, "token");
    let bot = Account { authorization: format!("Bot {token}"), id };
    let install = json!({"guild_id": guild, "authorize": true});
    let path = format!("/oauth2/authorize?client_id={}&scope=bot", bot.id);
    api.call(&owner, "nexus_authorize_bot", &path, Some(install)).await;
    Begun { api, owner, bot, guild, general }
}

impl Account {
    /// Who comes with nothing in hand.
    pub(crate) fn nobody() -> Self {
        Self { authorization: String::new(), id: String::new() }
    }
}

/// A request to this node by its own name.
pub(crate) fn request(method: &str, path: &str) -> axum::http::request::Builder {
    Request::builder().method(method).uri(format!("/api/v10{path}")).header(header::HOST, "127.0.0.1:8081")
}

/// A field of an answer that is text.
pub(crate) fn text(value: &Value, field: &str) -> String {
    value[field].as_str().unwrap_or_else(|| panic!("no text {field} in {value}")).to_owned()
}

/// The operation's registration; `path` must be one of its paths, so that no test claims what it did not call.
pub(crate) fn route(operation: &str, path: &str) -> Served {
    let route = SERVED.iter().find(|route| route.operation == operation);
    let route = *route.unwrap_or_else(|| panic!("{operation} is not served"));
    let below_query = path.split('?').next().unwrap_or(path);
    let (want, got): (Vec<_>, Vec<_>) = (route.path.split('/').collect(), below_query.split('/').collect());
    let fits = want.len() == got.len()
        && want.iter().zip(&got).all(|(want, got)| want == got || want.starts_with('{'));
    assert!(fits, "{path} is no path of {operation}");
    route
}
