//! Files come with messages, are described in them, and are read back by their link, whole or in part.

use crate::api::{Account, Answer, Api, SETUP_KEY, request, text};
use axum::body::Body;
use axum::http::header;
use serde_json::{Value, json};

struct Scene {
    api: Api,
    owner: Account,
    messages: String,
}

impl Scene {
    async fn set() -> Self {
        let api = Api::with_files();
        let newcomer = Account { authorization: format!("Setup {SETUP_KEY}"), ..Account::nobody() };
        let made =
            api.call(&newcomer, "nexus_setup", "/nexus/setup", Some(json!({"display_name": "Ada"}))).await;
        let owner = Account { authorization: text(&made, "token"), id: text(&made, "user_id") };
        let made = api.call(&owner, "nexus_create_guild", "/guilds", Some(json!({"name": "G"}))).await;
        let path = format!("/guilds/{}/channels", text(&made, "id"));
        let channels = api.call(&owner, "list_guild_channels", &path, None).await;
        let general = channels.as_array().and_then(|all| all.iter().find(|each| each["name"] == "general"));
        let messages = format!("/channels/{}/messages", text(general.expect("general"), "id"));
        Self { api, owner, messages }
    }

    /// Sends a form with words and one file, as libraries write it.
    async fn sends(&self, method: &str, path: &str, words: &Value, name: &str, bytes: &[u8]) -> Answer {
        let mut form = format!(
            "--xYz\r\nContent-Disposition: form-data; name=\"payload_json\"\r\nContent-Type: application/json\r\n\r\n{words}\r\n\
             --xYz\r\nContent-Disposition: form-data; name=\"files[0]\"; filename=\"{name}\"\r\nContent-Type: text/plain\r\n\r\n"
        )
        .into_bytes();
        form.extend(bytes);
        form.extend(b"\r\n--xYz--\r\n");
        let request = request(method, path)
            .header(header::AUTHORIZATION, &self.owner.authorization)
            .header(header::CONTENT_TYPE, "multipart/form-data; boundary=xYz")
            .body(Body::from(form))
            .expect("a request");
        self.api.send_for("create_message", request).await
    }
}

#[tokio::test]
async fn a_file_is_sent_shown_and_read_back_whole_and_in_part() {
    let scene = Scene::set().await;
    let words = json!({ "content": "see", "attachments": [{ "id": 0, "description": "a map" }] });
    let sent = scene.sends("POST", &scene.messages, &words, "../the map.txt", b"here be dragons").await;
    assert_eq!(sent.status, 200, "{}", sent.body);
    let shown = &sent.body["attachments"][0];
    assert_eq!((&shown["filename"], &shown["size"]), (&json!("the map.txt"), &json!(15)));
    assert_eq!((&shown["description"], &shown["content_type"]), (&json!("a map"), &json!("text/plain")));
    let one = format!("{}/{}", scene.messages, text(&sent.body, "id"));
    let read = scene.api.call(&scene.owner, "get_message", &one, None).await;
    assert_eq!(&read["attachments"][0], shown);

    let url = text(shown, "url");
    let path = url.strip_prefix("http://127.0.0.1:8081").expect("an absolute link").to_owned();
    let (status, headers, bytes) = scene.api.fetch(&path, None).await;
    assert_eq!((status.as_u16(), &bytes[..]), (200, &b"here be dragons"[..]));
    assert_eq!(headers[header::X_CONTENT_TYPE_OPTIONS], "nosniff");
    let (status, headers, bytes) = scene.api.fetch(&path, Some("bytes=8-")).await;
    assert_eq!((status.as_u16(), &bytes[..]), (206, &b"dragons"[..]));
    assert_eq!(headers[header::CONTENT_RANGE], "bytes 8-14/15");
    assert_eq!(scene.api.fetch(&path, Some("bytes=99-")).await.0, 416);
    let elsewhere = format!("/files/{}/x.txt", "0".repeat(64));
    assert_eq!(scene.api.fetch(&elsewhere, None).await.0, 404);
    assert_eq!(scene.api.fetch("/files/..%2f..%2fnode.redb/x", None).await.0, 404);

    let kept = json!({ "content": "look" });
    let kept = scene.api.call(&scene.owner, "update_message", &one, Some(kept)).await;
    assert_eq!(&kept["attachments"][0], shown, "an edit that says nothing of files keeps them");
    let gone = json!({ "attachments": [] });
    let gone = scene.api.call(&scene.owner, "update_message", &one, Some(gone)).await;
    assert_eq!(gone["attachments"], json!([]));
    scene.api.all_was_as_documented();
}

