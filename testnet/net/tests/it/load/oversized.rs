//! Bodies and frames that are too large, say that they are, or would be once they were unpacked.

use super::{PATIENCE, Scene, size};
use flate2::write::{GzEncoder, ZlibEncoder};
use std::io::Write;
use std::net::SocketAddr;
use std::time::Duration;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

/// What a bomb would be unpacked.
const UNPACKED: usize = 64 << 20;
/// How soon it is tried again by who was told to wait.
const AGAIN: Duration = Duration::from_millis(250);
const JSON: &str = "Content-Type: application/json\r\n";
/// The most that the relay may ever have had beyond what it had before: one bomb that is unpacked is more.
const KIB_MORE: u64 = 48 * 1024;

#[tokio::test(flavor = "multi_thread")]
async fn nothing_that_is_too_large_or_would_be_once_unpacked_is_taken_or_costs_anything() {
    let scene = Scene::set(&["clerk", "ear"]).await;
    let (at, ear) = (scene.relay.listens(), scene.listens(scene.bot(1), 1).await);
    let token = scene.rita.api.authorization().to_owned();
    let (before, peak) = (scene.usage(), scene.peak_kib());
    let bombs = bombs();
    for _ in 0..size(2, 25) {
        for (encoding, bomb) in &bombs {
            for path in ["/auth/login", &scene.path()] {
                let lines = format!("Authorization: {token}\r\n{JSON}Content-Encoding: {encoding}\r\n");
                let status = sends_once_let(at, path, &lines, Some(bomb.len()), bomb).await;
                let refused = matches!(status, Some(400 | 413));
                assert!(refused, "{encoding} to {path}: it is no JSON, and is not unpacked: {status:?}");
            }
        }
        for kind in ["application/json", "multipart/form-data; boundary=x"] {
            let lines = format!("Authorization: {token}\r\nContent-Type: {kind}\r\n");
            let announced = sends_once_let(at, &scene.path(), &lines, Some(1 << 40), b"{").await;
            assert_eq!(announced, Some(413), "{kind} of 1 TiB, as it says");
        }
        let lines = format!("Authorization: {token}\r\n{JSON}");
        // Without a word of how much it is: it is cut off in the middle.
        let endless = sends_once_let(at, &scene.path(), &lines, None, &vec![b' '; 8 << 20]).await;
        assert!(matches!(endless, Some(413) | None), "{endless:?}");
        for (what, bytes) in frames() {
            let end = after_frames(at, &bytes).await;
            assert!(matches!(end, Some(4002) | None), "{what}: closed with {end:?}");
        }
    }
    let kib = scene.peak_kib() - peak;
    eprintln!("{kib} KiB more at most than the {peak} before");
    assert!(kib < KIB_MORE, "{kib} KiB more than before");
    scene.says(&scene.rita.api, "nobody noticed").await;
    assert_eq!(ear.await.unwrap().unwrap(), ["nobody noticed"]);
    scene.is_left_as_before(before).await;
    scene.verify().await;
}

/// The same text in every way that browsers and libraries pack.
fn bombs() -> Vec<(&'static str, Vec<u8>)> {
    let spaces = vec![b' '; UNPACKED];
    let mut gzip = GzEncoder::new(Vec::new(), flate2::Compression::fast());
    gzip.write_all(&spaces).unwrap();
    let mut zlib = ZlibEncoder::new(Vec::new(), flate2::Compression::fast());
    zlib.write_all(&spaces).unwrap();
    let zstd = zstd::encode_all(&spaces[..], 1).unwrap();
    let mut bombs =
        vec![("gzip", gzip.finish().unwrap()), ("deflate", zlib.finish().unwrap()), ("zstd", zstd)];
    // Within what a body may be: only what is in it makes it too large.
    bombs.iter_mut().for_each(|(_, bomb)| bomb.truncate(200 * 1024));
    bombs
}

/// The same as often as it takes: so many in so short a time are told to wait, and nothing of them is looked at.
async fn sends_once_let(
    at: SocketAddr,
    path: &str,
    lines: &str,
    length: Option<usize>,
    bytes: &[u8],
) -> Option<u16> {
    loop {
        match sends(at, path, lines, length, bytes).await {
            Some(429) => tokio::time::sleep(AGAIN).await,
            status => return status,
        }
    }
}

