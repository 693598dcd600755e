//! Who hears what: intents, hidden channels, coming and going.

use super::client::Client;
use super::stage::{ALL_INTENTS, Stage, draft};
use nexus_core::{ChannelDraft, Command, Extras, MessageDraft};
use nexus_crdt::body::content::{Forward, Pings, Poll, PollAnswer};
use nexus_crdt::body::governance::{
    ChannelFields, ChannelKind, EmojiCreate, EventFields, EventPlace, OverwriteEntry, OverwriteTarget,
    Picture, PictureFormat,
};
use nexus_crdt::body::rich_text::{Part, Refs, RichText};
use nexus_crdt::id::{ChannelId, OpId, RoleId};
use nexus_crdt::permissions::Permissions;
use serde_json::json;

#[tokio::test]
async fn a_hidden_channel_tells_nothing_until_it_is_opened() {
    let stage = Stage::set().await;
    let bot = stage.bot("Hal").await;
    let hidden = stage.hidden_channel().await;
    let mut client = stage.logs_in(&bot).await;
    let secret = stage.sends(&stage.owner, draft(hidden, "a secret")).await;
    let message = secret.id;
    stage.does(Command::React { channel: hidden, message, emoji: String::from("👍") }).await;
    stage.does(Command::Pin { channel: hidden, message, pinned: true }).await;
    stage.does(Command::Type { channel: hidden }).await;
    stage.does(Command::DeleteMessages { channel: hidden, messages: vec![message] }).await;
    stage.says(&stage.owner, "public").await;
    assert_eq!(client.until("MESSAGE_CREATE").await["content"], "public");
    let leaked = ["MESSAGE_REACTION_ADD", "CHANNEL_PINS_UPDATE", "TYPING_START", "MESSAGE_DELETE"];
    assert!(!client.names().iter().any(|name| leaked.contains(name)), "{:?}", client.names());

    let target = OverwriteTarget::User(bot.id);
    let entry = OverwriteEntry { target, allow: Permissions::VIEW_CHANNEL, deny: Permissions::NONE };
    stage.does(Command::SetOverwrite { channel: hidden, entry }).await;
    stage.sends(&stage.owner, draft(hidden, "opened")).await;
    assert_eq!(client.until("MESSAGE_CREATE").await["content"], "opened");

    stage.does(Command::ClearOverwrite { channel: hidden, target }).await;
    stage.sends(&stage.owner, draft(hidden, "closed again")).await;
    stage.says(&stage.owner, "public").await;
    assert_eq!(client.until("MESSAGE_CREATE").await["content"], "public");
}

/// Several tasks go through a large audience at once, while more is said.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_of_many_sessions_hears_everything_once_and_in_order() {
    let stage = Stage::set().await;
    stage.unleash_owner().await;
    let bot = stage.bot("Hal").await;
    let mut clients = Vec::new();
    for packed in ["", "&compress=zlib-stream", "&compress=zstd-stream"].into_iter().cycle().take(70) {
        let mut client = Client::connect(stage.address, &format!("v=10&encoding=json{packed}")).await;
        client.identify(&bot.token, ALL_INTENTS).await;
        client.until_ready().await;
        clients.push(client);
    }
    let said: Vec<String> = (0..50).map(|number| number.to_string()).collect();
    for text in &said {
        stage.says(&stage.owner, text).await;
    }
    for client in &mut clients {
        client.until_matching("MESSAGE_CREATE", |message| message["content"] == "49").await;
        let heard: Vec<_> =
            client.all("MESSAGE_CREATE").iter().map(|event| event["content"].clone()).collect();
        assert_eq!(heard, said);
    }
}

