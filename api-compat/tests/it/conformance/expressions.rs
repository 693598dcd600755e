//! Emoji, events, filters, polls and announcements.

use super::walk::Walk;
use serde_json::{Value, json};

/// A picture of one pixel.
const PIXEL: &str = "data:image/gif;base64,R0lGODlhAQABAAAAACwAAAAAAQABAAA=";

pub(super) async fn emojis(walk: &mut Walk) {
    let at = format!("/guilds/{}/emojis", walk.guild);
    let body = json!({ "name": "party_cat", "image": PIXEL, "roles": [] });
    let made = walk.call("POST", &at, Some(body)).await;
    let id = made["id"].as_str().expect("an id").to_owned();
    assert_eq!((&made["animated"], &made["user"]["id"]), (&json!(true), &json!(walk.owner)));
    let listed = walk.call("GET", &at, None).await;
    assert_eq!((&listed[0]["id"], listed.as_array().map(Vec::len)), (&made["id"], Some(1)));
    walk.call("GET", &format!("{at}/{id}"), None).await;
    let edit = json!({ "name": "cat", "roles": null });
    assert_eq!(walk.call("PATCH", &format!("{at}/{id}"), Some(edit)).await["name"], "cat");

    let messages = format!("/channels/{}/messages", walk.channel);
    let text = format!("look: <a:cat:{id}> and <a:dog:1>");
    let said = walk.call("POST", &messages, Some(json!({ "content": text }))).await;
    assert_eq!(said["content"], json!(text));
    let message = said["id"].as_str().expect("an id").to_owned();
    let reactions = format!("{messages}/{message}/reactions/cat:{id}");
    walk.call("PUT", &format!("{reactions}/@me"), None).await;
    let shown = walk.call("GET", &format!("{messages}/{message}"), None).await;
    let emoji = &shown["reactions"][0]["emoji"];
    assert_eq!(emoji, &json!({ "id": id, "name": "cat", "animated": true }));
    let who = walk.call("GET", &reactions, None).await;
    assert_eq!(who[0]["id"], json!(walk.owner));
    walk.call("DELETE", &format!("{at}/{id}"), None).await;
    let shown = walk.call("GET", &format!("{messages}/{message}"), None).await;
    assert_eq!(shown["reactions"][0]["emoji"]["name"], Value::Null, "gone, and with it its name");
    walk.call("DELETE", &format!("{reactions}/@me"), None).await;
}

pub(super) async fn events(walk: &mut Walk) {
    let guild = walk.guild.clone();
    let at = format!("/guilds/{guild}/scheduled-events");
    let (starts, ends) = ("2100-01-02T10:00:00.000000+00:00", "2100-01-02T12:00:00.000000+00:00");
    let body = json!({
        "name": "A walk", "description": "bring water", "privacy_level": 2, "entity_type": 3,
        "scheduled_start_time": starts, "scheduled_end_time": ends, "entity_metadata": { "location": "the lake" },
    });
    let made = walk.call("POST", &at, Some(body)).await;
    assert_eq!((&made["scheduled_start_time"], &made["status"]), (&json!(starts), &json!(1)));
    assert_eq!(
        (&made["entity_metadata"]["location"], &made["channel_id"]),
        (&json!("the lake"), &Value::Null)
    );
    let one = format!("{at}/{}", made["id"].as_str().expect("an id"));
    let answered = walk.call("PUT", &format!("{one}/users/@me"), None).await;
    assert_eq!(answered["response"], 1);
    let listed = walk.call("GET", &format!("{at}?with_user_count=true"), None).await;
    assert_eq!((&listed[0]["id"], &listed[0]["user_count"]), (&made["id"], &json!(1)));
    let people = walk.call("GET", &format!("{one}/users?with_member=true&limit=5"), None).await;
    assert_eq!((&people[0]["user"]["id"], &people[0]["response"]), (&json!(walk.owner), &json!(1)));
    assert_eq!(people[0]["member"]["user"]["id"], json!(walk.owner));
    let counts = walk.call("GET", &format!("{one}/users/counts"), None).await;
    assert_eq!(counts["guild_scheduled_event_count"], 1);
    walk.call("DELETE", &format!("{one}/users/@me"), None).await;
    assert_eq!(walk.call("GET", &format!("{one}/users"), None).await, json!([]));

    let channels = walk.call("GET", &format!("/guilds/{guild}/channels"), None).await;
    let kinds: Vec<u64> =
        channels.as_array().into_iter().flatten().filter_map(|it| it["type"].as_u64()).collect();
    assert!(!kinds.contains(&11), "an event is in no list of channels: {channels}");
    let voice = channels.as_array().and_then(|all| all.iter().find(|channel| channel["type"] == 2));
    let voice = voice.expect("General")["id"].clone();
    let inside = json!({ "entity_type": 2, "channel_id": voice, "entity_metadata": null, "status": 2 });
    let edited = walk.call("PATCH", &one, Some(inside)).await;
    assert_eq!((&edited["channel_id"], &edited["status"]), (&voice, &json!(2)));
    walk.call("GET", &one, None).await;
    walk.call("DELETE", &one, None).await;
    assert_eq!(walk.call("GET", &at, None).await, json!([]));
}

