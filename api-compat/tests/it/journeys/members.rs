//! Members of a guild: their names and roles, and how they are put out.

use super::guilds::{self, Guild};
use crate::api::{Account, Api};
use serde_json::json;

pub(super) async fn play(api: &Api, owner: &Account, bot: &Account, guild: &Guild) {
    let all = guild.path("/members");
    let page = api.call(bot, "list_guild_members", &format!("{all}?limit=1000"), None).await;
    assert_eq!(page.as_array().map(Vec::len), Some(2));
    let last = page[1]["user"]["id"].as_str().expect("an id");
    let rest = api.call(bot, "list_guild_members", &format!("{all}?limit=1000&after={last}"), None).await;
    assert_eq!(rest, json!([]), "hikari pages until an empty page");
    let found = api.call(bot, "search_guild_members", &format!("{all}/search?query=ha&limit=5"), None).await;
    assert_eq!(found[0]["user"]["username"], "Hal");

    let one = format!("{all}/{}", bot.id);
    let edit = json!({"nick": "Hal 9000", "roles": [guild.role]});
    let edited = api.call(owner, "update_guild_member", &one, Some(edit)).await;
    assert_eq!(edited["nick"], "Hal 9000");
    assert!(edited["roles"].as_array().expect("roles").contains(&json!(guild.role)), "{edited}");
    let mine =
        api.call(owner, "update_my_guild_member", &format!("{all}/@me"), Some(json!({"nick": "A."}))).await;
    assert_eq!((&mine["nick"], &mine["user"]["id"]), (&json!("A."), &json!(owner.id)));

    let role = format!("{one}/roles/{}", guild.role);
    api.call(owner, "delete_guild_member_role", &role, None).await;
    api.call(owner, "add_guild_member_role", &role, None).await;
    let got = api.call(owner, "get_guild_member", &one, None).await;
    assert!(got["roles"].as_array().expect("roles").contains(&json!(guild.role)), "{got}");
    leaving(api, owner, bot, guild, &one).await;
}

async fn leaving(api: &Api, owner: &Account, bot: &Account, guild: &Guild, one: &str) {
    api.call(owner, "delete_guild_member", one, None).await;
    let missing = api.ask(owner, "get_guild_member", one, None).await;
    assert_eq!((missing.status.as_u16(), &missing.body["code"]), (404, &json!(10_007)));
    guilds::install(api, owner, bot, &guild.id).await;

    let ban = guild.path(&format!("/bans/{}", bot.id));
    api.call(owner, "ban_user_from_guild", &ban, Some(json!({"delete_message_seconds": 60}))).await;
    assert_eq!(api.call(owner, "get_guild_ban", &ban, None).await["user"]["id"], json!(bot.id));
    let all = api.call(owner, "list_guild_bans", &guild.path("/bans"), None).await;
    assert_eq!(all.as_array().map(Vec::len), Some(1));
    api.call(owner, "unban_user_from_guild", &ban, None).await;
    let over = api.ask(owner, "get_guild_ban", &ban, None).await;
    assert_eq!((over.status.as_u16(), &over.body["code"]), (404, &json!(10_026)));

    guilds::install(api, owner, bot, &guild.id).await;
    let leave = format!("/users/@me/guilds/{}", guild.id);
    api.call(bot, "leave_guild", &leave, None).await;
    assert_eq!(api.call(bot, "list_my_guilds", "/users/@me/guilds", None).await, json!([]));
}
