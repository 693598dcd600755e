//! What people keep for themselves: how far they have read, settings, friends.

use super::walk::Walk;
use serde_json::json;

pub(super) async fn read_states_and_settings(walk: &mut Walk) {
    let at = format!("/channels/{}", walk.channel);
    let message = walk.made("POST", &format!("{at}/messages"), json!({ "content": "read me" })).await;
    walk.call("POST", &format!("{at}/messages/{message}/ack"), Some(json!({ "token": null }))).await;
    let states = json!([{ "channel_id": walk.channel, "message_id": message, "read_state_type": 0 }]);
    walk.call("POST", "/read-states/ack-bulk", Some(json!({ "read_states": states }))).await;

    let draft = format!("/nexus/drafts/{}", walk.channel);
    walk.call("PUT", &draft, Some(json!({ "text": "I was about to" }))).await;
    let drafts = json!([{ "channel_id": walk.channel, "text": "I was about to" }]);
    assert_eq!(walk.call("GET", "/nexus/drafts", None).await, drafts);
    walk.call("PUT", &draft, Some(json!({ "text": "" }))).await;
    assert_eq!(walk.call("GET", "/nexus/drafts", None).await, json!([]), "an empty one takes it away");

    assert_eq!(walk.call("GET", "/users/@me/settings", None).await, json!({}));
    walk.call("PATCH", "/users/@me/settings", Some(json!({ "theme": "dark", "locale": "de" }))).await;
    let settings = walk.call("PATCH", "/users/@me/settings", Some(json!({ "theme": "light" }))).await;
    assert_eq!(settings, json!({ "theme": "light", "locale": "de" }), "each field by itself");
    let path = format!("/users/@me/guilds/{}/settings", walk.guild);
    let channel = walk.channel.clone();
    let overrides = json!({ channel.clone(): { "muted": true } });
    let set = json!({ "suppress_everyone": true, "channel_overrides": overrides });
    walk.call("PATCH", &path, Some(set)).await;
    let settings = walk.call("PATCH", &path, Some(json!({ "muted": false }))).await;
    assert_eq!((&settings["suppress_everyone"], &settings["muted"]), (&json!(true), &json!(false)));
    assert_eq!(settings["channel_overrides"], json!([{ "channel_id": channel, "muted": true }]));
    let talks = walk.call("GET", "/users/@me/channels", None).await;
    assert!(
        talks.as_array().is_some_and(|talks| talks.iter().all(|talk| talk["recipients"] != json!([]))),
        "what one keeps is no conversation: {talks}"
    );
}

pub(super) async fn relationships(walk: &mut Walk) {
    let (at, bot) = ("/users/@me/relationships", walk.bot.clone());
    let one = format!("{at}/{bot}");
    walk.call("PUT", &one, Some(json!({}))).await;
    let all = walk.call("GET", at, None).await;
    assert_eq!((&all[0]["id"], &all[0]["type"]), (&json!(bot), &json!(4)), "asked, and not answered");
    walk.call("PUT", &one, Some(json!({ "type": 2 }))).await;
    assert_eq!(walk.call("GET", at, None).await[0]["type"], 2);
    walk.call("DELETE", &one, None).await;
    assert_eq!(walk.call("GET", at, None).await, json!([]));
    walk.call("POST", at, Some(json!({ "username": "Helper" }))).await;
    assert_eq!(walk.call("GET", at, None).await[0]["id"], json!(bot), "whoever is known is found by name");
}
