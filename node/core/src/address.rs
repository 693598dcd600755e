//! Where a program can be dialed: an address and a port, by QUIC (UDP) and by TCP. Nothing but an invite and a member who was
//! recognised is told one.

use minicbor::bytes::ByteVec;
use minicbor::{Decode, Decoder, Encode, Encoder, decode, encode};
use std::net::{IpAddr, SocketAddr};

/// An address that somebody else can dial. Never loopback, unspecified, multicast, or one that means something on one link
/// only; never port 0.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct PeerAddress(SocketAddr);

/// At most [`Addresses::MAX`], each once, ascending.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Addresses(Vec<PeerAddress>);

/// What nobody else can dial.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not an address that others can dial, like 203.0.113.7:8091 or [2001:db8::7]:8091")]
pub struct NotDialable;

impl PeerAddress {
    /// Where to dial.
    #[must_use]
    pub const fn at(self) -> SocketAddr {
        self.0
    }

    fn to_bytes(self) -> Vec<u8> {
        let port = self.0.port().to_be_bytes();
        match self.0.ip() {
            IpAddr::V4(v4) => [&v4.octets()[..], &port].concat(),
            IpAddr::V6(v6) => [&v6.octets()[..], &port].concat(),
        }
    }

    fn of_bytes(bytes: &[u8]) -> Option<Self> {
        let (ip, port) = bytes.split_at_checked(bytes.len().checked_sub(2)?)?;
        let ip = match ip.len() {
            4 => IpAddr::from(<[u8; 4]>::try_from(ip).ok()?),
            16 => IpAddr::from(<[u8; 16]>::try_from(ip).ok()?),
            _ => return None,
        };
        let address = Self::try_from(SocketAddr::new(ip, u16::from_be_bytes(port.try_into().ok()?))).ok()?;
        // One way to write it.
        (address.0.ip() == ip).then_some(address)
    }
}

impl TryFrom<SocketAddr> for PeerAddress {
    type Error = NotDialable;

    fn try_from(at: SocketAddr) -> Result<Self, NotDialable> {
        let ip = at.ip().to_canonical();
        let is_of_one_link = match ip {
            IpAddr::V4(v4) => v4.is_broadcast() || v4.is_link_local() || v4.octets()[0] == 0,
            // fe80::/10 needs the name of an interface.
            IpAddr::V6(v6) => v6.is_unicast_link_local(),
        };
        let is_nowhere = ip.is_unspecified() || ip.is_loopback() || ip.is_multicast();
        if is_nowhere || is_of_one_link || at.port() == 0 {
            return Err(NotDialable);
        }
        Ok(Self(SocketAddr::new(ip, at.port())))
    }
}

impl std::str::FromStr for PeerAddress {
    type Err = NotDialable;

    fn from_str(text: &str) -> Result<Self, NotDialable> {
        text.parse::<SocketAddr>().map_err(|_| NotDialable)?.try_into()
    }
}

impl std::fmt::Display for PeerAddress {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

impl Addresses {
    /// More are not told, and not listened to.
    pub const MAX: usize = 8;

    /// The first of them.
    pub fn first_of(all: impl IntoIterator<Item = PeerAddress>) -> Self {
        let mut some = Vec::new();
        for address in all {
            if some.len() < Self::MAX && !some.contains(&address) {
                some.push(address);
            }
        }
        some.sort_unstable();
        Self(some)
    }

    /// None where there are more than [`Addresses::MAX`].
    #[must_use]
    pub fn new(all: Vec<PeerAddress>) -> Option<Self> {
        (all.len() <= Self::MAX).then(|| Self::first_of(all))
    }

    /// Each.
    pub fn iter(&self) -> impl Iterator<Item = PeerAddress> + '_ {
        self.0.iter().copied()
    }

    /// Whether there is none.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl<C> Encode<C> for PeerAddress {
    fn encode<W: encode::Write>(
        &self,
        to: &mut Encoder<W>,
        _: &mut C,
    ) -> Result<(), encode::Error<W::Error>> {
        to.bytes(&self.to_bytes())?.ok()
    }
}

