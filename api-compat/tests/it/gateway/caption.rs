//! What a voice channel is about: said by who may, told, asked for, and over with the last who is there.

use super::interactions::Desk;
use nexus_core::Command;
use nexus_crdt::body::governance::{OverwriteEntry, OverwriteTarget};
use nexus_crdt::id::ChannelId;
use nexus_crdt::permissions::Permissions;
use serde_json::{Value, json};

const OPERATION: &str = "update_voice_channel_status";
const TOLD: &str = "VOICE_CHANNEL_STATUS_UPDATE";

struct Door {
    guild: String,
    channel: String,
    at: String,
}

pub(super) async fn captions(desk: &mut Desk) {
    let view = desk.stage.node.view();
    let channels = &view.guilds[&desk.stage.guild].channels;
    let channel = channels.values().find(|channel| channel.name == "General").expect("General").id;
    let place = desk.stage.number(channel);
    let at = format!("/channels/{place}/voice-status");
    let door = Door { guild: desk.stage.number(desk.stage.guild), channel: place, at };
    who_may(desk, &door, channel).await;
    told_and_asked_for(desk, &door).await;
    with_the_last_who_goes(desk, &door).await;
    with_the_right_to_it(desk, &door, channel).await;
}

/// Who is in the channel needs one permission, who is not another one besides.
async fn who_may(desk: &mut Desk, door: &Door, channel: ChannelId) {
    let bot = format!("Bot {}", desk.stage_bot_token());
    let said = |text: &str| Some(json!({ "status": text }));
    let refused = desk.ask(&bot, OPERATION, &door.at, said("mine")).await;
    assert_eq!((refused.status.as_u16(), &refused.body["code"]), (403, &json!(50_013)));
    allow(desk, channel, Permissions::SET_VOICE_CHANNEL_STATUS).await;
    let outside = desk.ask(&bot, OPERATION, &door.at, said("mine")).await;
    assert_eq!(outside.status.as_u16(), 403, "it is not there, and manages no channel");
    desk.bot_client.send(goes(door, json!(door.channel))).await;
    desk.bot_client.until_matching("VOICE_STATE_UPDATE", |it| it["channel_id"] == door.channel).await;
    let inside = desk.ask(&bot, OPERATION, &door.at, said("mine")).await;
    assert_eq!(inside.status.as_u16(), 204);
    let told = desk.person.until(TOLD).await;
    assert_eq!(told, json!({ "id": door.channel, "guild_id": door.guild, "status": "mine" }));
    let owner = desk.stage.owner.token.clone();
    let long = desk.ask(&owner, OPERATION, &door.at, said(&"é".repeat(501))).await;
    assert_eq!((long.status.as_u16(), &long.body["code"]), (400, &json!(50_035)));
    let text = format!("/channels/{}/voice-status", desk.stage.number(desk.stage.general));
    let no_voice = desk.ask(&owner, OPERATION, &text, said("a text channel")).await;
    assert_eq!((no_voice.status.as_u16(), &no_voice.body["code"]), (400, &json!(50_024)));
}

/// The latest word counts, whoever says it; it is told once, and who comes later asks for it.
async fn told_and_asked_for(desk: &mut Desk, door: &Door) {
    let owner = desk.stage.owner.token.clone();
    for text in ["chess", "chess", "tea"] {
        let said = desk.ask(&owner, OPERATION, &door.at, Some(json!({ "status": text }))).await;
        assert_eq!(said.status.as_u16(), 204, "an owner need not be there");
    }
    let told = [desk.bot_client.until_matching(TOLD, |it| it["status"] != "mine").await, {
        desk.bot_client.until_matching(TOLD, |it| it["status"] == "tea").await
    }];
    assert_eq!(told.map(|it| it["status"].clone()), [json!("chess"), json!("tea")]);
    let all = desk.bot_client.all(TOLD);
    assert_eq!(all.iter().filter(|it| it["status"] == "chess").count(), 1, "what is the same is no news");
    for (fields, shown) in [
        (json!(["status", "voice_start_time"]), json!([{ "id": door.channel, "status": "tea" }])),
        (json!(["voice_start_time"]), json!([])),
    ] {
        desk.bot_client.send(json!({ "op": 43, "d": { "guild_id": door.guild, "fields": fields } })).await;
        let info = desk.bot_client.until("CHANNEL_INFO").await;
        assert_eq!(info, json!({ "guild_id": door.guild, "channels": shown }));
    }
    let cleared = desk.ask(&owner, OPERATION, &door.at, Some(json!({ "status": null }))).await;
    assert_eq!(cleared.status.as_u16(), 204);
    let told = desk.bot_client.until_matching(TOLD, |it| it["status"].is_null()).await;
    assert_eq!(told["id"], json!(door.channel));
}

async fn with_the_last_who_goes(desk: &mut Desk, door: &Door) {
    let owner = desk.stage.owner.token.clone();
    desk.ask(&owner, OPERATION, &door.at, Some(json!({ "status": "go" }))).await;
    desk.bot_client.until_matching(TOLD, |it| it["status"] == "go").await;
    desk.person.send(goes(door, json!(door.channel))).await;
    let owner = desk.stage.number(desk.stage.owner.id);
    let comes = |it: &Value| it["user_id"] == owner && it["channel_id"] == door.channel;
    desk.bot_client.until_matching("VOICE_STATE_UPDATE", comes).await;
    desk.bot_client.send(goes(door, Value::Null)).await;
    let bot_goes = |it: &Value| it["user_id"] != owner && it["channel_id"].is_null();
    desk.person.until_matching("VOICE_STATE_UPDATE", bot_goes).await;
    let before = desk.person.all(TOLD).len();
    desk.person.send(goes(door, Value::Null)).await;
    desk.person
        .until_matching("VOICE_STATE_UPDATE", |it| it["user_id"] == owner && it["channel_id"].is_null())
        .await;
    let ended = desk.person.until(TOLD).await;
    assert_eq!(ended, json!({ "id": door.channel, "guild_id": door.guild, "status": null }));
    assert_eq!(desk.person.all(TOLD).len(), before + 1, "nothing ended while somebody was there");
}

/// What was said by who may say it no more ends, and does not come back.
async fn with_the_right_to_it(desk: &mut Desk, door: &Door, channel: ChannelId) {
    let bot = format!("Bot {}", desk.stage_bot_token());
    desk.bot_client.send(goes(door, json!(door.channel))).await;
    desk.bot_client.until_matching("VOICE_STATE_UPDATE", |it| it["channel_id"] == door.channel).await;
    desk.ask(&bot, OPERATION, &door.at, Some(json!({ "status": "not for long" }))).await;
    desk.person.until_matching(TOLD, |it| it["status"] == "not for long").await;
    allow(desk, channel, Permissions::NONE).await;
    let ended = desk.person.until(TOLD).await;
    assert_eq!(ended["status"], Value::Null);
    desk.bot_client.send(goes(door, Value::Null)).await;
}

/// Gives the bot these permissions in the channel, beside what everybody has.
async fn allow(desk: &Desk, channel: ChannelId, allow: Permissions) {
    let target = OverwriteTarget::User(desk.bot.id);
    let entry = OverwriteEntry { target, allow, deny: Permissions::NONE };
    desk.stage.does(Command::SetOverwrite { channel, entry }).await;
}

fn goes(door: &Door, channel: Value) -> Value {
    let d = json!({ "guild_id": door.guild, "channel_id": channel, "self_mute": false, "self_deaf": false });
    json!({ "op": 4, "d": d })
}
