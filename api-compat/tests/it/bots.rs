//! A bot comes in with what whoever lets it in chose, and ends.

use crate::api::{Account, Api, Begun, begun, request, text};
use axum::body::Body;
use axum::http::header;
use serde_json::{Value, json};

/// What the bot's own role allows.
async fn allowed(api: &Api, owner: &Account, guild: &str) -> Option<Value> {
    let roles = api.call(owner, "list_guild_roles", &format!("/guilds/{guild}/roles"), None).await;
    let managed = roles.as_array().expect("a list").iter().find(|role| role["managed"] == true);
    managed.map(|role| role["permissions"].clone())
}

#[tokio::test]
async fn what_was_chosen_is_given_and_not_what_was_asked_for() {
    let Begun { api, owner, bot, guild, .. } = begun().await;
    // KICK_MEMBERS, BAN_MEMBERS, VIEW_CHANNEL.
    let asks = format!("/oauth2/authorize?client_id={}&scope=bot&permissions=1030", bot.id);
    let let_in = async |path: &str, body: Value| {
        let mut body = body;
        body["guild_id"] = json!(guild);
        body["authorize"] = json!(true);
        api.call(&owner, "nexus_authorize_bot", path, Some(body)).await;
        allowed(&api, &owner, &guild).await
    };
    assert_eq!(let_in(&asks, json!({"permissions": "1026"})).await, Some(json!("1026")));
    assert_eq!(let_in(&asks, json!({})).await, Some(json!("1030")), "who says nothing means what is asked");
    let plain = format!("/oauth2/authorize?client_id={}&scope=bot&permissions=0", bot.id);
    assert_eq!(
        let_in(&plain, json!({})).await,
        Some(json!("1030")),
        "a link that asks for nothing takes nothing"
    );
    assert_eq!(let_in(&plain, json!({"permissions": "1024"})).await, Some(json!("1024")));
    assert_eq!(let_in(&asks, json!({"permissions": "0"})).await, Some(json!("0")), "nothing was chosen");
}

#[tokio::test]
async fn a_bot_that_is_deleted_is_gone_from_its_guild_and_its_maker_s_list_and_what_it_said_stays() {
    let Begun { api, owner, bot, guild, general } = begun().await;
    let role = json!({"name": "hooks", "permissions": "536870912"});
    let role = api.call(&owner, "create_guild_role", &format!("/guilds/{guild}/roles"), Some(role)).await;
    let give = format!("/guilds/{guild}/members/{}/roles/{}", bot.id, text(&role, "id"));
    api.call(&owner, "add_guild_member_role", &give, None).await;
    let messages = format!("/channels/{general}/messages");
    let said = api.call(&bot, "create_message", &messages, Some(json!({"content": "before"}))).await;
    let hook = json!({"name": "CI"});
    let hook = api.call(&bot, "create_webhook", &format!("/channels/{general}/webhooks"), Some(hook)).await;
    let commands = format!("/applications/{}/commands", bot.id);
    let ping = json!({"name": "ping", "description": "answers"});
    api.call(&bot, "create_application_command", &commands, Some(ping)).await;

    let delete = format!("/applications/{}/delete", bot.id);
    let by_itself = api.ask(&bot, "nexus_delete_application", &delete, Some(json!({}))).await;
    assert_eq!(by_itself.status, 403, "only its maker");
    let done = api.ask(&owner, "nexus_delete_application", &delete, Some(json!({}))).await;
    assert_eq!((done.status.as_u16(), done.body), (204, Value::Null));
    let again = api.ask(&owner, "nexus_delete_application", &delete, Some(json!({}))).await;
    assert_eq!((again.status.as_u16(), &again.body["code"]), (404, &json!(10_002)));

    assert_eq!(api.ask(&bot, "get_my_user", "/users/@me", None).await.status, 401);
    assert_eq!(api.call(&owner, "nexus_list_applications", "/applications", None).await, json!([]));
    let listed = api.ask(&owner, "list_application_commands", &commands, None).await;
    assert_eq!((listed.status.as_u16(), &listed.body["code"]), (404, &json!(10_002)));
    let member = format!("/guilds/{guild}/members/{}", bot.id);
    assert_eq!(api.ask(&owner, "get_guild_member", &member, None).await.status, 404);
    let link = format!("/webhooks/{}/{}", text(&hook, "id"), text(&hook, "token"));
    let posted = request("POST", &link).header(header::CONTENT_TYPE, "application/json");
    let posted = posted.body(Body::from(json!({"content": "green"}).to_string())).expect("a request");
    let posted = api.send_for("execute_webhook", posted).await;
    assert_eq!((posted.status.as_u16(), &posted.body["code"]), (404, &json!(10_015)));
    let install = json!({"guild_id": guild, "authorize": true});
    let asks = format!("/oauth2/authorize?client_id={}&scope=bot", bot.id);
    assert_eq!(api.ask(&owner, "nexus_authorize_bot", &asks, Some(install)).await.status, 404);
    let read = api.call(&owner, "get_message", &format!("{messages}/{}", text(&said, "id")), None).await;
    assert_eq!(
        (&read["content"], &read["author"]["username"]),
        (&json!("before"), &json!("deleted account"))
    );
}
