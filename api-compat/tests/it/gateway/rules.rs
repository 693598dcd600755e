//! What a client may not do, and what it is told.

use super::client::{Client, Incoming};
use super::stage::Stage;
use nexus_api::gateway::Settings;
use serde_json::json;
use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;
use tokio_tungstenite::tungstenite::{Error, Message};

/// The code that follows a frame sent before IDENTIFY.
async fn closed_after(stage: &Stage, frame: Message) -> Option<u16> {
    let mut client = Client::connect(stage.address, "v=10&encoding=json").await;
    client.send_raw(frame).await;
    client.until_closed().await
}

#[tokio::test]
async fn each_wrong_frame_is_closed_with_its_code() {
    let stage = Stage::set().await;
    for (frame, code) in [
        ("{", 4002),
        ("[]", 4002),
        ("null", 4002),
        (r#"{"op":2,"d":7}"#, 4002),
        (r#"{"op":"2"}"#, 4002),
        (r#"{"op":77,"d":{}}"#, 4001),
        (r#"{"op":3,"d":{"status":"online"}}"#, 4003),
        (r#"{"op":8,"d":{"guild_id":1,"query":"","limit":0}}"#, 4003),
    ] {
        assert_eq!(closed_after(&stage, Message::text(frame)).await, Some(code), "{frame}");
    }
    assert_eq!(
        closed_after(&stage, Message::binary(&b"{\"op\":1,\"d\":\"\xff\xfe\"}"[..])).await,
        Some(4002)
    );
    let long = format!("{{\"op\":1,\"d\":null,\"x\":\"{}\"}}", "x".repeat(4096));
    assert_eq!(closed_after(&stage, Message::text(long)).await, Some(4002));
}

#[tokio::test]
async fn a_second_identify_is_4005() {
    let stage = Stage::set().await;
    let bot = stage.bot("Hal").await;
    let mut client = stage.logs_in(&bot).await;
    client.identify(&bot.token, 1).await;
    assert_eq!(client.until_closed().await, Some(4005));
}

#[tokio::test]
async fn a_flood_of_frames_is_4008() {
    let stage = Stage::set().await;
    let bot = stage.bot("Hal").await;
    let mut client = stage.logs_in(&bot).await;
    for _ in 0..130 {
        client.send_raw(Message::text(r#"{"op":1,"d":null}"#)).await;
    }
    assert_eq!(client.until_closed().await, Some(4008));
}

#[tokio::test]
async fn a_client_that_never_heartbeats_is_asked_and_then_closed() {
    let stage = Stage::with(Settings { heartbeat_ms: 2_000, ..Settings::default() }).await;
    let bot = stage.bot("Hal").await;
    let mut client = stage.logs_in(&bot).await;
    let mut asked = false;
    let code = loop {
        match client.next().await {
            Incoming::Op(1, _) => asked = true,
            Incoming::Closed(code) => break code,
            _ => {}
        }
    };
    assert!(asked);
    assert_eq!(code, Some(4009));
}

#[tokio::test]
async fn the_clients_own_close_code_is_echoed() {
    let stage = Stage::set().await;
    for code in [1000, 1001, 3000, 4000, 4900] {
        let client = Client::connect(stage.address, "v=10&encoding=json").await;
        assert_eq!(client.close(code).await, Some(code));
    }
}

#[tokio::test]
async fn a_page_of_another_origin_is_turned_away_at_the_door() {
    let stage = Stage::set().await;
    let options = nexus_api::Options::default();
    let router = nexus_api::router(stage.node.clone(), options, &stage.gateway);
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("binds");
    let address = listener.local_addr().expect("an address");
    tokio::spawn(async move { axum::serve(listener, router).await });
    Client::connect(address, "v=10").await;
    for (name, value) in [("Origin", "https://evil.example"), ("Host", "evil.example")] {
        let mut request = format!("ws://{address}/?v=10").into_client_request().expect("a request");
        request.headers_mut().insert(name, value.parse().expect("a value"));
        match tokio_tungstenite::connect_async(request).await {
            Err(Error::Http(answer)) => assert_eq!(answer.status(), 403, "{name}"),
            other => panic!("{name}: {other:?}"),
        }
    }
}

#[tokio::test]
async fn op_4_is_read_and_says_nothing() {
    let stage = Stage::set().await;
    let bot = stage.bot("Hal").await;
    let mut client = stage.logs_in(&bot).await;
    client.send(json!({"op": 4, "d": {"guild_id": 7, "channel_id": null, "self_mute": false}})).await;
    client.until_quiet().await;
    assert!(!client.names().contains(&"VOICE_STATE_UPDATE"));
}

/// A frame that the socket answers by itself comes before what is written after it, and never in its midst.
#[tokio::test]
async fn a_ping_is_answered_between_whole_frames() {
    use futures_util::{SinkExt as _, StreamExt as _};
    let stage = Stage::set().await;
    let address = format!("ws://{}/?v=10&encoding=json", stage.address);
    let (mut socket, _) = tokio_tungstenite::connect_async(address).await.expect("a socket");
    for number in 0..40_u8 {
        socket.send(Message::Ping(vec![number; 100].into())).await.expect("a ping");
        socket.send(Message::text(r#"{"op":1,"d":null}"#)).await.expect("a heartbeat");
    }
    let hello = socket.next().await.expect("HELLO").expect("a frame");
    assert!(hello.to_text().is_ok_and(|text| text.contains(r#""op":10"#)));
    for number in 0..40_u8 {
        let pong = socket.next().await.expect("a pong").expect("a frame");
        assert_eq!(pong, Message::Pong(vec![number; 100].into()));
        let answer = socket.next().await.expect("an answer").expect("a frame");
        assert!(answer.to_text().is_ok_and(|text| text.contains(r#""op":11"#)), "{answer:?}");
    }
}
