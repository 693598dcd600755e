//! A gateway session outlives its socket.

use super::client::{Client, Incoming};
use super::stage::Stage;
use nexus_api::gateway::{Bounds, Settings};
use nexus_core::{Command, ThreadDraft};
use nexus_crdt::body::governance::ThreadFields;
use serde_json::json;

const PLAIN: &str = "v=10&encoding=json";

#[tokio::test]
async fn a_resumed_session_hears_what_it_missed_once_and_in_order() {
    let stage = Stage::set().await;
    let bot = stage.bot("Hal").await;
    for parameters in [PLAIN, "v=10&compress=zlib-stream", "v=10&compress=zstd-stream"] {
        let mut client = stage.logs_in(&bot).await;
        stage.says(&stage.owner, "heard").await;
        client.until("MESSAGE_CREATE").await;
        let (session, seq) = (client.session_id.clone(), client.seq);
        assert_eq!(client.close(4000).await, Some(4000));
        stage.says(&stage.owner, "missed 1").await;
        stage.says(&stage.owner, "missed 2").await;
        let mut again = Client::connect(stage.address, parameters).await;
        again.seq = seq;
        again.resume(&bot.token, &session, seq).await;
        again.until("RESUMED").await;
        stage.says(&stage.owner, "afterwards").await;
        again.until_matching("MESSAGE_CREATE", |message| message["content"] == "afterwards").await;
        let messages = again.all("MESSAGE_CREATE");
        let contents: Vec<_> = messages.iter().map(|message| &message["content"]).collect();
        assert_eq!(contents, ["missed 1", "missed 2", "afterwards"]);
    }
}

#[tokio::test]
async fn a_resume_from_further_back_replays_from_there() {
    let stage = Stage::set().await;
    let bot = stage.bot("Hal").await;
    let mut client = stage.logs_in(&bot).await;
    let (session, seq) = (client.session_id.clone(), client.seq);
    stage.says(&stage.owner, "sent, but it never arrived").await;
    client.until("MESSAGE_CREATE").await;
    drop(client);
    let mut again = Client::connect(stage.address, PLAIN).await;
    again.seq = seq;
    again.resume(&bot.token, &session, seq).await;
    again.until("RESUMED").await;
    assert_eq!(again.all("MESSAGE_CREATE").len(), 1);
}

#[tokio::test]
async fn what_was_taken_away_meanwhile_is_not_replayed_to_who_resumes() {
    let stage = Stage::set().await;
    let bot = stage.bot("Hal").await;
    let mut witness = stage.logs_in(&stage.bot("Witness").await).await;
    let mut client = stage.logs_in(&bot).await;
    let (session, seq) = (client.session_id.clone(), client.seq);
    let said = stage.says(&stage.owner, "this was a mistake").await;
    client.until("MESSAGE_CREATE").await;
    drop(client);
    stage.does(Command::DeleteMessages { channel: stage.general, messages: vec![said.id] }).await;
    witness.until("MESSAGE_DELETE").await;
    let mut again = Client::connect(stage.address, PLAIN).await;
    again.seq = seq;
    again.resume(&bot.token, &session, seq).await;
    again.until("RESUMED").await;
    let messages = again.all("MESSAGE_CREATE");
    assert_eq!(messages.len(), 1, "each event is replayed, so that no number is left out");
    let number = said.api_id.0.to_string();
    assert_eq!((&messages[0]["id"], &messages[0]["content"]), (&json!(number), &json!("")));
    assert_eq!(again.all("MESSAGE_DELETE").len(), 1);
}

#[tokio::test]
async fn what_was_moved_and_then_taken_away_is_not_replayed_from_where_it_was() {
    let stage = Stage::set().await;
    let bot = stage.bot("Hal").await;
    let mut witness = stage.logs_in(&stage.bot("Witness").await).await;
    let fields = ThreadFields { name: Some(String::from("aside")), ..ThreadFields::default() };
    let draft = ThreadDraft { starter: None, fields, private: None, first: None };
    let channel = stage.general;
    let thread = stage.makes(Command::CreateThread { parent: channel, draft }).await;
    let mut client = stage.logs_in(&bot).await;
    let (session, seq) = (client.session_id.clone(), client.seq);
    let said = stage.says(&stage.owner, "this was a mistake").await;
    client.until("MESSAGE_CREATE").await;
    drop(client);
    let messages = vec![said.id];
    let to = Some(thread.into());
    stage.does(Command::MoveMessages { channel, messages: messages.clone(), to }).await;
    stage.does(Command::DeleteMessages { channel, messages }).await;
    witness.until_matching("MESSAGE_DELETE", |gone| gone["nexus"].is_null()).await;
    let mut again = Client::connect(stage.address, PLAIN).await;
    again.seq = seq;
    again.resume(&bot.token, &session, seq).await;
    again.until("RESUMED").await;
    let number = json!(said.api_id.0.to_string());
    for name in ["MESSAGE_CREATE", "MESSAGE_UPDATE"] {
        let told = again.all(name).into_iter().filter(|message| message["id"] == number);
        let contents: Vec<_> = told.map(|message| message["content"].clone()).collect();
        assert_eq!(contents, [json!("")], "{name}");
    }
    assert_eq!(again.all("MESSAGE_DELETE").len(), 2);
}

#[tokio::test]
async fn a_session_is_taken_over_from_a_socket_that_hangs() {
    let stage = Stage::set().await;
    let bot = stage.bot("Hal").await;
    let mut hanging = stage.logs_in(&bot).await;
    let mut again = Client::connect(stage.address, PLAIN).await;
    again.seq = hanging.seq;
    again.resume(&bot.token, &hanging.session_id, hanging.seq).await;
    again.until("RESUMED").await;
    assert_eq!(hanging.until_closed().await, Some(4000));
    stage.says(&stage.owner, "to the new one").await;
    again.until("MESSAGE_CREATE").await;
}

