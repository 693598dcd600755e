//! Everybody loses their connection at once, and comes back at once.

use super::{INTENTS, Scene, hears, size};
use anyhow::Result;
use futures_util::future::join_all;
use futures_util::stream::{self, StreamExt as _, TryStreamExt as _};
use nexus_load::api::Api;
use nexus_load::gateway::{Seat, Session};
use nexus_net::eventually;

const ROUNDS: usize = 3;
const MESSAGES: usize = 5;

#[tokio::test(flavor = "multi_thread")]
async fn a_storm_of_reconnects_is_borne_and_each_hears_everything_once() {
    let scene = Scene::set(&["writer", "many", "witness"]).await;
    let [writer, many, witness] = [0, 1, 2].map(|number| scene.bot(number));
    let before = scene.usage();
    let crowd = size(200, 1_000);
    let witness = scene.listens(witness, ROUNDS * MESSAGES).await;
    let opened = stream::iter((0..crowd).map(|_| Session::open(many, INTENTS)));
    let mut sessions: Vec<Session> = opened.buffer_unordered(16).try_collect().await.unwrap();
    let mut all = Vec::new();
    for round in 0..ROUNDS {
        let said: Vec<String> = (0..MESSAGES).map(|number| format!("{round} {number}")).collect();
        let seats: Vec<Seat> = sessions.into_iter().map(Session::lose).collect();
        let talk = async {
            for words in &said {
                scene.says(writer, words).await;
            }
        };
        let ((), back) = tokio::join!(talk, join_all(seats.into_iter().map(|seat| comes_back(many, seat))));
        sessions = Vec::with_capacity(crowd);
        for back in back {
            let (session, heard) = back.unwrap();
            assert_eq!(heard, said, "what was missed and what was not, once and in order");
            sessions.push(session);
        }
        all.extend(said);
    }
    // And once more, this time with nothing to go on from.
    sessions.into_iter().map(Session::lose).for_each(drop);
    let anew = join_all((0..crowd).map(|_| async {
        eventually("somebody logs in", async || Session::open(many, INTENTS).await.map(Some)).await
    }));
    let anew: Vec<Session> = anew.await.into_iter().collect::<Result<_>>().unwrap();
    assert_eq!(witness.await.unwrap().unwrap(), all, "who stayed noticed nothing");
    let (files, kib) = (scene.usage().files, scene.usage().resident_kib);
    eprintln!(
        "{crowd} came back {ROUNDS} times: {files} files, {kib} KiB resident, {} before",
        before.resident_kib
    );
    drop(anew);
    scene.is_left_as_before(before).await;
    scene.verify().await;
}

async fn comes_back(who: &Api, seat: Seat) -> Result<(Session, Vec<String>)> {
    let back = async || Session::resume(who, seat.clone()).await.map(Some);
    hears(eventually("somebody comes back", back).await?, MESSAGES).await
}
