//! What a router reads and writes in a frame: Ethernet, ARP, IPv4, and the ports of UDP and TCP.

use std::net::Ipv4Addr;
use std::time::Duration;

/// A question who has an address, or its answer (RFC 826).
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Arp {
    pub(super) is_request: bool,
    pub(super) sender: Ipv4Addr,
    pub(super) target: Ipv4Addr,
    sender_mac: [u8; 6],
}

impl Arp {
    pub(super) fn read(frame: &[u8]) -> Option<Self> {
        // Ethernet and IPv4, six and four octets.
        if bytes::<2>(frame, 12)? != ARP || bytes(frame, ETHERNET)? != [0, 1, 8, 0, 6, 4] {
            return None;
        }
        Some(Self {
            is_request: bytes(frame, 20)? == [0, 1],
            sender_mac: bytes(frame, 22)?,
            sender: Ipv4Addr::from(bytes::<4>(frame, 28)?),
            target: Ipv4Addr::from(bytes::<4>(frame, 38)?),
        })
    }
}

/// "It is here."
pub(super) fn arp_reply(to: &Arp, mac: &[u8; 6]) -> Vec<u8> {
    let words: [&[u8]; 9] = [
        &to.sender_mac,
        mac,
        &ARP,
        &[0, 1, 8, 0, 6, 4, 0, 2],
        mac,
        &to.target.octets(),
        &to.sender_mac,
        &to.sender.octets(),
        &[0; 18],
    ];
    words.concat()
}

/// Whom a packet of IPv4 is for, of whatever kind.
pub(super) fn target_of(frame: &[u8]) -> Option<Ipv4Addr> {
    let is_ipv4 = bytes::<2>(frame, 12)? == IPV4;
    bytes::<4>(frame, TARGET).filter(|_| is_ipv4).map(Ipv4Addr::from)
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) enum Transport {
    Udp,
    Tcp,
}

impl Transport {
    /// How long a mapping that is not used stays (RFC 4787 REQ-5, RFC 5382 REQ-5).
    pub(super) const fn life(self) -> Duration {
        match self {
            Self::Udp => Duration::from_secs(120),
            Self::Tcp => Duration::from_secs(7_440),
        }
    }

    /// Where its checksum stands.
    const fn checksum(self) -> usize {
        match self {
            Self::Udp => 6,
            Self::Tcp => 16,
        }
    }
}

/// A whole packet of UDP or TCP over IPv4.
pub(super) struct Packet {
    frame: Vec<u8>,
    transport: Transport,
    /// Where the ports stand.
    ports: usize,
}

impl Packet {
    /// None where it is anything else, or a part of one.
    pub(super) fn read(frame: Vec<u8>) -> Option<Self> {
        let [first] = bytes(&frame, ETHERNET)?;
        let header = usize::from(first & 0xf) * 4;
        let fragment = u16::from_be_bytes(bytes(&frame, ETHERNET + 6)?) & MORE_OR_OFFSET;
        if bytes::<2>(&frame, 12)? != IPV4 || first >> 4 != 4 || header < 20 || fragment != 0 {
            return None;
        }
        let transport = match bytes(&frame, ETHERNET + 9)? {
            [6] => Transport::Tcp,
            [17] => Transport::Udp,
            _ => return None,
        };
        let ports = ETHERNET + header;
        bytes::<2>(&frame, ports + transport.checksum())?;
        Some(Self { frame, transport, ports })
    }

    pub(super) const fn transport(&self) -> Transport {
        self.transport
    }

    pub(super) fn source(&self) -> (Ipv4Addr, u16) {
        self.place(SOURCE, self.ports)
    }

    pub(super) fn target(&self) -> (Ipv4Addr, u16) {
        self.place(TARGET, self.ports + 2)
    }

    pub(super) fn set_source(&mut self, (address, port): (Ipv4Addr, u16)) {
        self.set_place(SOURCE, self.ports, address, port);
    }

    pub(super) fn set_target(&mut self, (address, port): (Ipv4Addr, u16)) {
        self.set_place(TARGET, self.ports + 2, address, port);
    }

    pub(super) fn set_source_mac(&mut self, mac: &[u8; 6]) {
        self.put(6, mac);
    }

    pub(super) fn set_target_mac(&mut self, mac: &[u8; 6]) {
        self.put(0, mac);
    }

    pub(super) fn into_frame(self) -> Vec<u8> {
        self.frame
    }

    // What `read` saw is there.
    fn place(&self, address: usize, port: usize) -> (Ipv4Addr, u16) {
        let octets = bytes::<4>(&self.frame, address).unwrap_or_default();
        (Ipv4Addr::from(octets), u16::from_be_bytes(bytes(&self.frame, port).unwrap_or_default()))
    }

    fn set_place(&mut self, at: usize, port_at: usize, address: Ipv4Addr, port: u16) {
        let (old_address, old_port) = self.place(at, port_at);
        self.put(at, &address.octets());
        self.put(port_at, &port.to_be_bytes());
        let [a, b, c, d] = old_address.octets();
        let [e, f, g, h] = address.octets();
        let halves = |high, low| u16::from_be_bytes([high, low]);
        let addresses = [(halves(a, b), halves(e, f)), (halves(c, d), halves(g, h))];
        self.mend(IP_CHECKSUM, &addresses);
        let checksum = self.ports + self.transport.checksum();
        // UDP without a checksum stays so (RFC 768); a mended one is never written as none.
        let before = bytes::<2>(&self.frame, checksum).unwrap_or_default();
        if self.transport == Transport::Tcp || before != [0, 0] {
            self.mend(checksum, &[addresses[0], addresses[1], (old_port, port)]);
            if self.transport == Transport::Udp && bytes::<2>(&self.frame, checksum) == Some([0, 0]) {
                self.put(checksum, &[0xff, 0xff]);
            }
        }
    }

    /// Equation 3 of RFC 1624.
    fn mend(&mut self, at: usize, changed: &[(u16, u16)]) {
        let old = u16::from_be_bytes(bytes(&self.frame, at).unwrap_or_default());
        let mut sum = u32::from(!old);
        for (before, after) in changed {
            sum += u32::from(!before) + u32::from(*after);
        }
        while sum > 0xffff {
            sum = (sum & 0xffff) + (sum >> 16);
        }
        let [_, _, high, low] = (!sum).to_be_bytes();
        self.put(at, &[high, low]);
    }

    fn put(&mut self, at: usize, with: &[u8]) {
        if let Some(place) = self.frame.get_mut(at..at + with.len()) {
            place.copy_from_slice(with);
        }
    }
}

fn bytes<const N: usize>(frame: &[u8], at: usize) -> Option<[u8; N]> {
    frame.get(at..at + N)?.try_into().ok()
}

const ETHERNET: usize = 14;
const ARP: [u8; 2] = [8, 6];
const IPV4: [u8; 2] = [8, 0];
const IP_CHECKSUM: usize = ETHERNET + 10;
const SOURCE: usize = ETHERNET + 12;
const TARGET: usize = ETHERNET + 16;
const MORE_OR_OFFSET: u16 = 0x3fff;