pub(super) async fn recurring_events(walk: &mut Walk) {
    let at = format!("/guilds/{}/scheduled-events", walk.guild);
    let (starts, ends) = ("2100-01-04T10:00:00.000000+00:00", "2100-01-04T12:00:00.000000+00:00");
    let rule = json!({ "start": starts, "frequency": 2, "interval": 1, "by_weekday": [0] });
    let body = json!({
        "name": "Each Monday", "privacy_level": 2, "entity_type": 3, "scheduled_start_time": starts,
        "scheduled_end_time": ends, "entity_metadata": { "location": "the lake" }, "recurrence_rule": rule,
    });
    let made = walk.call("POST", &at, Some(body)).await;
    assert_eq!(
        (&made["recurrence_rule"]["by_weekday"], &made["recurrence_rule"]["frequency"]),
        (&json!([0]), &json!(2))
    );
    let one = format!("{at}/{}", made["id"].as_str().expect("an id"));
    walk.call("PUT", &format!("{one}/users/@me"), None).await;
    let next = json!({ "original_scheduled_start_time": "2100-01-11T10:00:00.000Z", "is_canceled": true });
    let exception = walk.call("POST", &format!("{one}/exceptions"), Some(next)).await;
    assert_eq!((&exception["event_id"], &exception["is_canceled"]), (&made["id"], &json!(true)));
    let id = exception["event_exception_id"].as_str().expect("an id").to_owned();
    let later = json!({ "scheduled_start_time": "2100-01-11T11:00:00.000Z", "is_canceled": false });
    let moved = walk.call("PATCH", &format!("{one}/exceptions/{id}"), Some(later)).await;
    assert_eq!(moved["scheduled_start_time"], "2100-01-11T11:00:00.000000+00:00");
    assert_eq!(walk.call("GET", &one, None).await["guild_scheduled_event_exceptions"], json!([moved]));
    let people = walk.call("GET", &format!("{one}/{id}/users?limit=5"), None).await;
    assert_eq!(people[0]["user"]["id"], json!(walk.owner), "who looks forward to all looks forward to each");
    let counts = format!("{one}/users/counts?guild_scheduled_event_exception_ids={id}");
    let counts = walk.call("GET", &counts, None).await;
    assert_eq!(counts["guild_scheduled_event_exception_counts"][&id], 1);
    walk.call("DELETE", &format!("{one}/exceptions/{id}"), None).await;
    let once = walk.call("PATCH", &one, Some(json!({ "recurrence_rule": null }))).await;
    assert_eq!(
        (&once["recurrence_rule"], &once["guild_scheduled_event_exceptions"]),
        (&Value::Null, &json!([]))
    );
    walk.call("DELETE", &one, None).await;
}

pub(super) async fn filters(walk: &mut Walk) {
    let at = format!("/guilds/{}/auto-moderation/rules", walk.guild);
    let channel = walk.channel.clone();
    let rule = json!({
        "name": "no cats", "event_type": 1, "trigger_type": 1, "enabled": true,
        "trigger_metadata": { "keyword_filter": ["cat*"], "allow_list": ["catfish"] },
        "actions": [{ "type": 1, "metadata": { "custom_message": "dogs only" } }],
    });
    let mut rule = rule;
    rule["actions"].as_array_mut().expect("a list").extend([
        json!({ "type": 2, "metadata": { "channel_id": channel } }),
        json!({ "type": 3, "metadata": { "duration_seconds": 60 } }),
    ]);
    rule["trigger_metadata"]["regex_patterns"] = json!([r"\bkitten\b"]);
    let actions = rule["actions"].clone();
    let made = walk.call("POST", &at, Some(rule)).await;
    assert_eq!(made["actions"], actions);
    assert_eq!(made["trigger_metadata"]["regex_patterns"], json!([r"\bkitten\b"]));
    assert_eq!((&made["creator_id"], &made["enabled"]), (&json!(walk.owner), &json!(true)));
    let one = format!("{at}/{}", made["id"].as_str().expect("an id"));
    let listed = walk.call("GET", &at, None).await;
    assert_eq!(listed, json!([made]));
    assert_eq!(walk.call("GET", &one, None).await, made);
    let edit = json!({ "trigger_metadata": { "keyword_filter": ["bird"] }, "exempt_channels": [channel] });
    let edited = walk.call("PATCH", &one, Some(edit)).await;
    assert_eq!(edited["trigger_metadata"]["allow_list"], json!(["catfish"]), "what is not said stays");
    assert_eq!(edited["exempt_channels"], json!([channel]));
    walk.as_bot("POST", &format!("/channels/{channel}/messages"), Some(json!({ "content": "bird" }))).await;
    walk.call("DELETE", &one, None).await;
    let mentions = json!({
        "name": "few at once", "event_type": 1, "trigger_type": 5, "actions": [],
        "trigger_metadata": { "mention_total_limit": 3 }, "exempt_roles": [],
    });
    let made = walk.call("POST", &at, Some(mentions)).await;
    assert_eq!((&made["enabled"], &made["trigger_type"]), (&json!(false), &json!(5)));
    walk.call("DELETE", &format!("{at}/{}", made["id"].as_str().expect("an id")), None).await;
}

