//! Every event there is, caused once and held against its schema.

mod expressions;
mod kept;

use super::client::Client;
use super::stage::{Account, PRIVILEGED, Stage, draft, role};
use nexus_api::gateway::EventName;
use nexus_core::{
    ChannelDraft, ChannelPatch, Command, MemberPatch, MessageDraft, MessageEdit, RolePatch, ThreadDraft,
};
use nexus_crdt::body::governance::{
    ChannelFields, ChannelKind, GuildEdit, OverwriteEntry, OverwriteTarget, ThreadFields,
};
use nexus_crdt::body::rich_text::RichText;
use nexus_crdt::id::{ChannelId, RoleId, SpaceId};
use nexus_crdt::permissions::Permissions;
use serde_json::json;

/// The owner's own client hears everything; each deed names the event it causes.
struct Play {
    stage: Stage,
    client: Client,
}

impl Play {
    async fn causes(&mut self, command: Command, event: &str) -> serde_json::Value {
        self.stage.does(command).await;
        self.client.until(event).await
    }
}

#[tokio::test]
async fn every_event_is_caused_and_keeps_to_its_schema() {
    let stage = Stage::set().await;
    let client = stage.logs_in(&stage.owner).await;
    let mut play = Play { stage, client };
    settings(&mut play).await;
    roles(&mut play).await;
    channels(&mut play).await;
    members(&mut play).await;
    messages(&mut play).await;
    threads(&mut play).await;
    expressions::emojis(&mut play).await;
    expressions::events(&mut play).await;
    expressions::polls(&mut play).await;
    expressions::filters(&mut play).await;
    kept::everything(&mut play).await;
    seen_now(&mut play).await;
    conversation(&mut play).await;
    session(&mut play).await;
    standing(&mut play).await;
    let desk = super::interactions::Desk::play().await;
    play.client.heard.extend(desk.person.heard);
    play.client.heard.extend(desk.bot_client.heard);

    let mut heard: Vec<&str> = play.client.names();
    heard.sort_unstable();
    heard.dedup();
    let all: Vec<&str> = EventName::ALL.iter().map(|name| name.as_str()).collect();
    // An act comes to nothing where two programs meet that were apart: the core's tests tell of it.
    let apart = ["NEXUS_ACTION_VOID"];
    let missing: Vec<_> = all.iter().filter(|name| !heard.contains(name) && !apart.contains(name)).collect();
    assert!(missing.is_empty(), "never heard: {missing:?}");
}

async fn standing(play: &mut Play) {
    let mut anew = play.stage.logs_in(&play.stage.owner).await;
    let stands = anew.until("NEXUS_STANDING").await;
    assert_eq!(stands["line"], "by itself: it uses no relay");
    assert_eq!((&stands["direct"], &stands["waiting"]), (&json!(0), &json!(0)), "nobody else is to have it");
    play.client.heard.extend(anew.heard);
}

async fn settings(play: &mut Play) {
    let guild = play.stage.guild;
    let edit = GuildEdit { name: Some(String::from("Another name")), ..GuildEdit::default() };
    let updated = play.causes(Command::EditGuild { guild, edit }, "GUILD_UPDATE").await;
    assert_eq!(updated["name"], "Another name");
    let edit = Command::EditProfile { name: Some(String::from("Ada L.")), about: None };
    assert_eq!(play.causes(edit, "USER_UPDATE").await["username"], "Ada L.");
    play.client.until("GUILD_MEMBER_UPDATE").await;
    let second = play.stage.makes(Command::CreateGuild { name: String::from("Second") }).await;
    let created = play.client.until("GUILD_CREATE").await;
    assert_eq!(created["id"], play.stage.number(SpaceId::from(second)));
    assert_eq!(created["channels"].as_array().map(Vec::len), Some(2));
    play.client.until_quiet().await;
    assert!(play.client.all("CHANNEL_CREATE").is_empty(), "a new guild comes whole");
}

