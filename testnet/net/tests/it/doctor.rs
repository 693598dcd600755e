//! `doctor` beside running programs.

use nexus_net::{Program, Street, Wall, Weather, eventually};
use serde_json::{Value, json};
use std::net::SocketAddr;
use std::process::Command;

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

/// Two relays on one street, in whose houses nothing else is.
struct Two {
    one: Program,
    other: Program,
    street: Street,
    _folder: tempfile::TempDir,
}

impl Two {
    async fn start() -> Self {
        let (folder, street) = (tempfile::tempdir().unwrap(), Street::through_air(2, Weather::CALM).unwrap());
        let [house, next] = street.houses() else { panic!("two houses") };
        let mut one = Program::relay_in_a_house(&folder.path().join("one"), house.clone());
        let mut other = Program::relay_in_a_house(&folder.path().join("other"), next.clone());
        one.start().await.unwrap();
        other.start().await.unwrap();
        Self { one, other, street, _folder: folder }
    }

    /// What doctor of the one says of how the other sees it; once it may be asked again.
    async fn seen_from_outside(&self) -> Vec<(String, String)> {
        let other = self.other.base();
        let by = format!("from outside, by {other}: ");
        let told = async || {
            let checks: Value = serde_json::from_str(&self.one.ask_at_home(&["doctor", "--json", &other])?)?;
            let outside = checks.as_array().unwrap().iter().filter_map(|check| {
                let road = check["name"].as_str()?.strip_prefix(&by)?;
                Some((road.to_owned(), check["verdict"].as_str()?.to_owned()))
            });
            let outside: Vec<_> = outside.collect();
            Ok((!outside.is_empty()).then_some(outside))
        };
        eventually("it is dialed back", told).await.unwrap()
    }
}

fn road(road: &str, verdict: &str) -> (String, String) {
    (road.to_owned(), verdict.to_owned())
}

#[tokio::test(flavor = "multi_thread")]
async fn another_relay_dials_back_and_doctor_says_what_comes_through_from_outside() {
    let two = Two::start().await;
    let open = [
        road("window", "works"),
        road("UDP (QUIC)", "works"),
        road("TCP", "works"),
        road("WebSocket", "works"),
    ];
    assert_eq!(two.seen_from_outside().await, open);
    two.street.houses()[0].wall(Some(Wall::NO_UDP)).unwrap();
    let walled = [
        road("window", "works"),
        road("UDP (QUIC)", "doubtful"),
        road("TCP", "works"),
        road("WebSocket", "works"),
    ];
    assert_eq!(two.seen_from_outside().await, walled);
    let words = two.one.ask_at_home(&["doctor"]).unwrap();
    assert!(words.contains("from outside: no other relay is linked"), "{words}");
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_has_others_dialed_neither_their_windows_nor_their_ports() {
    let two = Two::start().await;
    let trap = tokio::net::TcpListener::bind(SocketAddr::new(two.street.here(), 0)).await.unwrap();
    let ask = |url: &str| {
        let mut curl = Command::new("curl");
        curl.args(["--silent", "--max-time", "30", "--write-out", " %{http_code}", "--data"]);
        curl.arg(json!({ "url": url }).to_string()).arg(format!("{}/nexus/dial-back", two.other.base()));
        two.street.houses()[0].run(&curl).unwrap()
    };
    let elsewhere = format!("http://{}", trap.local_addr().unwrap());
    assert_eq!(ask(&elsewhere), "\"elsewhere\" 403");
    assert_eq!(ask(&elsewhere), "\"later\" 429", "and it may not be tried again and again");
    assert_eq!(ask("file:///etc/passwd"), "\"no_url\" 400");
    let come = tokio::time::timeout(std::time::Duration::ZERO, trap.accept()).await;
    assert!(come.is_err(), "who did not ask is dialed");
}
