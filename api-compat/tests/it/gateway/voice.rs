//! Who is in which voice channel: said, told, asked for, and over with the session.

use super::interactions::Desk;
use nexus_core::{ChannelDraft, Command};
use nexus_crdt::body::governance::{ChannelFields, ChannelKind, OverwriteEntry, OverwriteTarget};
use nexus_crdt::id::{ChannelId, RoleId};
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

const EDIT: &str = "update_guild_member";
const TOLD: &str = "VOICE_STATE_UPDATE";
const MOVE_MEMBERS: Permissions = Permissions(1 << 24);

/// Two voice channels, and the paths of the two who are there.
struct Rooms {
    guild: String,
    here: String,
    there: String,
    owner: String,
    bot: String,
}

/// Somebody is put into another voice channel, and out of theirs, by who may move members.
pub(super) async fn moves(desk: &mut Desk) {
    let view = desk.stage.node.view();
    let channels = &view.guilds[&desk.stage.guild].channels;
    let here = channels.values().find(|channel| channel.name == "General").expect("General").id;
    let fields = ChannelFields { name: Some(String::from("Quiet")), ..ChannelFields::default() };
    let draft = ChannelDraft { kind: ChannelKind::Voice, fields, overwrites: Vec::new() };
    let create = Command::CreateChannel { guild: desk.stage.guild, draft };
    let there = ChannelId::from(desk.stage.makes(create).await);
    let rooms = Rooms {
        guild: desk.stage.number(desk.stage.guild),
        here: desk.stage.number(here),
        there: desk.stage.number(there),
        owner: desk.stage.number(desk.stage.owner.id),
        bot: desk.stage.number(desk.bot.id),
    };
    by_an_owner(desk, &rooms).await;
    by_who_was_given_the_right(desk, &rooms, here).await;
    where_they_may_be(desk, &rooms, here).await;
    silenced(desk, &rooms).await;
    desk.bot_client.send(goes(&rooms, Value::Null)).await;
    let bot_goes = |it: &Value| it["user_id"] == rooms.bot && it["channel_id"].is_null();
    desk.bot_client.until_matching(TOLD, bot_goes).await;
    desk.person.until_matching(TOLD, bot_goes).await;
    desk.stage.does(Command::DeleteChannel { channel: there }).await;
}

async fn by_an_owner(desk: &mut Desk, rooms: &Rooms) {
    let there = || json!({ "channel_id": rooms.there });
    assert_eq!(refused(desk, false, rooms, there()).await, (400, json!(40_032)), "it is nowhere");
    desk.bot_client.send(goes(rooms, json!(rooms.here))).await;
    let comes = |it: &Value| it["user_id"] == rooms.bot && it["channel_id"] == rooms.here;
    desk.person.until_matching(TOLD, comes).await;
    let owner = desk.stage.owner.token.clone();
    let moved = desk.ask(&owner, EDIT, &path(rooms, &rooms.bot), Some(there())).await;
    assert_eq!((moved.status.as_u16(), &moved.body["user"]["id"]), (200, &json!(rooms.bot)));
    let told = desk.bot_client.until_matching(TOLD, |it| it["channel_id"] == rooms.there).await;
    assert_eq!((&told["user_id"], &told["self_mute"]), (&json!(rooms.bot), &json!(true)), "as it was");
    let general = json!({ "channel_id": desk.stage.number(desk.stage.general) });
    assert_eq!(refused(desk, false, rooms, general).await, (400, json!(50_024)));
}

async fn by_who_was_given_the_right(desk: &mut Desk, rooms: &Rooms, here: ChannelId) {
    desk.person.send(goes(rooms, json!(rooms.here))).await;
    let owner_comes = |it: &Value| it["user_id"] == rooms.owner && it["channel_id"] == rooms.here;
    desk.bot_client.until_matching(TOLD, owner_comes).await;
    let out = || json!({ "channel_id": null });
    assert_eq!(refused(desk, true, rooms, out()).await, (403, json!(50_013)));
    overwrite(desk, here, MOVE_MEMBERS, Permissions::NONE).await;
    let there = json!({ "channel_id": rooms.there });
    assert_eq!(refused(desk, true, rooms, there).await, (403, json!(50_013)), "not into that one");
    desk.as_bot(EDIT, &path(rooms, &rooms.owner), Some(out())).await;
    let owner_goes = |it: &Value| it["user_id"] == rooms.owner && it["channel_id"].is_null();
    desk.person.until_matching(TOLD, owner_goes).await;
    desk.bot_client.until_matching(TOLD, owner_goes).await;
    let nowhere = refused(desk, true, rooms, out()).await;
    assert_eq!(
        nowhere,
        (403, json!(50_013)),
        "who is nowhere is a matter of those who may in the whole guild"
    );
}

