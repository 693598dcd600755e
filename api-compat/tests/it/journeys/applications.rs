//! A person makes a bot.

use crate::api::{Account, Api, text};
use serde_json::json;

/// Makes an application and takes its token.
pub(super) async fn play(api: &Api, owner: &Account) -> Account {
    let hal = json!({"name": "Hal", "description": "opens doors"});
    let made = api.call(owner, "nexus_create_application", "/applications", Some(hal)).await;
    assert_eq!((&made["name"], &made["bot"]["username"]), (&json!("Hal"), &json!("Hal")));
    let id = text(&made, "id");
    let all = api.call(owner, "nexus_list_applications", "/applications", None).await;
    assert_eq!(all.as_array().map(Vec::len), Some(1));

    let path = format!("/applications/{id}");
    let intents = json!({"flags": 1 << 13 | 1 << 15 | 1 << 19});
    let edited = api.call(owner, "update_application", &path, Some(intents.clone())).await;
    assert_eq!(edited["flags"], intents["flags"]);
    assert_eq!(api.call(owner, "get_application", &path, None).await["id"], made["id"]);

    let reset = format!("{path}/bot/reset");
    let first = api.call(owner, "nexus_reset_bot_token", &reset, None).await;
    let second = api.call(owner, "nexus_reset_bot_token", &reset, None).await;
    let bot = |token: &serde_json::Value| Account {
        authorization: format!("Bot {}", text(token, "token")),
        id: id.clone(),
    };
    let old = api.ask(&bot(&first), "get_my_user", "/users/@me", None).await;
    assert_eq!(old.status, 401, "a new token ends the old one");

    let bot = bot(&second);
    let me = api.call(&bot, "get_my_application", "/applications/@me", None).await;
    assert_eq!((&me["id"], &me["owner"]["id"]), (&json!(bot.id), &json!(owner.id)));
    assert!(me.get("install_params").is_none(), "discord.js reads into it where it is null");
    let description = json!({"description": "opens pod bay doors"});
    api.call(&bot, "update_my_application", "/applications/@me", Some(description)).await;
    let own = api.call(&bot, "get_my_oauth2_application", "/oauth2/applications/@me", None).await;
    assert_eq!(own["description"], "opens pod bay doors");
    let door = api.call(&bot, "get_bot_gateway", "/gateway/bot", None).await;
    assert_eq!(door["shards"], 1);
    bot
}
