//! A relay, people in their browsers, and a site that has a bot.

use super::super::accounts::{PASSWORD, Place};
use crate::documents::Documents;
use crate::provider::Provider;
use axum::Router;
use axum::body::Body;
use axum::http::{Request, header};
use axum::response::Response;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http_body_util::BodyExt as _;
use nexus_api::gateway::{Gateway, Settings};
use nexus_relay::{Registration, SignIn};
use serde_json::{Value, json};
use std::path::Path;
use tower::ServiceExt as _;

/// Where the site is sent back to.
pub(super) const BACK: &str = "https://site.example/callback";
/// RFC 7636, appendix B.
pub(super) const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
pub(super) const CHALLENGE: &str =
    "&code_challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM&code_challenge_method=S256";

pub(super) const FORM: &str = "application/x-www-form-urlencoded";

pub(super) struct Stage {
    place: Place,
    router: Router,
    documents: Documents,
    folder: tempfile::TempDir,
}

/// An application with a secret and one redirect.
pub(super) struct Site {
    pub(super) id: String,
    pub(super) secret: String,
    /// The token of who made it.
    pub(super) maker: String,
}

pub(super) struct SignedIn {
    pub(super) access: String,
    pub(super) refresh: String,
}

impl SignedIn {
    pub(super) fn of(tokens: &Value) -> Self {
        let text = |name: &str| tokens[name].as_str().unwrap_or_else(|| panic!("{tokens}")).to_owned();
        Self { access: text("access_token"), refresh: text("refresh_token") }
    }

    pub(super) fn bearer(&self) -> String {
        format!("Bearer {}", self.access)
    }
}

impl Site {
    /// The query that a browser is sent to the relay with.
    pub(super) fn asks(&self, scope: &str) -> String {
        self.asks_to(scope, BACK)
    }

    pub(super) fn asks_to(&self, scope: &str, redirect: &str) -> String {
        let scope = scope.replace(' ', "%20");
        format!(
            "?client_id={}&response_type=code&scope={scope}&redirect_uri={redirect}&state=of%20the%20site",
            self.id
        )
    }

    pub(super) fn basic(&self) -> String {
        format!("Basic {}", STANDARD.encode(format!("{}:{}", self.id, self.secret)))
    }
}

pub(super) fn form(fields: &[(&str, &str)]) -> String {
    let mut form = reqwest::Url::parse("x:y").unwrap();
    form.query_pairs_mut().extend_pairs(fields);
    form.query().unwrap_or_default().to_owned()
}

/// A value of an address's query.
pub(super) fn query_of(location: &str, name: &str) -> Option<String> {
    let url = reqwest::Url::parse(location).unwrap();
    url.query_pairs().find(|(key, _)| key == name).map(|(_, value)| value.into_owned())
}

impl Stage {
    pub(super) async fn set() -> Self {
        Self::open(tempfile::tempdir().unwrap(), None).await
    }