async fn roles(play: &mut Play) {
    let guild = play.stage.guild;
    let made = RoleId::from(play.stage.makes(Command::CreateRole { guild, draft: role("helper") }).await);
    assert_eq!(play.client.until("GUILD_ROLE_CREATE").await["role"]["name"], "helper");
    let patch = RolePatch { color: Some(0x11_22_33), ..RolePatch::default() };
    let updated = play.causes(Command::EditRole { guild, role: made, patch }, "GUILD_ROLE_UPDATE").await;
    assert_eq!(updated["role"]["color"], 0x11_22_33);
    let number = play.stage.number(made);
    let deleted = play.causes(Command::DeleteRole { guild, role: made }, "GUILD_ROLE_DELETE").await;
    assert_eq!(deleted["role_id"], number);
}

async fn channels(play: &mut Play) {
    let guild = play.stage.guild;
    let fields = ChannelFields { name: Some(String::from("plans")), ..ChannelFields::default() };
    let draft = ChannelDraft { kind: ChannelKind::Text, fields, overwrites: Vec::new() };
    let channel = ChannelId::from(play.stage.makes(Command::CreateChannel { guild, draft }).await);
    assert_eq!(play.client.until("CHANNEL_CREATE").await["name"], "plans");
    let fields = ChannelFields { topic: Some(String::from("what next")), ..ChannelFields::default() };
    let patch = ChannelPatch { fields, overwrites: None };
    let updated = play.causes(Command::EditChannel { channel, patch }, "CHANNEL_UPDATE").await;
    assert_eq!(updated["topic"], "what next");
    let invite = play.stage.makes(Command::CreateInvite { channel, max_age_s: 60 }).await;
    let code = play.client.until("INVITE_CREATE").await["code"].clone();
    let gone = play.causes(Command::RevokeInvite { guild, invite }, "INVITE_DELETE").await;
    assert_eq!(gone["code"], code);
    let deleted = play.causes(Command::DeleteChannel { channel }, "CHANNEL_DELETE").await;
    assert_eq!(deleted["name"], "plans");
}

async fn members(play: &mut Play) {
    let guild = play.stage.guild;
    let bot = play.stage.application("Hal", PRIVILEGED).await;
    play.stage.install(&bot, Permissions::SEND_MESSAGES).await;
    play.client.until("GUILD_MEMBER_ADD").await;
    let number = json!(play.stage.number(bot.id));
    let made = play.client.until("INTEGRATION_CREATE").await;
    assert_eq!((&made["id"], &made["application"]["bot"]["username"]), (&number, &json!("Hal")));
    play.client.until("GUILD_INTEGRATIONS_UPDATE").await;
    let is_let_in = |entry: &serde_json::Value| entry["action_type"] == 28 && entry["target_id"] == number;
    let let_in = play.client.until_matching("GUILD_AUDIT_LOG_ENTRY_CREATE", is_let_in).await;
    assert_eq!(let_in["user_id"], play.stage.number(play.stage.owner.id));
    let mut watching = play.stage.logs_in(&bot).await;
    play.client.until("PRESENCE_UPDATE").await;
    let patch = MemberPatch { nick: Some(String::from("Hal 9000")), ..MemberPatch::default() };
    let is_nick = |member: &serde_json::Value| member["nick"] == "Hal 9000";
    play.stage.does(Command::EditMember { guild, user: bot.id, patch }).await;
    play.client.until_matching("GUILD_MEMBER_UPDATE", is_nick).await;
    let edit = Command::EditProfile { name: Some(String::from("Hal II")), about: None };
    play.stage.node.command(Some(bot.id), edit).await.expect("a bot's own name");
    assert_eq!(play.client.until("INTEGRATION_UPDATE").await["name"], "Hal II");
    let taken_away = play.stage.sends(&bot, draft(play.stage.general, "soon gone")).await.api_id;
    let reason = String::from("an example");
    let ban = Command::Ban { guild, user: bot.id, reason, delete_s: 60 };
    let banned = play.causes(ban, "GUILD_BAN_ADD").await;
    assert_eq!(banned["user"]["id"], play.stage.number(bot.id));
    let is_ban = |entry: &serde_json::Value| entry["action_type"] == 22;
    let entry = play.client.until_matching("GUILD_AUDIT_LOG_ENTRY_CREATE", is_ban).await;
    assert_eq!((&entry["reason"], &entry["target_id"]), (&json!("an example"), &banned["user"]["id"]));
    assert!(
        watching.all("GUILD_AUDIT_LOG_ENTRY_CREATE").is_empty(),
        "who may not read the log hears nothing of it"
    );
    watching.until("GUILD_DELETE").await;
    let void = watching.until("NEXUS_MESSAGE_VOID").await;
    assert_eq!((&void["id"], &void["reason"]), (&json!(taken_away.0.to_string()), &json!("beyond_cut")));
    let removed = play.client.all("GUILD_MEMBER_REMOVE").len();
    if removed == 0 {
        play.client.until("GUILD_MEMBER_REMOVE").await;
    }
    let heard = play.client.all("INTEGRATION_DELETE").first().copied().cloned();
    let gone = match heard {
        Some(gone) => gone,
        None => play.client.until("INTEGRATION_DELETE").await,
    };
    assert_eq!((&gone["id"], &gone["application_id"]), (&number, &number));
    play.causes(Command::Unban { guild, user: bot.id }, "GUILD_BAN_REMOVE").await;
    play.client
        .send(json!({"op": 8, "d": {"guild_id": play.stage.number(guild), "query": "", "limit": 0}}))
        .await;
    play.client.until("GUILD_MEMBERS_CHUNK").await;
    let told = play.client.all("GUILD_AUDIT_LOG_ENTRY_CREATE");
    assert_eq!(told.iter().filter(|entry| is_let_in(entry)).count(), 1, "it was let in once");
    play.client.heard.extend(watching.heard);
}

