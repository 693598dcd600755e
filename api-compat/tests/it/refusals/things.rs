//! Things that are not there, and things that are not theirs to see or change.

use super::{Scene, assert_refused};
use crate::api::text;
use serde_json::json;

#[tokio::test]
async fn what_is_not_there_is_named_by_its_own_code() {
    let scene = Scene::set().await;
    let (guild, channel) = (format!("/guilds/{}", scene.guild), format!("/channels/{}", scene.general));
    let sent = scene.sends("POST", &scene.messages(), r#"{"content":"here"}"#).await;
    let message = format!("{channel}/messages/{}", text(&sent.body, "id"));
    for (method, path, code) in [
        ("GET", "/channels/1".to_owned(), 10_003),
        ("GET", "/guilds/1".to_owned(), 10_004),
        ("GET", "/invites/none".to_owned(), 10_006),
        ("GET", format!("{guild}/members/{}", scene.guild), 10_013),
        ("GET", format!("{channel}/messages/1"), 10_008),
        ("PATCH", format!("{channel}/messages/1"), 10_008),
        ("DELETE", format!("{channel}/messages/1"), 10_008),
        ("PUT", format!("{channel}/messages/pins/1"), 10_008),
        ("DELETE", format!("{channel}/permissions/1"), 10_009),
        ("GET", format!("{guild}/roles/1"), 10_011),
        ("GET", "/users/1".to_owned(), 10_013),
        ("GET", format!("{guild}/bans/{}", scene.bot.id), 10_026),
        ("GET", "/applications/1".to_owned(), 10_002),
    ] {
        assert_refused(&scene.sends(method, &path, "{}").await, 404, code);
    }
    for emoji in ["smile", "name:1", "%ff", &"%F0%9F%91%8B".repeat(20)] {
        let answer = scene.sends("PUT", &format!("{message}/reactions/{emoji}/@me"), "").await;
        assert_eq!(answer.status, 400, "{emoji}: {}", answer.body);
    }
    // A number of one kind of thing names nothing of another kind.
    assert_refused(&scene.sends("GET", &format!("/guilds/{}", scene.general), "").await, 404, 10_004);
    assert_refused(&scene.sends("GET", &format!("/channels/{}", scene.bot.id), "").await, 404, 10_003);
}

#[tokio::test]
async fn what_is_no_number_is_an_invalid_form() {
    let scene = Scene::set().await;
    for number in ["abc", "-1", "1.5", "18446744073709551616", "%ff", "0x10", "%00", "%20"] {
        let answer = scene.sends("GET", &format!("/channels/{number}"), "").await;
        assert_refused(&answer, 400, 50_035);
    }
}

#[tokio::test]
async fn who_may_not_is_told_so_and_nothing_changes() {
    let Scene { api, owner, bot, guild, general } = Scene::set().await;
    let (guild, channel) = (format!("/guilds/{guild}"), format!("/channels/{general}"));
    let said = api
        .ask(&owner, "create_message", &format!("{channel}/messages"), Some(json!({"content": "mine"})))
        .await;
    let message = format!("{channel}/messages/{}", text(&said.body, "id"));
    for (operation, path, body) in [
        ("update_guild", guild.clone(), json!({"name": "Mine"})),
        ("create_guild_channel", format!("{guild}/channels"), json!({"name": "mine"})),
        ("update_channel", channel.clone(), json!({"name": "mine"})),
        ("delete_channel", channel.clone(), json!({})),
        ("create_guild_role", format!("{guild}/roles"), json!({"name": "mine", "permissions": "8"})),
        ("update_guild_member", format!("{guild}/members/{}", owner.id), json!({"nick": "fool"})),
        ("delete_guild_member", format!("{guild}/members/{}", owner.id), json!({})),
        ("ban_user_from_guild", format!("{guild}/bans/{}", owner.id), json!({})),
        ("list_guild_bans", format!("{guild}/bans"), json!({})),
        ("list_guild_invites", format!("{guild}/invites"), json!({})),
        ("delete_message", message.clone(), json!({})),
        ("create_pin", format!("{channel}/messages/pins/{}", text(&said.body, "id")), json!({})),
    ] {
        let answer = api.ask(&bot, operation, &path, Some(body)).await;
        assert_eq!((answer.status.as_u16(), &answer.body["code"]), (403, &json!(50_013)), "{operation}");
    }
    assert_refused(
        &api.ask(&bot, "update_message", &message, Some(json!({"content": "ours"}))).await,
        403,
        50_005,
    );
    assert_refused(
        &api.ask(&bot, "nexus_create_guild", "/guilds", Some(json!({"name": "a"}))).await,
        403,
        20_001,
    );
    assert_refused(&api.ask(&bot, "nexus_status", "/nexus/status", None).await, 403, 50_013);
    assert_eq!(api.ask(&owner, "get_guild", &guild, None).await.body["name"], "Space");
    assert_eq!(api.ask(&owner, "get_message", &message, None).await.body["content"], "mine");
    api.all_was_as_documented();
}

#[tokio::test]
async fn what_is_hidden_cannot_be_reached_by_its_number() {
    let Scene { api, owner, bot, guild, general } = Scene::set().await;
    let everyone = json!({"id": guild, "type": 0, "deny": "1024"});
    let hidden = json!({"name": "hidden", "permission_overwrites": [everyone]});
    let made =
        api.call(&owner, "create_guild_channel", &format!("/guilds/{guild}/channels"), Some(hidden)).await;
    let channel = format!("/channels/{}", text(&made, "id"));
    let secret = json!({"content": "a secret"});
    let said = api.call(&owner, "create_message", &format!("{channel}/messages"), Some(secret)).await;
    let message = format!("{channel}/messages/{}", text(&said, "id"));
    for (operation, path) in [
        ("get_channel", channel.clone()),
        ("list_messages", format!("{channel}/messages")),
        ("get_message", message.clone()),
        ("list_pins", format!("{channel}/messages/pins")),
        ("deprecated_list_pins", format!("{channel}/pins")),
        ("list_channel_invites", format!("{channel}/invites")),
        ("list_message_reactions_by_emoji", format!("{message}/reactions/%F0%9F%91%8B")),
        ("create_message", format!("{channel}/messages")),
        ("add_my_message_reaction", format!("{message}/reactions/%F0%9F%91%8B/@me")),
        ("trigger_typing_indicator", format!("{channel}/typing")),
    ] {
        let answer = api.ask(&bot, operation, &path, None).await;
        assert_eq!((answer.status.as_u16(), &answer.body["code"]), (403, &json!(50_001)), "{operation}");
    }
    let passed_on = json!({"message_reference": {
        "type": 1, "channel_id": text(&made, "id"), "message_id": text(&said, "id"),
    }});
    let there = format!("/channels/{general}/messages");
    let passed_on = api.ask(&bot, "create_message", &there, Some(passed_on)).await;
    assert_eq!((passed_on.status.as_u16(), &passed_on.body["code"]), (403, &json!(50_001)));
    let listed = api.call(&bot, "list_guild_channels", &format!("/guilds/{guild}/channels"), None).await;
    assert!(!listed.to_string().contains("hidden"), "{listed}");
    api.all_was_as_documented();
}

/// To answer a message, or to pass it on, is to be shown it: what one says then carries the whole of it.
#[tokio::test]
async fn who_may_not_read_history_learns_nothing_of_it_by_answering_or_passing_it_on() {
    let Scene { api, owner, bot, guild, general } = Scene::set().await;
    let messages = format!("/channels/{general}/messages");
    let before =
        api.call(&owner, "create_message", &messages, Some(json!({"content": "before your time"}))).await;
    let line = format!("/channels/{general}/permissions/{guild}");
    let no_history = json!({"type": 0, "allow": "0", "deny": "65536"});
    api.call(&owner, "set_channel_permission_overwrite", &line, Some(no_history)).await;
    let reply = json!({"content": "what was it?", "message_reference": {"message_id": before["id"]}});
    let answer = api.ask(&bot, "create_message", &messages, Some(reply)).await;
    assert!(!answer.body.to_string().contains("before your time"), "{}", answer.body);
    assert_eq!(answer.status, 403);
    let reference = json!({"type": 1, "channel_id": general, "message_id": before["id"]});
    let passed_on = json!({"message_reference": reference});
    let passed_on = api.ask(&bot, "create_message", &messages, Some(passed_on)).await;
    assert!(!passed_on.body.to_string().contains("before your time"), "{}", passed_on.body);
    assert_eq!(passed_on.status, 403);
    let plain = api.ask(&bot, "create_message", &messages, Some(json!({"content": "hello"}))).await;
    assert_eq!(plain.status, 200, "they may still talk");
}

#[tokio::test]
async fn another_guilds_things_cannot_be_reached_through_ones_own() {
    let Scene { api, owner, guild, general, bot } = Scene::set().await;
    let other =
        text(&api.call(&owner, "nexus_create_guild", "/guilds", Some(json!({"name": "Other"}))).await, "id");
    let path = format!("/guilds/{other}/roles");
    let role =
        text(&api.call(&owner, "create_guild_role", &path, Some(json!({"name": "theirs"}))).await, "id");
    assert_refused(
        &api.ask(&owner, "get_guild_role", &format!("/guilds/{guild}/roles/{role}"), None).await,
        404,
        10_011,
    );
    let grant = format!("/guilds/{guild}/members/{}/roles/{role}", bot.id);
    assert_refused(&api.ask(&owner, "add_guild_member_role", &grant, None).await, 404, 10_011);
    let moves = json!([{"id": general, "position": 0}]);
    let across = api
        .ask(&owner, "bulk_update_guild_channels", &format!("/guilds/{other}/channels"), Some(moves))
        .await;
    assert_refused(&across, 404, 10_003);
    let parent = json!({"name": "a", "parent_id": general});
    let odd =
        api.ask(&owner, "create_guild_channel", &format!("/guilds/{other}/channels"), Some(parent)).await;
    assert!(odd.status.is_client_error(), "{}", odd.body);
    assert_refused(&api.ask(&bot, "get_guild", &format!("/guilds/{other}"), None).await, 403, 50_001);
}

#[tokio::test]
async fn a_guild_behind_a_relay_is_joined_by_the_owner_with_an_invites_url_and_a_way_to_it() {
    let scene = Scene::set().await;
    let join = async |who: &crate::api::Account, url: &str| {
        scene.api.ask(who, "nexus_join", "/nexus/join", Some(json!({"url": url}))).await
    };
    let unheard = "https://relay.example/invite/0000000000000000000001";
    assert_refused(&join(&scene.bot, unheard).await, 403, 20_001);
    for url in ["", "0000000000000000000001", "ftp://relay.example/invite/0000000000000000000001"] {
        assert_refused(&join(&scene.owner, url).await, 400, 50_035);
    }
    assert_refused(&join(&scene.owner, unheard).await, 503, 0);
}
