//! `kill -9` while many write: what was acknowledged is there, once, under the id that was given.

use crate::api::Api;
use crate::place::Place;
use crate::program::{Served, answer};
use std::collections::BTreeMap;
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

const ROUNDS: u64 = 30;
const WRITERS: usize = 8;

#[test]
fn every_acknowledged_message_outlives_30_kills_under_load() {
    let folder = tempfile::tempdir().unwrap();
    let token = answer(folder.path(), &["setup", "Ann"]);
    let mut node = Served::start(folder.path());
    let place = Place::make(&mut Api::new(&node.address, &token).unwrap(), &token);

    let mut acknowledged: BTreeMap<String, String> = BTreeMap::new();
    for round in 0..ROUNDS {
        let said = write_until_killed(node, &place, round);
        assert!(!said.is_empty(), "round {round}: the node was killed before it acknowledged anything");
        acknowledged.extend(said);
        node = Served::start(folder.path());
        let there = everything_once(&node, &place);
        for (content, id) in &acknowledged {
            assert_eq!(there.get(content), Some(id), "round {round}: {content:?} was acknowledged");
        }
    }
    node.kill();
    answer(folder.path(), &["verify"]);
}

/// Lets many write, kills the node at some moment, and gives what it acknowledged: text to id.
fn write_until_killed(node: Served, place: &Place, round: u64) -> Vec<(String, String)> {
    let (tx, rx) = mpsc::channel();
    let writers: Vec<_> = (0..WRITERS)
        .map(|writer| {
            let (tx, place, address) = (tx.clone(), place.clone(), node.address.clone());
            thread::spawn(move || write(&address, &place, &format!("{round}/{writer}"), &tx))
        })
        .collect();
    drop(tx);
    // Not before somebody was answered, and then at a moment that differs from round to round.
    let first = rx.recv().unwrap();
    thread::sleep(Duration::from_millis(round * 37 % 300));
    node.kill();
    for writer in writers {
        writer.join().unwrap();
    }
    std::iter::once(first).chain(rx).collect()
}

fn write(address: &str, place: &Place, name: &str, acknowledged: &mpsc::Sender<(String, String)>) {
    let Ok(mut api) = Api::new(address, &place.token) else { return };
    for number in 0.. {
        let content = format!("{name}/{number}");
        match place.say(&mut api, &content) {
            Ok(Ok(id)) => acknowledged.send((content, id)).unwrap(),
            Ok(Err((429 | 503, _))) => thread::sleep(Duration::from_millis(50)),
            Ok(Err(refused)) => panic!("{refused:?}"),
            // The connection ended with the node.
            Err(_) => return,
        }
    }
}

fn everything_once(node: &Served, place: &Place) -> BTreeMap<String, String> {
    let all = place.everything(&mut Api::new(&node.address, &place.token).unwrap());
    let there: BTreeMap<String, String> =
        all.iter().map(|(id, content)| (content.clone(), id.clone())).collect();
    assert_eq!(there.len(), all.len(), "a message is there twice");
    there
}