/// Nobody is put where every other program would not show them.
async fn where_they_may_be(desk: &mut Desk, rooms: &Rooms, here: ChannelId) {
    overwrite(desk, here, Permissions::NONE, Permissions::CONNECT).await;
    let back = || json!({ "channel_id": rooms.here });
    assert_eq!(refused(desk, false, rooms, back()).await, (403, json!(50_013)));
    let target = OverwriteTarget::User(desk.bot.id);
    desk.stage.does(Command::ClearOverwrite { channel: here, target }).await;
    let owner = desk.stage.owner.token.clone();
    let moved = desk.ask(&owner, EDIT, &path(rooms, &rooms.bot), Some(back())).await;
    assert_eq!(moved.status.as_u16(), 200);
    desk.bot_client.until_matching(TOLD, |it| it["channel_id"] == rooms.here).await;
}

/// Somebody is muted and deafened by who may, everywhere in the guild, until it is taken back; whether they come and go.
async fn silenced(desk: &mut Desk, rooms: &Rooms) {
    let owner = desk.stage.owner.token.clone();
    for (said, kept) in [(json!({ "mute": true }), (true, false)), (json!({ "deaf": true }), (true, true))] {
        let shown = desk.ask(&owner, EDIT, &path(rooms, &rooms.bot), Some(said)).await;
        assert_eq!((&shown.body["mute"], &shown.body["deaf"]), (&json!(kept.0), &json!(kept.1)));
        let so = |it: &Value| it["user_id"] == rooms.bot && (it["mute"] == kept.0) && (it["deaf"] == kept.1);
        let told = desk.bot_client.until_matching(TOLD, so).await;
        assert_eq!((&told["channel_id"], &told["self_mute"]), (&json!(rooms.here), &json!(true)));
        let member = |it: &Value| it["user"]["id"] == rooms.bot && it["deaf"] == kept.1;
        desk.person.until_matching("GUILD_MEMBER_UPDATE", member).await;
    }
    let entry = desk.ask(&owner, "list_guild_audit_log_entries", &audit(rooms), None).await;
    let changes = &entry.body["audit_log_entries"][0]["changes"];
    assert_eq!(changes[0]["key"], "deaf", "{}", entry.body);
    assert_eq!(refused(desk, true, rooms, json!({ "mute": true })).await, (403, json!(50_013)));
    let nowhere = (400, json!(40_032));
    desk.bot_client.send(goes(rooms, Value::Null)).await;
    desk.person.until_matching(TOLD, |it| it["user_id"] == rooms.bot && it["channel_id"].is_null()).await;
    assert_eq!(refused(desk, false, rooms, json!({ "mute": false })).await, nowhere, "as on Discord");
    let same = desk.ask(&owner, EDIT, &path(rooms, &rooms.bot), Some(json!({ "mute": true }))).await;
    assert_eq!(same.status.as_u16(), 200, "what is so already");
    desk.bot_client.send(goes(rooms, json!(rooms.here))).await;
    let comes = |it: &Value| it["user_id"] == rooms.bot && it["channel_id"] == rooms.here;
    let told = desk.person.until_matching(TOLD, comes).await;
    assert_eq!((&told["mute"], &told["deaf"]), (&json!(true), &json!(true)), "who comes back is no freer");
    let free = json!({ "mute": false, "deaf": false });
    desk.ask(&owner, EDIT, &path(rooms, &rooms.bot), Some(free)).await;
    desk.bot_client.until_matching(TOLD, |it| it["mute"] == false && it["deaf"] == false).await;
}

fn audit(rooms: &Rooms) -> String {
    format!("/guilds/{}/audit-logs?action_type=24&limit=1", rooms.guild)
}

/// What the owner is refused of the bot, or the bot of the owner.
async fn refused(desk: &mut Desk, by_bot: bool, rooms: &Rooms, body: Value) -> (u16, Value) {
    let bot = format!("Bot {}", desk.stage_bot_token());
    let (token, whom) =
        if by_bot { (bot, &rooms.owner) } else { (desk.stage.owner.token.clone(), &rooms.bot) };
    let answer = desk.ask(&token, EDIT, &path(rooms, whom), Some(body)).await;
    (answer.status.as_u16(), answer.body["code"].clone())
}

async fn overwrite(desk: &Desk, channel: ChannelId, allow: Permissions, deny: Permissions) {
    let entry = OverwriteEntry { target: OverwriteTarget::User(desk.bot.id), allow, deny };
    desk.stage.does(Command::SetOverwrite { channel, entry }).await;
}

fn path(rooms: &Rooms, whom: &str) -> String {
    format!("/guilds/{}/members/{whom}", rooms.guild)
}

fn goes(rooms: &Rooms, channel: Value) -> Value {
    let d = json!({ "guild_id": rooms.guild, "channel_id": channel, "self_mute": true, "self_deaf": false });
    json!({ "op": 4, "d": d })
}
