//! How long honest people wait for one another while somebody attacks: measured, recorded, never asserted.

use anyhow::{Context as _, Result};
use nexus_core::sync::frame::Frame;
use nexus_load::gateway::{GUILD_MESSAGES, Session};
use nexus_load::table::p50_p99;
use nexus_net::{Address, Company, Line, Peer, address_of, greet};
use serde_json::Value;
use std::time::{Duration, Instant};
use tokio::io::AsyncWriteExt as _;
use tokio::net::{TcpStream, UdpSocket};

/// Messages under each attack; `NEXUS_BAD_PEERS_MESSAGES` says more.
const MESSAGES: usize = 10;

#[tokio::test(flavor = "multi_thread")]
async fn honest_people_hear_one_another_under_every_attack() {
    let messages = std::env::var("NEXUS_BAD_PEERS_MESSAGES").ok().and_then(|text| text.parse().ok());
    let messages = messages.unwrap_or(MESSAGES);
    let company = Company::gather().await.unwrap();
    let relay = address_of(&company.relay).await.unwrap();
    drop(delays(&company, "warm", messages).await.unwrap());
    let quiet = p50_p99(delays(&company, "quiet", messages).await.unwrap());
    eprintln!("| under | p50 ms | p99 ms | p50 ratio | p99 ratio |\n|---|---|---|---|---|");
    show("nothing", quiet, quiet);
    for name in ["half-open TCP", "packets of no QUIC", "handshakes", "questions"] {
        let attack = match name {
            "half-open TCP" => tokio::spawn(half_open(relay)),
            "packets of no QUIC" => tokio::spawn(packets(relay)),
            "handshakes" => tokio::spawn(handshakes(relay)),
            _ => tokio::spawn(questions(relay)),
        };
        show(name, p50_p99(delays(&company, name, messages).await.unwrap()), quiet);
        attack.abort();
    }
    company.verify().await.unwrap();
}

fn show(name: &str, (p50, p99): (f64, f64), quiet: (f64, f64)) {
    eprintln!("| {name} | {p50:.1} | {p99:.1} | {:.2} | {:.2} |", p50 / quiet.0, p99 / quiet.1);
}

/// From before Ada's request to the dispatch at Bob's window, ms.
async fn delays(company: &Company, name: &str, messages: usize) -> Result<Vec<f64>> {
    let place = company.place(&company.at_ada).await?;
    let mut session = Session::open(&company.at_bob.api, GUILD_MESSAGES).await?;
    let mut delays = Vec::new();
    for number in 0..messages {
        let words = format!("{name} {number}");
        let begun = Instant::now();
        company.at_ada.say(&place, &words).await?;
        tokio::time::timeout(Duration::from_secs(60), heard(&mut session, &words))
            .await
            .with_context(|| format!("{words:?} is not heard"))??;
        delays.push(begun.elapsed().as_secs_f64() * 1e3);
    }
    Ok(delays)
}

async fn heard(session: &mut Session, words: &str) -> Result<()> {
    loop {
        let (event, frame) = session.next().await?;
        if event == "MESSAGE_CREATE"
            && serde_json::from_str::<Value>(frame.as_str())?["d"]["content"] == words
        {
            return Ok(());
        }
    }
}

/// As many TCP connections as there can be, none of which ever shakes hands.
async fn half_open(relay: Address) {
    let mut open = std::collections::VecDeque::new();
    loop {
        if let Ok(mut stream) = TcpStream::connect(relay.at).await {
            let _ = stream.write_all(b"\x13/multistream/1.0.0\n").await;
            open.push_back(stream);
        }
        if open.len() > 300 {
            open.pop_front();
        }
        tokio::time::sleep(PACE).await;
    }
}

async fn packets(relay: Address) {
    let Ok(udp) = UdpSocket::bind("127.0.0.1:0").await else { return };
    for number in 0u64.. {
        let mut packet = vec![0xc3, 0, 0, 0, 1, 8];
        packet.extend_from_slice(&number.to_be_bytes());
        packet.resize(1_200, 0);
        let _ = udp.send_to(&packet, relay.at).await;
        tokio::time::sleep(PACE).await;
    }
}

/// A new key and whole handshakes, again and again.
async fn handshakes(relay: Address) {
    loop {
        if let Ok(stranger) = Peer::new("Mallory") {
            let _ = stranger.transport.connect(&relay, true).await;
        }
        tokio::time::sleep(PACE).await;
    }
}

/// Greetings, then a question about nothing as often as it goes.
async fn questions(relay: Address) {
    loop {
        let Ok(stranger) = Peer::new("Mallory") else { return };
        let Ok(mut line) = Line::open(&stranger.transport, &relay).await else { continue };
        if greet(&mut line).await.is_err() {
            continue;
        }
        while line.quiet().await.is_ok() && line.say(&Frame::Offer(Vec::new())).await.is_ok() {
            tokio::time::sleep(PACE).await;
        }
    }
}

/// Between two blows: an attacker on this machine takes the processor from the relay, which is not what is measured.
const PACE: Duration = Duration::from_millis(2);
