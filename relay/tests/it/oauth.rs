//! Signing in to applications, over the relay's own window: as a site's server asks it, and as a person's browser does.

mod codes;
mod connections;
mod deleted;
mod joining;
mod limits;
mod openid;
mod pages;
mod stage;
mod tokens;

use serde_json::json;
use stage::{BACK, Stage};
use std::collections::BTreeSet;

/// Operations that an application may ask for somebody, each behind its scope.
const OF_BEARERS: [&str; 9] = [
    "get_my_user",
    "list_my_guilds",
    "get_my_guild_member",
    "get_my_oauth2_authorization",
    "get_openid_connect_userinfo",
    "list_my_connections",
    "get_application_user_role_connection",
    "update_application_user_role_connection",
    "delete_application_user_role_connection",
];

#[tokio::test]
async fn somebody_signs_in_to_a_site_and_it_learns_what_they_let_it() {
    let mut stage = Stage::set().await;
    let ann = stage.person("ann").await;
    let site = stage.site().await;
    let query = site.asks("identify email guilds guilds.members.read");
    let asked = stage.get(&ann, "nexus_show_authorization", &format!("/oauth2/authorize{query}")).await;
    assert_eq!(asked["application"]["name"], "site");
    assert_eq!(asked["application"]["owner"]["username"], "maker");
    assert_eq!((&asked["user"]["username"], &asked["error"]), (&json!("ann"), &json!(null)));
    let location = stage.says_yes(&ann, &query).await;
    assert!(location.starts_with(&format!("{BACK}?code=nxc_")), "{location}");
    assert!(location.ends_with("&state=of%20the%20site"), "{location}");
    let tokens = stage.exchange(&site, &location).await;
    let bearer = format!("Bearer {}", tokens["access_token"].as_str().unwrap());

    let guild = stage.call(&ann, "nexus_create_guild", "/guilds", json!({ "name": "Harbour" })).await;
    let me = stage.get(&bearer, "get_my_user", "/users/@me").await;
    assert_eq!(
        (&me["username"], &me["email"], &me["verified"]),
        (&json!("ann"), &json!("ann@example.org"), &json!(false))
    );
    let guilds = stage.get(&bearer, "list_my_guilds", "/users/@me/guilds").await;
    assert_eq!((&guilds[0]["name"], &guilds[0]["owner"]), (&json!("Harbour"), &json!(true)));
    let member = format!("/users/@me/guilds/{}/member", guild["id"].as_str().unwrap());
    let member = stage.get(&bearer, "get_my_guild_member", &member).await;
    assert_eq!(member["user"]["username"], "ann");
    let known = stage.get(&bearer, "get_my_oauth2_authorization", "/oauth2/@me").await;
    assert_eq!(known["scopes"], json!(["identify", "email", "guilds", "guilds.members.read"]));
    assert_eq!((&known["application"]["id"], &known["user"]["id"]), (&json!(site.id), &me["id"]));
    let listed = stage.get(&ann, "nexus_list_authorizations", "/oauth2/tokens").await;
    assert_eq!((&listed[0]["id"], listed.as_array().unwrap().len()), (&json!(site.id), 1));
    let again = stage.get(&ann, "nexus_show_authorization", &format!("/oauth2/authorize{query}")).await;
    assert_eq!(again["authorized"], true);
    stage.close().await;
}

