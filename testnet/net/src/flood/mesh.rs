//! Against the mesh.

use super::{HELD, Hand};
use crate::peer::{Address, Line, Peer, greet};
use nexus_core::sync::frame::Frame;
use std::collections::VecDeque;
use std::net::{IpAddr, Ipv4Addr};
use std::time::Duration;
use tokio::io::AsyncWriteExt as _;
use tokio::net::{TcpStream, UdpSocket};

pub(super) async fn datagrams(mesh: Address, mut hand: Hand) {
    let Ok(udp) = UdpSocket::bind(from(&hand, mesh)).await else { return };
    loop {
        hand.next().await;
        let junk: [u8; 400] = std::array::from_fn(|_| rand::random());
        let _ = udp.send_to(&junk, mesh.at).await;
    }
}

pub(super) async fn packets(mesh: Address, mut hand: Hand) {
    let Ok(udp) = UdpSocket::bind(from(&hand, mesh)).await else { return };
    for number in 0u64.. {
        let mut packet = vec![0xc3, 0, 0, 0, 1, 8];
        packet.extend_from_slice(&number.to_be_bytes());
        packet.resize(1_200, 0);
        hand.next().await;
        let _ = udp.send_to(&packet, mesh.at).await;
    }
}

pub(super) async fn half_open(mesh: Address, mut hand: Hand) {
    let mut open = VecDeque::new();
    loop {
        hand.next().await;
        if let Ok(mut stream) = TcpStream::connect(mesh.at).await {
            let _ = stream.write_all(b"\x13/multistream/1.0.0\n").await;
            open.push_back(stream);
        }
        if open.len() > HELD {
            open.pop_front();
        }
    }
}

pub(super) async fn handshakes(mesh: Address, mut hand: Hand) {
    loop {
        hand.next().await;
        if let Ok(stranger) = hand.stranger() {
            let _ = stranger.transport.connect(&mesh, true).await;
        }
    }
}

pub(super) async fn streams(mesh: Address, mut hand: Hand) {
    loop {
        let Ok(stranger) = hand.stranger() else { return };
        let mut open = VecDeque::new();
        while let Ok(stream) = stranger.transport.stream(&mesh, true).await {
            hand.next().await;
            open.push_back(stream);
            if open.len() > HELD {
                open.pop_front();
            }
        }
        // Its key is barred by now.
        hand.next().await;
    }
}

pub(super) async fn questions(mesh: Address, mut hand: Hand) {
    loop {
        hand.next().await;
        let Some(mut line) = greeted(&hand, &mesh).await else { continue };
        while line.0.quiet().await.is_ok() && line.0.say(&Frame::Offer(Vec::new())).await.is_ok() {
            hand.next().await;
        }
    }
}

pub(super) async fn garbage(mesh: Address, mut hand: Hand) {
    loop {
        hand.next().await;
        let Ok(stranger) = hand.stranger() else { return };
        let Ok(mut line) = Line::open(&stranger.transport, &mesh).await else { continue };
        // An offer of 2^60 spaces, then whatever: a frame of a kind that nobody knows would be passed over.
        let mut junk: [u8; 256] = std::array::from_fn(|_| rand::random());
        junk[..3].copy_from_slice(&[3, 0x9b, 0x10]);
        let framed = [&256u32.to_be_bytes()[..], &junk].concat();
        if rand::random() && greet(&mut line).await.is_err() {
            continue;
        }
        let _ = line.say_bytes(&framed).await;
        let _ = tokio::time::timeout(ENDS, line.ended()).await;
    }
}

async fn greeted(hand: &Hand, mesh: &Address) -> Option<(Line, Peer)> {
    let stranger = hand.stranger().ok()?;
    let mut line = Line::open(&stranger.transport, mesh).await.ok()?;
    greet(&mut line).await.ok()?;
    Some((line, stranger))
}

/// How long an end is waited for.
const ENDS: Duration = Duration::from_secs(1);

fn from(hand: &Hand, mesh: Address) -> (IpAddr, u16) {
    let anywhere = if mesh.at.ip().is_loopback() { Ipv4Addr::LOCALHOST } else { Ipv4Addr::UNSPECIFIED };
    (hand.from.unwrap_or(anywhere.into()), 0)
}
