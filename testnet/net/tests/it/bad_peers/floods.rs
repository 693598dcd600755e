//! Streams, connections and handshakes without number, and peers that neither speak nor read.

use super::Scene;
use nexus_net::{Line, Peer, Usage, eventually, greet};
use std::time::Duration;
use tokio::io::AsyncWriteExt as _;
use tokio::net::{TcpStream, UdpSocket};

/// Beyond what the relay had before: pending handshakes, established connections of one peer, and some.
const FILES_MORE: usize = 512;
const RESIDENT_KIB_MAX: u64 = 512 * 1024;

#[tokio::test(flavor = "multi_thread")]
async fn floods_of_handshakes_and_streams_are_bounded_and_honest_people_talk_on() {
    let mut scene = Scene::set().await.unwrap();
    scene.honest_people_talk("quiet").await.unwrap();
    let pid = scene.company.relay.pid().unwrap();
    let before = Usage::of(pid).unwrap();

    let mut half_open = Vec::new();
    for number in 0..600u16 {
        let Ok(Ok(mut stream)) = tokio::time::timeout(PATIENCE, TcpStream::connect(scene.relay.at)).await
        else {
            break;
        };
        // Some say nothing, some half of a word that would begin a handshake.
        if number % 2 == 0 {
            let _ = stream.write_all(b"\x13/multistream/1.0.0\n\x07/no").await;
        }
        half_open.push(stream);
    }
    let udp = UdpSocket::bind("127.0.0.1:0").await.unwrap();
    for number in 0..2_000u16 {
        // The form of a first packet of QUIC, and nothing in it.
        let mut packet = vec![0xc3, 0, 0, 0, 1, 8];
        packet.extend_from_slice(&number.to_be_bytes());
        packet.resize(1_200, 0);
        let _ = udp.send_to(&packet, scene.relay.at).await;
    }
    scene.honest_people_talk("half-open").await.unwrap();
    let during = Usage::of(pid).unwrap();
    drop(half_open);

    let stranger = Peer::new("Mallory").unwrap();
    let mut streams = Vec::new();
    eventually("whoever is honest can come again", async || {
        Ok(stranger.transport.stream(&scene.relay, true).await.ok())
    })
    .await
    .unwrap();
    for _ in 0..200 {
        let opened = tokio::time::timeout(PATIENCE, stranger.transport.again(&scene.relay)).await;
        let Ok(Ok(stream)) = opened else { break };
        streams.push(stream);
    }
    for _ in 0..20 {
        let _ = tokio::time::timeout(PATIENCE, stranger.transport.connect(&scene.relay, false)).await;
    }
    scene.honest_people_talk("many streams").await.unwrap();
    let after = Usage::of(pid).unwrap();
    for usage in [during, after] {
        assert!(usage.files < before.files + FILES_MORE, "{before:?} became {usage:?}");
        assert!(usage.resident_kib < RESIDENT_KIB_MAX, "{before:?} became {usage:?}");
    }
    drop(streams);
    scene.company.verify().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn who_says_nothing_is_let_go() {
    let mut scene = Scene::set().await.unwrap();
    let silent = Peer::new("Silent").unwrap();
    let mut line = Line::open(&silent.transport, &scene.relay).await.unwrap();
    line.say_bytes(&[0; 4]).await.unwrap();
    scene.honest_people_talk("meanwhile").await.unwrap();
    line.ended().await.unwrap();
    // It was no offence: who is slow may come again, on the same connection once the first line's own task has ended
    // there. Whoever reads the end can be sooner than that, and its stream is closed unanswered.
    eventually("who was slow is greeted", async || {
        let mut line = Line::open(&silent.transport, &scene.relay).await?;
        Ok(greet(&mut line).await.ok())
    })
    .await
    .unwrap();
    scene.company.verify().await.unwrap();
}

const PATIENCE: Duration = Duration::from_secs(2);
