//! How many may come at once, and how fast: handshakes, connections, and streams; in all, of one address, of one peer.
//!
//! What is forgotten here is forgotten whole: a key costs nothing, so nothing is kept of one that is gone. libp2p's own
//! limits keep an entry for every key that ever came.

mod pace;

use super::barred::Barred;
use super::lock;
use super::road::place_of;
use libp2p::core::Endpoint;
use libp2p::core::transport::PortUse;
use libp2p::multiaddr::Protocol;
use libp2p::swarm::behaviour::{ConnectionClosed, ConnectionEstablished, ListenFailure};
use libp2p::swarm::{
    ConnectionDenied, ConnectionId, FromSwarm, NetworkBehaviour, THandler, THandlerInEvent, THandlerOutEvent,
    ToSwarm, dummy,
};
use libp2p::{Multiaddr, PeerId};
use pace::Pace;
use std::collections::BTreeMap;
use std::convert::Infallible;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

/// Handshakes under way by UDP, where an address can be made up, and as many by everything else: a flood of the one leaves
/// the other free.
const PENDING_MAX: usize = 256;
/// Handshakes under way of one address.
const PENDING_OF_ADDRESS: usize = 32;
/// Connections at the same time.
pub(super) const CONNECTIONS_MAX: usize = 4_096;
/// Connections of one address: a household or an office behind one.
const OF_ADDRESS: usize = 256;
/// Connections of one peer: the road in use, a better one that takes its place, and those that were not taken and are ending.
const OF_PEER: usize = 8;
/// Streams that one peer may open in a minute. An honest one opens one for each connection.
const STREAMS_A_MINUTE: u32 = 32;
const MINUTE: Duration = Duration::from_secs(60);

/// Why somebody is not let in.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub(super) enum Full {
    #[error("too many handshakes are under way")]
    Handshakes,
    #[error("too many handshakes of this address are under way")]
    HandshakesOfAddress,
    #[error("handshakes begin too fast")]
    Pace,
    #[error("handshakes of this address begin too fast")]
    PaceOfAddress,
    #[error("this address is barred")]
    Barred,
    #[error("there are too many connections")]
    Connections,
    #[error("this address has too many connections")]
    OfAddress,
    #[error("this peer has too many connections")]
    OfPeer,
}

/// Everybody who is at the door or inside.
#[derive(Debug, Default)]
pub(super) struct Crowd {
    barred: Arc<Mutex<Barred>>,
    pace: Pace,
    pending: BTreeMap<ConnectionId, Whence>,
    inside: BTreeMap<ConnectionId, Inside>,
    streams: BTreeMap<PeerId, (u32, Instant)>,
}

/// Whose a connection is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Inside {
    peer: PeerId,
    /// None where it is not counted.
    address: Option<IpAddr>,
}

/// How a connection comes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Whence {
    by_udp: bool,
    /// None where it is not counted.
    address: Option<IpAddr>,
}

impl Crowd {
    /// .. into which nobody of a barred address comes.
    pub(super) fn without(barred: Arc<Mutex<Barred>>) -> Self {
        Self { barred, ..Self::default() }
    }

    /// Before anything is computed for who comes: by QUIC a first packet is answered by then, everything else is still to come.
    fn knock(&mut self, connection: ConnectionId, whence: Whence, now: Instant) -> Result<(), Full> {
        let waiting =
            |which: &dyn Fn(&Whence) -> bool| self.pending.values().filter(|each| which(each)).count();
        if waiting(&|each| each.by_udp == whence.by_udp) >= PENDING_MAX {
            return Err(Full::Handshakes);
        }
        if whence.address.is_some() && waiting(&|each| each.address == whence.address) >= PENDING_OF_ADDRESS {
            return Err(Full::HandshakesOfAddress);
        }
        self.pace.begins(whence, now)?;
        self.pending.insert(connection, whence);
        Ok(())
    }

    fn may_enter(&self, peer: &PeerId, address: Option<IpAddr>) -> Result<(), Full> {
        let inside =
            |which: &dyn Fn(&Inside) -> bool| self.inside.values().filter(|each| which(each)).count();
        if self.inside.len() >= CONNECTIONS_MAX {
            Err(Full::Connections)
        } else if inside(&|each| each.peer == *peer) >= OF_PEER {
            Err(Full::OfPeer)
        } else if address.is_some() && inside(&|each| each.address == address) >= OF_ADDRESS {
            Err(Full::OfAddress)
        } else {
            Ok(())
        }
    }

    fn leave(&mut self, connection: ConnectionId) {
        let Some(Inside { peer, .. }) = self.inside.remove(&connection) else { return };
        if !self.inside.values().any(|each| each.peer == peer) {
            self.streams.remove(&peer);
        }
    }

