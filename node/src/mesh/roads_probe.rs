//! What each road to a relay is good for, tried one by one: for people who ask why they are cut off.

mod dates;

use super::look_up::{self, Found, Reach};
use super::outside::{Outside, Roots};
use dates::{http_date, not_after};
use reqwest::Url;
use reqwest::header::{self, HeaderMap};
use reqwest::tls::TlsInfo;
use serde::{Deserialize, Serialize};
use std::error::Error;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;
use tokio::net::{TcpStream, UdpSocket};

/// What became of each road to one relay. Times are Unix seconds.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RoadFacts {
    /// Its base URL.
    pub url: String,
    /// Its window answered as a relay's does; else why not, in words.
    pub window: Option<Result<(), String>>,
    /// Its own clock, where the window tells.
    pub date_s: Option<u64>,
    /// When the certificate of its window ends, where it has one.
    pub certificate_ends_s: Option<u64>,
    /// A TCP connection to its mesh came up; none where the window did not say where that is.
    pub tcp: Option<Result<(), String>>,
    /// Something that speaks QUIC answered by UDP.
    pub udp: Option<Result<(), String>>,
    /// Its window takes WebSockets for the mesh.
    pub web_socket: Option<Result<(), String>>,
}

const PATIENCE: Duration = Duration::from_secs(3);

/// Tries every road to the relay at a base URL. Takes [`PATIENCE`] for each at most, and nothing is left behind.
pub async fn try_roads(url: &str, roots: &Roots) -> RoadFacts {
    try_all_roads(&Outside::new(roots), url, Reach::Anywhere).await
}

/// The same, at this address and no other: through no proxy.
pub(super) async fn try_roads_at(outside: &Outside, url: &str, address: IpAddr) -> RoadFacts {
    try_all_roads(outside, url, Reach::Only(address)).await
}

async fn try_all_roads(outside: &Outside, url: &str, reach: Reach) -> RoadFacts {
    let mut facts = RoadFacts { url: url.to_owned(), ..RoadFacts::default() };
    ask_window(outside, &mut facts, reach).await;
    match look_up::look_up(outside, url, reach).await {
        Ok(Found { addresses, .. }) => {
            facts.window = Some(Ok(()));
            (facts.tcp, facts.udp) = tokio::join!(try_all(&addresses, tcp), try_all(&addresses, quic));
        }
        // What the window said of TLS or of the name is more than that it did not answer.
        Err(error) => drop(facts.window.get_or_insert(Err(error.to_string()))),
    }
    facts
}

// The window alone: its clock, its certificate, its WebSocket.
async fn ask_window(outside: &Outside, facts: &mut RoadFacts, reach: Reach) {
    let Ok(url) = Url::parse(&format!("{}/nexus/mesh", facts.url)) else {
        facts.window = Some(Err(String::from("it is no URL")));
        return;
    };
    let mut builder = outside.builder().tls_info(true).http1_only();
    if let (Reach::Only(address), Some(host), Some(port)) =
        (reach, url.host_str(), url.port_or_known_default())
    {
        builder = builder.no_proxy().resolve_to_addrs(host, &[SocketAddr::new(address, port)]);
    }
    let client = builder.build().unwrap_or_default();
    let asked = client.get(url).headers(upgrade()).send();
    match tokio::time::timeout(PATIENCE * 3, asked).await {
        Ok(Ok(answer)) => {
            let date = answer.headers().get(header::DATE).and_then(|date| date.to_str().ok());
            facts.date_s = date.and_then(http_date);
            let info = answer.extensions().get::<TlsInfo>();
            facts.certificate_ends_s = info.and_then(TlsInfo::peer_certificate).and_then(not_after);
            facts.web_socket = Some(match answer.status().as_u16() {
                101 => Ok(()),
                status => Err(format!("its window answers {status}")),
            });
        }
        Ok(Err(error)) => facts.window = Some(Err(full(&error))),
        Err(_) => facts.window = Some(Err(String::from("no answer in time"))),
    }
}

