//! Emoji, events, polls and filters.

use super::Play;
use crate::gateway::stage::draft;
use nexus_core::{Command, Extras, MessageDraft, Refusal};
use nexus_crdt::body::content::{Poll, PollAnswer};
use nexus_crdt::body::governance::{
    Acts, EmojiCreate, EventFields, EventPlace, EventStatus, FilterFields, Picture, PictureFormat, Trigger,
};
use nexus_crdt::id::{ChannelId, OpId};
use serde_json::json;

pub(super) async fn emojis(play: &mut Play) {
    let (guild, channel, owner) = (play.stage.guild, play.stage.general, play.stage.owner.clone());
    let picture = Picture { hash: [7; 32], size: 1, format: PictureFormat::Png, animated: false };
    let emoji = EmojiCreate { name: String::from("cat"), picture, roles: Vec::new() };
    let cat = play.stage.makes(Command::MakeEmoji { guild, emoji }).await;
    let number = play.stage.number(cat);
    let heard = play.client.until("GUILD_EMOJIS_UPDATE").await;
    assert_eq!((&heard["emojis"][0]["id"], &heard["emojis"][0]["name"]), (&json!(number), &json!("cat")));
    let message = play.stage.sends(&owner, draft(channel, "a cat")).await.id;
    play.client.until("MESSAGE_CREATE").await;
    let react = Command::React { channel, message, emoji: cat.to_hex() };
    let added = play.causes(react, "MESSAGE_REACTION_ADD").await;
    assert_eq!(added["emoji"], json!({ "id": number, "name": "cat" }));
    let mut anew = play.stage.logs_in(&owner).await;
    let whole = anew.all("GUILD_CREATE").into_iter().find(|guild| guild["emojis"] != json!([]));
    assert_eq!(whole.expect("a guild with an emoji")["emojis"][0]["id"], number);
    let gone = play.causes(Command::DeleteEmoji { guild, emoji: cat }, "GUILD_EMOJIS_UPDATE").await;
    assert_eq!(gone["emojis"], json!([]));
    anew.until("GUILD_EMOJIS_UPDATE").await;
}

pub(super) async fn events(play: &mut Play) {
    let guild = play.stage.guild;
    let fields = EventFields {
        name: Some(String::from("A walk")),
        starts: Some(4_000_000_000_000),
        ends: Some(4_000_003_600_000),
        place: Some(EventPlace::Elsewhere(String::from("the lake"))),
        ..EventFields::default()
    };
    let made = play.stage.makes(Command::Announce { guild, fields }).await;
    let (event, number) = (ChannelId::from(made), play.stage.number(made));
    let heard = play.client.until("GUILD_SCHEDULED_EVENT_CREATE").await;
    assert_eq!((&heard["id"], &heard["entity_metadata"]["location"]), (&json!(number), &json!("the lake")));
    let interested = |interested| Command::BeInterested { event, interested };
    let heard = play.causes(interested(true), "GUILD_SCHEDULED_EVENT_USER_ADD").await;
    assert_eq!(heard["user_id"], play.stage.number(play.stage.owner.id));
    play.causes(interested(false), "GUILD_SCHEDULED_EVENT_USER_REMOVE").await;
    let fields = EventFields { status: Some(EventStatus::Active), ..EventFields::default() };
    let begun = play.causes(Command::EditEvent { event, fields }, "GUILD_SCHEDULED_EVENT_UPDATE").await;
    assert_eq!(begun["status"], 2);
    let anew = play.stage.logs_in(&play.stage.owner).await;
    let guilds = anew.all("GUILD_CREATE");
    let whole = guilds.iter().find(|guild| guild["guild_scheduled_events"] != json!([]));
    let whole = whole.expect("a guild with an event");
    assert_eq!(whole["guild_scheduled_events"][0]["id"], number);
    let listed = whole["channels"].as_array().into_iter().flatten().any(|channel| channel["id"] == number);
    assert!(!listed, "an event is no channel");
    let gone = play.causes(Command::CallOff { event }, "GUILD_SCHEDULED_EVENT_DELETE").await;
    assert_eq!((&gone["id"], &gone["name"]), (&json!(number), &json!("A walk")));
    let about = |name: &str| play.client.all(name).iter().any(|channel| channel["id"] == json!(number));
    assert!(!about("CHANNEL_CREATE") && !about("CHANNEL_UPDATE") && !about("CHANNEL_DELETE"));
}

