//! Channels of a guild, who may see them, and how others are asked in.

use super::guilds::Guild;
use crate::api::{Account, Api, text};
use serde_json::{Value, json};

pub(super) async fn play(api: &Api, owner: &Account, guild: &Guild) {
    let all = guild.path("/channels");
    let category = json!({"name": "Decks", "type": 4});
    let category = text(&api.call(owner, "create_guild_channel", &all, Some(category)).await, "id");
    for (kind, name) in [(0, "bridge"), (2, "Intercom"), (5, "orders")] {
        let everyone = json!({"id": guild.id, "type": 0, "allow": "0", "deny": "2048"});
        let body = json!({
            "name": name, "type": kind, "parent_id": category, "permission_overwrites": [everyone],
        });
        let made = api.call(owner, "create_guild_channel", &all, Some(body)).await;
        assert_eq!((&made["type"], &made["parent_id"]), (&json!(kind), &json!(category)));
        assert_eq!(made["permission_overwrites"][0]["deny"], "2048");
        api.call(owner, "get_channel", &format!("/channels/{}", text(&made, "id")), None).await;
    }
    one(api, owner, guild, &category).await;
    media(api, owner, guild).await;
    invites(api, owner, guild).await;
}

/// Discord's clients and its libraries know media channels, and its document does not name their type.
async fn media(api: &Api, owner: &Account, guild: &Guild) {
    let as_forum = |shown: &mut Value| shown["type"] = json!(15);
    let asks = async |operation: &str, path: &str, body: Value| {
        api.ask_beyond(owner, operation, path, Some(body), as_forum).await.body
    };
    let body = json!({ "name": "pictures", "type": 16, "available_tags": [{ "name": "sea" }] });
    let made = asks("create_guild_channel", &guild.path("/channels"), body).await;
    assert_eq!((&made["type"], &made["available_tags"][0]["name"]), (&json!(16), &json!("sea")));
    let at = format!("/channels/{}", text(&made, "id"));
    let post = json!({ "name": "The harbour", "message": { "content": "at dawn" } });
    let post = api.call(owner, "create_thread", &format!("{at}/threads"), Some(post)).await;
    assert_eq!((&post["type"], &post["parent_id"]), (&json!(11), &made["id"]));
    let edited = asks("update_channel", &at, json!({ "flags": 16 })).await;
    assert_eq!((&edited["type"], &edited["flags"]), (&json!(16), &json!(16)), "each post needs a tag");
    api.ask_beyond(owner, "delete_channel", &at, None, as_forum).await;
}

async fn one(api: &Api, owner: &Account, guild: &Guild, category: &str) {
    let all = guild.path("/channels");
    let made = json!({"name": "airlock", "topic": "mind the gap"});
    let id = text(&api.call(owner, "create_guild_channel", &all, Some(made)).await, "id");
    let path = format!("/channels/{id}");
    let edit = json!({"name": "lock", "topic": null, "rate_limit_per_user": 5, "nsfw": true});
    let edited = api.call(owner, "update_channel", &path, Some(edit)).await;
    assert_eq!((&edited["name"], &edited["topic"]), (&json!("lock"), &json!(null)));

    let moves =
        json!([{"id": id, "position": 3, "parent_id": category}, {"id": guild.general, "position": 0}]);
    api.call(owner, "bulk_update_guild_channels", &all, Some(moves)).await;
    let moved = api.call(owner, "get_channel", &path, None).await;
    assert_eq!((&moved["parent_id"], &moved["position"]), (&json!(category), &json!(3)));

    let line = format!("{path}/permissions/{}", guild.role);
    let body = json!({"type": 0, "allow": "1024", "deny": 2048});
    api.call(owner, "set_channel_permission_overwrite", &line, Some(body)).await;
    let lines = &api.call(owner, "get_channel", &path, None).await["permission_overwrites"];
    assert_eq!((&lines[0]["allow"], &lines[0]["deny"]), (&json!("1024"), &json!("2048")));
    api.call(owner, "delete_channel_permission_overwrite", &line, None).await;

    let lock = format!("/nexus{path}/lock");
    api.call(owner, "nexus_lock_channel", &lock, None).await;
    assert_eq!(api.call(owner, "get_channel", &path, None).await["nexus"]["locked"], true);
    api.call(owner, "nexus_unlock_channel", &lock, None).await;
    assert_eq!(api.call(owner, "get_channel", &path, None).await["nexus"], json!(null));

    let keep = format!("/nexus{path}/retention");
    api.call(owner, "nexus_set_channel_retention", &keep, Some(json!({"days": 30}))).await;
    assert_eq!(api.call(owner, "get_channel", &path, None).await["nexus"]["retention_days"], 30);
    api.call(owner, "nexus_set_channel_retention", &keep, Some(json!({"days": null}))).await;
    assert_eq!(api.call(owner, "get_channel", &path, None).await["nexus"], json!(null));
    let whole = format!("/nexus{}", guild.path("/retention"));
    for days in [365, 0] {
        api.call(owner, "nexus_set_guild_retention", &whole, Some(json!({"days": days}))).await;
        let shown = api.call(owner, "get_guild", &guild.path(""), None).await;
        assert_eq!(shown["nexus"]["retention_days"], days);
    }

    let gone = api.call(owner, "delete_channel", &path, None).await;
    assert_eq!((&gone["id"], &gone["permission_overwrites"]), (&json!(id), &json!([])));
    let missing = api.ask(owner, "get_channel", &path, None).await;
    assert_eq!((missing.status.as_u16(), &missing.body["code"]), (404, &json!(10_003)));
}

async fn invites(api: &Api, owner: &Account, guild: &Guild) {
    let here = format!("/channels/{}/invites", guild.general);
    let made = api.call(owner, "create_channel_invite", &here, Some(json!({"max_age": 3_600}))).await;
    assert_eq!((&made["max_age"], &made["inviter"]["id"]), (&json!(3_600), &json!(owner.id)));
    let lasting = api.call(owner, "create_channel_invite", &here, Some(json!({"max_age": 0}))).await;
    assert_eq!(lasting["expires_at"], json!(null));

    let path = format!("/invites/{}", text(&made, "code"));
    let seen = api.call(&Account::nobody(), "invite_resolve", &path, None).await;
    assert_eq!(seen["guild"]["id"], json!(guild.id), "whoever has the code may look");
    let joined = api.call(owner, "nexus_join_by_invite", &path, None).await;
    let url = json!({"url": format!("https://relay.example/invite/{}", text(&made, "code"))});
    let by_url = api.call(owner, "nexus_join", "/nexus/join", Some(url)).await;
    assert_eq!(by_url, joined, "what is held here needs no relay");
    assert_eq!(joined["guild"]["id"], json!(guild.id));
    for (operation, path) in [("list_channel_invites", here), ("list_guild_invites", guild.path("/invites"))]
    {
        let listed = api.call(owner, operation, &path, None).await;
        assert_eq!(listed.as_array().map(Vec::len), Some(2), "{listed}");
    }
    let gone = api.call(owner, "invite_revoke", &path, None).await;
    assert_eq!(gone["code"], made["code"]);
    assert_eq!(api.ask(owner, "invite_resolve", &path, None).await.body["code"], 10_006);

    let counted = json!({"max_uses": 3});
    let counted = api
        .ask(owner, "create_channel_invite", &format!("/channels/{}/invites", guild.general), Some(counted))
        .await;
    assert_eq!(counted.body["code"], 50_035, "nobody here can count uses");
}
