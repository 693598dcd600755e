//! Where the relay behind a base URL is in the mesh: asked of its window.

use super::Road;
use super::outside::Outside;
use super::road::{Ways, ways_to};
use super::websocket::Place;
use nexus_core::{PeerKey, is_near};
use reqwest::{Client, Url};
use serde::Deserialize;
use std::net::{IpAddr, SocketAddr};

/// A relay, as its window tells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Found {
    pub(super) peer: PeerKey,
    /// At the host of its URL; none behind a proxy, where there is none to be known.
    pub(super) addresses: Vec<SocketAddr>,
    /// How it is reached.
    pub(super) ways: Ways,
}

/// Why a relay is not found.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum LookUpError {
    /// Nobody answers there.
    #[error("{0} does not answer")]
    Silent(String),
    /// What answers is no relay.
    #[error("{0} is no relay")]
    NoRelay(String),
    /// It is within a network that a relay on the open internet asks nothing of.
    #[error("{0} is at a private address, which a public relay does not dial")]
    Private(String),
}

/// Which addresses may be asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reach {
    /// Any: whoever runs this program named the relay, or is on the same network themselves.
    Anywhere,
    /// Those of the open internet: anybody may have named it.
    Public,
    /// This one: it has asked to be.
    Only(IpAddr),
}

#[derive(Deserialize)]
struct Answer {
    peer_key: String,
    mesh_port: u16,
}

/// Longest answer, bytes.
const ANSWER_MAX: usize = 16 * 1024;

/// A client that takes a host to be at these addresses and asks no proxy, which would look for itself.
fn pinned_client(outside: &Outside, host: &str, addresses: &[SocketAddr]) -> Client {
    outside.builder().no_proxy().resolve_to_addrs(host, addresses).build().unwrap_or_default()
}

/// Whether a base URL says by itself that it is of this machine or its network: a literal address, or `localhost`.
pub(super) fn is_near_by_name(base: &str) -> bool {
    let url = Url::parse(base).ok();
    let host = url.as_ref().and_then(Url::host_str).map(|host| host.trim_matches(['[', ']']));
    host.is_some_and(|host| host == "localhost" || host.parse::<IpAddr>().is_ok_and(is_near))
}

/// Asks the relay at a base URL for its place. Where the system names a proxy for it, the road through that is the only one:
/// nothing goes around a proxy that somebody set. A relay that anybody may have named is not dialed by WebSocket, which would look
/// its name up anew.
pub(super) async fn look_up(outside: &Outside, base: &str, reach: Reach) -> Result<Found, LookUpError> {
    let silent = || LookUpError::Silent(base.to_owned());
    let no_relay = || LookUpError::NoRelay(base.to_owned());
    let url = Url::parse(&format!("{base}/api/v10/nexus/relay")).map_err(|_| no_relay())?;
    let host = url.host_str().ok_or_else(no_relay)?.trim_matches(['[', ']']).to_owned();
    let port = url.port_or_known_default().unwrap_or(0);
    let pinned = match reach {
        Reach::Anywhere => None,
        Reach::Only(address) => Some(vec![SocketAddr::new(address, port)]),
        // What was looked at is what is asked: a name may stand for something else a moment later.
        Reach::Public => Some(public_addresses(base, &host, port).await?),
    };
    let mut response = match &pinned {
        None => outside.client().get(url.clone()).send().await,
        Some(addresses) => pinned_client(outside, &host, addresses).get(url.clone()).send().await,
    }
    .map_err(|_| silent())?;
    if !response.status().is_success() {
        return Err(no_relay());
    }
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(|_| silent())? {
        body.extend_from_slice(&chunk);
        if body.len() > ANSWER_MAX {
            return Err(no_relay());
        }
    }
    let (peer, mesh_port) = place_in(&body).ok_or_else(no_relay)?;
    let at_port = |address: SocketAddr| SocketAddr::new(address.ip(), mesh_port);
    let has_proxy = outside.proxy(url.as_str()).is_some();
    let addresses: Vec<SocketAddr> = match &pinned {
        Some(addresses) => addresses.iter().copied().map(at_port).collect(),
        None if has_proxy => Vec::new(),
        None => addresses(&host, mesh_port).await,
    };
    let mut ways = ways_to(if mesh_port == 0 { &[] } else { &addresses });
    if pinned.is_none() {
        let place = Place::behind(&url).ok_or_else(no_relay)?;
        ways.insert(Road::WebSocket, vec![place.address()]);
    }
    Ok(Found { peer, addresses, ways })
}

