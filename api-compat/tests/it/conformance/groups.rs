//! Conversations of several, the search, and what a guild pauses.

use super::walk::Walk;
use serde_json::{Value, json};

pub(super) async fn conversations_of_several(walk: &mut Walk) {
    let mut bots = Vec::new();
    for name in ["one", "two", "three"] {
        bots.push(walk.made("POST", "/applications", json!({ "name": name })).await);
    }
    let open = json!({ "recipients": bots[..2] });
    let made = walk.call("POST", "/users/@me/channels", Some(open)).await;
    assert_eq!(
        (&made["type"], &made["name"], &made["owner_id"]),
        (&json!(3), &Value::Null, &json!(walk.owner))
    );
    let group = made["id"].as_str().expect("an id").to_owned();
    let at = format!("/channels/{group}");
    walk.call("PUT", &format!("{at}/recipients/{}", bots[2]), None).await;
    assert_eq!(walk.call("GET", &at, None).await["recipients"].as_array().map(Vec::len), Some(3));
    walk.call("DELETE", &format!("{at}/recipients/{}", bots[0]), None).await;
    let named = walk.call("PATCH", &at, Some(json!({ "name": "Helpers" }))).await;
    assert_eq!((&named["name"], named["recipients"].as_array().map(Vec::len)), (&json!("Helpers"), Some(2)));
    let said = walk.call("GET", &format!("{at}/messages"), None).await;
    let kinds: Vec<&Value> = said.as_array().into_iter().flatten().map(|it| &it["type"]).collect();
    assert_eq!(kinds, [4, 2, 1]);
    assert_eq!((&said[0]["content"], &said[2]["mentions"][0]["id"]), (&json!("Helpers"), &json!(bots[2])));
    walk.call("DELETE", &at, None).await;
    let left = walk.call("GET", "/users/@me/channels", None).await;
    assert!(left.as_array().is_some_and(|all| all.iter().all(|channel| channel["id"] != json!(group))));
}

pub(super) async fn search(walk: &mut Walk) {
    let messages = format!("/channels/{}/messages", walk.channel);
    let rare = walk.made("POST", &messages, json!({ "content": "a Zebra at https://zoo.example/x" })).await;
    let (bot, owner) = (walk.bot.clone(), walk.owner.clone());
    let poll = json!({ "question": { "text": "zebra?" }, "answers": [{ "poll_media": { "text": "yes" } }], "duration": 1 });
    let body = json!({ "content": format!("zebra <@{bot}>"), "poll": poll });
    let asked = walk.made("POST", &messages, body).await;
    walk.call("PUT", &format!("{messages}/pins/{rare}"), None).await;
    let at = format!("/guilds/{}/messages/search", walk.guild);
    let mut finds = async |query: &str| {
        let found = walk.call("GET", &format!("{at}?{query}"), None).await;
        let ids = found["messages"].as_array().into_iter().flatten().map(|hit| hit[0]["id"].clone());
        assert_eq!(found["doing_deep_historical_index"], false);
        (ids.collect::<Vec<Value>>(), found["total_results"].clone())
    };
    let (rare, asked) = (json!(rare), json!(asked));
    assert_eq!(finds("content=zebra").await, (vec![asked.clone(), rare.clone()], json!(2)));
    assert_eq!(finds("content=zebra&sort_order=asc&limit=1").await, (vec![rare.clone()], json!(2)));
    assert_eq!(finds("content=zebra&limit=1&offset=1").await, (vec![rare.clone()], json!(2)));
    assert_eq!(finds("content=zebra%20zoo").await.0, std::slice::from_ref(&rare));
    assert_eq!(finds("content=zebra&has=-link").await.0, std::slice::from_ref(&asked));
    assert_eq!(finds("has=poll&content=zebra").await.0, std::slice::from_ref(&asked));
    assert_eq!(finds("link_hostname=zoo.example").await.0, std::slice::from_ref(&rare));
    assert_eq!(finds(&format!("mentions={bot}&content=zebra")).await.0, std::slice::from_ref(&asked));
    assert_eq!(finds("pinned=true&content=zebra").await.0, std::slice::from_ref(&rare));
    assert_eq!(finds(&format!("author_id={owner}&author_id={bot}&content=zebra")).await.1, 2);
    assert_eq!(finds("author_type=bot&content=zebra").await.1, 0);
    assert_eq!(
        finds(&format!("content=zebra&max_id={}", asked.as_str().unwrap_or_default())).await.0,
        [rare]
    );
    assert_eq!(finds("content=zebra&author_id=1").await.1, 0, "nobody of that name");
}

