//! Tokens: the next ones, those that are over, and those that are given back.

use super::super::accounts::change;
use super::super::sessions::rows;
use super::stage::{SignedIn, Site, Stage};
use serde_json::json;

#[tokio::test]
async fn a_refresh_token_gives_the_next_pair_once_and_the_second_time_ends_all() {
    let mut stage = Stage::set().await;
    let ann = stage.person("ann").await;
    let site = stage.site().await;
    let first = stage.signed_in(&site, &ann, "identify guilds").await;
    let (status, tokens) = stage.refresh(&site, &first.refresh).await;
    assert_eq!((status, &tokens["scope"]), (200, &json!("identify guilds")));
    let next = SignedIn::of(&tokens);
    assert_eq!(stage.ask("GET", "/users/@me", &first.bearer(), None).await.0, 401, "the one before it ends");
    assert_eq!(stage.ask("GET", "/users/@me", &next.bearer(), None).await.0, 200);
    let (status, refused) = stage.refresh(&site, &first.refresh).await;
    assert_eq!((status, &refused["error"]), (400, &json!("invalid_grant")));
    assert_eq!(stage.ask("GET", "/users/@me", &next.bearer(), None).await.0, 401, "somebody has copied it");
    assert_eq!(stage.refresh(&site, &next.refresh).await.0, 400);
    stage.close().await;
}

#[tokio::test]
async fn an_access_token_is_good_for_a_week_and_a_refresh_token_for_its_application() {
    let mut stage = Stage::set().await;
    let ann = stage.person("ann").await;
    let site = stage.site().await;
    let maker = stage.person("another").await;
    let other = stage.site_of(maker, "other").await;
    let signed_in = stage.signed_in(&site, &ann, "identify").await;
    assert_eq!(stage.refresh(&other, &signed_in.refresh).await.0, 400);
    change(stage.folder(), "UPDATE oauth_grant SET expires_ms = 1").await;
    assert_eq!(stage.ask("GET", "/users/@me", &signed_in.bearer(), None).await.0, 401);
    assert_eq!(stage.ask("GET", "/oauth2/@me", &signed_in.bearer(), None).await.0, 401);
    let (status, tokens) = stage.refresh(&site, &signed_in.refresh).await;
    assert_eq!((status, &tokens["expires_in"]), (200, &json!(604_800)));
    let next = SignedIn::of(&tokens);
    assert_eq!(stage.ask("GET", "/users/@me", &next.bearer(), None).await.0, 200);
    stage.close().await;
}

#[tokio::test]
async fn who_does_not_show_that_it_is_the_application_is_given_nothing() {
    let mut stage = Stage::set().await;
    let ann = stage.person("ann").await;
    let site = stage.site().await;
    let code = stage.code(&ann, &site.asks("identify")).await;
    let wrong = Site { secret: String::from("nxk_guess"), id: site.id.clone(), maker: String::new() };
    let to = [("redirect_uri", super::BACK)];
    let (status, refused) = stage.show_code(&wrong, &code, &to).await;
    assert_eq!((status, &refused["error"]), (401, &json!("invalid_client")));
    let id = ("client_id", site.id.as_str());
    let bare = [("grant_type", "authorization_code"), ("code", code.as_str()), to[0], id];
    assert_eq!(stage.form("/oauth2/token", "", &bare).await.0, 401, "it has a secret, and shows none");
    let in_form = [&bare[..], &[("client_secret", site.secret.as_str())]].concat();
    let both = stage.form("/oauth2/token", &site.basic(), &in_form).await;
    assert_eq!((both.0, &both.1["error"]), (400, &json!("invalid_request")), "two ways at once");
    let twice = [&in_form[..], &[id]].concat();
    assert_eq!(stage.form("/oauth2/token", "", &twice).await.1["error"], "invalid_request");
    assert_eq!(stage.form("/oauth2/token", "", &in_form).await.0, 200, "none of them used the code up");
    let json = stage.ask("POST", "/oauth2/token", &site.basic(), Some(json!({ "grant_type": "x" }))).await;
    assert_eq!(json.1["error"], "invalid_request", "no form");
    let other = [("grant_type", "password"), ("username", "ann"), ("password", "x")];
    assert_eq!(stage.form("/oauth2/token", &site.basic(), &other).await.1["error"], "unsupported_grant_type");

    // Another secret, and the one before it opens nothing.
    let path = format!("/applications/{}/reset", site.id);
    stage.call(&site.maker, "nexus_reset_client_secret", &path, json!({})).await;
    assert_eq!(stage.refresh(&site, "nxg_none").await.0, 401);
    stage.close().await;
}

