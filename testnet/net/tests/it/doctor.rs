//! `doctor` beside running programs.

use nexus_net::{Program, eventually};
use serde_json::Value;

fn verdict<'a>(checks: &'a Value, name: &str) -> Option<&'a str> {
    let found = checks.as_array()?.iter().find(|check| check["name"].as_str() == Some(name))?;
    found["verdict"].as_str()
}

#[tokio::test(flavor = "multi_thread")]
async fn doctor_tries_each_road_of_a_running_relay_and_says_when_there_is_none() {
    let folder = tempfile::tempdir().unwrap();
    let mut relay = Program::relay(&folder.path().join("relay")).unwrap();
    relay.start().await.unwrap();
    let base = relay.base();
    let mut node = Program::node(&folder.path().join("node"), std::slice::from_ref(&base)).unwrap();
    node.ask(&["setup", "Ann"]).unwrap();
    node.start().await.unwrap();
    // Before the first link stands, doctor rightly says that there is none.
    let is_linked = |status: &Value| status["mesh"]["relays"][0]["state"] == "connected";
    eventually("the relay is reached", async || Ok(is_linked(&node.status()?).then_some(()))).await.unwrap();
    for program in [&relay, &node] {
        let checks: Value = serde_json::from_str(&program.ask(&["doctor", "--json"]).unwrap()).unwrap();
        for name in ["folder", "disk", "window"] {
            assert_eq!(verdict(&checks, name), Some("works"), "{name}: {checks:#}");
        }
        for road in ["window", "UDP (QUIC)", "TCP", "clock"] {
            assert_eq!(verdict(&checks, &format!("{base} {road}")), Some("works"), "{road}: {checks:#}");
        }
    }
    let words = node.ask(&["doctor"]).unwrap();
    assert!(words.contains("works  folder: a program runs on it"), "{words}");
    relay.stop().await.unwrap();
    assert!(node.ask(&["doctor"]).is_err(), "no road is left");
    node.stop().await.unwrap();
}
