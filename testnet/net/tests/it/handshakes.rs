//! Handshakes are held to a pace of each address, and only those who hurry notice.

use nexus_net::{Line, Peer, Program, Street, address_of, eventually, greet};
use std::time::{Duration, Instant};

/// What one address may begin at once, and in a second.
const BURST: f64 = 64.0;
const A_SECOND: f64 = 16.0;

#[tokio::test(flavor = "multi_thread")]
async fn who_begins_handshake_after_handshake_is_held_to_a_pace_and_another_address_comes_in() {
    let folder = tempfile::tempdir().unwrap();
    let street = Street::of(2).unwrap();
    let [there, home] = street.houses() else { panic!("two houses") };
    let mut relay = Program::relay_in_a_house(&folder.path().join("relay"), there.clone());
    relay.start().await.unwrap();
    let at = address_of(&relay).await.unwrap();
    let (begun, mut greeted) = (Instant::now(), 0u32);
    for _ in 0..160 {
        let stranger = Peer::new("Mallory").unwrap();
        let come = async {
            let mut line = Line::open(&stranger.transport, &at).await.ok()?;
            greet(&mut line).await.ok()
        };
        greeted +=
            u32::from(matches!(tokio::time::timeout(Duration::from_secs(60), come).await, Ok(Some(_))));
    }
    let most = BURST + A_SECOND * begun.elapsed().as_secs_f64() + 1.0;
    assert!(greeted >= 64 && f64::from(greeted) <= most, "{greeted} of 160, at most {most}");
    let mut node = Program::behind_a_relay(&folder.path().join("node"), home.clone(), &relay.base());
    node.ask(&["setup", "Ada"]).unwrap();
    node.start().await.unwrap();
    let road = async || Ok(node.status()?["mesh"]["relays"][0]["road"].as_str().map(str::to_owned));
    eventually("an honest one comes in", road).await.unwrap();
}
