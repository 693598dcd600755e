//! Beginning a gateway session: every way of asking, every way of being refused.

use super::client::{Client, Incoming};
use super::stage::{ALL_INTENTS, PRIVILEGED, Stage};
use nexus_api::gateway::Settings;
use nexus_core::Command;
use nexus_crdt::permissions::Permissions;
use serde_json::json;
use tokio_tungstenite::tungstenite::Message;

const PLAIN: &str = "v=10&encoding=json";

/// The code a client is closed with after IDENTIFY.
async fn refused(stage: &Stage, token: &str, intents: u64) -> Option<u16> {
    let mut client = Client::connect(stage.address, PLAIN).await;
    client.identify(token, intents).await;
    client.until_closed().await
}

#[tokio::test]
async fn a_bot_logs_in_and_hears_over_every_compression() {
    let stage = Stage::set().await;
    let bot = stage.bot("Hal").await;
    for parameters in
        [PLAIN, "v=9", "", "encoding=json&v=10&compress=zlib-stream", "v=10&compress=zstd-stream"]
    {
        let mut client = Client::connect(stage.address, parameters).await;
        client.identify(&bot.token, ALL_INTENTS).await;
        let ready = client.until_ready().await;
        assert_eq!(ready["user"]["id"], stage.number(bot.id));
        assert_eq!(ready["application"], json!({"id": stage.number(bot.id), "flags": PRIVILEGED}));
        assert_eq!(ready["resume_gateway_url"], format!("ws://{}", stage.address));
        let guild = client.all("GUILD_CREATE")[0].clone();
        assert_eq!(guild["id"], stage.number(stage.guild));
        assert_eq!(guild["member_count"], 2);
        assert_eq!(guild["members"].as_array().map(Vec::len), Some(2));
        assert_eq!(guild["channels"].as_array().map(Vec::len), Some(2));
        let long = "long enough to be worth packing, ".repeat(50);
        stage.says(&stage.owner, &long).await;
        let message = client.until("MESSAGE_CREATE").await;
        assert_eq!(message["content"], long);
        assert_eq!(message["author"]["username"], "Ada");
        assert_eq!(client.close(1000).await, Some(1000));
    }
}

#[tokio::test]
async fn a_token_with_bot_before_it_and_a_persons_own_are_understood() {
    let stage = Stage::set().await;
    let bot = stage.bot("Hal").await;
    let mut client = Client::connect(stage.address, PLAIN).await;
    client.identify(&format!("Bot {}", bot.token), ALL_INTENTS).await;
    assert_eq!(client.until_ready().await["user"]["bot"], true);
    let mut client = Client::connect(stage.address, PLAIN).await;
    client.send(json!({"op": 2, "d": {"token": stage.owner.token, "properties": {}}})).await;
    let ready = client.until_ready().await;
    assert_eq!(ready["user"]["username"], "Ada");
    stage.says(&bot, "hello").await;
    assert_eq!(client.until("MESSAGE_CREATE").await["content"], "hello");
}

