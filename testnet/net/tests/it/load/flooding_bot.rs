//! A bot that asks as fast as it can, whatever it is told.

use super::{INTENTS, PATIENCE, Scene, size};
use nexus_load::api::{Answer, Api};
use nexus_load::gateway::Session;
use nexus_net::text;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use tokio::task::JoinSet;

/// Requests of the flood under way at a time.
const HANDS: usize = 16;

#[tokio::test(flavor = "multi_thread")]
async fn a_bot_that_floods_is_told_how_long_to_wait_and_everybody_elses_messages_arrive() {
    let scene = Scene::set(&["clerk", "ear"]).await;
    let (flooder, ear) = (ordinary_bot(&scene).await, scene.bot(1));
    let mut ear = Session::open(ear, INTENTS).await.unwrap();
    let over = Arc::new(AtomicBool::new(false));
    let mut flood = JoinSet::new();
    for _ in 0..HANDS {
        flood.spawn(floods(flooder.clone(), scene.path(), over.clone()));
    }
    let mut missing = BTreeSet::new();
    for number in 0..size(10, 25) {
        // A person, held to a person's pace, and a bot that is let write fast.
        for (name, who) in [("Rita", &scene.rita.api), ("clerk", scene.bot(0))] {
            let words = format!("{name} {number}");
            let answer = who.post_once(&scene.path(), &json!({ "content": words })).await.unwrap();
            assert_eq!(answer.status, 200, "{words}: {}", answer.body);
            missing.insert(words);
        }
    }
    while !missing.is_empty() {
        missing.remove(&next_words(&mut ear).await);
    }
    over.store(true, Relaxed);
    let (mut accepted, mut refused) = (0, 0);
    while let Some(hand) = flood.join_next().await {
        let (yes, no) = hand.unwrap();
        (accepted, refused) = (accepted + yes, refused + no);
    }
    eprintln!("of the flood {accepted} were accepted and {refused} told to wait");
    assert!(accepted > 0 && refused > 0, "{accepted} accepted, {refused} refused");
    // Who waits as long as they are told is heard again.
    scene.says(&flooder, "I have waited").await;
    while next_words(&mut ear).await != "I have waited" {}
    scene.verify().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_floods_the_gateway_loses_its_socket_and_others_hear_on() {
    let scene = Scene::set(&["clerk", "ear"]).await;
    let mut ear = Session::open(scene.bot(1), INTENTS).await.unwrap();
    for round in 0..size(5, 50) {
        let mut session = Session::open(scene.bot(0), INTENTS).await.unwrap();
        // More than the 120 frames a minute that Discord allows: it ends while, or after, they are said.
        for _ in 0..200 {
            if session.beat().await.is_err() {
                break;
            }
        }
        let end = async { while session.next().await.is_ok() {} };
        tokio::time::timeout(PATIENCE, end).await.expect("it is let go");
        let words = format!("after flood {round}");
        scene.says(scene.bot(0), &words).await;
        while next_words(&mut ear).await != words {}
    }
    scene.verify().await;
}

/// A bot in the guild that nobody has let write faster than bots may.
async fn ordinary_bot(scene: &Scene) -> Api {
    let (owner, guild) = (&scene.rita.api, &scene.stage.guild);
    let made = owner.post("/applications", &json!({ "name": "flood" })).await.unwrap();
    let id = text(&made["id"]).unwrap();
    let reset = owner.post(&format!("/applications/{id}/bot/reset"), &json!({})).await.unwrap();
    let install = json!({ "guild_id": guild, "permissions": "0", "authorize": true });
    owner.post(&format!("/oauth2/authorize?client_id={id}&scope=bot"), &install).await.unwrap();
    owner.speaking_for(&format!("Bot {}", text(&reset["token"]).unwrap()))
}

/// Asks until it is over, however it is answered: how often yes, how often later.
async fn floods(who: Api, path: String, over: Arc<AtomicBool>) -> (usize, usize) {
    let (mut accepted, mut refused) = (0, 0);
    // Not before it was refused once: others may be done sooner.
    while refused == 0 || !over.load(Relaxed) {
        let answer = who.post_once(&path, &json!({ "content": "me, me, me" })).await.unwrap();
        match answer.status.as_u16() {
            200 => accepted += 1,
            429 => {
                says_how_long(&answer);
                refused += 1;
            }
            other => panic!("{other}: {}", answer.body),
        }
    }
    (accepted, refused)
}

/// In the words that libraries wait by.
fn says_how_long(answer: &Answer) {
    for name in ["retry-after", "x-ratelimit-scope", "via"] {
        assert!(answer.headers.contains_key(name), "no {name}: {:?}", answer.headers);
    }
    assert!(answer.body["retry_after"].as_f64() > Some(0.0), "{}", answer.body);
    let for_every_route = answer.body["global"].as_bool().expect("whether for every route");
    assert_eq!(answer.headers.contains_key("x-ratelimit-global"), for_every_route, "{:?}", answer.headers);
    if !for_every_route {
        assert_eq!(answer.headers["x-ratelimit-remaining"], "0");
    }
}

async fn next_words(ear: &mut Session) -> String {
    loop {
        let next = tokio::time::timeout(PATIENCE, ear.next()).await.expect("something is said");
        let (event, frame) = next.unwrap();
        if event == "MESSAGE_CREATE" {
            return text(&serde_json::from_str::<Value>(frame.as_str()).unwrap()["d"]["content"]).unwrap();
        }
    }
}