async fn messages(play: &mut Play) {
    let (channel, owner) = (play.stage.general, play.stage.owner.clone());
    let mut first = draft(channel, "first");
    first.nonce = Some(String::from("n-1"));
    let message = play.stage.sends(&owner, first).await.id;
    let created = play.client.until("MESSAGE_CREATE").await;
    assert_eq!((&created["content"], &created["nonce"]), (&json!("first"), &json!("n-1")));
    let mut answer = draft(channel, "an answer");
    answer.reply_to = Some(message);
    let answer = play.stage.sends(&owner, answer).await.id;
    let answered = play.client.until("MESSAGE_CREATE").await;
    assert_eq!(answered["referenced_message"]["content"], "first");
    let edit = MessageEdit { text: Some(RichText::plain("second")), ..MessageEdit::default() };
    let edited = play.causes(Command::EditMessage { channel, message, edit }, "MESSAGE_UPDATE").await;
    assert_eq!(edited["content"], "second");
    assert!(edited["edited_timestamp"].is_string());
    reactions(play, message).await;
    let made =
        play.causes(Command::MakeWebhook { channel, name: String::from("CI") }, "WEBHOOKS_UPDATE").await;
    assert_eq!(made["channel_id"], play.stage.number(channel));
    play.causes(Command::Pin { channel, message, pinned: true }, "CHANNEL_PINS_UPDATE").await;
    let typing = play.causes(Command::Type { channel }, "TYPING_START").await;
    assert_eq!(typing["user_id"], play.stage.number(owner.id));
    let gone =
        play.causes(Command::DeleteMessages { channel, messages: vec![answer] }, "MESSAGE_DELETE").await;
    assert_eq!(gone["id"], answered["id"]);
    let mut several = Vec::new();
    for text in ["one", "two", "three"] {
        several.push(play.stage.sends(&owner, draft(channel, text)).await.id);
    }
    let gone =
        play.causes(Command::DeleteMessages { channel, messages: several }, "MESSAGE_DELETE_BULK").await;
    assert_eq!(gone["ids"].as_array().map(Vec::len), Some(3));
}

async fn reactions(play: &mut Play, message: nexus_crdt::id::OpId) {
    let channel = play.stage.general;
    let owner = play.stage.owner.id;
    for emoji in ["👍", "🎉", "👀"] {
        let react = Command::React { channel, message, emoji: emoji.to_owned() };
        let added = play.causes(react, "MESSAGE_REACTION_ADD").await;
        assert_eq!(added["emoji"]["name"], emoji);
        assert_eq!(added["member"]["user"]["id"], play.stage.number(owner));
    }
    let unreact = |emoji: Option<&str>, user| {
        let emoji = emoji.map(str::to_owned);
        Command::Unreact { channel, message, emoji, user }
    };
    play.causes(unreact(Some("👍"), Some(owner)), "MESSAGE_REACTION_REMOVE").await;
    play.causes(unreact(Some("🎉"), None), "MESSAGE_REACTION_REMOVE_EMOJI").await;
    play.causes(unreact(None, None), "MESSAGE_REACTION_REMOVE_ALL").await;
}