#[tokio::test]
async fn only_what_was_asked_for_is_heard() {
    let stage = Stage::set().await;
    let bot = stage.bot("Hal").await;
    let mut client = Client::connect(stage.address, "v=10&encoding=json").await;
    client.identify(&bot.token, 1 | 1 << 10 | 1 << 15).await;
    client.until_ready().await;
    let sent = stage.says(&stage.owner, "not asked for").await;
    stage.does(Command::Type { channel: stage.general }).await;
    let emoji = String::from("👍");
    stage.does(Command::React { channel: stage.general, message: sent.id, emoji }).await;
    client.until("MESSAGE_REACTION_ADD").await;
    assert_eq!(client.names(), ["READY", "GUILD_CREATE", "MESSAGE_REACTION_ADD"]);
}

/// A snapshot once went to bots whole that are told nothing of what is said.
#[tokio::test]
async fn what_is_passed_on_is_kept_from_who_may_not_read_what_is_said_even_where_it_names_them() {
    let stage = Stage::set().await;
    let bot = stage.bot("Hal").await;
    let mut client = Client::connect(stage.address, "v=10&encoding=json").await;
    client.identify(&bot.token, 1 | 1 << 9).await;
    client.until_ready().await;
    let said = stage.says(&stage.owner, "the combination is 1234").await.id;
    client.until("MESSAGE_CREATE").await;
    let (space, channel) = (stage.guild, stage.general);
    let forward = Forward { space, channel, message: said, written: 1_000, edited: None };
    let names_it = RichText(vec![Part::User(0), Part::Text(String::from(" the combination is 1234"))]);
    let passes_on = MessageDraft {
        text: names_it,
        refs: Refs(vec![bot.id.into()]),
        extras: Extras { forward: Some(Box::new(forward)), ..Extras::default() },
        ..draft(channel, "")
    };
    let message = stage.sends(&stage.owner, passes_on).await;
    let heard = client.until("MESSAGE_CREATE").await;
    let snapshot = &heard["message_snapshots"][0]["message"];
    assert_eq!((&heard["id"], &snapshot["content"]), (&json!(message.api_id.0.to_string()), &json!("")));
    assert!(!heard.to_string().contains("1234"), "{heard}");
}

#[tokio::test]
async fn emoji_events_and_ballots_have_intents_of_their_own_and_the_rights_of_their_channel() {
    let stage = Stage::set().await;
    let (guild, bot) = (stage.guild, stage.bot("Hal").await);
    let mut client = Client::connect(stage.address, "v=10&encoding=json").await;
    client.identify(&bot.token, 1 | 1 << 9 | 1 << 16).await;
    client.until_ready().await;
    let picture = Picture { hash: [7; 32], size: 1, format: PictureFormat::Png, animated: false };
    let emoji = EmojiCreate { name: String::from("cat"), picture, roles: Vec::new() };
    stage.makes(Command::MakeEmoji { guild, emoji }).await;
    let poll = Poll {
        question: String::from("Shall we?"),
        answers: vec![PollAnswer { text: String::from("yes"), emoji: None }],
        multiple: false,
        hours: 1,
    };
    let asks = MessageDraft {
        extras: Extras { poll: Some(Box::new(poll)), ..Extras::default() },
        ..draft(stage.general, "well?")
    };
    let message = stage.sends(&stage.owner, asks).await.id;
    let sparse = client.until("MESSAGE_CREATE").await;
    assert_eq!((&sparse["content"], &sparse["poll"]), (&json!(""), &json!(null)));
    stage.does(Command::Vote { channel: stage.general, message, answers: vec![1] }).await;

    let everyone = OverwriteTarget::Role(RoleId(guild.0));
    let hide = OverwriteEntry { target: everyone, allow: Permissions::NONE, deny: Permissions::VIEW_CHANNEL };
    let fields = ChannelFields { name: Some(String::from("behind")), ..ChannelFields::default() };
    let voice = ChannelDraft { kind: ChannelKind::Voice, fields, overwrites: vec![hide] };
    let voice = ChannelId::from(stage.makes(Command::CreateChannel { guild, draft: voice }).await);
    let fields = |place| EventFields {
        name: Some(String::from("A walk")),
        starts: Some(4_000_000_000_000),
        ends: Some(4_000_003_600_000),
        place: Some(place),
        ..EventFields::default()
    };
    let secret = Command::Announce { guild, fields: fields(EventPlace::Voice(voice)) };
    let event = ChannelId::from(stage.makes(secret).await);
    stage.does(Command::BeInterested { event, interested: true }).await;
    stage.does(Command::CallOff { event }).await;
    let open = Command::Announce { guild, fields: fields(EventPlace::Elsewhere(String::from("the lake"))) };
    let open = stage.makes(open).await;
    let heard = client.until("GUILD_SCHEDULED_EVENT_CREATE").await;
    assert_eq!(heard["id"], stage.number(open));
    let silent = [
        "GUILD_EMOJIS_UPDATE",
        "MESSAGE_POLL_VOTE_ADD",
        "GUILD_SCHEDULED_EVENT_DELETE",
        "GUILD_SCHEDULED_EVENT_USER_ADD",
    ];
    assert!(!client.names().iter().any(|name| silent.contains(name)), "{:?}", client.names());
}