#[tokio::test]
async fn frames_may_be_binary_and_a_heartbeat_may_come_first() {
    let stage = Stage::set().await;
    let bot = stage.bot("Hal").await;
    let mut client = Client::connect(stage.address, PLAIN).await;
    client.send_raw(Message::binary(r#"{"op":1,"d":null}"#)).await;
    assert!(matches!(client.next().await, Incoming::Op(11, _)));
    let identify =
        json!({"op": 2, "d": {"token": bot.token, "intents": 1, "presence": {"game": {"name": "chess"}}}});
    client.send_raw(Message::binary(identify.to_string())).await;
    client.until_ready().await;
}

#[tokio::test]
async fn a_wrong_token_is_4004() {
    let stage = Stage::set().await;
    for token in ["", "x", "Bot ", "NzI.x.y", &"t".repeat(3000)] {
        assert_eq!(refused(&stage, token, 1).await, Some(4004));
    }
    let bot = stage.bot("Hal").await;
    stage.does(Command::IssueToken { user: bot.id, replace: true }).await;
    assert_eq!(refused(&stage, &bot.token, 1).await, Some(4004), "a replaced token");
}

#[tokio::test]
async fn a_session_whose_token_is_revoked_is_closed_with_4004() {
    let stage = Stage::set().await;
    let bot = stage.bot("Hal").await;
    let mut client = stage.logs_in(&bot).await;
    let mut person = stage.logs_in(&stage.owner).await;
    stage.does(Command::IssueToken { user: bot.id, replace: true }).await;
    assert_eq!(client.until_closed().await, Some(4004));
    person.until_quiet().await;
}

#[tokio::test]
async fn a_session_of_a_bot_that_is_deleted_is_closed_with_4004_and_who_is_in_its_guild_hears_that_it_left() {
    let stage = Stage::set().await;
    let bot = stage.bot("Hal").await;
    let mut client = stage.logs_in(&bot).await;
    let mut person = stage.logs_in(&stage.owner).await;
    let delete = Command::DeleteApplication { application: bot.id };
    stage.node.command(Some(stage.owner.id), delete).await.expect("deleted");
    assert_eq!(client.until_closed().await, Some(4004));
    assert_eq!(refused(&stage, &bot.token, 1).await, Some(4004));
    assert_eq!(person.until("GUILD_MEMBER_REMOVE").await["user"]["id"], stage.number(bot.id));
}

#[tokio::test]
async fn intents_must_be_some_and_privileged_ones_switched_on() {
    let stage = Stage::set().await;
    let bot = stage.application("Hal", 0).await;
    stage.install(&bot, Permissions::NONE).await;
    assert_eq!(refused(&stage, &bot.token, 1 << 15).await, Some(4014), "MESSAGE_CONTENT");
    assert_eq!(refused(&stage, &bot.token, 1 << 1).await, Some(4014), "GUILD_MEMBERS");
    assert_eq!(refused(&stage, &bot.token, 1 << 8).await, Some(4014), "GUILD_PRESENCES");
    assert_eq!(refused(&stage, &bot.token, 1 << 60).await, Some(4013));
    let mut client = Client::connect(stage.address, PLAIN).await;
    client.send(json!({"op": 2, "d": {"token": bot.token, "properties": {}}})).await;
    assert_eq!(client.until_closed().await, Some(4013), "a bot must say which");
    let mut client = Client::connect(stage.address, PLAIN).await;
    client.identify(&bot.token, 1 | 1 << 9).await;
    client.until_ready().await;
    let members = client.all("GUILD_CREATE")[0]["members"].clone();
    assert_eq!(members.as_array().map(Vec::len), Some(1), "without GUILD_MEMBERS only oneself");
}

#[tokio::test]
async fn a_shard_hears_of_its_guilds_only() {
    let stage = Stage::set().await;
    let bot = stage.bot("Hal").await;
    let number: u64 = stage.number(stage.guild).parse().expect("a number");
    let holder = (number >> 22) % 2;
    let mut watching = stage.logs_in(&stage.owner).await;
    for shard in 0..2 {
        let mut client = Client::connect(stage.address, PLAIN).await;
        client.send(json!({"op": 2, "d": {"token": bot.token, "intents": 513, "shard": [shard, 2]}})).await;
        let ready = client.until_ready().await;
        assert_eq!(ready["shard"], json!([shard, 2]));
        assert_eq!(ready["guilds"].as_array().map(Vec::len), Some(usize::from(shard == holder)));
        stage.says(&stage.owner, "which shard?").await;
        watching.until("MESSAGE_CREATE").await;
        client.until_quiet().await;
        assert_eq!(client.all("MESSAGE_CREATE").len(), usize::from(shard == holder));
    }
    let mut client = Client::connect(stage.address, PLAIN).await;
    client.send(json!({"op": 2, "d": {"token": bot.token, "intents": 513, "shard": [2, 2]}})).await;
    assert_eq!(client.until_closed().await, Some(4010));
}

#[tokio::test]
async fn an_unknown_version_or_encoding_says_so() {
    let stage = Stage::set().await;
    for (parameters, code) in
        [("v=8", 4012), ("v=x", 4012), ("v=10&encoding=etf", 4012), ("compress=brotli", 4002)]
    {
        let mut client = Client::knock(stage.address, parameters).await.expect("connects");
        assert_eq!(client.until_closed().await, Some(code), "{parameters}");
    }
}

#[tokio::test]
async fn an_account_with_too_many_sessions_is_told_to_wait() {
    let stage = Stage::with(Settings { sessions_of_account: 2, ..Settings::default() }).await;
    let bot = stage.bot("Hal").await;
    let first = stage.logs_in(&bot).await;
    let _second = stage.logs_in(&bot).await;
    let mut third = Client::connect(stage.address, PLAIN).await;
    third.identify(&bot.token, ALL_INTENTS).await;
    assert_eq!(third.next().await, Incoming::Op(9, json!(false)));
    // A session that nobody reads makes room for one that somebody does.
    first.close(4000).await;
    third.identify(&bot.token, ALL_INTENTS).await;
    third.until_ready().await;
}

#[tokio::test]
async fn a_page_logs_in_with_the_cookie_that_it_cannot_read() {
    let stage = Stage::set().await;
    let cookie = format!("a=b; nexus_token_{}={}", stage.address.port(), stage.owner.token);
    let mut client = Client::knock_with(stage.address, PLAIN, Some(&cookie)).await.expect("connects");
    assert!(matches!(client.next().await, Incoming::Op(10, _)));
    client.send(json!({"op": 2, "d": {"token": "", "properties": {}}})).await;
    assert_eq!(client.until_ready().await["user"]["username"], "Ada");
    let (session_id, seq) = (client.session_id.clone(), client.seq);
    drop(client);
    let mut client = Client::knock_with(stage.address, PLAIN, Some(&cookie)).await.expect("connects");
    assert!(matches!(client.next().await, Incoming::Op(10, _)));
    client.seq = seq;
    client.resume("", &session_id, seq).await;
    client.until("RESUMED").await;
    let mut stranger = Client::connect(stage.address, PLAIN).await;
    stranger.send(json!({"op": 2, "d": {"token": "", "properties": {}}})).await;
    assert_eq!(stranger.until_closed().await, Some(4004));
}
