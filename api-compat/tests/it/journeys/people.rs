//! Accounts, conversations of two and more, and what the owner is told of their node.

use super::guilds::Guild;
use crate::api::{Account, Api, text};
use serde_json::json;

pub(super) async fn play(api: &Api, owner: &Account, bot: &Account, guild: &Guild) {
    let me = api.call(owner, "get_my_user", "/users/@me", None).await;
    assert_eq!((&me["id"], &me["discriminator"]), (&json!(owner.id), &json!("0")));
    let edited = api.call(owner, "update_my_user", "/users/@me", Some(json!({"username": "Ada L."}))).await;
    assert_eq!(edited["username"], "Ada L.");
    let other = api.call(bot, "get_user", &format!("/users/{}", owner.id), None).await;
    assert_eq!(other["username"], "Ada L.");

    let with = json!({"recipient_id": bot.id});
    let opened = api.call(owner, "create_dm", "/users/@me/channels", Some(with.clone())).await;
    assert_eq!((&opened["type"], &opened["recipients"][0]["id"]), (&json!(1), &json!(bot.id)));
    let again = api.call(owner, "create_dm", "/users/@me/channels", Some(with)).await;
    assert_eq!(again["id"], opened["id"]);
    let path = format!("/channels/{}", text(&opened, "id"));
    let between = json!({"content": "just you and me"});
    api.call(owner, "create_message", &format!("{path}/messages"), Some(between)).await;
    let seen = api.call(bot, "get_channel", &path, None).await;
    assert_eq!(seen["recipients"][0]["id"], json!(owner.id), "each sees the other");
    let path_of = |path: &str| format!("/nexus{path}/readers");
    let readers = api.call(owner, "nexus_channel_readers", &path_of(&path), None).await;
    assert_eq!((&readers["sealed"], &readers["people"]), (&json!(false), &json!(1)));
    assert_eq!(readers["bots"][0]["id"], json!(bot.id), "a bot reads along, and everybody can tell");
    let heard = api.call(bot, "list_messages", &format!("{path}/messages"), None).await;
    assert_eq!(heard[0]["content"], "just you and me");

    let third =
        api.call(owner, "nexus_create_application", "/applications", Some(json!({"name": "Sal"}))).await;
    let three = json!({"recipients": [bot.id, third["id"]]});
    let group = api.call(owner, "create_dm", "/users/@me/channels", Some(three)).await;
    assert_eq!((&group["type"], &group["owner_id"]), (&json!(3), &json!(owner.id)));

    let status = api.call(owner, "nexus_status", "/nexus/status", None).await;
    let ours =
        status["guilds"].as_array().expect("guilds").iter().find(|each| each["api_id"] == json!(guild.id));
    assert_eq!(ours.expect("our guild")["name"], "Outer space");
    let curious = api.ask(bot, "nexus_status", "/nexus/status", None).await;
    assert_eq!(curious.status, 403, "a bot is not the node's owner");
}
