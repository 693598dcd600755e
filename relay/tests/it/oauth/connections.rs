//! Who somebody is elsewhere, as far as they show it; and what a site keeps of them.

use super::super::accounts::PASSWORD;
use super::stage::Stage;
use crate::provider::Provider;
use serde_json::json;

#[tokio::test]
async fn an_application_sees_the_sign_ins_that_somebody_shows_and_no_others() {
    let provider = Provider::start().await;
    let mut stage = Stage::beside(&provider).await;
    let ann = stage.person("ann").await;
    let site = stage.site().await;
    for (service, subject) in [("github", "583231"), ("mock", "ann there")] {
        let secret = "a secret of the window's own";
        let path = format!("/auth/sign-in/{service}");
        let form = json!({ "secret": secret, "purpose": "link", "password": PASSWORD });
        let begun = stage.call(&ann, "nexus_begin_sign_in", &path, form).await;
        let back = provider.agree(begun["url"].as_str().unwrap(), subject);
        let form = json!({ "state": back.state, "code": back.code, "secret": secret });
        stage.call(&ann, "nexus_finish_sign_in", &format!("{path}/finish"), form).await;
    }
    let bearer = stage.signed_in(&site, &ann, "connections").await.bearer();
    let own = stage.get(&ann, "list_my_connections", "/users/@me/connections").await;
    assert_eq!(own.as_array().unwrap().len(), 1, "of the other Discord has no word: {own}");
    assert_eq!(
        (&own[0]["type"], &own[0]["id"], &own[0]["visibility"]),
        (&json!("github"), &json!("583231"), &json!(0))
    );
    assert_eq!(stage.get(&bearer, "list_my_connections", "/users/@me/connections").await, json!([]));
    let path = "/users/@me/connections/github/583231";
    assert_eq!(stage.ask("PATCH", path, &bearer, Some(json!({ "visibility": 1 }))).await.0, 401);
    stage.call(&ann, "nexus_show_connection", path, json!({ "visibility": 1 })).await;
    let shown = stage.get(&bearer, "list_my_connections", "/users/@me/connections").await;
    assert_eq!((&shown[0]["id"], &shown[0]["visibility"]), (&json!("583231"), &json!(1)));
    stage.call(&ann, "nexus_show_connection", path, json!({ "visibility": 0 })).await;
    assert_eq!(stage.get(&bearer, "list_my_connections", "/users/@me/connections").await, json!([]));
    let (wrong, none) = (json!({ "visibility": 2 }), "/users/@me/connections/github/1");
    assert_eq!(stage.ask("PATCH", path, &ann, Some(wrong)).await.0, 400);
    assert_eq!(stage.ask("PATCH", none, &ann, Some(json!({ "visibility": 1 }))).await.0, 404);
    stage.close().await;
}

#[tokio::test]
async fn a_site_keeps_what_it_said_that_it_would_of_who_lets_it() {
    let mut stage = Stage::set().await;
    let ann = stage.person("ann").await;
    let site = stage.site().await;
    let kinds = format!("/applications/{}/role-connections/metadata", site.id);
    let reset = format!("/applications/{}/bot/reset", site.id);
    let reset = stage.call(&site.maker, "nexus_reset_bot_token", &reset, json!({})).await;
    let bot = format!("Bot {}", reset["token"].as_str().unwrap());
    let get_kinds = "get_application_role_connections_metadata";
    assert_eq!(stage.get(&bot, get_kinds, &kinds).await, json!([]));
    let score =
        json!({ "type": 2, "key": "score", "name": "Score", "description": "At least so many points" });
    let set_kinds = "update_application_role_connections_metadata";
    stage.call(&bot, set_kinds, &kinds, json!([score])).await;
    assert_eq!(stage.get(&bot, get_kinds, &kinds).await, json!([score]));
    let mut wrong = score.clone();
    wrong["key"] = json!("SCORE");
    assert_eq!(stage.ask("PUT", &kinds, &bot, Some(json!([wrong]))).await.0, 400);
    assert_eq!(stage.ask("PUT", &kinds, &bot, Some(json!(vec![&score; 6]))).await.0, 400);
    assert_eq!(stage.ask("PUT", &kinds, &ann, Some(json!([score]))).await.0, 404);

    let path = format!("/users/@me/applications/{}/role-connection", site.id);
    let bearer = stage.signed_in(&site, &ann, "role_connections.write").await.bearer();
    let get = "get_application_user_role_connection";
    assert_eq!(stage.get(&bearer, get, &path).await, json!({ "metadata": {} }));
    let known = json!({ "platform_name": "Site", "platform_username": "ann!", "metadata": { "score": 7 } });
    let set = stage.call(&bearer, "update_application_user_role_connection", &path, known).await;
    assert_eq!(set["metadata"], json!({ "score": "7" }));
    assert_eq!(stage.get(&bearer, get, &path).await, set);
    let unknown = json!({ "metadata": { "secrets": "all" } });
    assert_eq!(stage.ask("PUT", &path, &bearer, Some(unknown)).await.0, 400);
    assert_eq!(stage.ask("GET", &path, &ann, None).await.0, 401, "it is the application's to say");
    let maker = stage.person("another").await;
    let other = stage.site_of(maker, "other").await;
    let of_other = stage.signed_in(&other, &ann, "role_connections.write").await.bearer();
    assert_eq!(stage.ask("GET", &path, &of_other, None).await.0, 403);
    stage.call(&bearer, "delete_application_user_role_connection", &path, json!({})).await;
    assert_eq!(stage.get(&bearer, get, &path).await, json!({ "metadata": {} }));
    stage.close().await;
}
