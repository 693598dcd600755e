//! Codes: for whom, how often, how long, and who is not sent anywhere at all.

use super::super::accounts::change;
use super::stage::{BACK, CHALLENGE, SignedIn, Stage, VERIFIER, query_of};
use serde_json::{Value, json};

const TO: (&str, &str) = ("redirect_uri", BACK);

fn refused(answer: (u16, Value), status: u16, error: &str) {
    assert_eq!((answer.0, answer.1["error"].as_str()), (status, Some(error)), "{}", answer.1);
    assert!(answer.1["error_description"].is_string(), "{}", answer.1);
}

#[tokio::test]
async fn nobody_is_sent_to_an_address_that_is_not_the_applications_own_letter_by_letter() {
    let mut stage = Stage::set().await;
    let ann = stage.person("ann").await;
    let site = stage.site().await;
    for wrong in [
        "",
        "https://site.example/callback/",
        "https://site.example/callback?more",
        "https://site.example/Callback",
        "https://site.example/callback%2F..",
        "http://site.example/callback",
        "https://site.example.evil.example/callback",
        "https://evil.example/",
    ] {
        let path = format!("/oauth2/authorize{}", site.asks_to("identify", wrong));
        // Neither with a code, nor with an error, nor with a no.
        for (method, body) in [
            ("GET", Value::Null),
            ("POST", json!({ "authorize": true })),
            ("POST", json!({ "authorize": false })),
        ] {
            let (status, answer) = stage.ask(method, &path, &ann, Some(body)).await;
            assert_eq!((status, &answer["code"]), (400, &json!(50_035)), "{wrong}: {answer}");
            assert!(answer["errors"]["redirect_uri"].is_object(), "{wrong}: {answer}");
        }
        let asked_wrongly = path.replace("response_type=code", "response_type=token");
        let (status, answer) = stage.ask("GET", &asked_wrongly, &ann, None).await;
        assert!(status == 400 && answer["errors"]["redirect_uri"].is_object(), "{wrong}: {answer}");
    }
    let unknown = format!("/oauth2/authorize?client_id=1&scope=identify&redirect_uri={BACK}");
    assert_eq!(stage.ask("GET", &unknown, &ann, None).await.0, 404);
    stage.close().await;
}

#[tokio::test]
async fn who_asks_wrongly_is_told_by_the_word_that_the_rfc_has_for_it() {
    let mut stage = Stage::set().await;
    let ann = stage.person("ann").await;
    let site = stage.site().await;
    let right = site.asks("identify");
    for (query, error) in [
        (right.replace("=code&", "=token&"), "unsupported_response_type"),
        (site.asks("identify rpc"), "invalid_scope"),
        (site.asks(""), "invalid_scope"),
        (format!("{right}{CHALLENGE}").replace("S256", "plain"), "invalid_request"),
        (format!("{right}&code_challenge=short&code_challenge_method=S256"), "invalid_request"),
        (format!("{right}&nonce={}", "x".repeat(257)), "invalid_request"),
    ] {
        let path = format!("/oauth2/authorize{query}");
        let shown = stage.get(&ann, "nexus_show_authorization", &path).await;
        assert_eq!(shown["error"]["error"], error, "{query}");
        let back = shown["error"]["location"].as_str().unwrap();
        assert!(back.starts_with(BACK), "{back}");
        assert_eq!(query_of(back, "error").as_deref(), Some(error));
        assert_eq!(query_of(back, "state").as_deref(), Some("of the site"));
        let (status, _) = stage.ask("POST", &path, &ann, Some(json!({ "authorize": true }))).await;
        assert_eq!(status, 400, "and who says yes all the same gives nothing: {query}");
    }
    stage.close().await;
}

#[tokio::test]
async fn who_says_no_sends_the_site_away_with_nothing() {
    let mut stage = Stage::set().await;
    let ann = stage.person("ann").await;
    let site = stage.site().await;
    let path = format!("/oauth2/authorize{}", site.asks("identify"));
    let said = stage.call(&ann, "nexus_authorize_bot", &path, json!({ "authorize": false })).await;
    let back = said["location"].as_str().unwrap();
    assert_eq!(query_of(back, "error").as_deref(), Some("access_denied"));
    assert_eq!(query_of(back, "state").as_deref(), Some("of the site"));
    assert_eq!(query_of(back, "iss").as_deref(), Some("https://relay.example"));
    assert_eq!(query_of(back, "code"), None);
    stage.close().await;
}

#[tokio::test]
async fn a_code_that_comes_twice_ends_what_came_of_it() {
    let mut stage = Stage::set().await;
    let ann = stage.person("ann").await;
    let site = stage.site().await;
    let code = stage.code(&ann, &site.asks("identify")).await;
    let (status, tokens) = stage.show_code(&site, &code, &[TO]).await;
    assert_eq!(status, 200, "{tokens}");
    let signed_in = SignedIn::of(&tokens);
    assert_eq!(stage.ask("GET", "/users/@me", &signed_in.bearer(), None).await.0, 200);
    refused(stage.show_code(&site, &code, &[TO]).await, 400, "invalid_grant");
    assert_eq!(stage.ask("GET", "/users/@me", &signed_in.bearer(), None).await.0, 401);
    refused(stage.refresh(&site, &signed_in.refresh).await, 400, "invalid_grant");
    stage.close().await;
}