#[tokio::test]
async fn without_message_content_only_ones_own_and_what_mentions_one_is_readable() {
    let stage = Stage::set().await;
    let bot = stage.bot("Hal").await;
    let mut client = Client::connect(stage.address, "v=10&encoding=json").await;
    client.identify(&bot.token, 1 | 1 << 9).await;
    client.until_ready().await;
    stage.says(&stage.owner, "not for you").await;
    let emptied = client.until("MESSAGE_CREATE").await;
    assert_eq!((&emptied["content"], &emptied["embeds"]), (&json!(""), &json!([])));
    let own = stage.says(&bot, "my own").await;
    assert_eq!(client.until("MESSAGE_CREATE").await["content"], "my own");
    let mut mention = draft(stage.general, "");
    let place = mention.refs.index_of(OpId::from(bot.id));
    mention.text = RichText(vec![Part::Text(String::from("hello ")), Part::User(place)]);
    stage.sends(&stage.owner, mention).await;
    assert_eq!(client.until("MESSAGE_CREATE").await["content"], format!("hello <@{}>", stage.number(bot.id)));
    let mut answer = draft(stage.general, "an answer to you");
    answer.reply_to = Some(own.id);
    answer.pings = Pings { replied: true, ..Pings::default() };
    stage.sends(&stage.owner, answer).await;
    assert_eq!(client.until("MESSAGE_CREATE").await["content"], "an answer to you");
}

#[tokio::test]
async fn a_guild_begins_and_ends_for_who_comes_and_goes() {
    let stage = Stage::set().await;
    let watcher = stage.bot("Watcher").await;
    let newcomer = stage.application("Newcomer", super::stage::PRIVILEGED).await;
    let mut watching = stage.logs_in(&watcher).await;
    let mut coming = stage.logs_in(&newcomer).await;
    assert_eq!(coming.names(), ["READY"]);

    stage.install(&newcomer, Permissions::NONE).await;
    let guild = coming.until("GUILD_CREATE").await;
    assert_eq!(guild["id"], stage.number(stage.guild));
    stage.says(&stage.owner, "welcome").await;
    coming.until("MESSAGE_CREATE").await;
    assert_eq!(coming.all("GUILD_CREATE").len(), 1);
    assert!(coming.all("GUILD_MEMBER_ADD").is_empty(), "their own coming is the GUILD_CREATE");
    let joined = watching.until("GUILD_MEMBER_ADD").await;
    assert_eq!(joined["user"]["id"], stage.number(newcomer.id));

    let kick = Command::Kick { guild: stage.guild, user: newcomer.id, reason: String::new() };
    stage.does(kick).await;
    assert_eq!(coming.until("GUILD_DELETE").await, json!({"id": stage.number(stage.guild)}));
    let gone = watching.until("GUILD_MEMBER_REMOVE").await;
    assert_eq!(gone["user"]["id"], stage.number(newcomer.id));
    stage.says(&stage.owner, "they are gone").await;
    watching.until_matching("MESSAGE_CREATE", |message| message["content"] == "they are gone").await;
    coming.until_quiet().await;
    assert_eq!(coming.all("MESSAGE_CREATE").len(), 1);
}