pub(super) async fn polls(play: &mut Play) {
    let (channel, owner) = (play.stage.general, play.stage.owner.clone());
    let answer = |text: &str| PollAnswer { text: text.to_owned(), emoji: None };
    let answers = vec![answer("yes"), answer("no")];
    let poll = Poll { question: String::from("Shall we?"), answers, multiple: false, hours: 1 };
    let poll = Some(Box::new(poll));
    let asks = MessageDraft { extras: Extras { poll, ..Extras::default() }, ..draft(channel, "") };
    let message: OpId = play.stage.sends(&owner, asks).await.id;
    let asked = play.client.until("MESSAGE_CREATE").await;
    assert_eq!(asked["poll"]["question"]["text"], "Shall we?");
    let vote = |answers: &[u8]| Command::Vote { channel, message, answers: answers.to_vec() };
    let added = play.causes(vote(&[2]), "MESSAGE_POLL_VOTE_ADD").await;
    assert_eq!((&added["answer_id"], &added["message_id"]), (&json!(2), &asked["id"]));
    let removed = play.causes(vote(&[]), "MESSAGE_POLL_VOTE_REMOVE").await;
    assert_eq!(
        (&removed["answer_id"], &removed["user_id"]),
        (&json!(2), &json!(play.stage.number(owner.id)))
    );
    let ended = play.causes(Command::EndPoll { channel, message }, "MESSAGE_UPDATE").await;
    assert_eq!(ended["poll"]["results"]["is_finalized"], true);
}

pub(super) async fn filters(play: &mut Play) {
    let guild = play.stage.guild;
    let bot = play.stage.bot("Ears").await;
    let mut watching = play.stage.logs_in(&bot).await;
    let trigger =
        Some(Trigger::Words { stopped: vec![String::from("cat")], allowed: Vec::new(), patterns: None });
    let acts = Some(Acts { alert: Some(play.stage.general), ..Acts::default() });
    let fields =
        FilterFields { name: Some(String::from("no cats")), trigger, acts, ..FilterFields::default() };
    let filter = play.stage.makes(Command::MakeFilter { guild, fields }).await;
    let number = play.stage.number(filter);
    let made = play.client.until("AUTO_MODERATION_RULE_CREATE").await;
    assert_eq!((&made["id"], &made["trigger_metadata"]["keyword_filter"]), (&json!(number), &json!(["cat"])));
    let said = Command::SendMessage(draft(play.stage.general, "a Cat"));
    let refused = play.stage.node.command(Some(bot.id), said).await;
    assert!(matches!(refused, Err(Refusal::Filtered { .. })), "{refused:?}");
    for action in [1, 2] {
        let acted = play.client.until("AUTO_MODERATION_ACTION_EXECUTION").await;
        assert_eq!((&acted["action"]["type"], &acted["rule_id"]), (&json!(action), &json!(number)));
        assert_eq!((&acted["content"], &acted["matched_content"]), (&json!("a Cat"), &json!("cat")));
        assert!(acted["alert_system_message_id"].is_string());
    }
    let alert = watching.until("MESSAGE_CREATE").await;
    assert_eq!((&alert["type"], &alert["author"]["id"]), (&json!(24), &json!(play.stage.number(bot.id))));
    let card = &alert["embeds"][0];
    assert_eq!((&card["type"], &card["description"]), (&json!("auto_moderation_message"), &json!("a Cat")));
    let fields = FilterFields { enabled: Some(false), ..FilterFields::default() };
    let edit = Command::EditFilter { guild, filter, fields };
    assert_eq!(play.causes(edit, "AUTO_MODERATION_RULE_UPDATE").await["enabled"], false);
    let gone = play.causes(Command::DeleteFilter { guild, filter }, "AUTO_MODERATION_RULE_DELETE").await;
    assert_eq!(gone["id"], number);
    play.stage.says(&play.stage.owner, "which words?").await;
    watching.until_matching("MESSAGE_CREATE", |heard| heard["content"] == "which words?").await;
    let told = watching.names().iter().any(|name| name.starts_with("AUTO_MODERATION"));
    assert!(!told, "what is stopped is told to who manages the guild");
}
