//! Everything in one archive, opened by `tar` itself.

use crate::conformance::walk::window;
use axum::Router;
use axum::body::Body;
use axum::http::{Request, header};
use http_body_util::BodyExt as _;
use serde_json::{Value, json};
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};
use tower::ServiceExt as _;

async fn ask(router: &Router, method: &str, path: &str, token: &str, body: Value) -> (u16, Vec<u8>) {
    let request = Request::builder().method(method).uri(format!("/api/v10{path}"));
    let request = request
        .header(header::HOST, "127.0.0.1:8081")
        .header(header::AUTHORIZATION, token)
        .header(header::CONTENT_TYPE, "application/json");
    let response = router.clone().oneshot(request.body(Body::from(body.to_string())).unwrap()).await.unwrap();
    let status = response.status().as_u16();
    (status, response.into_body().collect().await.unwrap().to_bytes().to_vec())
}

async fn json_of(router: &Router, method: &str, path: &str, token: &str, body: Value) -> Value {
    let (status, bytes) = ask(router, method, path, token, body).await;
    assert!(status < 300, "{method} {path}: {status}");
    serde_json::from_slice(&bytes).unwrap()
}

/// Unpacks an archive into a folder.
fn unpack(archive: &[u8], folder: &Path) {
    let tar = Command::new("tar")
        .args(["--extract", "--file=-", "--directory"])
        .arg(folder)
        .stdin(Stdio::piped())
        .spawn();
    let mut tar = tar.unwrap();
    tar.stdin.take().unwrap().write_all(archive).unwrap();
    assert!(tar.wait().unwrap().success());
}

fn read(folder: &Path, name: &str) -> Value {
    serde_json::from_slice(&std::fs::read(folder.join(name)).unwrap()).unwrap()
}

#[tokio::test]
async fn everything_somebody_said_is_in_one_archive() {
    let (_data, router) = window();
    let setup = json_of(&router, "POST", "/nexus/setup", "Setup KEY", json!({ "display_name": "Ada" })).await;
    let token = setup["token"].as_str().unwrap();
    let guild = json_of(&router, "POST", "/guilds", token, json!({ "name": "Ours" })).await;
    let channels = format!("/guilds/{}/channels", guild["id"].as_str().unwrap());
    let channels = json_of(&router, "GET", &channels, token, json!({})).await;
    let general = channels.as_array().unwrap().iter().find(|channel| channel["name"] == "general").unwrap();
    let general = general["id"].as_str().unwrap();
    for text in ["first", "second"] {
        let path = format!("/channels/{general}/messages");
        json_of(&router, "POST", &path, token, json!({ "content": text })).await;
    }
    let (status, archive) = ask(&router, "GET", "/users/@me/export", token, json!({})).await;
    assert_eq!(status, 200);
    let folder = tempfile::tempdir().unwrap();
    unpack(&archive, folder.path());
    assert_eq!(read(folder.path(), "user.json")["id"], setup["user_id"]);
    assert_eq!(read(folder.path(), "guilds.json")[0]["name"], "Ours");
    assert!(read(folder.path(), "identity.json")["log"].as_array().unwrap().len() >= 3);
    let said = read(folder.path(), &format!("messages/{general}/1.json"));
    let said: Vec<&Value> = said.as_array().unwrap().iter().map(|message| &message["content"]).collect();
    assert_eq!(said, ["second", "first"]);
    assert_eq!(ask(&router, "GET", "/users/@me/export", "nxu_none", json!({})).await.0, 401);
}