    /// A peer opens a stream; whether it may.
    pub(super) fn opens(&mut self, peer: PeerId, now: Instant) -> bool {
        let (count, since) = self.streams.entry(peer).or_insert((0, now));
        if now.saturating_duration_since(*since) >= MINUTE {
            (*count, *since) = (0, now);
        }
        *count += 1;
        *count <= STREAMS_A_MINUTE
    }
}

/// How somebody comes, by the address they come from. This machine's own is not counted: a proxy may stand there.
fn whence(from: &Multiaddr) -> Whence {
    let by_udp = from.iter().any(|part| matches!(part, Protocol::Udp(_)));
    let address = from.iter().find_map(|part| match part {
        Protocol::Ip4(v4) => Some(IpAddr::V4(v4)),
        // One household has all of its network of 64 bits.
        Protocol::Ip6(v6) => Some(v6.to_ipv4_mapped().map_or_else(|| IpAddr::V6(network_of(v6)), IpAddr::V4)),
        _ => None,
    });
    Whence { by_udp, address: address.filter(|address| !address.is_loopback()) }
}

pub(super) fn network_of(v6: Ipv6Addr) -> Ipv6Addr {
    if v6.is_loopback() {
        return v6;
    }
    let [a, b, c, d, ..] = v6.segments();
    Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0)
}

impl NetworkBehaviour for Crowd {
    type ConnectionHandler = dummy::ConnectionHandler;
    type ToSwarm = Infallible;

    fn handle_pending_inbound_connection(
        &mut self,
        connection: ConnectionId,
        _: &Multiaddr,
        from: &Multiaddr,
    ) -> Result<(), ConnectionDenied> {
        let now = Instant::now();
        if lock(&self.barred).bars(place_of(from).map(|place| place.ip()), now) {
            return Err(ConnectionDenied::new(Full::Barred));
        }
        self.knock(connection, whence(from), now).map_err(ConnectionDenied::new)
    }

    fn handle_established_inbound_connection(
        &mut self,
        connection: ConnectionId,
        peer: PeerId,
        _: &Multiaddr,
        from: &Multiaddr,
    ) -> Result<THandler<Self>, ConnectionDenied> {
        self.pending.remove(&connection);
        self.may_enter(&peer, whence(from).address).map_err(ConnectionDenied::new)?;
        Ok(dummy::ConnectionHandler)
    }

    fn handle_established_outbound_connection(
        &mut self,
        _: ConnectionId,
        peer: PeerId,
        _: &Multiaddr,
        _: Endpoint,
        _: PortUse,
    ) -> Result<THandler<Self>, ConnectionDenied> {
        // Whom this program dials it knows: only their number counts.
        self.may_enter(&peer, None).map_err(ConnectionDenied::new)?;
        Ok(dummy::ConnectionHandler)
    }

    fn on_swarm_event(&mut self, event: FromSwarm<'_>) {
        match event {
            FromSwarm::ConnectionEstablished(ConnectionEstablished {
                peer_id,
                connection_id,
                endpoint,
                ..
            }) => {
                let address = endpoint.is_listener().then(|| whence(endpoint.get_remote_address()).address);
                self.inside.insert(connection_id, Inside { peer: peer_id, address: address.flatten() });
            }
            FromSwarm::ConnectionClosed(ConnectionClosed { connection_id, .. }) => self.leave(connection_id),
            FromSwarm::ListenFailure(ListenFailure { connection_id, .. }) => {
                self.pending.remove(&connection_id);
            }
            _ => {}
        }
    }

    fn on_connection_handler_event(&mut self, _: PeerId, _: ConnectionId, event: THandlerOutEvent<Self>) {
        match event {}
    }