async fn threads(play: &mut Play) {
    let (parent, user) = (play.stage.general, play.stage.owner.id);
    let named = |name: &str| ThreadFields { name: Some(name.to_owned()), ..ThreadFields::default() };
    let draft = ThreadDraft { starter: None, fields: named("plans"), private: None, first: None };
    let thread = ChannelId::from(play.stage.makes(Command::CreateThread { parent, draft }).await);
    let number = play.stage.number(thread);
    let made = play.client.until("THREAD_CREATE").await;
    assert_eq!((&made["id"], &made["member_count"]), (&json!(number), &json!(1)));
    let own = play.client.until("THREAD_MEMBER_UPDATE").await;
    assert_eq!((&own["id"], &own["user_id"]), (&json!(number), &json!(play.stage.number(user))));
    let followed = play.client.until("THREAD_MEMBERS_UPDATE").await;
    assert_eq!(followed["added_members"][0]["user_id"], play.stage.number(user));
    let edit = Command::EditThread { thread, fields: named("other plans") };
    assert_eq!(play.causes(edit, "THREAD_UPDATE").await["name"], "other plans");
    moved(play, (parent, thread)).await;
    let leave = Command::Follow { thread, user, following: false };
    let left = play.causes(leave, "THREAD_MEMBERS_UPDATE").await;
    assert_eq!((&left["member_count"], &left["added_members"]), (&json!(0), &json!(null)));
    let mut anew = play.stage.logs_in(&play.stage.owner).await;
    let guild = anew.all("GUILD_CREATE").into_iter().find(|guild| guild["threads"] != json!([]));
    assert_eq!(guild.expect("a guild with a thread")["threads"][0]["id"], number);
    let gone = play.causes(Command::DeleteChannel { channel: thread }, "THREAD_DELETE").await;
    assert_eq!((&gone["id"], &gone["parent_id"]), (&json!(number), &json!(play.stage.number(parent))));
    anew.until("THREAD_DELETE").await;
    assert!(play.client.all("CHANNEL_UPDATE").iter().all(|channel| channel["id"] != json!(number)));
}

/// An old message in a new place is never told of as a new one.
async fn moved(play: &mut Play, (channel, thread): (ChannelId, ChannelId)) {
    let owner = play.stage.owner.clone();
    let said = play.stage.sends(&owner, draft(channel, "!roll 6")).await.id;
    let created = play.client.until("MESSAGE_CREATE").await;
    let (here, there) = (play.stage.number(channel), play.stage.number(thread));
    let into = |to| Command::MoveMessages { channel, messages: vec![said], to };
    let gone = play.causes(into(Some(thread)), "MESSAGE_DELETE").await;
    assert_eq!((&gone["id"], &gone["channel_id"]), (&created["id"], &json!(here)));
    assert_eq!(gone["nexus"], json!({ "moved_to": there }));
    let shown = play.client.until("MESSAGE_UPDATE").await;
    assert_eq!((&shown["id"], &shown["channel_id"]), (&created["id"], &json!(there)));
    assert_eq!((&shown["content"], &shown["nexus"]["moved_from"]), (&json!("!roll 6"), &json!(here)));
    let told = play.client.until("MESSAGE_CREATE").await;
    assert_eq!(told["nexus"]["brought"], json!({ "from": here, "count": 1 }));
    let gone = play.causes(into(None), "MESSAGE_DELETE").await;
    assert_eq!((&gone["channel_id"], &gone["nexus"]["moved_to"]), (&json!(there), &json!(here)));
    let shown = play.client.until("MESSAGE_UPDATE").await;
    assert_eq!((&shown["channel_id"], &shown["nexus"]), (&json!(here), &json!(null)));
}

