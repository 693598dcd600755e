//! What a house's network lets in and out, as walls of companies and hotels do: by protocol and port, in silence.

/// Which ports of others are reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ports {
    /// All.
    All,
    /// None.
    None,
    /// This one.
    Only(u16),
}

/// A wall around a house. This machine stands within it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wall {
    /// By UDP.
    pub udp: Ports,
    /// By TCP.
    pub tcp: Ports,
}

impl Wall {
    /// Only HTTP gets out, or what looks like it.
    #[must_use]
    pub const fn but_tcp_to(port: u16) -> Self {
        Self { udp: Ports::None, tcp: Ports::Only(port) }
    }

    /// Nothing of UDP gets out.
    pub const NO_UDP: Self = Self { udp: Ports::None, tcp: Ports::All };

    /// Nothing gets out.
    pub const WHOLE: Self = Self { udp: Ports::None, tcp: Ports::None };

    /// Whether a frame of Ethernet goes through; `outward`: whoever sends it is within. What is neither TCP nor UDP over IPv4
    /// does: who asks for an address finds it.
    pub(super) fn passes(&self, frame: &[u8], outward: bool) -> bool {
        let Some((protocol, source, destination)) = ports_of(frame) else { return true };
        let there = if outward { destination } else { source };
        let ports = if protocol == TCP { self.tcp } else { self.udp };
        match ports {
            Ports::All => true,
            Ports::None => false,
            Ports::Only(port) => port == there,
        }
    }
}

const TCP: u8 = 6;
const UDP: u8 = 17;

/// Protocol, source's and destination's port (RFC 791, RFC 768, RFC 9293) of a frame that has them.
fn ports_of(frame: &[u8]) -> Option<(u8, u16, u16)> {
    const IPV4: [u8; 2] = [8, 0];
    let packet = frame.get(14..).filter(|_| frame.get(12..14) == Some(&IPV4))?;
    let protocol = *packet.get(9).filter(|protocol| matches!(**protocol, TCP | UDP))?;
    let header = usize::from(packet.first()? & 0xf) * 4;
    let port =
        |at: usize| Some(u16::from_be_bytes(packet.get(header + at..header + at + 2)?.try_into().ok()?));
    Some((protocol, port(0)?, port(2)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frame(protocol: u8, from: u16, to: u16) -> Vec<u8> {
        let mut frame = vec![0; 14 + 20 + 8];
        (frame[12], frame[14], frame[23]) = (8, 0x45, protocol);
        frame[34..36].copy_from_slice(&from.to_be_bytes());
        frame[36..38].copy_from_slice(&to.to_be_bytes());
        frame
    }

    #[test]
    fn a_wall_lets_through_what_goes_to_its_port_and_the_answers() {
        let wall = Wall::but_tcp_to(443);
        assert!(wall.passes(&frame(TCP, 50_000, 443), true) && wall.passes(&frame(TCP, 443, 50_000), false));
        assert!(
            !wall.passes(&frame(TCP, 443, 50_000), true) && !wall.passes(&frame(TCP, 50_000, 443), false)
        );
        assert!(!wall.passes(&frame(UDP, 50_000, 443), true));
        assert!(!wall.passes(&frame(TCP, 50_000, 8_080), true));
    }

    #[test]
    fn names_and_addresses_are_still_found_and_half_a_frame_harms_nobody() {
        let mut arp = frame(TCP, 1, 2);
        arp[13] = 6;
        assert!(Wall::WHOLE.passes(&arp, true));
        assert!(Wall::WHOLE.passes(&frame(TCP, 1, 2)[..30], true));
        assert!(!Wall::WHOLE.passes(&frame(UDP, 1, 2), true) && Wall::NO_UDP.passes(&frame(TCP, 1, 2), true));
    }
}
