//! What a node says of itself, the same by whatever way it is asked.

use crate::api::Api;
use crate::place::Place;
use crate::program::{Served, answer};
use serde_json::{Value, json};
use std::path::Path;

fn status_of(data: &Path) -> Value {
    serde_json::from_str(&answer(data, &["status", "--json"])).unwrap()
}

#[test]
fn a_stopped_folder_and_a_running_node_answer_the_same() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path();
    let token = answer(data, &["setup", "Ann"]);
    assert_eq!(status_of(data), json!({"peers": 0, "guilds": []}));

    let node = Served::start(data);
    let mut api = Api::new(&node.address, &token).unwrap();
    let place = Place::make(&mut api, &token);
    place.say(&mut api, "hello").unwrap().unwrap();
    let running = status_of(data);
    let over_http = api.must("GET", "/nexus/status", &Value::Null);
    assert!(node.interrupt().success());

    assert_eq!(over_http, running);
    assert_eq!(running["mesh"]["links"], json!([]));
    assert_eq!(status_of(data)["guilds"], running["guilds"], "a stopped node says nothing of links");
    let guild = &running["guilds"][0];
    assert_eq!(guild["name"], "Load");
    assert_eq!(guild["ops"], guild["outbox"], "nobody has taken anything");
    assert!(guild["api_id"].is_string() && guild["state_hash"].as_str().is_some_and(|hash| hash.len() == 64));
    let lines = guild["timelines"].as_object().unwrap();
    assert!(lines.keys().all(|stream| stream.len() == 32));
    assert_eq!(lines.values().filter_map(|line| line["messages"].as_u64()).sum::<u64>(), 1);
}

#[test]
fn a_token_works_on_the_running_node_and_after_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let node = Served::start(folder.path());
    let first = answer(folder.path(), &["setup", "Ann"]);
    let second = answer(folder.path(), &["token"]);
    assert_ne!(first, second);
    let me = Api::new(&node.address, &first).unwrap().must("GET", "/users/@me", &Value::Null);
    drop(node);
    let node = Served::start(folder.path());
    for token in [first, second] {
        let mut api = Api::new(&node.address, &token).unwrap();
        assert_eq!(api.must("GET", "/users/@me", &Value::Null)["id"], me["id"]);
    }
}