/// A thread in a channel that one comes to see.
async fn seen_now(play: &mut Play) {
    let hidden = play.stage.hidden_channel().await;
    let fields = ThreadFields { name: Some(String::from("within")), ..ThreadFields::default() };
    let draft = ThreadDraft { starter: None, fields, private: None, first: None };
    play.stage.makes(Command::CreateThread { parent: hidden, draft }).await;
    let bot = play.stage.bot("Eve").await;
    let mut client = play.stage.logs_in(&bot).await;
    let target = OverwriteTarget::User(bot.id);
    let entry = OverwriteEntry { target, allow: Permissions::VIEW_CHANNEL, deny: Permissions::NONE };
    play.stage.does(Command::SetOverwrite { channel: hidden, entry }).await;
    let synced = client.until("THREAD_LIST_SYNC").await;
    assert_eq!(synced["threads"][0]["name"], "within");
    play.client.heard.extend(client.heard);
}

/// Two people's conversation is seen by both; a bot meets it by its first message.
async fn conversation(play: &mut Play) {
    let bot = play.stage.bot("Penpal").await;
    let mut penpal = play.stage.logs_in(&bot).await;
    let space = SpaceId::from(play.stage.makes(Command::OpenConversation { with: vec![bot.id] }).await);
    let channel = play.client.until_matching("CHANNEL_CREATE", |channel| channel["type"] == 1).await;
    assert_eq!(channel["recipients"][0]["id"], play.stage.number(bot.id));
    let owner = play.stage.owner.clone();
    let said = play.stage.sends(&owner, draft(ChannelId(space.0), "just you and me")).await;
    for client in [&mut play.client, &mut penpal] {
        let heard = client.until("MESSAGE_CREATE").await;
        assert_eq!((&heard["content"], &heard["guild_id"]), (&json!("just you and me"), &json!(null)));
    }
    let answer = MessageDraft { reply_to: Some(said.id), ..draft(ChannelId(space.0), "yes") };
    play.stage.sends(&bot, answer).await;
    let heard = penpal.until_matching("MESSAGE_CREATE", |heard| heard["content"] == "yes").await;
    assert_eq!(heard["message_reference"]["message_id"], said.api_id.0.to_string());
    assert!(heard["message_reference"].get("guild_id").is_none(), "a conversation is in no guild");
    assert!(penpal.all("CHANNEL_CREATE").is_empty());
    conversation_of_several(play, &bot).await;
}

/// The others hear who comes and goes; who goes hears that it is over.
async fn conversation_of_several(play: &mut Play, bot: &Account) {
    let (ben, cat) = (play.stage.bot("Ben").await, play.stage.bot("Cat").await);
    let open = Command::OpenConversation { with: vec![bot.id, ben.id] };
    let conversation = SpaceId::from(play.stage.makes(open).await);
    let created = play.client.until_matching("CHANNEL_CREATE", |channel| channel["type"] == 3).await;
    assert_eq!(created["name"], json!(null));
    let bring = Command::BringIn { conversation, user: cat.id };
    let came = play.causes(bring, "CHANNEL_RECIPIENT_ADD").await;
    assert_eq!(
        (&came["user"]["id"], &came["channel_id"]),
        (&json!(play.stage.number(cat.id)), &created["id"])
    );
    let notice = play.client.until_matching("MESSAGE_CREATE", |message| message["type"] == 1).await;
    assert_eq!(notice["mentions"][0]["id"], came["user"]["id"]);
    let name = Command::NameConversation { conversation, name: String::from("Us") };
    assert_eq!(play.causes(name, "CHANNEL_UPDATE").await["name"], "Us");
    let out = |user| Command::PutOut { conversation, user };
    let went = play.causes(out(cat.id), "CHANNEL_RECIPIENT_REMOVE").await;
    assert_eq!(went["user"]["id"], came["user"]["id"]);
    let gone = play.causes(out(play.stage.owner.id), "CHANNEL_DELETE").await;
    assert_eq!((&gone["id"], &gone["type"]), (&created["id"], &json!(3)));
}

async fn session(play: &mut Play) {
    let mut again = Client::connect(play.stage.address, "v=10").await;
    again.seq = play.client.seq;
    again.resume(&play.stage.owner.token, &play.client.session_id, play.client.seq).await;
    again.until("RESUMED").await;
    play.client.heard.extend(again.heard);
}
