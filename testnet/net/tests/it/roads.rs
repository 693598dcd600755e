//! A network that lets only so much out: the road is chosen in time, changed while people talk, and nothing is lost or doubled.

use anyhow::Result;
use futures_util::StreamExt as _;
use futures_util::stream::FuturesUnordered;
use nexus_net::{Person, Place, Program, Proxy, Street, Wall, Weather, eventually, settled, text};
use serde_json::json;
use std::time::Duration;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

const WINDOW: u16 = 8_081;
/// Only a test that fails waits so long.
const PATIENCE: Duration = Duration::from_secs(90);

/// Two people at two ends of a relay, with air between them.
struct Ends {
    relay: Program,
    ada: Program,
    bob: Program,
    at_ada: Person,
    at_bob: Person,
    street: Street,
    folder: tempfile::TempDir,
}

impl Ends {
    /// Ada's network lets only so much out from the start.
    async fn meet(wall: Option<Wall>) -> Result<Self> {
        let street = Street::through_air(3, Weather::CALM)?;
        let folder = tempfile::tempdir()?;
        let [there, house_of_ada, house_of_bob] = street.houses() else { panic!("three houses") };
        house_of_ada.wall(wall)?;
        let mut relay = Program::relay_in_a_house(&folder.path().join("relay"), there.clone());
        relay.start().await?;
        let mut nodes = Vec::new();
        for (house, name) in [(house_of_ada, "Ada"), (house_of_bob, "Bob")] {
            let mut node = Program::behind_a_relay(&folder.path().join(name), house.clone(), &relay.base());
            let token = node.ask(&["setup", name])?;
            node.start().await?;
            let person = Person::new(&node.base(), &token);
            nodes.push((node, person));
        }
        let [(ada, at_ada), (bob, at_bob)] = nodes.try_into().map_err(|_| anyhow::anyhow!("two nodes"))?;
        Ok(Self { relay, ada, bob, at_ada, at_bob, street, folder })
    }

    async fn make_a_guild(&self) -> Result<(Place, Place)> {
        self.at_ada.api.post("/guilds", &json!({ "name": "Roads" })).await?;
        let ada = eventually("the guild", async || self.at_ada.find("Roads").await).await?;
        let guild = &ada.guild;
        let role = json!({ "name": "fast", "nexus": { "rate_class": "bulk" } });
        let role = text(&self.at_ada.api.post(&format!("/guilds/{guild}/roles"), &role).await?["id"])?;
        let path = format!("/guilds/{guild}/members/{}/roles/{role}", self.at_ada.id().await?);
        self.at_ada.api.put(&path).await?;
        let invite = format!("/channels/{}/invites", ada.channel);
        let url = text(&self.at_ada.api.post(&invite, &json!({})).await?["nexus_url"])?;
        eventually("Bob is let in", async || Ok(self.bob.ask(&["join", &url]).ok())).await?;
        let bob = eventually("Bob is in", async || self.at_bob.find("Roads").await).await?;
        self.settled().await?;
        Ok((ada, bob))
    }

    async fn settled(&self) -> Result<()> {
        settled(&[&self.relay, &self.ada, &self.bob]).await
    }

    fn wall(&self, wall: Option<Wall>) -> Result<()> {
        self.street.houses()[1].wall(wall)
    }

    async fn goes_by(&self, road: &str) -> Result<()> {
        eventually(&format!("Ada's link goes by {road}"), async || {
            Ok((road_of(&self.ada)?.as_deref() == Some(road)).then_some(()))
        })
        .await
    }
}

fn road_of(node: &Program) -> Result<Option<String>> {
    Ok(node.status()?["mesh"]["relays"][0]["road"].as_str().map(str::to_owned))
}

fn line_of(node: &Program) -> Result<String> {
    text(&node.status()?["mesh"]["line"])
}

/// A link that has just been made says "syncing" first: what is asked for is
/// the line that it comes to.
async fn says(node: &Program, line: &str) -> Result<()> {
    eventually(&format!("the line says {line}"), async || Ok((line_of(node)? == line).then_some(()))).await
}