/// A POST of these bytes, of the length that it says or in chunks; the status of the answer, if there is one.
async fn sends(at: SocketAddr, path: &str, lines: &str, length: Option<usize>, bytes: &[u8]) -> Option<u16> {
    let mut stream = TcpStream::connect(at).await.unwrap();
    let length = match length {
        Some(length) => format!("Content-Length: {length}\r\n"),
        None => String::from("Transfer-Encoding: chunked\r\n"),
    };
    let head =
        format!("POST /api/v10{path} HTTP/1.1\r\nHost: {at}\r\nConnection: close\r\n{lines}{length}\r\n");
    let (mut from, mut to) = stream.split();
    let said = async {
        to.write_all(head.as_bytes()).await?;
        if length.starts_with("Transfer") {
            for chunk in bytes.chunks(1 << 16) {
                to.write_all(format!("{:x}\r\n", chunk.len()).as_bytes()).await?;
                to.write_all(chunk).await?;
                to.write_all(b"\r\n").await?;
            }
            return to.write_all(b"0\r\n\r\n").await;
        }
        to.write_all(bytes).await
    };
    let mut answer = Vec::new();
    let heard = async {
        // However it ends: by a reset, too, where more was said than was listened to.
        let _ = from.read_to_end(&mut answer).await;
    };
    let both = tokio::time::timeout(PATIENCE, async { tokio::join!(said, heard) }).await;
    let (_broken_off, ()) = both.expect("an answer, or the end");
    let line = String::from_utf8_lossy(&answer);
    line.strip_prefix("HTTP/1.1 ")?.get(..3)?.parse().ok()
}

/// What is said in place of frames.
fn frames() -> Vec<(&'static str, Vec<u8>)> {
    let mut packed = ZlibEncoder::new(Vec::new(), flate2::Compression::fast());
    packed.write_all(&vec![b' '; 1 << 20]).unwrap();
    let part = [b'x'; 8 * 1024];
    let mut parts = frame(0x01, part.len() as u64, &part);
    for _ in 0..64 {
        parts.extend(frame(0x00, part.len() as u64, &part));
    }
    let deep = format!("{{\"op\":1,\"d\":{}", "[".repeat(4_000));
    vec![
        ("a frame of 1 TiB, as it says", frame(0x82, 1 << 40, b"x")),
        ("a message of parts without end", parts),
        ("a frame that is packed, which nobody offered", frame(0xc1, 2, b"\x0b\0")),
        ("packed JSON", {
            let packed = packed.finish().unwrap();
            frame(0x82, packed.len() as u64, &packed)
        }),
        ("JSON within JSON without end", frame(0x81, deep.len() as u64, deep.as_bytes())),
        ("a frame larger than a frame may be", frame(0x81, 60_000, &[b' '; 60_000])),
    ]
}

/// A frame from a client (RFC 6455, section 5.2) whose mask is all zero.
fn frame(first: u8, length: u64, content: &[u8]) -> Vec<u8> {
    let mut frame = vec![first, 0x80 | 127];
    frame.extend(length.to_be_bytes());
    frame.extend([0; 4]);
    frame.extend(content);
    frame
}

/// Opens a gateway connection that would pack, if it might, says this, and waits for the end: by which code.
async fn after_frames(at: SocketAddr, bytes: &[u8]) -> Option<u16> {
    let mut stream = TcpStream::connect(at).await.unwrap();
    let ask = format!(
        "GET /?v=10&encoding=json HTTP/1.1\r\nHost: {at}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
         Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\
         Sec-WebSocket-Extensions: permessage-deflate\r\n\r\n"
    );
    stream.write_all(ask.as_bytes()).await.unwrap();
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await.unwrap());
    }
    let head = String::from_utf8(head).unwrap().to_lowercase();
    assert!(head.starts_with("http/1.1 101") && !head.contains("sec-websocket-extensions"), "{head}");
    // It may have been let go before all of it was said.
    let _ = stream.write_all(bytes).await;
    let end = async {
        while let Some((kind, content)) = heard(&mut stream).await {
            if kind == 0x88 {
                return content.first_chunk().copied().map(u16::from_be_bytes);
            }
        }
        None
    };
    tokio::time::timeout(PATIENCE, end).await.expect("it is let go")
}

/// The next frame of a server.
async fn heard(stream: &mut TcpStream) -> Option<(u8, Vec<u8>)> {
    let kind = stream.read_u8().await.ok()?;
    let length = match stream.read_u8().await.ok()? {
        126 => usize::from(stream.read_u16().await.ok()?),
        short => usize::from(short),
    };
    let mut content = vec![0; length];
    stream.read_exact(&mut content).await.ok()?;
    Some((kind, content))
}