#[tokio::test]
async fn op_8_finds_members_by_name_by_number_and_all() {
    let stage = Stage::set().await;
    let bot = stage.bot("Hal").await;
    let mut client = stage.logs_in(&bot).await;
    let guild: u64 = stage.number(stage.guild).parse().expect("a number");
    let names = |chunk: &serde_json::Value| -> Vec<String> {
        let members = chunk["members"].as_array().expect("members");
        let mut names: Vec<_> = members.iter().map(|member| member["user"]["username"].to_string()).collect();
        names.sort();
        names
    };
    client.send(json!({"op": 8, "d": {"guild_id": guild, "query": "", "limit": 0, "nonce": "all"}})).await;
    let all = client.until("GUILD_MEMBERS_CHUNK").await;
    assert_eq!(names(&all), ["\"Ada\"", "\"Hal\""]);
    assert_eq!(
        (&all["nonce"], &all["chunk_index"], &all["chunk_count"]),
        (&json!("all"), &json!(0), &json!(1))
    );
    client.send(json!({"op": 8, "d": {"guild_id": guild.to_string(), "query": "aD", "limit": 5}})).await;
    assert_eq!(names(&client.until("GUILD_MEMBERS_CHUNK").await), ["\"Ada\""]);
    let ids = json!([stage.number(bot.id), "77"]);
    client
        .send(json!({"op": 8, "d": {"guild_id": [guild], "user_ids": ids, "limit": 0, "presences": true}}))
        .await;
    let found = client.until("GUILD_MEMBERS_CHUNK").await;
    assert_eq!(names(&found), ["\"Hal\""]);
    assert_eq!(found["not_found"], json!(["77"]));
    assert_eq!(found["presences"].as_array().map(Vec::len), Some(1));
    client.send(json!({"op": 8, "d": {"guild_id": 77, "query": "", "limit": 0}})).await;
    client.until_quiet().await;
    assert_eq!(client.all("GUILD_MEMBERS_CHUNK").len(), 3, "a guild one is not in has no answer");
}

#[tokio::test]
async fn a_presence_is_told_to_who_may_know() {
    let stage = Stage::set().await;
    let (shown, watcher) = (stage.bot("Shown").await, stage.bot("Watcher").await);
    let mut watching = stage.logs_in(&watcher).await;
    let mut client = stage.logs_in(&shown).await;
    let is_shown = |presence: &serde_json::Value| presence["user"]["id"] == stage.number(shown.id);
    assert_eq!(watching.until_matching("PRESENCE_UPDATE", is_shown).await["status"], "online");
    let activity = json!({"name": "chess", "type": 0, "secret": 1});
    client
        .send(
            json!({"op": 3, "d": {"since": null, "activities": [activity], "status": "idle", "afk": false}}),
        )
        .await;
    let idle = watching.until_matching("PRESENCE_UPDATE", is_shown).await;
    assert_eq!(
        (&idle["status"], &idle["activities"]),
        (&json!("idle"), &json!([{"name": "chess", "type": 0}]))
    );
    client.close(1000).await;
    assert_eq!(watching.until_matching("PRESENCE_UPDATE", is_shown).await["status"], "offline");
    let mut blind = Client::connect(stage.address, "").await;
    blind.identify(&shown.token, ALL_INTENTS & !(1 << 8)).await;
    blind.until_ready().await;
    blind.until_quiet().await;
    assert!(blind.all("PRESENCE_UPDATE").is_empty());
}