#[tokio::test(flavor = "multi_thread")]
async fn where_only_the_windows_port_gets_out_people_talk_by_websocket_and_by_quic_when_it_returns() {
    let ends = Ends::meet(Some(Wall::but_tcp_to(WINDOW))).await.unwrap();
    ends.goes_by("websocket").await.unwrap();
    let base = ends.relay.base();
    says(&ends.ada, &format!("through relay {base}, by WebSocket")).await.unwrap();
    says(&ends.bob, &format!("through relay {base}, by QUIC")).await.unwrap();
    let (ada, bob) = ends.make_a_guild().await.unwrap();
    ends.at_ada.say(&ada, "by WebSocket").await.unwrap();
    ends.at_bob.say(&bob, "heard").await.unwrap();
    ends.settled().await.unwrap();

    ends.wall(None).unwrap();
    let mut said = vec![String::from("by WebSocket"), String::from("heard")];
    eventually("the better road is taken", async || {
        let words = format!("meanwhile {}", said.len());
        ends.at_ada.say(&ada, &words).await.unwrap();
        said.push(words);
        let line = line_of(&ends.ada).unwrap();
        assert!(line.contains("through relay"), "nobody sees a gap: {line}");
        Ok((road_of(&ends.ada)?.as_deref() == Some("quic")).then_some(()))
    })
    .await
    .unwrap();
    ends.settled().await.unwrap();
    said.reverse();
    assert_eq!(ends.at_bob.texts(&bob.channel).await.unwrap(), said, "each once, in order");
    says(&ends.ada, &format!("through relay {base}, by QUIC")).await.unwrap();
    ends.folder.close().unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn while_roads_die_and_return_every_message_comes_once() {
    let ends = Ends::meet(None).await.unwrap();
    let (ada, bob) = ends.make_a_guild().await.unwrap();
    ends.goes_by("quic").await.unwrap();
    let walls = [Some(Wall::NO_UDP), Some(Wall::but_tcp_to(WINDOW))];
    let mut said = Vec::new();
    for (round, wall) in walls.into_iter().enumerate() {
        ends.wall(wall).unwrap();
        for number in 0..30 {
            let words = format!("{round} {number}");
            ends.at_ada.say(&ada, &words).await.unwrap();
            ends.at_bob.say(&bob, &format!("{words} at Bob")).await.unwrap();
            said.push(words);
        }
        eventually("all of it is heard", async || {
            let heard = ends.at_bob.texts(&bob.channel).await?;
            Ok((heard.contains(said.last().unwrap())).then_some(()))
        })
        .await
        .unwrap();
    }
    ends.goes_by("websocket").await.unwrap();
    ends.wall(None).unwrap();
    ends.goes_by("quic").await.unwrap();
    ends.settled().await.unwrap();
    let heard = ends.at_bob.texts(&bob.channel).await.unwrap();
    assert_eq!(ends.at_ada.texts(&ada.channel).await.unwrap(), heard);
    let of_ada: Vec<_> = heard.iter().rev().filter(|words| !words.ends_with("at Bob")).cloned().collect();
    assert_eq!(of_ada, said, "each once, in order");
    assert_eq!(heard.len(), 2 * said.len());
    ends.folder.close().unwrap();
}

/// A relay that speaks HTTPS with a certificate of its own authority.
struct Private {
    relay: Program,
    certificate: std::path::PathBuf,
    street: Street,
    folder: tempfile::TempDir,
}

impl Private {
    async fn start() -> Self {
        let street = Street::through_air(2, Weather::CALM).unwrap();
        let folder = tempfile::tempdir().unwrap();
        let there = street.houses()[0].clone();
        let (certificate, key) = (folder.path().join("cert.pem"), folder.path().join("key.pem"));
        let made = rcgen::generate_simple_self_signed([there.address().to_string()]).unwrap();
        std::fs::write(&certificate, made.cert.pem()).unwrap();
        std::fs::write(&key, made.signing_key.serialize_pem()).unwrap();
        let mut relay =
            Program::relay_in_a_house(&folder.path().join("relay"), there).speaking_tls(&certificate, &key);
        relay.start().await.unwrap();
        Self { relay, certificate, street, folder }
    }

    fn node(&self, name: &str) -> Program {
        let house = self.street.houses()[1].clone();
        let node = Program::behind_a_relay(&self.folder.path().join(name), house, &self.relay.base());
        node.ask(&["setup", name]).unwrap();
        node
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_relay_with_an_authority_of_its_own_is_reached_by_who_was_told_and_through_a_proxy_with_a_password()
{
    let private = Private::start().await;
    private.street.houses()[1].wall(Some(Wall::WHOLE)).unwrap();
    let proxy = Proxy::at(private.street.here(), "Basic YWRhOnNlY3JldA==").await.unwrap();
    let root = private.certificate.display().to_string();
    let url = |who: &str| format!("http://{who}@{}", proxy.address());
    let mut stranger =
        private.node("Eve").with(&["--tls-root", &root]).knowing("HTTPS_PROXY", &url("ada:wrong"));
    stranger.start().await.unwrap();
    eventually(
        "who does not know the password is refused",
        async || Ok((proxy.counts().1 > 0).then_some(())),
    )
    .await
    .unwrap();
    assert!(!line_of(&stranger).unwrap().contains("through relay"));
    stranger.stop().await.unwrap();

    // Everything is let out now; but who set a proxy wants nothing to go around it.
    private.street.houses()[1].wall(None).unwrap();
    let mut node =
        private.node("Ada").with(&["--tls-root", &root]).knowing("HTTPS_PROXY", &url("ada:secret"));
    node.start().await.unwrap();
    eventually("it is reached", async || Ok((road_of(&node)?.as_deref() == Some("websocket")).then_some(())))
        .await
        .unwrap();
    assert!(proxy.counts().0 >= 2, "the look-up and the road go the same way");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_certificate_of_an_unknown_authority_opens_no_road() {
    let private = Private::start().await;
    private.street.houses()[1].wall(Some(Wall::but_tcp_to(WINDOW))).unwrap();
    let mut node = private.node("Ada");
    node.start().await.unwrap();
    let failing = async || {
        let relay = node.status()?["mesh"]["relays"][0].clone();
        Ok((relay["state"] == "failing").then_some(relay))
    };
    let relay = eventually("it is refused", failing).await.unwrap();
    assert_eq!(relay["road"], serde_json::Value::Null);
    node.stop().await.unwrap();

    let root = private.certificate.display().to_string();
    let mut node = private.node("Bea").with(&["--tls-root", &root]);
    node.start().await.unwrap();
    eventually("who was told of it is let through", async || {
        Ok((road_of(&node)?.as_deref() == Some("websocket")).then_some(()))
    })
    .await
    .unwrap();
}

/// A WebSocket that was opened by hand.
async fn knock(base: &str) -> TcpStream {
    let address = base.strip_prefix("http://").unwrap();
    let mut stream = TcpStream::connect(address).await.unwrap();
    let ask = format!(
        "GET /nexus/mesh HTTP/1.1\r\nHost: {address}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n\
         Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
    );
    stream.write_all(ask.as_bytes()).await.unwrap();
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await.unwrap());
    }
    assert!(head.starts_with(b"HTTP/1.1 101"), "{}", String::from_utf8_lossy(&head));
    stream
}

/// A frame from a client (RFC 6455, section 5.2) whose mask is all zero.
fn frame(first: u8, length: u64, content: &[u8]) -> Vec<u8> {
    let mut frame = vec![first, 0x80 | 127];
    frame.extend(length.to_be_bytes());
    frame.extend([0; 4]);
    frame.extend(content);
    frame
}

#[tokio::test(flavor = "multi_thread")]
async fn who_says_garbage_at_the_windows_door_to_the_mesh_is_let_go_and_others_come_in() {
    let folder = tempfile::tempdir().unwrap();
    let mut relay = Program::relay(&folder.path().join("relay")).unwrap();
    relay.start().await.unwrap();
    let noise = [0x5a; 300];
    let garbage = [
        frame(0x82, 300, &noise),
        frame(0x81, 300, &noise),
        frame(0x82, 1 << 40, &noise),
        b"\xff\xff\xff\xff".to_vec(),
    ];
    for bytes in garbage {
        let mut stream = knock(&relay.base()).await;
        // It may have been let go before all of it was said.
        let _ = stream.write_all(&bytes).await;
        let mut rest = Vec::new();
        let end = tokio::time::timeout(PATIENCE, stream.read_to_end(&mut rest)).await;
        assert!(end.is_ok(), "still listened to after {:?}", &bytes[..2]);
        assert!(rest.len() < 4_096);
    }
    // Who says nothing takes a place that is given back: of many some are let go while others still wait.
    let mut silent = FuturesUnordered::new();
    for _ in 0..400 {
        let mut stream = knock(&relay.base()).await;
        // However it ends.
        silent.push(async move { drop(stream.read_to_end(&mut Vec::new()).await) });
    }
    for turned_away in 0..100 {
        let end = tokio::time::timeout(PATIENCE, silent.next()).await;
        assert!(matches!(end, Ok(Some(_))), "{turned_away} of 400");
    }
    drop(silent);
    let mut node = Program::node(&folder.path().join("node"), &[relay.base()]).unwrap();
    node.ask(&["setup", "Ada"]).unwrap();
    node.start().await.unwrap();
    eventually("an honest one comes in", async || Ok(road_of(&node)?)).await.unwrap();
}
