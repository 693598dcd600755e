//! Who learns where a node in `direct` is: members, and whoever has its invite. A relay that records everything does not, and
//! neither does a stranger, nor a guest.

use anyhow::Result;
use futures_util::StreamExt as _;
use nexus_core::Addresses;
use nexus_core::sync::frame::{Frame, Hello, VERSION};
use nexus_net::{Line, Peer, Person, Program, Transport, address_of, eventually, free_address, greet, text};
use serde_json::json;

/// As its person says, who forwards a port: to be looked for in what others record.
const OUTSIDE: &str = "203.0.113.77:8091";
const HOST: [u8; 4] = [203, 0, 113, 77];

struct Scene {
    node: Program,
    ada: Person,
    code: String,
    _folder: tempfile::TempDir,
}

impl Scene {
    async fn set(relays: &[String]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut node = Program::node(folder.path(), relays).unwrap().in_the_world(OUTSIDE).unwrap();
        let token = node.ask(&["setup", "Ada"]).unwrap();
        node.start().await.unwrap();
        let ada = Person::new(&node.base(), &token);
        ada.api.post("/guilds", &json!({ "name": "Apart" })).await.unwrap();
        let place = eventually("the guild", async || ada.find("Apart").await).await.unwrap();
        let invite = ada.api.post(&format!("/channels/{}/invites", place.channel), &json!({})).await.unwrap();
        assert!(text(&invite["nexus_url"]).unwrap().contains(OUTSIDE), "whoever has the invite is told");
        assert!(invite["nexus_addresses"].as_array().unwrap().contains(&json!(OUTSIDE)), "and that is said");
        let told = node.status().unwrap()["mesh"]["told"].clone();
        assert!(told.as_array().unwrap().contains(&json!(OUTSIDE)), "by the status, too: {told}");
        Self { node, ada, code: text(&invite["code"]).unwrap(), _folder: folder }
    }
}

/// As text or in binary.
fn is_told(line: &Line) -> bool {
    let (record, text) = (line.record(), "203.0.113.77".as_bytes());
    record.windows(text.len()).any(|window| window == text) || record.windows(4).any(|window| window == HOST)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stranger_and_a_guest_are_not_told_where_a_node_is_and_a_member_is() {
    let scene = Scene::set(&[]).await;
    let at = address_of(&scene.node).await.unwrap();
    let mut eve = Peer::new("Eve").unwrap();
    // A connection carries one link.
    let nobody = Peer::new("Nobody").unwrap();
    let mut stranger = Line::open(&nobody.transport, &at).await.unwrap();
    greet(&mut stranger).await.unwrap();
    stranger.until(|frame| matches!(frame, Frame::Common(_))).await.unwrap();
    let asking = Addresses::first_of(["198.51.100.9:9".parse().unwrap()]);
    stranger.say(&Frame::Reach(asking)).await.unwrap();
    stranger.quiet().await.unwrap();
    assert!(!is_told(&stranger));

    eve.join(&at, &scene.code).await.unwrap();
    let place = scene.ada.find("Apart").await.unwrap().unwrap();
    eventually("Eve is a member", async || {
        let members = scene.ada.api.get(&format!("/guilds/{}/members?limit=10", place.guild)).await?;
        Ok((members.as_array().map(Vec::len) == Some(2)).then_some(()))
    })
    .await
    .unwrap();
    assert!(!is_told(&stranger), "whoever does not say that they are Eve is nobody");
    let mut member = eve.meet_anew(&at).await.unwrap();
    let told = member.until(|frame| matches!(frame, Frame::Reach(_))).await.unwrap();
    let Frame::Reach(told) = told else { unreachable!() };
    assert!(told.iter().any(|at| at.to_string() == OUTSIDE) && is_told(&member));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_relay_that_records_everything_is_asked_who_is_there_and_not_told_where_the_node_is() -> Result<()>
{
    let recorder = Transport::listening(free_address()?)?;
    let mut streams = recorder.incoming()?;
    let url = crate::no_address::window(&recorder).await?;
    let scene = Scene::set(&[format!("http://{url}")]).await;
    let (_, stream) = streams.next().await.unwrap();
    let mut line = Line::over(stream, recorder.key, [0; 32]);
    let hello = Hello { version: VERSION, relay: true, rules_max: 1, nonce: [7; 32], now_ms: 0 };
    line.say(&Frame::Hello(hello)).await?;
    line.wants_all = true;
    line.until(|frame| matches!(frame, Frame::Seek(_))).await?;
    line.quiet().await?;
    assert!(!is_told(&line));
    assert_eq!(recorder.opened(), Vec::<String>::new(), "no protocol that tells of a program was opened");
    drop(scene);
    Ok(())
}