/// The relay's key and the port of its mesh, as its window tells.
pub(super) fn place_in(body: &[u8]) -> Option<(PeerKey, u16)> {
    let answer: Answer = serde_json::from_slice(body).ok()?;
    let key = hex::decode(&answer.peer_key).ok()?.try_into().ok()?;
    Some((PeerKey(key), answer.mesh_port))
}

// A name that is not known here may be known to a proxy, and what is not known at all fails by itself.
async fn addresses(host: &str, port: u16) -> Vec<SocketAddr> {
    let found = tokio::net::lookup_host((host, port)).await;
    found.map_or_else(|_| Vec::new(), |found| found.take(ADDRESSES_MAX).collect())
}

async fn public_addresses(base: &str, host: &str, port: u16) -> Result<Vec<SocketAddr>, LookUpError> {
    let found = tokio::net::lookup_host((host, port)).await;
    let found = found.map_err(|_| LookUpError::Silent(base.to_owned()))?;
    let public: Vec<SocketAddr> =
        found.filter(|address| is_public(address.ip())).take(ADDRESSES_MAX).collect();
    if public.is_empty() { Err(LookUpError::Private(base.to_owned())) } else { Ok(public) }
}

/// Whether an address is one of the open internet: none of RFC 6890's for special purposes that an operating system would
/// send to.
pub(super) fn is_public(address: IpAddr) -> bool {
    match address.to_canonical() {
        IpAddr::V4(v4) => {
            let [first, second, ..] = v4.octets();
            let shared = first == 100 && (64..128).contains(&second);
            let special = v4.is_multicast() || v4.is_broadcast() || v4.is_documentation();
            !(is_near(v4.into()) || special || shared || first == 0 || first >= 240)
        }
        IpAddr::V6(v6) => {
            // 64:ff9b::/96 and 2002::/16 hold an IPv4 address, which may be of any network.
            let holds_v4 = matches!(v6.segments(), [0x64, 0xff9b, ..] | [0x2002, ..]);
            !(is_near(v6.into()) || v6.is_unspecified() || v6.is_multicast() || holds_v4)
        }
    }
}

/// Addresses of one relay that are tried.
const ADDRESSES_MAX: usize = 8;

#[cfg(test)]
mod tests {
    use super::super::outside::Roots;
    use super::*;

    #[test]
    fn what_is_not_of_the_open_internet_is_known_by_its_address() {
        let public = ["93.184.215.14", "2606:4700::1111", "100.128.0.1"];
        let special = [
            "127.0.0.1",
            "10.1.2.3",
            "192.168.0.1",
            "172.16.0.1",
            "169.254.169.254",
            "100.64.0.1",
            "0.0.0.0",
            "224.0.0.1",
            "255.255.255.255",
            "240.0.0.1",
            "::1",
            "::",
            "fe80::1",
            "fd00::1",
            "ff02::1",
            "::ffff:10.0.0.1",
            "64:ff9b::a00:1",
            "2002:a00:1::",
        ];
        assert!(public.iter().all(|address| is_public(address.parse().unwrap())));
        let passed: Vec<_> = special.iter().filter(|address| is_public(address.parse().unwrap())).collect();
        assert!(passed.is_empty(), "{passed:?}");
    }

    #[tokio::test]
    async fn a_public_relay_asks_nothing_of_the_network_it_stands_in() {
        let outside = Outside::new(&Roots::default());
        let asked = look_up(&outside, "http://127.0.0.1:9", Reach::Public).await;
        assert_eq!(asked, Err(LookUpError::Private(String::from("http://127.0.0.1:9"))));
        let asked = look_up(&outside, "http://127.0.0.1:9", Reach::Anywhere).await;
        assert_eq!(asked, Err(LookUpError::Silent(String::from("http://127.0.0.1:9"))));
    }

    #[test]
    fn a_relay_of_a_network_says_so_by_its_address() {
        assert!(
            ["http://127.0.0.1:1", "http://[fd00::1]", "http://localhost:80"]
                .map(is_near_by_name)
                .iter()
                .all(|near| *near)
        );
        assert!(!is_near_by_name("https://relay.example") && !is_near_by_name("http://93.184.215.14"));
    }
}
