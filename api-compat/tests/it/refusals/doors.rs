//! Who is not let in, and doors that are not there.

use super::{Scene, assert_refused};
use crate::api::{Account, Answer, Api, request};
use axum::body::Body;
use axum::http::{HeaderValue, Request, header};
use serde_json::json;

async fn asks(api: &Api, method: &str, path: &str, headers: &[(header::HeaderName, &[u8])]) -> Answer {
    let mut request = request(method, path).body(Body::empty()).expect("a request");
    for (name, value) in headers {
        request.headers_mut().insert(name, HeaderValue::from_bytes(value).expect("a value"));
    }
    api.send(request).await
}

#[tokio::test]
async fn a_token_that_nobody_has_opens_nothing() {
    let scene = Scene::set().await;
    let token = scene.owner.authorization.clone();
    let cut = &token.as_bytes()[1..];
    let tokens: [&[u8]; 8] =
        [b"", b"Bot ", b"Bot MTIz.x.y", b"Bearer abc", b"Setup KEY", b"\xff\xfe", cut, &[b'a'; 10_000]];
    for token in tokens {
        let answer = asks(&scene.api, "GET", "/users/@me", &[(header::AUTHORIZATION, token)]).await;
        assert_eq!(answer.status, 401);
        assert_eq!(answer.body, json!({"message": "401: Unauthorized", "code": 0}));
    }
    assert_eq!(asks(&scene.api, "GET", "/users/@me", &[]).await.status, 401);
}

#[tokio::test]
async fn the_setup_key_works_once_and_only_as_it_was_printed() {
    let api = Api::open();
    let name = || Some(json!({"display_name": "Eve"}));
    for key in ["", "Setup", "Setup ", "Setup another", "KEY", "Bot KEY"] {
        let eve = Account { authorization: key.to_owned(), ..Account::nobody() };
        assert_eq!(api.ask(&eve, "nexus_setup", "/nexus/setup", name()).await.status, 401, "{key}");
    }
    let ada = Account { authorization: "Setup KEY".to_owned(), ..Account::nobody() };
    assert_eq!(api.ask(&ada, "nexus_setup", "/nexus/setup", name()).await.status, 200);
    assert_eq!(api.ask(&ada, "nexus_setup", "/nexus/setup", name()).await.status, 403);
}

#[tokio::test]
async fn a_name_or_a_page_that_is_not_this_nodes_is_turned_away() {
    let scene = Scene::set().await;
    let token = scene.owner.authorization.as_bytes();
    let with = |name, value: &'static [u8]| [(header::AUTHORIZATION, token), (name, value)];
    let foreign: [(header::HeaderName, &[u8]); 6] = [
        (header::HOST, b"evil.example"),
        (header::HOST, b"127.0.0.1.evil.example"),
        (header::HOST, b"\xff"),
        (header::ORIGIN, b"https://evil.example"),
        (header::ORIGIN, b"null"),
        (header::ORIGIN, b"http://127.0.0.1:9999"),
    ];
    for (name, value) in foreign {
        assert_refused(&asks(&scene.api, "GET", "/users/@me", &with(name, value)).await, 403, 0);
    }
    let own = with(header::ORIGIN, b"http://127.0.0.1:8081");
    assert_eq!(asks(&scene.api, "GET", "/users/@me", &own).await.status, 200);
}

#[tokio::test]
async fn a_bot_author_can_tell_what_is_not_there_yet_from_what_never_was() {
    let scene = Scene::set().await;
    let guild = &scene.guild;
    let not_yet = [
        ("POST", "/lobbies".to_owned(), "create_lobby"),
        ("GET", format!("/guilds/{guild}/stickers"), "list_guild_stickers"),
        ("GET", format!("/applications/{}/entitlements", scene.bot.id), "get_entitlements"),
        ("GET", "/sticker-packs".to_owned(), "list_sticker_packs"),
    ];
    for (method, path, operation) in not_yet {
        let answer = scene.sends(method, &path, "").await;
        assert_eq!(answer.status, 501, "{operation}");
        assert_eq!(answer.body, json!({"message": format!("not implemented: {operation}"), "code": 0}));
    }
    for path in ["/nowhere", "/channels", "/users/@me/nothing", "//", "/users/%ff"] {
        let answer = scene.sends("POST", path, "").await;
        assert!([404, 405].contains(&answer.status.as_u16()), "{path}: {}", answer.status);
    }
    assert_eq!(
        scene.sends("GET", "/nowhere", "").await.body,
        json!({"message": "404: Not Found", "code": 0})
    );
    assert_eq!(scene.sends("POST", "/users/@me", "").await.status, 405);
}

#[tokio::test]
async fn every_version_of_the_api_is_the_same() {
    let scene = Scene::set().await;
    for version in ["/api/v10", "/api/v9", "/api"] {
        let get = |method: &str| {
            Request::builder()
                .method(method)
                .uri(format!("{version}/users/@me"))
                .header(header::HOST, "localhost:8081")
                .header(header::AUTHORIZATION, &scene.owner.authorization)
                .body(Body::empty())
                .expect("a request")
        };
        assert_eq!(scene.api.send(get("GET")).await.body["id"], json!(scene.owner.id), "{version}");
        let head = scene.api.send(get("HEAD")).await;
        assert_eq!((head.status.as_u16(), &head.body), (200, &json!(null)));
        assert_eq!(head.headers[header::CONTENT_TYPE], "application/json");
    }
}
