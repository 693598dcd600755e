//! Messages that are moved into a thread of their channel.

use super::guilds::Guild;
use crate::api::{Account, Api, text};
use serde_json::{Value, json};

pub(super) async fn play(api: &Api, owner: &Account, bot: &Account, guild: &Guild) {
    let channels = guild.path("/channels");
    let quay = api.call(owner, "create_guild_channel", &channels, Some(json!({"name": "quay"}))).await;
    let quay = text(&quay, "id");
    let aside = json!({"name": "aside", "type": 11});
    let aside = api.call(owner, "create_thread", &format!("/channels/{quay}/threads"), Some(aside)).await;
    let aside = text(&aside, "id");
    let (here, there) = (messages(&quay), messages(&aside));
    let mut said = Vec::new();
    for words in ["the pump is broken", "which pump?", "lunch"] {
        let sent = api.call(bot, "create_message", &here, Some(json!({"content": words}))).await;
        said.push(text(&sent, "id"));
    }
    let path = format!("/nexus/channels/{quay}/moves");
    let both = json!({"message_ids": [said[0], said[1]], "thread_id": aside});
    api.call(owner, "nexus_move_messages", &path, Some(both.clone())).await;

    assert_eq!(contents(api, owner, &here).await, ["lunch"]);
    let moved = format!("Moved 2 messages here from <#{quay}>.");
    assert_eq!(contents(api, owner, &there).await, [moved.as_str(), "which pump?", "the pump is broken"]);
    let told = &api.call(owner, "list_messages", &there, None).await[0];
    assert_eq!(told["nexus"]["brought"], json!({"from": quay, "count": 2}));
    acts(api, (owner, bot), (&quay, &aside), &said).await;
    refused(api, owner, (&path, &aside), &said).await;

    // Back again, by the thread's path.
    let back = json!({"message_ids": [said[1]], "thread_id": null});
    api.call(owner, "nexus_move_messages", &format!("/nexus/channels/{aside}/moves"), Some(back)).await;
    assert_eq!(contents(api, owner, &here).await, ["lunch", "which pump?"]);
    let thread = api.call(owner, "get_channel", &format!("/channels/{aside}"), None).await;
    assert_eq!(thread["message_count"], 3, "what was brought, an answer, and the line that tells of it");
}

/// What is done with a moved message, by the thread's path and by the one it had.
async fn acts(api: &Api, (owner, bot): (&Account, &Account), (quay, aside): (&str, &str), said: &[String]) {
    let (here, there) = (messages(quay), messages(aside));
    let one = format!("{there}/{}", said[0]);
    let shown = api.call(owner, "get_message", &one, None).await;
    let facts = (&shown["channel_id"], &shown["nexus"]["moved_from"]);
    assert_eq!(facts, (&json!(aside), &json!(quay)));
    let as_noted = api.call(bot, "get_message", &format!("{here}/{}", said[0]), None).await;
    assert_eq!(as_noted["channel_id"], json!(aside), "who noted where it was finds it");
    let edit = json!({"content": "the pump is mended"});
    let edited = api.call(bot, "update_message", &one, Some(edit)).await;
    assert_eq!((&edited["content"], &edited["channel_id"]), (&json!("the pump is mended"), &json!(aside)));
    api.call(owner, "add_my_message_reaction", &format!("{one}/reactions/%F0%9F%91%8D/@me"), None).await;
    api.call(owner, "create_pin", &format!("/channels/{aside}/messages/pins/{}", said[0]), None).await;
    let pins = api.call(owner, "list_pins", &format!("/channels/{aside}/messages/pins"), None).await;
    assert_eq!(pins["items"][0]["message"]["id"], json!(said[0]));
    let answer = json!({"content": "well done", "message_reference": {"message_id": said[0]}});
    let answer = api.call(owner, "create_message", &there, Some(answer)).await;
    assert_eq!(answer["referenced_message"]["content"], "the pump is mended");
    assert_eq!(answer["message_reference"]["channel_id"], json!(aside));
}

async fn refused(api: &Api, owner: &Account, (path, aside): (&str, &str), said: &[String]) {
    let refusal = |at: String, body: Value| async move {
        let answer = api.ask(owner, "nexus_move_messages", &at, Some(body)).await;
        (answer.status.as_u16(), answer.body["code"].clone())
    };
    let at = || path.to_owned();
    let into = |place: &str| json!({"message_ids": [said[2]], "thread_id": place});
    let quay = path.split('/').nth(3).unwrap_or_default();
    assert_eq!(refusal(at(), into(quay)).await, (400, json!(50_024)), "no thread");
    assert_eq!(refusal(at(), into("5")).await, (404, json!(10_003)));
    let nothing = json!({"message_ids": [], "thread_id": aside});
    assert_eq!(refusal(at(), nothing).await, (400, json!(50_035)));
    let unknown = json!({"message_ids": ["5"], "thread_id": aside});
    assert_eq!(refusal(at(), unknown).await, (404, json!(10_008)));
    let own = api.call(owner, "create_message", &messages(aside), Some(json!({"content": "own"}))).await;
    let own = text(&own, "id");
    let out = json!({"message_ids": [own], "thread_id": null});
    let by_thread = format!("/nexus/channels/{aside}/moves");
    assert_eq!(refusal(by_thread, out).await, (400, json!(50_024)), "what was said there stays");
    api.call(owner, "delete_message", &format!("{}/{own}", messages(aside)), None).await;
}

fn messages(channel: &str) -> String {
    format!("/channels/{channel}/messages")
}

/// What is read in a channel, newest first.
async fn contents(api: &Api, who: &Account, path: &str) -> Vec<String> {
    let all = api.call(who, "list_messages", path, None).await;
    all.as_array().into_iter().flatten().map(|message| text(message, "content")).collect()
}