#[tokio::test]
async fn a_code_is_for_one_application_one_redirect_and_one_minute() {
    let mut stage = Stage::set().await;
    let ann = stage.person("ann").await;
    let site = stage.site().await;
    let maker = stage.person("another").await;
    let other = stage.site_of(maker, "other").await;
    let code = stage.code(&ann, &site.asks("identify")).await;
    refused(stage.show_code(&other, &code, &[TO]).await, 400, "invalid_grant");
    assert_eq!(stage.show_code(&site, &code, &[TO]).await.0, 200, "a thief spoils nothing");
    for wrong in [&[][..], &[("redirect_uri", "https://site.example/callback/")]] {
        let code = stage.code(&ann, &site.asks("identify")).await;
        refused(stage.show_code(&site, &code, wrong).await, 400, "invalid_grant");
        refused(stage.show_code(&site, &code, &[TO]).await, 400, "invalid_grant");
    }
    let code = stage.code(&ann, &site.asks("identify")).await;
    change(stage.folder(), "UPDATE oauth_grant SET expires_ms = 1 WHERE access IS NULL").await;
    refused(stage.show_code(&site, &code, &[TO]).await, 400, "invalid_grant");
    refused(stage.show_code(&site, "nxc_none", &[TO]).await, 400, "invalid_grant");
    stage.close().await;
}

#[tokio::test]
async fn a_code_that_was_asked_for_with_a_challenge_is_worth_nothing_without_its_proof() {
    let mut stage = Stage::set().await;
    let ann = stage.person("ann").await;
    let site = stage.site().await;
    let query = format!("{}{CHALLENGE}", site.asks("identify"));
    let code = stage.code(&ann, &query).await;
    assert_eq!(stage.show_code(&site, &code, &[TO, ("code_verifier", VERIFIER)]).await.0, 200);
    for wrong in [&[TO][..], &[TO, ("code_verifier", "another one of the right length, forty-three..")]] {
        let code = stage.code(&ann, &query).await;
        refused(stage.show_code(&site, &code, wrong).await, 400, "invalid_grant");
        let proof = [TO, ("code_verifier", VERIFIER)];
        refused(stage.show_code(&site, &code, &proof).await, 400, "invalid_grant");
    }
    // One that was asked for without is not helped by a proof that somebody makes up.
    let code = stage.code(&ann, &site.asks("identify")).await;
    refused(stage.show_code(&site, &code, &[TO, ("code_verifier", VERIFIER)]).await, 400, "invalid_grant");
    stage.close().await;
}

#[tokio::test]
async fn an_application_without_a_secret_proves_each_exchange() {
    let mut stage = Stage::set().await;
    let ann = stage.person("ann").await;
    let site = stage.site().await;
    let path = format!("/applications/{}", site.id);
    let shown = stage.call(&site.maker, "update_application", &path, json!({ "public_client": true })).await;
    assert_eq!(shown["public_client"], true);
    let path = format!("/oauth2/authorize{}", site.asks("identify"));
    let shown = stage.get(&ann, "nexus_show_authorization", &path).await;
    assert_eq!(shown["error"]["error"], "invalid_request", "without a challenge nothing is begun");
    let (status, _) = stage.ask("POST", &path, &ann, Some(json!({ "authorize": true }))).await;
    assert_eq!(status, 400);
    let query = format!("{}{CHALLENGE}", site.asks("identify"));
    let code = stage.code(&ann, &query).await;
    let id = ("client_id", site.id.as_str());
    let fields = [("grant_type", "authorization_code"), ("code", &code), TO, id, ("code_verifier", VERIFIER)];
    let (status, tokens) = stage.form("/oauth2/token", "", &fields).await;
    assert_eq!(status, 200, "{tokens}");
    let shown = stage.get(&ann, "nexus_show_authorization", &format!("/oauth2/authorize{query}")).await;
    assert_eq!(shown["authorized"], false, "anybody may have its program: it asks each time");
    let itself = [("grant_type", "client_credentials"), ("scope", "identify"), id];
    refused(stage.form("/oauth2/token", "", &itself).await, 400, "unauthorized_client");
    stage.close().await;
}

#[tokio::test]
async fn a_bot_agrees_to_nothing() {
    let mut stage = Stage::set().await;
    let site = stage.site().await;
    let path = format!("/applications/{}/bot/reset", site.id);
    let reset = stage.call(&site.maker, "nexus_reset_bot_token", &path, json!({})).await;
    let bot = format!("Bot {}", reset["token"].as_str().unwrap());
    let path = format!("/oauth2/authorize{}", site.asks("identify"));
    for (method, body) in [("GET", Value::Null), ("POST", json!({ "authorize": true }))] {
        assert_eq!(stage.ask(method, &path, &bot, Some(body)).await.0, 403);
    }
    assert_eq!(stage.ask("GET", "/oauth2/tokens", &bot, None).await.0, 403);
    stage.close().await;
}