/// So many forms are read at a time: those who begin one and say no more must not keep the others' out.
#[tokio::test]
async fn forms_that_fall_silent_are_let_go_and_an_honest_one_is_taken_after_them() {
    let scene = Scene::set().await;
    let begins = || {
        let silence = Body::from_stream(futures_util::stream::pending::<Result<Vec<u8>, std::io::Error>>());
        let request = request("POST", &scene.messages)
            .header(header::AUTHORIZATION, &scene.owner.authorization)
            .header(header::CONTENT_TYPE, "multipart/form-data; boundary=xYz")
            .body(silence);
        scene.api.send(request.expect("a request"))
    };
    // Nothing sleeps: a paused clock jumps to the next moment that anybody waits for.
    tokio::time::pause();
    let silent = futures_util::future::join_all((0..8).map(|_| begins()));
    let words = json!({ "content": "honest" });
    let honest = scene.sends("POST", &scene.messages, &words, "a.txt", b"mine");
    let (silent, honest) = tokio::join!(silent, honest);
    assert!(silent.iter().all(|answer| answer.status == 408), "{silent:?}");
    assert_eq!(honest.status, 200, "{}", honest.body);
}

#[tokio::test]
async fn a_file_alone_is_a_message_and_one_too_large_is_none() {
    let scene = Scene::set().await;
    let alone = scene.sends("POST", &scene.messages, &json!({}), "a.bin", b"\x00\x01").await;
    assert_eq!((alone.status.as_u16(), &alone.body["content"]), (200, &json!("")), "{}", alone.body);
    let large = vec![0; 10 * 1024 * 1024 + 1];
    let large = scene.sends("POST", &scene.messages, &json!({}), "a.bin", &large).await;
    assert_eq!((large.status.as_u16(), &large.body["code"]), (413, &json!(40_005)));
    let nothing = json!({ "content": "x", "attachments": [{ "id": 0 }] });
    let nothing = scene.api.ask(&scene.owner, "create_message", &scene.messages, Some(nothing)).await;
    assert_eq!(nothing.status, 400, "words about a file that did not come along");
}

#[tokio::test]
async fn a_file_goes_with_the_last_message_that_names_it() {
    let scene = Scene::set().await;
    let mut sent = Vec::new();
    for words in ["one", "two"] {
        let words = json!({ "content": words });
        let answer = scene.sends("POST", &scene.messages, &words, "secret.txt", b"not for long").await;
        sent.push((text(&answer.body, "id"), text(&answer.body["attachments"][0], "url")));
    }
    let path = sent[0].1.strip_prefix("http://127.0.0.1:8081").expect("an absolute link").to_owned();
    for (left, status) in [(1, 200), (0, 404)] {
        let one = format!("{}/{}", scene.messages, sent[left].0);
        let gone = scene.api.ask(&scene.owner, "delete_message", &one, None).await;
        assert_eq!(gone.status, 204, "{}", gone.body);
        scene.api.sweeps();
        assert_eq!(scene.api.fetch(&path, None).await.0, status, "{left} messages name it");
        assert_eq!(scene.api.holds_somewhere(b"not for long"), left > 0);
    }
    let again = json!({ "content": "again" });
    scene.sends("POST", &scene.messages, &again, "secret.txt", b"not for long").await;
    scene.api.sweeps();
    assert_eq!(scene.api.fetch(&path, None).await.0, 200, "what is sent anew is kept anew");
}
