//! By what a link goes.

use libp2p::Multiaddr;
use libp2p::multiaddr::Protocol;
use std::collections::BTreeMap;
use std::fmt;
use std::net::{IpAddr, SocketAddr};

/// By what a link goes. The lesser is the better one.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
#[non_exhaustive]
pub enum Road {
    /// QUIC over UDP (RFC 9000).
    Quic,
    /// TCP, on the mesh's own port.
    Tcp,
    /// WebSocket (RFC 6455) at the relay's window: where only HTTP or HTTPS gets out.
    WebSocket,
    /// Through a relay that both sides use, and that cannot read it.
    Circuit,
}

impl Road {
    /// For programs: `quic`, `tcp`, `websocket`, `circuit`.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Quic => "quic",
            Self::Tcp => "tcp",
            Self::WebSocket => "websocket",
            Self::Circuit => "circuit",
        }
    }

    /// The road of a word.
    pub(super) fn of_word(word: &str) -> Option<Self> {
        [Self::Quic, Self::Tcp, Self::WebSocket, Self::Circuit].into_iter().find(|road| road.word() == word)
    }

    /// The road that an address is at the end of.
    pub(super) fn to(address: &Multiaddr) -> Self {
        let quic = |part: &Protocol<'_>| matches!(part, Protocol::QuicV1);
        let websocket = |part: &Protocol<'_>| matches!(part, Protocol::Ws(_) | Protocol::Wss(_));
        match () {
            () if address.iter().any(|part| quic(&part)) => Self::Quic,
            () if address.iter().any(|part| websocket(&part)) => Self::WebSocket,
            () => Self::Tcp,
        }
    }
}

/// For people.
impl fmt::Display for Road {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Quic => "QUIC",
            Self::Tcp => "TCP",
            Self::WebSocket => "WebSocket",
            Self::Circuit => "circuit",
        })
    }
}

/// How a peer may be reached: at least one address of each road that is here.
pub(super) type Ways = BTreeMap<Road, Vec<Multiaddr>>;

/// The ways to a peer that has QUIC and TCP at these addresses.
pub(super) fn ways_to(addresses: &[SocketAddr]) -> Ways {
    let by = |way: fn(&SocketAddr) -> Multiaddr| addresses.iter().map(way).collect::<Vec<_>>();
    let ways = [(Road::Quic, by(quic)), (Road::Tcp, by(tcp))];
    ways.into_iter().filter(|(_, addresses)| !addresses.is_empty()).collect()
}

pub(super) fn quic(address: &SocketAddr) -> Multiaddr {
    Multiaddr::from(address.ip()).with(Protocol::Udp(address.port())).with(Protocol::QuicV1)
}

pub(super) fn tcp(address: &SocketAddr) -> Multiaddr {
    Multiaddr::from(address.ip()).with(Protocol::Tcp(address.port()))
}

pub(super) fn port_of(address: &Multiaddr) -> Option<u16> {
    address.iter().find_map(|part| match part {
        Protocol::Tcp(port) | Protocol::Udp(port) => Some(port),
        _ => None,
    })
}

pub(super) fn place_of(address: &Multiaddr) -> Option<SocketAddr> {
    Some(SocketAddr::new(ip_of(address)?, port_of(address)?))
}

pub(super) fn ip_of(address: &Multiaddr) -> Option<IpAddr> {
    address.iter().find_map(|part| match part {
        Protocol::Ip4(ip) => Some(IpAddr::V4(ip)),
        Protocol::Ip6(ip) => Some(IpAddr::V6(ip)),
        _ => None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_says_by_which_road_it_is_reached() {
        let at = SocketAddr::from(([192, 0, 2, 1], 9));
        assert_eq!(Road::to(&quic(&at)), Road::Quic);
        assert_eq!(Road::to(&tcp(&at)), Road::Tcp);
        assert_eq!(Road::to(&tcp(&at).with(Protocol::Wss("/".into()))), Road::WebSocket);
        assert_eq!((port_of(&quic(&at)), ip_of(&tcp(&at))), (Some(9), Some(at.ip())));
        assert!(Road::Quic < Road::Tcp && Road::Tcp < Road::WebSocket);
    }
}