    /// .. at which people sign in elsewhere, too.
    pub(super) async fn beside(provider: &Provider) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let told = provider.told(folder.path());
        Self::open(folder, Some(told)).await
    }

    async fn open(folder: tempfile::TempDir, sign_in: Option<SignIn>) -> Self {
        let place = Place::open_as(folder.path(), Registration::Open, None, sign_in).await;
        let gateway = Gateway::start(place.node.clone(), place.accounts.clone(), None, Settings::default());
        let options = nexus_api::Options {
            public_url: Some(String::from("https://relay.example")),
            ..nexus_api::Options::default()
        };
        let router = nexus_api::router(place.node.clone(), options, &gateway);
        Self { place, router, documents: Documents::load(), folder }
    }

    pub(super) fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Every answer was as its document says.
    pub(super) async fn close(self) {
        assert!(self.documents.wrong.is_empty(), "{}", self.documents.wrong.join("\n\n"));
        self.place.close().await;
    }

    /// Somebody's token.
    pub(super) async fn person(&mut self, name: &str) -> String {
        let email = format!("{name}@example.org");
        let form = json!({ "username": name, "password": PASSWORD, "email": email });
        let (status, session) = self.ask("POST", "/auth/register", "", Some(form)).await;
        assert_eq!(status, 200, "{session}");
        session["token"].as_str().unwrap().to_owned()
    }

    pub(super) async fn site(&mut self) -> Site {
        let maker = self.person("maker").await;
        self.site_of(maker, "site").await
    }

    pub(super) async fn site_of(&mut self, maker: String, name: &str) -> Site {
        let made =
            self.call(&maker, "nexus_create_application", "/applications", json!({ "name": name })).await;
        let id = made["id"].as_str().unwrap().to_owned();
        let path = format!("/applications/{id}");
        self.call(&maker, "update_application", &path, json!({ "redirect_uris": [BACK] })).await;
        let reset = self.call(&maker, "nexus_reset_client_secret", &format!("{path}/reset"), json!({})).await;
        Site { id, secret: reset["secret"].as_str().unwrap().to_owned(), maker }
    }

    /// Granted, and as its document says.
    pub(super) async fn call(&mut self, token: &str, operation: &str, path: &str, body: Value) -> Value {
        let route = nexus_api::SERVED.iter().find(|route| route.operation == operation).unwrap();
        let (status, answer) = self.ask(route.method, path, token, Some(body)).await;
        assert!(status < 300, "{operation}: {status} {answer}");
        let body = Some(&answer).filter(|answer| !answer.is_null());
        self.documents.check(route, status, body);
        answer
    }

    pub(super) async fn get(&mut self, token: &str, operation: &str, path: &str) -> Value {
        self.call(token, operation, path, Value::Null).await
    }

    pub(super) async fn ask(
        &self,
        method: &str,
        path: &str,
        token: &str,
        body: Option<Value>,
    ) -> (u16, Value) {
        let bytes = body.filter(|body| !body.is_null()).map_or_else(String::new, |body| body.to_string());
        self.send(method, path, token, "application/json", bytes).await
    }

    /// A form, as a site's server sends it.
    pub(super) async fn form(&self, path: &str, token: &str, fields: &[(&str, &str)]) -> (u16, Value) {
        self.send("POST", path, token, FORM, form(fields)).await
    }

    async fn send(&self, method: &str, path: &str, token: &str, kind: &str, body: String) -> (u16, Value) {
        let response = self.answer(method, path, token, kind, body).await;
        let status = response.status().as_u16();
        let bytes = response.into_body().collect().await.unwrap().to_bytes();
        (status, serde_json::from_slice(&bytes).unwrap_or(Value::Null))
    }

    /// With its headers.
    pub(super) async fn answer(
        &self,
        method: &str,
        path: &str,
        token: &str,
        kind: &str,
        body: String,
    ) -> Response {
        let uri = if path.starts_with("/.well-known") { path.to_owned() } else { format!("/api/v10{path}") };
        let mut request = Request::builder()
            .method(method)
            .uri(uri)
            .header(header::HOST, "relay.example")
            .header(header::CONTENT_TYPE, kind);
        if !token.is_empty() {
            request = request.header(header::AUTHORIZATION, token);
        }
        self.router.clone().oneshot(request.body(Body::from(body)).unwrap()).await.unwrap()
    }

    /// A person allows it; where their browser goes.
    pub(super) async fn says_yes(&mut self, person: &str, query: &str) -> String {
        let path = format!("/oauth2/authorize{query}");
        let said = self.call(person, "nexus_authorize_bot", &path, json!({ "authorize": true })).await;
        said["location"].as_str().unwrap().to_owned()
    }

    /// A code, as the site is handed it.
    pub(super) async fn code(&mut self, person: &str, query: &str) -> String {
        let location = self.says_yes(person, query).await;
        query_of(&location, "code").unwrap()
    }

    /// The site exchanges what came back, by `Basic`.
    pub(super) async fn exchange(&mut self, site: &Site, location: &str) -> Value {
        let code = query_of(location, "code").unwrap();
        let (status, tokens) = self.show_code(site, &code, &[("redirect_uri", BACK)]).await;
        assert_eq!(status, 200, "{tokens}");
        let route = nexus_api::SERVED.iter().find(|route| route.operation == "nexus_exchange_token");
        self.documents.check(route.unwrap(), status, Some(&tokens));
        tokens
    }

    pub(super) async fn show_code(&self, site: &Site, code: &str, more: &[(&str, &str)]) -> (u16, Value) {
        let fields = [&[("grant_type", "authorization_code"), ("code", code)][..], more].concat();
        self.form("/oauth2/token", &site.basic(), &fields).await
    }

    pub(super) async fn refresh(&self, site: &Site, token: &str) -> (u16, Value) {
        let fields = [("grant_type", "refresh_token"), ("refresh_token", token)];
        self.form("/oauth2/token", &site.basic(), &fields).await
    }

    pub(super) async fn signed_in(&mut self, site: &Site, person: &str, scope: &str) -> SignedIn {
        let location = self.says_yes(person, &site.asks(scope)).await;
        SignedIn::of(&self.exchange(site, &location).await)
    }
}
