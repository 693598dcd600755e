//! What a relay answers about accounts, over its own window, held against the documents: a node refuses these operations, so only
//! here are they granted.

use super::accounts::{PASSWORD, Place};
use super::reset::{code_in, mails, with_mail_and};
use super::second_factor::{SECRET, code, step};
use crate::provider::Provider;
use axum::Router;
use axum::body::Body;
use axum::http::{Request, header};
use http_body_util::BodyExt as _;
use nexus_api::gateway::{Gateway, Settings};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::path::Path;
use tower::ServiceExt as _;

struct Walk {
    router: Router,
    token: String,
    validated: BTreeSet<&'static str>,
}

impl Walk {
    fn begin(place: &Place) -> Self {
        let gateway = Gateway::start(place.node.clone(), place.accounts.clone(), None, Settings::default());
        let router = nexus_api::router(place.node.clone(), nexus_api::Options::default(), &gateway);
        Self { router, token: String::new(), validated: BTreeSet::new() }
    }

    /// It is granted, and answered as the document of the operation says.
    async fn call(&mut self, operation: &'static str, path: &str, body: Value) -> Value {
        let route = nexus_api::SERVED.iter().find(|route| route.operation == operation);
        let route = route.unwrap_or_else(|| panic!("{operation} is not served"));
        let request = Request::builder().method(route.method).uri(format!("/api/v10{path}"));
        let request = request
            .header(header::HOST, "127.0.0.1:8080")
            .header(header::AUTHORIZATION, &self.token)
            .header(header::CONTENT_TYPE, "application/json");
        let response = self.router.clone().oneshot(request.body(Body::from(body.to_string())).unwrap());
        let (head, body) = response.await.unwrap().into_parts();
        let bytes = body.collect().await.unwrap().to_bytes();
        let answer = if bytes.is_empty() { Value::Null } else { serde_json::from_slice(&bytes).unwrap() };
        assert!(head.status.is_success(), "{operation}: {} {answer}", head.status);
        check(operation, &answer);
        self.validated.insert(operation);
        answer
    }

    async fn read(&mut self, operation: &'static str, path: &str) -> Value {
        self.call(operation, path, json!({})).await
    }

    fn speaks_with(&mut self, session: &Value) {
        session["token"].as_str().unwrap().clone_into(&mut self.token);
    }
}

fn check(operation: &str, answer: &Value) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../api-compat/schemas/rest");
    let text = std::fs::read_to_string(folder.join(format!("{operation}.json"))).unwrap();
    let schema = jsonschema::validator_for(&serde_json::from_str(&text).unwrap()).unwrap();
    let wrong: Vec<String> = schema.iter_errors(answer).map(|error| error.to_string()).collect();
    assert!(wrong.is_empty(), "{operation}: {wrong:?} in {answer}");
}

#[tokio::test]
async fn every_operation_on_an_account_is_answered_as_its_document_says() {
    let folder = tempfile::tempdir().unwrap();
    let provider = Provider::start().await;
    let place = with_mail_and(folder.path(), Some(provider.told(folder.path()))).await;
    let mut walk = Walk::begin(&place);
    sessions(&mut walk).await;
    second_factor(&mut walk).await;
    another_password(&mut walk, folder.path()).await;
    elsewhere(&mut walk, &provider).await;
    walk.call("nexus_claim", "/nexus/claim", json!({ "password": "a third horse" })).await;
    walk.call("nexus_logout", "/auth/logout", json!({})).await;
    let form = json!({ "login": "ann", "password": "a third horse" });
    let session = walk.call("nexus_login", "/auth/login", form).await;
    walk.speaks_with(&session);
    walk.call("nexus_erase_account", "/users/@me/delete", json!({ "password": "a third horse" })).await;
    let of_accounts = nexus_api::SERVED.iter().filter(|route| {
        route.path.starts_with("/auth/")
            || route.path.contains("/mfa/")
            || ["/nexus/claim", "/users/@me/delete"].contains(&route.path)
    });
    let missing: Vec<&str> =
        of_accounts.map(|route| route.operation).filter(|it| !walk.validated.contains(it)).collect();
    assert!(missing.is_empty(), "served, and never granted here: {missing:?}");
    place.close().await;
}