#[tokio::test]
async fn a_token_of_either_kind_is_given_back_by_its_application_and_ends_both() {
    let mut stage = Stage::set().await;
    let ann = stage.person("ann").await;
    let site = stage.site().await;
    let maker = stage.person("another").await;
    let other = stage.site_of(maker, "other").await;
    for kind in ["access", "refresh"] {
        let signed_in = stage.signed_in(&site, &ann, "identify").await;
        let token = if kind == "access" { &signed_in.access } else { &signed_in.refresh };
        let fields = [("token", token.as_str())];
        let answer = stage.form("/oauth2/token/revoke", &other.basic(), &fields).await;
        assert_eq!(answer, (200, json!({})), "another application learns nothing");
        assert_eq!(
            stage.ask("GET", "/users/@me", &signed_in.bearer(), None).await.0,
            200,
            "and ends nothing"
        );
        assert_eq!(stage.form("/oauth2/token/revoke", "", &fields).await.0, 400);
        assert_eq!(stage.form("/oauth2/token/revoke", &site.basic(), &fields).await, (200, json!({})));
        assert_eq!(stage.ask("GET", "/users/@me", &signed_in.bearer(), None).await.0, 401, "{kind}");
        assert_eq!(stage.refresh(&site, &signed_in.refresh).await.0, 400, "{kind}");
        assert_eq!(stage.form("/oauth2/token/revoke", &site.basic(), &fields).await.0, 200, "again is fine");
    }
    stage.close().await;
}

#[tokio::test]
async fn an_application_speaks_for_who_made_it() {
    let mut stage = Stage::set().await;
    let site = stage.site().await;
    let fields = [("grant_type", "client_credentials"), ("scope", "identify")];
    let (status, tokens) = stage.form("/oauth2/token", &site.basic(), &fields).await;
    assert_eq!((status, tokens.get("refresh_token")), (200, None), "{tokens}");
    let bearer = format!("Bearer {}", tokens["access_token"].as_str().unwrap());
    assert_eq!(stage.get(&bearer, "get_my_user", "/users/@me").await["username"], "maker");
    let none = [("grant_type", "client_credentials"), ("scope", "bot")];
    assert_eq!(stage.form("/oauth2/token", &site.basic(), &none).await.1["error"], "invalid_scope");
    stage.close().await;
}

#[tokio::test]
async fn of_one_application_ten_consents_are_kept_and_what_is_over_is_forgotten() {
    let mut stage = Stage::set().await;
    let ann = stage.person("ann").await;
    let site = stage.site().await;
    let first = stage.signed_in(&site, &ann, "identify").await;
    change(stage.folder(), "UPDATE oauth_grant SET made_ms = 1").await;
    let mut last = None;
    for _ in 0..10 {
        last = Some(stage.signed_in(&site, &ann, "identify").await);
    }
    assert_eq!(rows(stage.folder(), "SELECT COUNT(*) FROM oauth_grant").await, 10);
    assert_eq!(stage.ask("GET", "/users/@me", &first.bearer(), None).await.0, 401, "the oldest ended");
    assert_eq!(stage.ask("GET", "/users/@me", &last.unwrap().bearer(), None).await.0, 200);
    stage.close().await;
}

#[tokio::test]
async fn a_bots_own_token_is_no_consent_and_shows_its_application() {
    let mut stage = Stage::set().await;
    let site = stage.site().await;
    let path = format!("/applications/{}/bot/reset", site.id);
    let reset = stage.call(&site.maker, "nexus_reset_bot_token", &path, json!({})).await;
    let bot = format!("Bot {}", reset["token"].as_str().unwrap());
    // As Discord has it (discord-api-docs, issue 3945): nobody consented, so there is nothing to show.
    let (status, answer) = stage.ask("GET", "/oauth2/@me", &bot, None).await;
    assert_eq!((status, &answer["code"]), (401, &json!(0)), "{answer}");
    let shown = stage.get(&bot, "get_my_oauth2_application", "/oauth2/applications/@me").await;
    assert_eq!((&shown["id"], &shown["bot"]["id"]), (&json!(site.id), &json!(site.id)));
    assert_eq!(
        (&shown["owner"]["username"], &shown["redirect_uris"]),
        (&json!("maker"), &json!([super::BACK]))
    );
    let ann = stage.person("ann").await;
    let bearer = stage.signed_in(&site, &ann, "identify").await.bearer();
    let (status, _) = stage.ask("GET", "/oauth2/applications/@me", &bearer, None).await;
    assert_eq!(status, 401, "nor is a consent the bot");
    stage.close().await;
}
