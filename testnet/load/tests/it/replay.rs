//! Thousands of messages played into a real node, which is then stopped, started and checked.

use crate::{nexus, talk};
use nexus_load::api::Api;
use nexus_load::node::Folder;
use nexus_load::replay;
use nexus_load::talk::{Size, parts};
use serde_json::Value;

#[tokio::test(flavor = "multi_thread")]
async fn thousands_of_messages_by_two_hundred_authors_survive_a_restart_and_verify() {
    let temp = tempfile::tempdir().unwrap();
    let folder = Folder::new(&nexus(), &temp.path().join("node"));
    folder.set_up("Ada").unwrap();
    let token = folder.token().unwrap();
    let node = folder.start().await.unwrap();
    let talk = talk(Size { lines: 5_000, rooms: 20, authors: 200 });

    let summary = replay::play(&Api::new(&node.base, &token), None, &talk).await.unwrap();
    let lines = || talk.rooms.iter().flat_map(|room| &room.lines);
    assert_eq!(summary.messages, lines().map(|line| parts(&line.text).len()).sum::<usize>());
    assert_eq!(summary.replies, lines().filter(|line| line.answers.is_some()).count());
    assert_eq!((summary.channels, summary.authors), (20, 200));

    let before = guild(&folder, &summary.guild_id);
    let in_timelines = |guild: &Value| -> u64 {
        let timelines = guild["timelines"].as_object().unwrap().values();
        timelines.map(|timeline| timeline["messages"].as_u64().unwrap()).sum()
    };
    assert_eq!(in_timelines(&before), summary.messages as u64);
    assert!(before["state_hash"].is_string());

    node.stop().await.unwrap();
    let node = folder.start().await.unwrap();
    assert_eq!(guild(&folder, &summary.guild_id), before, "a restart changes nothing");
    let owner = Api::new(&node.base, &token);
    let held = owner.get(&format!("/guilds/{}", summary.guild_id)).await.unwrap();
    assert_eq!(held["name"], "Replay");
    assert!(folder.ask(&["verify"]).is_err(), "a running node's store is not to be read");
    node.stop().await.unwrap();

    let report: Value = serde_json::from_str(&folder.ask(&["verify", "--json"]).unwrap()).unwrap();
    assert_eq!(report["wrong_total"], 0, "{}", report["wrong"]);
    assert_eq!(report["messages"], summary.messages);
    assert_eq!((&report["message_authors"], &report["message_device_keys"]), (&200.into(), &200.into()));
}

/// What `nexus status --json` says of one guild.
fn guild(folder: &Folder, api_id: &str) -> Value {
    let status: Value = serde_json::from_str(&folder.ask(&["status", "--json"]).unwrap()).unwrap();
    let guilds = status["guilds"].as_array().unwrap();
    guilds.iter().find(|guild| guild["api_id"] == api_id).unwrap().clone()
}