fn upgrade() -> HeaderMap {
    let words = [
        (header::CONNECTION, "Upgrade"),
        (header::UPGRADE, "websocket"),
        (header::SEC_WEBSOCKET_VERSION, "13"),
        (header::SEC_WEBSOCKET_KEY, "bmV4dXMtZG9jdG9yLTEyMw=="),
    ];
    words.into_iter().map(|(name, value)| (name, header::HeaderValue::from_static(value))).collect()
}

async fn try_all<F>(addresses: &[SocketAddr], road: fn(SocketAddr) -> F) -> Option<Result<(), String>>
where
    F: Future<Output = std::io::Result<()>>,
{
    let mut last = None;
    for address in addresses {
        last = Some(match tokio::time::timeout(PATIENCE, road(*address)).await {
            Ok(Ok(())) => return Some(Ok(())),
            Ok(Err(error)) => Err(error.to_string()),
            Err(_) => Err(String::from("nobody answers there")),
        });
    }
    last
}

async fn tcp(address: SocketAddr) -> std::io::Result<()> {
    TcpStream::connect(address).await.map(drop)
}

/// Whoever speaks QUIC answers a first packet of a version that is none with those it speaks (RFC 9000, 6.1): no handshake, no
/// state at the other end.
async fn quic(address: SocketAddr) -> std::io::Result<()> {
    let any: IpAddr = match address {
        SocketAddr::V4(_) => Ipv4Addr::UNSPECIFIED.into(),
        SocketAddr::V6(_) => Ipv6Addr::UNSPECIFIED.into(),
    };
    let socket = UdpSocket::bind((any, 0)).await?;
    socket.connect(address).await?;
    let mut answer = [0; 1_500];
    for _ in 0..3 {
        socket.send(&first_packet()).await?;
        if let Ok(received) = tokio::time::timeout(PATIENCE / 4, socket.recv(&mut answer)).await
            && is_version_negotiation(&answer[..received?])
        {
            return Ok(());
        }
    }
    Err(std::io::ErrorKind::TimedOut.into())
}

/// A long header of a version that is reserved to be unknown (RFC 9000, 15), two connection ids of 8 bytes, and what a first
/// packet must be long.
fn first_packet() -> [u8; 1_200] {
    let mut packet = [0; 1_200];
    packet[0] = 0xc0;
    packet[1..5].copy_from_slice(&[0x1a, 0x2a, 0x3a, 0x4a]);
    packet[5] = 8;
    packet[6..14].copy_from_slice(&rand::random::<[u8; 8]>());
    packet[14] = 8;
    packet[15..23].copy_from_slice(&rand::random::<[u8; 8]>());
    packet
}

fn is_version_negotiation(packet: &[u8]) -> bool {
    packet.len() >= 7 && packet[0] & 0x80 != 0 && packet[1..5] == [0; 4]
}

/// What lies at the bottom of it says most.
fn full(error: &reqwest::Error) -> String {
    let mut last: &dyn Error = error;
    while let Some(cause) = last.source() {
        last = cause;
    }
    last.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn each_road_to_a_relay_that_is_not_there_says_why() {
        let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let gone = taken.local_addr().unwrap();
        drop(taken);
        let facts = try_roads(&format!("http://{gone}"), &Roots::default()).await;
        assert!(matches!(facts.window, Some(Err(_))), "{facts:?}");
        assert_eq!((facts.tcp, facts.udp, facts.date_s), (None, None, None));
    }

    #[tokio::test]
    async fn udp_that_is_answered_by_no_quic_is_no_road() {
        let other = UdpSocket::bind("127.0.0.1:0").await.unwrap();
        let address = other.local_addr().unwrap();
        let echo = async {
            let mut packet = [0; 1_500];
            let (length, from) = other.recv_from(&mut packet).await.unwrap();
            assert_eq!(length, 1_200);
            other.send_to(b"hello", from).await.unwrap();
            other.recv_from(&mut packet).await.unwrap();
            other.send_to(&[0xff, 0, 0, 0, 0, 0, 0], from).await.unwrap();
        };
        let (answered, ()) = tokio::join!(quic(address), echo);
        assert!(answered.is_ok(), "the first answer was none, the second names versions");
    }
}
