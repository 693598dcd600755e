//! Who is in which voice channel: said, told, asked for, and over with the session.

use super::interactions::Desk;
use nexus_core::Command;
use nexus_crdt::body::governance::{OverwriteEntry, OverwriteTarget};
use nexus_crdt::id::RoleId;
use nexus_crdt::permissions::Permissions;
use serde_json::{Value, json};

pub(super) async fn states(desk: &mut Desk) {
    let view = desk.stage.node.view();
    let channels = &view.guilds[&desk.stage.guild].channels;
    let channel = channels.values().find(|channel| channel.name == "General").expect("General").id;
    let (guild, place) = (desk.stage.number(desk.stage.guild), desk.stage.number(channel));
    let me = desk.stage.number(desk.stage.owner.id);
    let says = |channel: Value, muted: bool| {
        let d = json!({ "guild_id": guild, "channel_id": channel, "self_mute": muted, "self_deaf": false });
        json!({ "op": 4, "d": d })
    };
    desk.person.send(says(json!(place), true)).await;
    let told = desk.person.until("VOICE_STATE_UPDATE").await;
    assert_eq!(
        (&told["channel_id"], &told["self_mute"], &told["user_id"]),
        (&json!(place), &json!(true), &json!(me))
    );
    let heard = desk.bot_client.until("VOICE_STATE_UPDATE").await;
    assert_eq!((&heard["channel_id"], &heard["member"]["user"]["id"]), (&json!(place), &json!(me)));
    let at = format!("/guilds/{guild}/voice-states");
    assert_eq!(desk.as_bot("get_voice_state", &format!("{at}/{me}"), None).await["self_mute"], true);
    let owner = desk.stage.owner.token.clone();
    let mine = desk.ask(&owner, "get_self_voice_state", &format!("{at}/@me"), None).await;
    assert_eq!(mine.body["channel_id"], json!(place));
    let nowhere = desk
        .ask(&format!("Bot {}", desk.stage_bot_token()), "get_self_voice_state", &format!("{at}/@me"), None)
        .await;
    assert_eq!((nowhere.status.as_u16(), &nowhere.body["code"]), (404, &json!(10_065)));
    assert_eq!(desk.as_bot("list_voice_regions", "/voice/regions", None).await, json!([]));
    assert_eq!(
        desk.as_bot("list_guild_voice_regions", &format!("/guilds/{guild}/regions"), None).await,
        json!([])
    );
    let again = desk.stage.logs_in(&desk.stage.owner.clone()).await;
    assert_eq!(again.all("GUILD_CREATE")[0]["voice_states"][0]["user_id"], json!(me));

    // Who sees the channel no more learns no more of it.
    let target = OverwriteTarget::Role(RoleId(desk.stage.guild.0));
    let entry = OverwriteEntry { target, allow: Permissions::NONE, deny: Permissions::VIEW_CHANNEL };
    desk.stage.does(Command::SetOverwrite { channel, entry }).await;
    desk.bot_client.until("CHANNEL_UPDATE").await;
    let token = format!("Bot {}", desk.stage_bot_token());
    let hidden = desk.ask(&token, "get_voice_state", &format!("{at}/{me}"), None).await;
    assert_eq!(hidden.status.as_u16(), 404);
    desk.stage.does(Command::ClearOverwrite { channel, target }).await;
    desk.bot_client.until("CHANNEL_UPDATE").await;
    desk.person.send(says(Value::Null, false)).await;
    let gone = desk.bot_client.until_matching("VOICE_STATE_UPDATE", |it| it["channel_id"].is_null()).await;
    assert_eq!(gone["user_id"], json!(me));
}