/// A conversation is looked through by whoever is in it, and by nobody else.
pub(super) async fn search_in_conversations(walk: &mut Walk) {
    let penpals = [walk.made("POST", "/applications", json!({ "name": "Pen" })).await];
    let pair = walk.made("POST", "/users/@me/channels", json!({ "recipient_id": penpals[0] })).await;
    let both = json!({ "recipients": [penpals[0], walk.bot] });
    let group = walk.made("POST", "/users/@me/channels", both).await;
    for channel in [&pair, &group] {
        let at = format!("/channels/{channel}/messages");
        let first = walk.made("POST", &at, json!({ "content": "a Quagga" })).await;
        let second = walk.made("POST", &at, json!({ "content": "two quaggas" })).await;
        walk.call("POST", &at, Some(json!({ "content": "nothing of the kind" }))).await;
        let found = walk.call("GET", &format!("{at}/search?content=quagga&sort_order=asc"), None).await;
        let ids = found["messages"].as_array().into_iter().flatten().map(|hit| &hit[0]["id"]);
        assert_eq!(ids.collect::<Vec<_>>(), [&json!(first), &json!(second)]);
        assert_eq!((&found["total_results"], &found["messages"][0][0]["hit"]), (&json!(2), &json!(true)));
        let one = walk.call("GET", &format!("{at}/search?content=quagga&limit=1&offset=1"), None).await;
        assert_eq!((one["messages"].as_array().map(Vec::len), &one["total_results"]), (Some(1), &json!(2)));
    }
    let theirs = walk.as_bot("GET", &format!("/channels/{group}/messages/search?content=quagga"), None).await;
    assert_eq!(theirs["total_results"], 2, "whoever is in it looks through all of it");
    let stranger = walk.refused(true, &format!("/channels/{pair}/messages/search?content=quagga")).await;
    assert_eq!(stranger, (403, json!(50_001)));
    let guilds = format!("/channels/{}/messages/search?content=quagga", walk.channel);
    assert_eq!(walk.refused(false, &guilds).await, (400, json!(50_024)));
    let elsewhere = format!("/channels/{pair}/messages/search?channel_id={group}");
    assert_eq!(walk.refused(false, &elsewhere).await, (400, json!(50_035)));
    walk.call("DELETE", &format!("/channels/{group}"), None).await;
}

/// Nobody learns of a channel by what is found in it.
pub(super) async fn a_search_sees_what_the_caller_reads(walk: &mut Walk) {
    let hidden = json!([{ "id": walk.guild, "type": 0, "allow": "0", "deny": "1024" }]);
    let body = json!({ "name": "officers", "permission_overwrites": hidden });
    let officers = walk.made("POST", &format!("/guilds/{}/channels", walk.guild), body).await;
    walk.call("POST", &format!("/channels/{officers}/messages"), Some(json!({ "content": "okapi" }))).await;
    let at = format!("/guilds/{}/messages/search?content=okapi", walk.guild);
    assert_eq!(walk.call("GET", &at, None).await["total_results"], 1);
    let others = walk.as_bot("GET", &at, None).await;
    assert_eq!((&others["total_results"], &others["messages"]), (&json!(0), &json!([])));
    walk.call("DELETE", &format!("/channels/{officers}"), None).await;
    assert_eq!(walk.call("GET", &at, None).await["total_results"], 0);
}

pub(super) async fn pauses(walk: &mut Walk) {
    let at = format!("/guilds/{}/incident-actions", walk.guild);
    let newest = walk.call("GET", &format!("/channels/{}/messages?limit=1", walk.channel), None).await;
    let until = newest[0]["timestamp"].clone();
    let paused = walk.call("PUT", &at, Some(json!({ "invites_disabled_until": until }))).await;
    assert!(paused["invites_disabled_until"].is_string() && paused["dms_disabled_until"].is_null());
    let shown = walk.call("GET", &format!("/guilds/{}", walk.guild), None).await;
    assert_eq!(shown["incidents_data"], paused);
    let over = walk.call("PUT", &at, Some(json!({ "invites_disabled_until": null }))).await;
    assert_eq!(over["invites_disabled_until"], Value::Null);
}