#[tokio::test]
async fn each_operation_asks_for_its_scope_and_no_other_takes_such_a_token() {
    let mut stage = Stage::set().await;
    let ann = stage.person("ann").await;
    let site = stage.site().await;
    let bearer = stage.signed_in(&site, &ann, "role_connections.write").await.bearer();
    for path in [
        "/users/@me",
        "/users/@me/guilds",
        "/users/@me/guilds/1/member",
        "/users/@me/connections",
        "/oauth2/userinfo",
    ] {
        let (status, refused) = stage.ask("GET", path, &bearer, None).await;
        assert_eq!((status, &refused["code"]), (403, &json!(50_026)), "{path}: {refused}");
    }
    let bearer = stage.signed_in(&site, &ann, "identify").await.bearer();
    let me = stage.get(&bearer, "get_my_user", "/users/@me").await;
    assert!(me.get("email").is_none() && me.get("verified").is_none(), "{me}");
    // At every other operation it is no better than one that nobody was given.
    let made_up = format!("Bearer nxo_{}", "x".repeat(43));
    let of_bearers = BTreeSet::from(OF_BEARERS);
    for route in nexus_api::SERVED.iter().filter(|route| !of_bearers.contains(route.operation)) {
        let parts = route.path.split('/').map(|part| if part.starts_with('{') { "1" } else { part });
        let path = parts.collect::<Vec<_>>().join("/");
        let mut answers = Vec::new();
        for token in [&bearer, &made_up] {
            answers.push(stage.ask(route.method, &path, token, Some(json!({}))).await);
        }
        assert_eq!(answers[0], answers[1], "{}", route.operation);
    }
    stage.close().await;
}

#[tokio::test]
async fn who_takes_it_back_or_chooses_another_password_ends_what_applications_may() {
    let mut stage = Stage::set().await;
    let ann = stage.person("ann").await;
    let site = stage.site().await;
    let first = stage.signed_in(&site, &ann, "identify").await;
    assert_eq!(stage.ask("GET", "/users/@me", &first.bearer(), None).await.0, 200);
    let path = format!("/oauth2/tokens/{}", site.id);
    stage.call(&ann, "nexus_end_authorization", &path, json!({})).await;
    assert_eq!(stage.ask("GET", "/users/@me", &first.bearer(), None).await.0, 401);
    assert_eq!(stage.refresh(&site, &first.refresh).await.1["error"], "invalid_grant");
    assert_eq!(stage.ask("DELETE", &path, &ann, None).await.0, 404, "it is over");

    let second = stage.signed_in(&site, &ann, "identify").await;
    let form = json!({ "password": super::accounts::PASSWORD, "new_password": "another horse" });
    stage.call(&ann, "nexus_change_password", "/auth/password", form).await;
    assert_eq!(stage.ask("GET", "/users/@me", &second.bearer(), None).await.0, 401);
    assert_eq!(stage.get(&ann, "nexus_list_authorizations", "/oauth2/tokens").await, json!([]));
    stage.close().await;
}

#[tokio::test]
async fn an_application_that_ends_with_its_maker_ends_for_everybody() {
    let mut stage = Stage::set().await;
    let ann = stage.person("ann").await;
    let site = stage.site().await;
    let signed_in = stage.signed_in(&site, &ann, "identify").await;
    let form = json!({ "password": super::accounts::PASSWORD });
    stage.call(&site.maker, "nexus_erase_account", "/users/@me/delete", form).await;
    assert_eq!(stage.ask("GET", "/users/@me", &signed_in.bearer(), None).await.0, 401);
    assert_eq!(stage.get(&ann, "nexus_list_authorizations", "/oauth2/tokens").await, json!([]));
    stage.close().await;
}

#[tokio::test]
async fn only_who_made_an_application_says_where_people_are_sent_back_to() {
    let mut stage = Stage::set().await;
    let ann = stage.person("ann").await;
    let site = stage.site().await;
    let path = format!("/applications/{}", site.id);
    let elsewhere = json!({ "redirect_uris": ["https://evil.example/"] });
    assert_eq!(stage.ask("PATCH", &path, &ann, Some(elsewhere)).await.0, 404);
    assert_eq!(stage.ask("POST", &format!("{path}/reset"), &ann, None).await.0, 404);
    for wrong in ["http://site.example/", "javascript:alert(1)", "https://site.example/#x", ""] {
        let body = Some(json!({ "redirect_uris": [wrong] }));
        let (status, refused) = stage.ask("PATCH", &path, &site.maker, body).await;
        assert_eq!((status, &refused["code"]), (400, &json!(50_035)), "{wrong}");
    }
    let shown = stage.get(&site.maker, "get_application", &path).await;
    assert_eq!(shown["redirect_uris"], json!([BACK]));
    stage.close().await;
}