pub(super) async fn polls(walk: &mut Walk) {
    let at = format!("/channels/{}", walk.channel);
    let asks = json!({ "poll": {
        "question": { "text": "Shall we?" }, "duration": 24, "allow_multiselect": true,
        "answers": [
            { "poll_media": { "text": "yes", "emoji": { "name": "👍" } } }, { "poll_media": { "text": "no" } },
        ],
    } });
    let said = walk.call("POST", &format!("{at}/messages"), Some(asks)).await;
    assert_eq!(said["poll"]["answers"][0]["poll_media"]["emoji"]["name"], "👍");
    let message = said["id"].as_str().expect("an id").to_owned();
    let poll = format!("{at}/polls/{message}");
    walk.call("PUT", &format!("{poll}/answers/@me"), Some(json!({ "answer_ids": ["2", 1] }))).await;
    let voters = walk.call("GET", &format!("{poll}/answers/2"), None).await;
    assert_eq!(voters["users"][0]["id"], json!(walk.owner));
    walk.call("PUT", &format!("{poll}/answers/@me"), Some(json!({ "answer_ids": [1] }))).await;
    assert_eq!(walk.call("GET", &format!("{poll}/answers/2"), None).await["users"], json!([]));
    let shown = walk.call("GET", &format!("{at}/messages/{message}"), None).await;
    let counts = &shown["poll"]["results"]["answer_counts"];
    assert_eq!(counts[0], json!({ "id": 1, "count": 1, "me_voted": true }));
    assert_eq!(shown["poll"]["results"]["is_finalized"], false);
    let ended = walk.call("POST", &format!("{poll}/expire"), None).await;
    assert_eq!(ended["poll"]["results"]["is_finalized"], true);
}

pub(super) async fn announcements(walk: &mut Walk) {
    let guild = walk.guild.clone();
    // Of its own: what is brought counts in the owner's quota of the channel.
    let here = walk.made("POST", &format!("/guilds/{guild}/channels"), json!({ "name": "followers" })).await;
    let news =
        walk.made("POST", &format!("/guilds/{guild}/channels"), json!({ "name": "news", "type": 5 })).await;
    let follow = Some(json!({ "webhook_channel_id": here }));
    let followed = walk.call("POST", &format!("/channels/{news}/followers"), follow).await;
    assert_eq!(followed["channel_id"], json!(news));
    let hooks = walk.call("GET", &format!("/channels/{here}/webhooks"), None).await;
    let hook = &hooks[0];
    assert_eq!((&hook["type"], &hook["id"]), (&json!(2), &followed["webhook_id"]));
    assert_eq!((&hook["source_channel"]["name"], hook.get("token")), (&json!("news"), None));
    let said =
        walk.made("POST", &format!("/channels/{news}/messages"), json!({ "content": "we are open" })).await;
    let at = format!("/channels/{news}/messages/{said}/crosspost");
    assert_eq!(walk.call("POST", &at, None).await["flags"], 1);
    let copies = walk.call("GET", &format!("/channels/{here}/messages?limit=1"), None).await;
    let copy = &copies[0];
    assert_eq!((&copy["content"], &copy["flags"]), (&json!("we are open"), &json!(2)));
    let source = json!({ "type": 0, "channel_id": news, "guild_id": guild, "message_id": said });
    assert_eq!((&copy["message_reference"], &copy["webhook_id"]), (&source, &hook["id"]));
    walk.call("DELETE", &format!("/webhooks/{}", hook["id"].as_str().expect("an id")), None).await;
    walk.call("DELETE", &format!("/channels/{news}"), None).await;
    walk.call("DELETE", &format!("/channels/{here}"), None).await;
}

/// A bot's own, which it uses where it is.
pub(super) async fn own_emojis(walk: &mut Walk) {
    let at = format!("/applications/{}/emojis", walk.bot);
    let made = walk.as_bot("POST", &at, Some(json!({ "name": "gear", "image": PIXEL }))).await;
    let id = made["id"].as_str().expect("an id").to_owned();
    assert_eq!((&made["animated"], &made["user"]["id"]), (&json!(true), &json!(walk.bot)));
    assert_eq!(walk.as_bot("GET", &at, None).await["items"][0]["id"], json!(id));
    let named = walk.call("PATCH", &format!("{at}/{id}"), Some(json!({ "name": "cog" }))).await;
    assert_eq!(walk.as_bot("GET", &format!("{at}/{id}"), None).await, named);
    let messages = format!("/channels/{}/messages", walk.channel);
    let text = format!("it turns: <a:cog:{id}>");
    assert_eq!(
        walk.as_bot("POST", &messages, Some(json!({ "content": text }))).await["content"],
        json!(text)
    );
    walk.as_bot("DELETE", &format!("{at}/{id}"), None).await;
    assert_eq!(walk.as_bot("GET", &at, None).await["items"], json!([]));
}
