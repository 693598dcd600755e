//! Messages that are passed on to another channel.

use super::guilds::Guild;
use crate::api::{Account, Api, text};
use serde_json::{Value, json};

pub(super) async fn play(api: &Api, owner: &Account, bot: &Account, guild: &Guild) {
    let general = format!("/channels/{}/messages", guild.general);
    let (all, harbour) = (guild.path("/channels"), json!({"name": "harbour"}));
    let harbour = text(&api.call(owner, "create_guild_channel", &all, Some(harbour)).await, "id");
    let there = format!("/channels/{harbour}/messages");
    let said = json!({"content": format!("ask <@{}> at **dawn**", bot.id), "embeds": [{"title": "tides"}]});
    let said = api.call(owner, "create_message", &general, Some(said)).await;
    let number = text(&said, "id");
    let pass_on = |message: &str| forward(&guild.general, message);

    let passed = sends(api, bot, &there, pass_on(&number)).await;
    let snapshot = &passed["message_snapshots"][0]["message"];
    for field in ["content", "embeds", "timestamp", "edited_timestamp"] {
        assert_eq!(snapshot[field], said[field], "{field}");
    }
    let nothing = (&json!(""), &json!([]), &json!([]));
    assert_eq!((&passed["content"], &passed["embeds"], &passed["mentions"]), nothing);
    assert_eq!(passed["flags"], 1 << 14);
    let reference = &passed["message_reference"];
    assert_eq!((&reference["type"], &reference["message_id"]), (&json!(1), &said["id"]));
    assert_eq!((&reference["channel_id"], &reference["guild_id"]), (&json!(guild.general), &json!(guild.id)));

    // It says what was said then, whatever becomes of that.
    api.call(owner, "update_message", &format!("{general}/{number}"), Some(json!({"content": "no"}))).await;
    let one = format!("{there}/{}", text(&passed, "id"));
    let read = api.ask_beyond(owner, "get_message", &one, None, as_an_answer).await.body;
    assert_eq!(&read["message_snapshots"][0]["message"]["content"], &said["content"]);
    let edit = api.ask(bot, "update_message", &one, Some(json!({"content": "mine"}))).await;
    assert_eq!((edit.status.as_u16(), &edit.body["code"]), (400, &json!(50_068)));
    // Of what is passed on already, that is passed on.
    let again = forward(&harbour, &text(&passed, "id"));
    let again = sends(api, owner, &general, again).await;
    assert_eq!(again["message_snapshots"][0]["message"]["content"], said["content"]);
    assert_eq!(again["message_reference"]["message_id"], said["id"]);
    refused(api, owner, bot, guild, (&there, &number)).await;
}

async fn refused(api: &Api, owner: &Account, bot: &Account, guild: &Guild, (there, said): (&str, &str)) {
    let refusal = |body: Value| async move {
        let answer = api.ask(bot, "create_message", there, Some(body)).await;
        (answer.status.as_u16(), answer.body["code"].clone())
    };
    let mut beside = forward(&guild.general, said);
    beside["content"] = json!("look at this");
    assert_eq!(refusal(beside).await, (400, json!(50_035)), "it says nothing beside it");
    let nowhere = json!({"message_reference": {"type": 1, "message_id": said}});
    assert_eq!(refusal(nowhere).await, (400, json!(50_035)), "and says where it is from");
    assert_eq!(refusal(forward(&guild.general, "5")).await, (404, json!(10_008)));
    let poll =
        json!({"question": {"text": "when?"}, "answers": [{"poll_media": {"text": "now"}}], "duration": 1});
    let general = format!("/channels/{}/messages", guild.general);
    let poll = api.call(owner, "create_message", &general, Some(json!({"poll": poll}))).await;
    assert_eq!(refusal(forward(&guild.general, &text(&poll, "id"))).await, (400, json!(50_068)));
}

async fn sends(api: &Api, who: &Account, path: &str, body: Value) -> Value {
    let answer = api.ask_beyond(who, "create_message", path, Some(body), as_an_answer).await;
    assert_eq!(answer.status.as_u16(), 200, "{}", answer.body);
    answer.body
}

/// Of references Discord's document names one type alone, though it has the snapshots that only the other has.
fn as_an_answer(shown: &mut Value) {
    shown["message_reference"]["type"] = json!(0);
}

fn forward(channel: &str, message: &str) -> Value {
    json!({"message_reference": {"type": 1, "channel_id": channel, "message_id": message}})
}