#[tokio::test]
async fn a_number_that_was_never_sent_is_4007() {
    let stage = Stage::set().await;
    let bot = stage.bot("Hal").await;
    let mut client = stage.logs_in(&bot).await;
    client.until_quiet().await;
    for seq in [client.seq + 1, u64::MAX] {
        let mut again = Client::connect(stage.address, PLAIN).await;
        again.resume(&bot.token, &client.session_id, seq).await;
        assert_eq!(again.until_closed().await, Some(4007));
    }
}

#[tokio::test]
async fn a_session_that_is_not_ones_own_or_is_over_is_invalid() {
    let stage = Stage::set().await;
    let (bot, other) = (stage.bot("Hal").await, stage.bot("Other").await);
    let client = stage.logs_in(&bot).await;
    let (session, seq) = (client.session_id.clone(), client.seq);
    let mut thief = Client::connect(stage.address, PLAIN).await;
    thief.resume(&other.token, &session, seq).await;
    assert_eq!(thief.next().await, Incoming::Op(9, json!(false)));
    let mut guesser = Client::connect(stage.address, PLAIN).await;
    guesser.resume(&bot.token, "0", 1).await;
    assert_eq!(guesser.next().await, Incoming::Op(9, json!(false)));
    let mut stranger = Client::connect(stage.address, PLAIN).await;
    stranger.resume("nobody", &session, seq).await;
    assert_eq!(stranger.until_closed().await, Some(4004));
    // A goodbye with 1000 ends the session; the socket may then begin a new one.
    assert_eq!(client.close(1000).await, Some(1000));
    let mut late = Client::connect(stage.address, PLAIN).await;
    late.resume(&bot.token, &session, seq).await;
    assert_eq!(late.next().await, Incoming::Op(9, json!(false)));
    late.identify(&bot.token, 1).await;
    late.until_ready().await;
}

#[tokio::test]
async fn past_the_bound_the_session_is_invalid_and_never_has_a_hole() {
    let bounds = Bounds { events: 20, bytes: 1 << 20 };
    let stage = Stage::with(Settings { bounds, ..Settings::default() }).await;
    let bot = stage.bot("Hal").await;
    let mut watching = stage.logs_in(&stage.owner).await;
    let client = stage.logs_in(&bot).await;
    let (session, seq) = (client.session_id.clone(), client.seq);
    client.close(4000).await;
    for n in 0..25 {
        stage.says(&stage.owner, &n.to_string()).await;
        watching.until("MESSAGE_CREATE").await;
    }
    let mut late = Client::connect(stage.address, PLAIN).await;
    late.resume(&bot.token, &session, seq).await;
    assert_eq!(late.next().await, Incoming::Op(9, json!(false)));
}

/// A client that takes nothing holds up nobody, and costs no more than the bound; what it finds at last is a clean
/// end and no hole.
#[tokio::test]
async fn a_client_that_reads_nothing_loses_its_session_and_holds_up_nobody() {
    let bounds = Bounds { events: 1 << 20, bytes: 1 << 20 };
    // However long it takes here, nobody is closed for a heart that does not beat.
    let heartbeat_ms = 3_600_000;
    let stage = Stage::with(Settings { bounds, heartbeat_ms, ..Settings::default() }).await;
    stage.unleash_owner().await;
    let (slow, brisk) = (stage.bot("Slow").await, stage.bot("Brisk").await);
    let mut sleeping = stage.logs_in(&slow).await;
    let mut awake = stage.logs_in(&brisk).await;
    let (session, seq) = (sleeping.session_id.clone(), sleeping.seq);
    let long = "€".repeat(4000);
    // 18 MiB: far more than the sockets' buffers and the bound together.
    for _ in 0..1600 {
        stage.says(&stage.owner, &long).await;
        awake.until("MESSAGE_CREATE").await;
    }
    // Without a word where it took nothing for half a minute in the midst of a frame: on a machine that has much else to do.
    let code = sleeping.until_closed().await;
    assert!(matches!(code, Some(4000) | None), "{code:?}");
    assert!(sleeping.all("MESSAGE_CREATE").len() < 1600);
    let mut again = Client::connect(stage.address, PLAIN).await;
    again.resume(&slow.token, &session, seq).await;
    assert_eq!(again.next().await, Incoming::Op(9, json!(false)));
}

#[tokio::test]
async fn a_gateway_that_shuts_down_sends_its_clients_away_with_words() {
    let stage = Stage::set().await;
    let bot = stage.bot("Hal").await;
    let mut client = stage.logs_in(&bot).await;
    stage.gateway.shut_down();
    let mut asked_to_come_back = false;
    let code = loop {
        match client.next().await {
            Incoming::Op(7, _) => asked_to_come_back = true,
            Incoming::Closed(code) => break code,
            _ => {}
        }
    };
    assert!(asked_to_come_back);
    assert_eq!(code, Some(4000));
}

#[tokio::test]
async fn nobody_waits_for_a_client_for_ever() {
    let stage = Stage::with(Settings { resume_ms: 0, ..Settings::default() }).await;
    let (bot, watcher) = (stage.bot("Hal").await, stage.bot("Watcher").await);
    let mut watching = stage.logs_in(&watcher).await;
    let client = stage.logs_in(&bot).await;
    client.close(4000).await;
    let gone = |presence: &serde_json::Value| presence["status"] == "offline";
    watching.until_matching("PRESENCE_UPDATE", gone).await;
}
