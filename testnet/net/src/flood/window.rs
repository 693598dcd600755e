//! Against the window.

use super::{HELD, Hand};
use std::collections::VecDeque;
use std::net::SocketAddr;
use std::time::Duration;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

pub(super) async fn slow_heads(window: SocketAddr, hand: Hand) {
    hold(window, hand, format!("GET / HTTP/1.1\r\nHost: {window}\r\nX-Slow: a").into_bytes()).await;
}

pub(super) async fn silent_sockets(window: SocketAddr, hand: Hand) {
    let upgrade = format!(
        "GET /?v=10&encoding=json HTTP/1.1\r\nHost: {window}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
         Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
    );
    hold(window, hand, upgrade.into_bytes()).await;
}

/// Opens connection after connection, says this on each, and keeps them.
async fn hold(window: SocketAddr, mut hand: Hand, words: Vec<u8>) {
    let mut open = VecDeque::new();
    loop {
        hand.next().await;
        if let Ok(mut stream) = TcpStream::connect(window).await {
            let _ = stream.write_all(&words).await;
            open.push_back(stream);
        }
        if open.len() > HELD {
            open.pop_front();
        }
    }
}

pub(super) async fn bad_tokens(window: SocketAddr, mut hand: Hand) {
    loop {
        let Ok(mut stream) = TcpStream::connect(window).await else { continue };
        loop {
            hand.next().await;
            let token: u128 = rand::random();
            let request = format!(
                "GET /api/v10/users/@me HTTP/1.1\r\nHost: {window}\r\nAuthorization: {token:x}.{token:x}.{token:x}\r\n\r\n"
            );
            if exchange(&mut stream, request.as_bytes()).await.is_none() {
                break;
            }
        }
    }
}

pub(super) async fn announced(window: SocketAddr, mut hand: Hand) {
    let head = head(window, "/auth/register", 1 << 30, "");
    loop {
        hand.next().await;
        let Ok(mut stream) = TcpStream::connect(window).await else { continue };
        let bytes = [head.as_bytes(), &[b' '; 16_384]].concat();
        let _ = exchange(&mut stream, &bytes).await;
    }
}

pub(super) async fn bombs(window: SocketAddr, mut hand: Hand) {
    // 1 MiB of spaces by gzip: 1,052 bytes, of which each further repetition is four more.
    let bomb = bomb();
    let head = head(window, "/auth/login", bomb.len(), "Content-Encoding: gzip\r\n");
    loop {
        hand.next().await;
        let Ok(mut stream) = TcpStream::connect(window).await else { continue };
        let _ = exchange(&mut stream, &[head.as_bytes(), &bomb].concat()).await;
    }
}

/// A block of RFC 1951 that says "the same again, 258 bytes" some thousand times, behind a head of RFC 1952.
fn bomb() -> Vec<u8> {
    let mut bytes = vec![0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3, 0x53];
    bytes.resize(1_052, 0x18);
    bytes
}

fn head(window: SocketAddr, path: &str, length: usize, more: &str) -> String {
    format!(
        "POST /api/v10{path} HTTP/1.1\r\nHost: {window}\r\nContent-Type: application/json\r\n{more}\
         Content-Length: {length}\r\n\r\n"
    )
}

/// Says something; whether anything is answered.
async fn exchange(stream: &mut TcpStream, bytes: &[u8]) -> Option<()> {
    let answered = async {
        stream.write_all(bytes).await.ok()?;
        let read = stream.read(&mut [0; 4_096]).await.ok()?;
        (read > 0).then_some(())
    };
    tokio::time::timeout(Duration::from_secs(10), answered).await.ok()?
}
