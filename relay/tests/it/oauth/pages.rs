//! Applications that are a page in a browser: what a page of another origin may read.

use super::stage::{BACK, CHALLENGE, FORM, SignedIn, Stage, VERIFIER, form};
use axum::http::{HeaderMap, header};
use serde_json::{Value, json};

/// What a browser sends the answer to a page by.
fn readers(headers: &HeaderMap) -> Option<&str> {
    headers.get(header::ACCESS_CONTROL_ALLOW_ORIGIN).map(|origin| origin.to_str().unwrap())
}

#[tokio::test]
async fn a_page_without_a_secret_signs_somebody_in_by_a_code_and_its_proof() {
    let mut stage = Stage::set().await;
    let ann = stage.person("ann").await;
    let site = stage.site().await;
    let path = format!("/applications/{}", site.id);
    stage.call(&site.maker, "update_application", &path, json!({ "public_client": true })).await;
    let (asks, id) =
        (format!("{}{CHALLENGE}", site.asks("identify openid")), ("client_id", site.id.as_str()));
    let shown = [("grant_type", "authorization_code"), ("redirect_uri", BACK), id];
    let code = stage.code(&ann, &asks).await;
    let unproven = [&shown[..], &[("code", &code)]].concat();
    let refused = stage.answer("POST", "/oauth2/token", "", FORM, form(&unproven)).await;
    assert_eq!((refused.status().as_u16(), readers(refused.headers())), (400, Some("*")), "told why");
    let code = stage.code(&ann, &asks).await;
    let proven = [&shown[..], &[("code", &code), ("code_verifier", VERIFIER)]].concat();
    let answer = stage.answer("POST", "/oauth2/token", "", FORM, form(&proven)).await;
    assert_eq!((answer.status().as_u16(), readers(answer.headers())), (200, Some("*")));
    let tokens = SignedIn::of(&body_of(answer).await);

    let asked = stage.answer("OPTIONS", "/oauth2/userinfo", "", "", String::new()).await;
    assert_eq!((asked.status().as_u16(), readers(asked.headers())), (204, Some("*")));
    assert_eq!(asked.headers()[header::ACCESS_CONTROL_ALLOW_HEADERS], "authorization");
    let who = stage.answer("GET", "/oauth2/userinfo", &tokens.bearer(), "", String::new()).await;
    assert_eq!((who.status().as_u16(), readers(who.headers())), (200, Some("*")));
    let given_back = form(&[("token", &tokens.access), id]);
    let answer = stage.answer("POST", "/oauth2/token/revoke", "", FORM, given_back).await;
    assert_eq!((answer.status().as_u16(), readers(answer.headers())), (200, Some("*")));
    let who = stage.answer("GET", "/oauth2/userinfo", &tokens.bearer(), "", String::new()).await;
    assert_eq!((who.status().as_u16(), readers(who.headers())), (401, Some("*")), "it has ended");
    stage.close().await;
}

#[tokio::test]
async fn a_page_reads_nothing_that_is_given_for_a_secret_and_nothing_else_of_the_relay() {
    let mut stage = Stage::set().await;
    let ann = stage.person("ann").await;
    let site = stage.site().await;
    let signed_in = stage.signed_in(&site, &ann, "identify openid").await;
    let refresh = [("grant_type", "refresh_token"), ("refresh_token", signed_in.refresh.as_str())];
    let in_form = [&refresh[..], &[("client_id", &site.id), ("client_secret", &site.secret)]].concat();
    for (token, fields) in [(site.basic(), &refresh[..]), (String::new(), &in_form[..])] {
        let answer = stage.answer("POST", "/oauth2/token", &token, FORM, form(fields)).await;
        assert_eq!(readers(answer.headers()), None, "a secret in a page is none");
    }
    let (authorize, bearer) = (format!("/oauth2/authorize{}", site.asks("identify")), signed_in.bearer());
    for (method, path, token) in [
        ("GET", authorize.as_str(), ann.as_str()),
        ("OPTIONS", &authorize, ""),
        ("GET", "/oauth2/userinfo", &ann),
        ("GET", "/oauth2/userinfo", ""),
        ("GET", "/oauth2/@me", &bearer),
        ("OPTIONS", "/oauth2/@me", ""),
        ("GET", "/users/@me", &bearer),
        ("OPTIONS", "/users/@me", ""),
        ("POST", "/auth/login", ""),
        ("GET", "/oauth2/keys", ""),
        ("GET", "/.well-known/openid-configuration", ""),
    ] {
        let answer = stage.answer(method, path, token, "application/json", String::new()).await;
        assert_eq!(readers(answer.headers()), None, "{method} {path}");
    }
    stage.close().await;
}

async fn body_of(answer: axum::response::Response) -> Value {
    use http_body_util::BodyExt as _;
    serde_json::from_slice(&answer.into_body().collect().await.unwrap().to_bytes()).unwrap()
}
