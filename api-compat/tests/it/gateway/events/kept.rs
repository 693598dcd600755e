//! What people keep for themselves is told to their own sessions.

use super::Play;
use crate::gateway::stage::draft;
use nexus_core::Command;
use nexus_crdt::body::content::{About, Note};
use serde_json::json;

pub(super) async fn everything(play: &mut Play) {
    let (channel, owner) = (play.stage.general, play.stage.owner.clone());
    let other = play.stage.bot("Quiet").await;
    let mut watching = play.stage.logs_in(&other).await;
    let message = play.stage.sends(&owner, draft(channel, "read me")).await;
    play.client.until_matching("MESSAGE_CREATE", |heard| heard["content"] == "read me").await;
    let keep = |note| Command::Keep { notes: vec![note] };
    let heard = play.causes(keep(Note::Read { channel, message: message.id }), "MESSAGE_ACK").await;
    assert_eq!(heard["message_id"], message.api_id.0.to_string());
    let setting = |about, json: &str| {
        let name = String::from("muted");
        keep(Note::Setting { about, name, json: json.to_owned() })
    };
    let heard = play.causes(setting(About::Me, "\"dark\""), "USER_SETTINGS_UPDATE").await;
    assert_eq!(heard, json!({ "muted": "dark" }));
    let about = About::Channel(channel);
    let heard = play.causes(setting(about, "true"), "USER_GUILD_SETTINGS_UPDATE").await;
    let number = play.stage.number(channel);
    assert_eq!(heard["channel_overrides"], json!([{ "channel_id": number, "muted": true }]));
    let heard =
        play.causes(keep(Note::Draft { channel, text: String::from("well") }), "NEXUS_DRAFT_UPDATE").await;
    assert_eq!(heard, json!({ "channel_id": number, "text": "well" }));
    let wish = |wished| Command::Befriend { user: other.id, wished };
    let heard = play.causes(wish(true), "RELATIONSHIP_ADD").await;
    assert_eq!((&heard["id"], &heard["type"]), (&json!(play.stage.number(other.id)), &json!(4)));
    play.causes(wish(false), "RELATIONSHIP_REMOVE").await;

    let anew = play.stage.logs_in(&owner).await;
    let ready = anew.all("READY").remove(0).clone();
    let read = &ready["read_state"]["entries"][0];
    assert_eq!(
        (&read["id"], &read["last_message_id"]),
        (&json!(number), &json!(message.api_id.0.to_string()))
    );
    assert_eq!(ready["nexus_drafts"], json!([{ "channel_id": number, "text": "well" }]));
    assert_eq!(ready["user_settings"], json!({ "muted": "dark" }));
    assert_eq!(ready["user_guild_settings"]["entries"][0]["channel_overrides"][0]["muted"], true);
    play.stage.says(&owner, "and now?").await;
    watching.until_matching("MESSAGE_CREATE", |heard| heard["content"] == "and now?").await;
    let private = [
        "MESSAGE_ACK",
        "NEXUS_DRAFT_UPDATE",
        "USER_SETTINGS_UPDATE",
        "USER_GUILD_SETTINGS_UPDATE",
        "RELATIONSHIP_ADD",
    ];
    assert!(!watching.names().iter().any(|name| private.contains(name)), "{:?}", watching.names());
}
