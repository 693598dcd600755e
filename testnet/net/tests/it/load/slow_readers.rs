//! Clients that read nothing.

use super::{INTENTS, PATIENCE, Scene, hears, size};
use futures_util::future::join_all;
use futures_util::stream::{self, StreamExt as _, TryStreamExt as _};
use futures_util::{SinkExt as _, Stream};
use nexus_load::api::Api;
use nexus_load::gateway::Session;
use nexus_net::Program;
use serde_json::json;
use std::collections::BTreeSet;
use tokio::net::{TcpSocket, TcpStream};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::{Error, Message};

/// What is said in all: more than the 16 MiB that a gateway session keeps for its client, and all its sockets' buffers.
const BYTES: usize = 24 << 20;
/// Beyond what the relay had before. What they are to hear is held once, however many they are: each alone would have 16 MiB.
const KIB_MORE: u64 = 160 * 1024;

#[tokio::test(flavor = "multi_thread")]
async fn who_does_not_read_is_let_go_at_a_bound_and_nobody_else_misses_anything() {
    let scene = Scene::set(&["writer", "slow", "brisk"]).await;
    let [writer, slow, brisk] = [0, 1, 2].map(|number| scene.bot(number));
    let before = scene.usage();
    let mut asleep = Vec::new();
    for _ in 0..size(24, 200) {
        asleep.push(falls_asleep(&scene.relay, slow).await);
    }
    let card = json!([{ "description": "€".repeat(3_900) }]);
    let words = |number: usize| format!("{number} {}", "€".repeat(1_900));
    let messages = BYTES / (3 * (3_900 + 1_900));
    let listener = tokio::spawn(hears(Session::open(brisk, INTENTS).await.unwrap(), messages));
    let path = &scene.path();
    let posts = (0..messages).map(|number| {
        let body = json!({ "content": words(number), "embeds": card });
        async move { writer.post(path, &body).await.map(drop) }
    });
    stream::iter(posts).buffer_unordered(8).try_collect::<()>().await.unwrap();

    let (_, heard) = listener.await.unwrap().unwrap();
    let said: BTreeSet<String> = (0..messages).map(words).collect();
    assert_eq!(heard.len(), said.len());
    assert!(heard.into_iter().collect::<BTreeSet<_>>() == said, "each once");
    let kib = scene.usage().resident_kib.saturating_sub(before.resident_kib);
    eprintln!("{} slow readers, {messages} messages of 17 KB: {kib} KiB more", asleep.len());
    assert!(kib < KIB_MORE, "{kib} KiB more than before");
    for events in join_all(asleep.into_iter().map(wakes_up)).await {
        assert!(events < messages, "its session was ended, not kept without bound");
    }
    scene.is_left_as_before(before).await;
    scene.verify().await;
}

/// Logs in with a small window, hears its guild, and reads no more.
async fn falls_asleep(relay: &Program, who: &Api) -> WebSocketStream<TcpStream> {
    let socket = TcpSocket::new_v4().unwrap();
    socket.set_recv_buffer_size(4_096).unwrap();
    let stream = socket.connect(relay.listens()).await.unwrap();
    let url = format!("ws://{}/?v=10&encoding=json", relay.listens());
    let (mut socket, _) = tokio_tungstenite::client_async(url, stream).await.unwrap();
    let token = who.authorization().trim_start_matches("Bot ");
    let identify = json!({ "op": 2, "d": { "token": token, "intents": INTENTS, "properties": {} } });
    socket.send(Message::text(identify.to_string())).await.unwrap();
    while !next(&mut socket).await.unwrap().unwrap().to_text().unwrap().contains("\"GUILD_CREATE\"") {}
    socket
}

/// Reads to the end, which must come; how many messages it heard before.
async fn wakes_up(mut socket: WebSocketStream<TcpStream>) -> usize {
    let mut events = 0;
    while let Some(Ok(message)) = next(&mut socket).await {
        events += usize::from(message.to_text().is_ok_and(|text| text.contains("\"MESSAGE_CREATE\"")));
    }
    events
}

async fn next(
    socket: &mut (impl Stream<Item = Result<Message, Error>> + Unpin),
) -> Option<Result<Message, Error>> {
    tokio::time::timeout(PATIENCE, socket.next()).await.expect("something comes, or the end")
}