    fn poll(&mut self, _: &mut Context<'_>) -> Poll<ToSwarm<Self::ToSwarm, THandlerInEvent<Self>>> {
        Poll::Pending
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mesh::barred::Offence;

    fn number(number: usize) -> ConnectionId {
        ConnectionId::new_unchecked(number)
    }

    fn far(last: u8, by_udp: bool) -> Whence {
        Whence { by_udp, address: Some(IpAddr::from([203, 0, 113, last])) }
    }

    #[test]
    fn handshakes_of_one_address_are_few_and_leave_room_for_others() {
        let (mut crowd, now) = (Crowd::default(), Instant::now());
        let outcomes: Vec<_> = (0..100).map(|each| crowd.knock(number(each), far(1, false), now)).collect();
        assert_eq!(outcomes.iter().filter(|outcome| outcome.is_ok()).count(), PENDING_OF_ADDRESS);
        assert_eq!(outcomes[99], Err(Full::HandshakesOfAddress));
        assert_eq!(crowd.knock(number(100), far(2, false), now), Ok(()));
    }

    #[test]
    fn a_flood_from_addresses_that_are_made_up_leaves_the_other_road_free() {
        let (mut crowd, now) = (Crowd::default(), Instant::now());
        for each in 0u16..1_000 {
            let [high, low] = each.to_be_bytes();
            let address = Some(IpAddr::from([198, 51, high, low]));
            let _ = crowd.knock(number(each.into()), Whence { by_udp: true, address }, now);
        }
        assert_eq!(crowd.pending.len(), PENDING_MAX);
        assert_eq!(crowd.knock(number(1_000), far(1, true), now), Err(Full::Handshakes));
        assert_eq!(crowd.knock(number(1_001), far(1, false), now), Ok(()));
    }

    #[test]
    fn handshakes_that_end_at_once_are_held_to_a_pace_all_the_same() {
        let (mut crowd, now) = (Crowd::default(), Instant::now());
        let begun = (0..1_000).filter(|each| {
            let begun = crowd.knock(number(*each), far(1, true), now);
            crowd.pending.remove(&number(*each));
            begun.is_ok()
        });
        assert_eq!(begun.count(), 64);
        assert_eq!(crowd.knock(number(1_000), far(1, true), now), Err(Full::PaceOfAddress));
    }

    #[test]
    fn who_comes_from_a_barred_address_is_turned_away_before_a_handshake() {
        let barred = Arc::new(Mutex::new(Barred::default()));
        let mut crowd = Crowd::without(barred.clone());
        let mut comes = |from: &str| {
            let here = Multiaddr::empty();
            crowd.handle_pending_inbound_connection(number(1), &here, &from.parse().unwrap()).is_ok()
        };
        assert!(comes("/ip4/203.0.113.1/udp/9/quic-v1"));
        let address = Some(IpAddr::from([203, 0, 113, 1]));
        for key in 0..=u8::MAX {
            lock(&barred).offended(nexus_core::PeerKey([key; 32]), address, Offence::Malice, Instant::now());
        }
        assert!(!comes("/ip4/203.0.113.1/udp/9/quic-v1") && !comes("/ip4/203.0.113.1/tcp/9"));
        assert!(comes("/ip4/203.0.113.2/tcp/9"));
    }

    #[test]
    fn connections_of_one_address_and_of_one_peer_are_bounded() {
        let mut crowd = Crowd::default();
        let address = far(1, true).address;
        for each in 0..OF_ADDRESS {
            assert_eq!(crowd.may_enter(&PeerId::random(), address), Ok(()));
            crowd.inside.insert(number(each), Inside { peer: PeerId::random(), address });
        }
        assert_eq!(crowd.may_enter(&PeerId::random(), address), Err(Full::OfAddress));
        assert_eq!(crowd.may_enter(&PeerId::random(), far(2, true).address), Ok(()));
        let peer = PeerId::random();
        for each in 0..OF_PEER {
            crowd.inside.insert(number(1_000 + each), Inside { peer, address: None });
        }
        assert_eq!(crowd.may_enter(&peer, None), Err(Full::OfPeer));
        for each in 0..CONNECTIONS_MAX {
            crowd.inside.insert(number(10_000 + each), Inside { peer: PeerId::random(), address: None });
        }
        assert_eq!(crowd.may_enter(&PeerId::random(), None), Err(Full::Connections));
    }

    #[test]
    fn nothing_is_kept_of_a_key_that_is_gone() {
        let (mut crowd, now) = (Crowd::default(), Instant::now());
        for each in 0..10_000 {
            let peer = PeerId::random();
            crowd.inside.insert(number(each), Inside { peer, address: None });
            assert!(crowd.opens(peer, now));
            crowd.leave(number(each));
        }
        assert!(crowd.inside.is_empty() && crowd.streams.is_empty() && crowd.pending.is_empty());
    }

    #[test]
    fn a_peer_opens_few_streams_in_a_minute() {
        let (mut crowd, now, peer) = (Crowd::default(), Instant::now(), PeerId::random());
        assert!((0..STREAMS_A_MINUTE).all(|_| crowd.opens(peer, now)));
        assert!(!crowd.opens(peer, now));
        assert!(crowd.opens(PeerId::random(), now));
        assert!(crowd.opens(peer, now + MINUTE));
    }

    #[test]
    fn a_household_counts_as_one_and_this_machine_is_not_counted() {
        let of = |text: &str| whence(&text.parse().unwrap());
        assert_eq!(of("/ip4/203.0.113.1/udp/9/quic-v1"), far(1, true));
        assert_eq!(of("/ip6/::ffff:203.0.113.1/tcp/9"), far(1, false));
        assert_eq!(of("/ip6/2001:db8::1/tcp/9"), of("/ip6/2001:db8::ffff:2/tcp/9"));
        assert_eq!([of("/ip4/127.0.0.1/tcp/9").address, of("/ip6/::1/tcp/9").address], [None; 2]);
    }
}