impl<'b, C> Decode<'b, C> for PeerAddress {
    fn decode(from: &mut Decoder<'b>, c: &mut C) -> Result<Self, decode::Error> {
        let bytes = ByteVec::decode(from, c)?;
        Self::of_bytes(&bytes).ok_or_else(|| decode::Error::message(NotDialable))
    }
}

impl<C> Encode<C> for Addresses {
    fn encode<W: encode::Write>(
        &self,
        to: &mut Encoder<W>,
        c: &mut C,
    ) -> Result<(), encode::Error<W::Error>> {
        self.0.encode(to, c)
    }
}

impl<'b, C> Decode<'b, C> for Addresses {
    fn decode(from: &mut Decoder<'b>, c: &mut C) -> Result<Self, decode::Error> {
        let all = Vec::<PeerAddress>::decode(from, c)?;
        let is_in_order = all.windows(2).all(|pair| pair[0] < pair[1]);
        let some = Self::new(all).filter(|_| is_in_order);
        some.ok_or_else(|| decode::Error::message("more addresses than anybody has"))
    }
}

/// Whether an address is of one's own network, and not of the world: RFC 1918, RFC 3927, RFC 4193, and this machine.
#[must_use]
pub const fn is_near(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(v4) => v4.is_private() || v4.is_link_local() || v4.is_loopback(),
        IpAddr::V6(v6) => v6.is_unique_local() || v6.is_unicast_link_local() || v6.is_loopback(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use nexus_crdt::cbor;

    #[test]
    fn what_nobody_else_can_dial_is_no_address() {
        for text in [
            "127.0.0.1:1",
            "0.0.0.0:1",
            "0.1.2.3:1",
            "224.0.0.251:1",
            "255.255.255.255:1",
            "169.254.1.1:1",
            "[::1]:1",
            "[::]:1",
            "[fe80::1]:1",
            "[ff02::1]:1",
            "[::ffff:127.0.0.1]:1",
            "203.0.113.7:0",
            "203.0.113.7",
            "example.org:1",
            "",
        ] {
            assert_eq!(text.parse::<PeerAddress>(), Err(NotDialable), "{text}");
        }
        for text in ["203.0.113.7:8091", "192.168.1.7:1", "[2001:db8::7]:8091", "[fd00::1]:65535"] {
            assert_eq!(text.parse::<PeerAddress>().unwrap().to_string(), text);
        }
        let mapped: PeerAddress = "[::ffff:203.0.113.7]:9".parse().unwrap();
        assert_eq!(mapped.to_string(), "203.0.113.7:9");
    }

    #[test]
    fn a_list_is_bounded_ordered_and_travels_in_one_form() {
        let at = |port: u16| PeerAddress::try_from(SocketAddr::from(([203, 0, 113, 7], port))).unwrap();
        let all: Vec<PeerAddress> = (1..=9).rev().map(at).collect();
        assert_eq!(Addresses::new(all.clone()), None);
        let some = Addresses::first_of(all.iter().copied().chain(all.iter().copied()));
        assert_eq!(some.iter().collect::<Vec<_>>(), (2..=9).map(at).collect::<Vec<_>>());
        assert_eq!(cbor::decode::<Addresses>(&cbor::encode(&some)).unwrap(), some);
        for wrong in [all, vec![at(2), at(1)], vec![at(1), at(1)]] {
            assert!(cbor::decode::<Addresses>(&cbor::encode(&wrong)).is_err());
        }
        for wrong in [&[127, 0, 0, 1, 0, 9][..], &[1, 2, 3], &[], &[9; 17], &[203, 0, 113, 7, 0, 0]] {
            assert!(cbor::decode::<PeerAddress>(&cbor::encode(&ByteVec::from(wrong.to_vec()))).is_err());
        }
        let mapped = [&[0; 10][..], &[0xff, 0xff, 203, 0, 113, 7, 0, 9]].concat();
        assert!(cbor::decode::<PeerAddress>(&cbor::encode(&ByteVec::from(mapped))).is_err());
    }
}
