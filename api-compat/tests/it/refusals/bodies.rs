//! Bodies and queries that cannot be read, or say what no rule allows.

use super::{Scene, assert_refused};
use crate::api::request;
use axum::body::Body;
use axum::http::header;
use serde_json::json;
use std::time::Duration;

#[tokio::test]
async fn what_is_not_json_is_invalid_json() {
    let scene = Scene::set().await;
    let deep = format!("{{\"content\":\"a\",\"more\":{}", "[".repeat(100_000));
    let cut = &b"{\"content\":\"\xf0\x9f"[..];
    let not_text = &b"{\"content\":\"\xff\xfe\"}"[..];
    let lone_surrogate = &br#"{"content":"\ud800"}"#[..];
    let bodies = [
        &b"{"[..],
        b"hello",
        b"{\"content\":\"a\"} and more",
        b"\0",
        deep.as_bytes(),
        cut,
        not_text,
        lone_surrogate,
    ];
    for body in bodies {
        assert_refused(&scene.sends("POST", &scene.messages(), body.to_vec()).await, 400, 50_109);
    }
    assert_eq!(scene.written().await, 0);
}

#[tokio::test]
async fn json_of_the_wrong_type_is_an_invalid_form() {
    let scene = Scene::set().await;
    let bodies = [
        json!([]),
        json!("hello"),
        json!(null),
        json!({"content": 5}),
        json!({"content": ["a"]}),
        json!({"content": "a", "embeds": {}}),
        json!({"content": "a", "embeds": [{"color": "red"}]}),
        json!({"content": "a", "embeds": [{"timestamp": "yesterday"}]}),
        json!({"content": "a", "flags": -1}),
        json!({"content": "a", "tts": "yes"}),
        json!({"content": "a", "message_reference": {"message_id": "abc"}}),
        json!({"content": "a", "message_reference": {"message_id": "1"}}),
        json!({"content": "a", "nexus": {"shown_at": "old"}}),
        json!({"content": "a", "nexus": {"unheard_of": 1}}),
        json!({"content": "a", "components": [{}]}),
        json!({"content": "a", "sticker_ids": ["1"]}),
        json!({"content": "a", "poll": {}}),
    ];
    for body in bodies {
        let answer = scene.sends("POST", &scene.messages(), body.to_string()).await;
        assert_refused(&answer, 400, 50_035);
    }
    assert_eq!(scene.written().await, 0);
}

#[tokio::test]
async fn what_is_too_long_is_refused_by_name_and_by_size() {
    let scene = Scene::set().await;
    let long = json!({"content": "é".repeat(2_001)}).to_string();
    let answer = scene.sends("POST", &scene.messages(), long).await;
    assert_refused(&answer, 400, 50_035);
    assert_eq!(answer.body["errors"]["content"]["_errors"][0]["code"], "BASE_TYPE_MAX_LENGTH");
    let many = json!({"embeds": vec![json!({"title": "a"}); 11]}).to_string();
    assert_refused(&scene.sends("POST", &scene.messages(), many).await, 400, 50_035);
    let title = json!({"embeds": [{"title": "a".repeat(257)}]}).to_string();
    let answer = scene.sends("POST", &scene.messages(), title).await;
    assert_eq!(answer.body["errors"]["embeds"]["0"]["title"]["_errors"][0]["code"], "BASE_TYPE_MAX_LENGTH");

    let padded = |bytes: usize| format!("{{\"content\":\"a\"{}}}", " ".repeat(bytes));
    let answer = scene.sends("POST", &scene.messages(), padded(256 * 1024)).await;
    assert_refused(&answer, 413, 40_005);
    assert_refused(&scene.sends("PATCH", "/users/@me", padded(1024 * 1024)).await, 413, 40_005);
    assert_eq!(scene.written().await, 0);
    let full = json!({"content": "é".repeat(2_000)}).to_string();
    assert_eq!(scene.sends("POST", &scene.messages(), full).await.status, 200);
}

/// A client that begins to send and falls silent holds up nobody: it is told so in the end.
#[tokio::test]
async fn a_body_that_never_ends_is_not_waited_for() {
    let scene = Scene::set().await;
    let silence = Body::from_stream(futures_util::stream::pending::<Result<Vec<u8>, std::io::Error>>());
    // Nothing sleeps: a paused clock jumps to the next moment that anybody waits for.
    tokio::time::pause();
    let path = scene.messages();
    let answer = tokio::time::timeout(Duration::from_secs(3_600), scene.sends("POST", &path, silence)).await;
    let answer = answer.expect("an answer within the hour");
    assert_refused(&answer, 408, 0);
}

#[tokio::test]
async fn an_empty_message_is_no_message() {
    let scene = Scene::set().await;
    for body in ["", "{}", r#"{"content":""}"#, r#"{"content":null,"embeds":[]}"#] {
        assert_refused(&scene.sends("POST", &scene.messages(), body).await, 400, 50_006);
    }
}

#[tokio::test]
async fn names_that_no_rule_allows_are_invalid() {
    let scene = Scene::set().await;
    let guild = format!("/guilds/{}", scene.guild);
    let (long, everywhere) = ("a".repeat(101), format!("{guild}/channels"));
    for (method, path, body) in [
        ("POST", "/guilds", json!({})),
        ("POST", "/guilds", json!({"name": ""})),
        ("POST", "/guilds", json!({"name": long})),
        ("PATCH", &guild, json!({"name": long})),
        ("PATCH", "/users/@me", json!({"username": "a".repeat(33)})),
        ("POST", &everywhere, json!({})),
        ("POST", &everywhere, json!({"name": long})),
        ("POST", &everywhere, json!({"name": "a", "type": 99})),
        ("POST", &everywhere, json!({"name": "a", "permission_overwrites": [{"id": "1"}]})),
        ("POST", &format!("{guild}/roles"), json!({"name": long})),
        ("POST", &format!("{guild}/roles"), json!({"permissions": "many"})),
        ("POST", &format!("{guild}/roles"), json!({"nexus": {"rate_class": "faster"}})),
        ("POST", &format!("/channels/{}/invites", scene.general), json!({"max_uses": 1})),
        ("POST", "/applications", json!({"name": ""})),
        ("POST", "/users/@me/channels", json!({})),
    ] {
        let answer = scene.sends(method, path, body.to_string()).await;
        assert_eq!(answer.status, 400, "{method} {path} {body}: {}", answer.body);
        assert_refused(&answer, 400, 50_035);
    }
}

#[tokio::test]
async fn a_query_of_the_wrong_type_is_an_invalid_form() {
    let scene = Scene::set().await;
    for query in
        ["limit=many", "limit=0", "limit=101", "limit=-1", "before=yesterday", "after=1.5", "limit=%ff"]
    {
        let answer = scene.sends("GET", &format!("{}?{query}", scene.messages()), "").await;
        assert_refused(&answer, 400, 50_035);
    }
}

#[tokio::test]
async fn files_are_refused_and_not_dropped() {
    let scene = Scene::set().await;
    let form = "--x\r\nContent-Disposition: form-data; name=\"payload_json\"\r\n\r\n{\"content\":\"see\"}\r\n--x--\r\n";
    let request = request("POST", &scene.messages())
        .header(header::AUTHORIZATION, &scene.owner.authorization)
        .header(header::CONTENT_TYPE, "multipart/form-data; boundary=x")
        .body(Body::from(form))
        .expect("a request");
    assert_refused(&scene.api.send(request).await, 501, 0);
    assert_eq!(scene.written().await, 0);
}