async fn sessions(walk: &mut Walk) {
    let form = json!({ "username": "ann", "password": PASSWORD, "email": "ann@example.org" });
    let first = walk.call("nexus_register", "/auth/register", form).await;
    let next = json!({ "refresh_token": first["refresh_token"] });
    let next = walk.call("nexus_refresh", "/auth/refresh", next).await;
    walk.speaks_with(&next);
    walk.call("nexus_login", "/auth/login", json!({ "login": "ann@example.org", "password": PASSWORD }))
        .await;
    let listed = walk.read("nexus_list_sessions", "/auth/sessions").await;
    let listed = listed["sessions"].as_array().unwrap();
    assert_eq!(listed.len(), 2);
    let other = listed.iter().find(|session| session["current"] == false).unwrap();
    let path = format!("/auth/sessions/{}", other["id"].as_str().unwrap());
    walk.read("nexus_end_one_session", &path).await;
    walk.read("nexus_my_account", "/auth/account").await;
}

async fn second_factor(walk: &mut Walk) {
    let (now, enable) = (step(), "/users/@me/mfa/totp/enable");
    let form = json!({ "password": PASSWORD, "secret": SECRET, "code": code(now) });
    walk.call("nexus_enable_totp", enable, form).await;
    let form = json!({ "password": PASSWORD });
    let codes = walk.call("nexus_renew_recovery_codes", "/users/@me/mfa/codes", form).await;
    let form = json!({ "login": "ann", "password": PASSWORD });
    let entered = walk.call("nexus_login", "/auth/login", form).await;
    let shown = json!({ "ticket": entered["ticket"], "code": codes["backup_codes"][0]["code"] });
    let session = walk.call("nexus_show_second_factor", "/auth/mfa/totp", shown).await;
    walk.speaks_with(&session);
    walk.read("nexus_my_account", "/auth/account").await;
    let form = json!({ "code": codes["backup_codes"][1]["code"] });
    walk.call("nexus_disable_totp", "/users/@me/mfa/totp/disable", form).await;
}

/// Every answer that a sign-in at a provider has.
async fn elsewhere(walk: &mut Walk, provider: &Provider) {
    let hers = walk.token.clone();
    let password = json!("a third horse");
    let ways = [
        ("a stranger there", json!({ "purpose": "enter" }), "newcomer"),
        ("ann there", json!({ "purpose": "link", "password": password }), "linked"),
        ("ann there", json!({ "purpose": "confirm" }), "proof"),
        ("ann there", json!({}), "refresh_token"),
    ];
    for (subject, mut form, answered) in ways {
        let secret = json!("a secret of the window's own");
        form["secret"] = secret.clone();
        let begun = walk.call("nexus_begin_sign_in", "/auth/sign-in/mock", form).await;
        let back = provider.agree(begun["url"].as_str().unwrap(), subject);
        let form = json!({ "state": back.state, "code": back.code, "secret": secret });
        let came = walk.call("nexus_finish_sign_in", "/auth/sign-in/mock/finish", form).await;
        assert!(came.get(answered).is_some(), "{came}");
        if let Some(ticket) = came["newcomer"].get("ticket") {
            let form = json!({ "ticket": ticket, "username": "newcomer" });
            let session = walk.call("nexus_register_newcomer", "/auth/sign-in/mock/register", form).await;
            walk.speaks_with(&session);
            walk.read("nexus_my_account", "/auth/account").await;
            walk.token.clone_from(&hers);
        }
    }
    walk.read("nexus_my_account", "/auth/account").await;
    walk.call("nexus_unlink", "/auth/sign-in/mock/unlink", json!({ "password": password })).await;
}

async fn another_password(walk: &mut Walk, folder: &Path) {
    let form = json!({ "password": PASSWORD, "new_password": "another horse" });
    walk.call("nexus_change_password", "/auth/password", form).await;
    walk.call("nexus_forgot_password", "/auth/forgot", json!({ "login": "ann" })).await;
    let code = code_in(&mails(folder, 1).await[0]);
    let form = json!({ "token": code, "password": "a third horse" });
    walk.call("nexus_reset_password", "/auth/reset", form).await;
    let form = json!({ "login": "ann", "password": "a third horse" });
    let session = walk.call("nexus_login", "/auth/login", form).await;
    walk.speaks_with(&session);
}
