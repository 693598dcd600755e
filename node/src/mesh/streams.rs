//! Streams of the one protocol, each on the connection that it was asked for: a peer may be reached by several roads at a
//! time, and a link must not come to lie on another than the one that was chosen.

use libp2p::core::upgrade::ReadyUpgrade;
use libp2p::core::{Endpoint, transport::PortUse};
use libp2p::swarm::handler::{
    ConnectionEvent, DialUpgradeError, FullyNegotiatedInbound, FullyNegotiatedOutbound,
};
use libp2p::swarm::{
    ConnectionDenied, ConnectionHandler, ConnectionHandlerEvent, ConnectionId, FromSwarm, NetworkBehaviour,
    NotifyHandler, SubstreamProtocol, THandler, THandlerInEvent, THandlerOutEvent, ToSwarm,
};
use libp2p::{Multiaddr, PeerId, Stream, StreamProtocol};
use std::collections::VecDeque;
use std::task::{Context, Poll};

/// The one protocol.
pub(super) const PROTOCOL: StreamProtocol = StreamProtocol::new("/nexus/sync/1");

/// A stream's news.
#[derive(Debug)]
pub(super) struct Stirred {
    pub(super) peer: PeerId,
    pub(super) connection: ConnectionId,
    pub(super) what: What,
}

/// What became of a stream.
#[derive(Debug)]
pub(super) enum What {
    /// The peer opened one.
    Came(Stream),
    /// The one that was asked for is there.
    Opened(Stream),
    /// .. or is not, in words.
    Refused(String),
}

/// See above.
#[derive(Default)]
pub(super) struct Streams {
    wanted: VecDeque<(PeerId, ConnectionId)>,
    news: VecDeque<Stirred>,
}

impl Streams {
    /// Asks for a stream on a connection of this peer's; the answer is an event.
    pub(super) fn open(&mut self, peer: PeerId, connection: ConnectionId) {
        self.wanted.push_back((peer, connection));
    }
}

impl NetworkBehaviour for Streams {
    type ConnectionHandler = Opener;
    type ToSwarm = Stirred;

    fn handle_established_inbound_connection(
        &mut self,
        _: ConnectionId,
        _: PeerId,
        _: &Multiaddr,
        _: &Multiaddr,
    ) -> Result<THandler<Self>, ConnectionDenied> {
        Ok(Opener::default())
    }

    fn handle_established_outbound_connection(
        &mut self,
        _: ConnectionId,
        _: PeerId,
        _: &Multiaddr,
        _: Endpoint,
        _: PortUse,
    ) -> Result<THandler<Self>, ConnectionDenied> {
        Ok(Opener::default())
    }

    fn on_swarm_event(&mut self, _: FromSwarm<'_>) {}

    fn on_connection_handler_event(
        &mut self,
        peer: PeerId,
        connection: ConnectionId,
        what: THandlerOutEvent<Self>,
    ) {
        self.news.push_back(Stirred { peer, connection, what });
    }

    // Who pushes is the task that polls: it need not be woken.
    fn poll(&mut self, _: &mut Context<'_>) -> Poll<ToSwarm<Self::ToSwarm, THandlerInEvent<Self>>> {
        if let Some(stirred) = self.news.pop_front() {
            return Poll::Ready(ToSwarm::GenerateEvent(stirred));
        }
        match self.wanted.pop_front() {
            Some((peer_id, connection)) => {
                let handler = NotifyHandler::One(connection);
                Poll::Ready(ToSwarm::NotifyHandler { peer_id, handler, event: Open })
            }
            None => Poll::Pending,
        }
    }
}

/// Open a stream.
#[derive(Clone, Copy, Debug)]
pub(super) struct Open;

/// One connection's part.
#[derive(Default)]
pub(super) struct Opener {
    wanted: u32,
    news: VecDeque<What>,
}

impl ConnectionHandler for Opener {
    type FromBehaviour = Open;
    type ToBehaviour = What;
    type InboundProtocol = ReadyUpgrade<StreamProtocol>;
    type OutboundProtocol = ReadyUpgrade<StreamProtocol>;
    type InboundOpenInfo = ();
    type OutboundOpenInfo = ();

    fn listen_protocol(&self) -> SubstreamProtocol<Self::InboundProtocol> {
        SubstreamProtocol::new(ReadyUpgrade::new(PROTOCOL), ())
    }

    fn poll(
        &mut self,
        _: &mut Context<'_>,
    ) -> Poll<ConnectionHandlerEvent<Self::OutboundProtocol, (), Self::ToBehaviour>> {
        if let Some(what) = self.news.pop_front() {
            return Poll::Ready(ConnectionHandlerEvent::NotifyBehaviour(what));
        }
        if self.wanted > 0 {
            self.wanted -= 1;
            let protocol = SubstreamProtocol::new(ReadyUpgrade::new(PROTOCOL), ());
            return Poll::Ready(ConnectionHandlerEvent::OutboundSubstreamRequest { protocol });
        }
        Poll::Pending
    }

    fn on_behaviour_event(&mut self, Open: Open) {
        self.wanted += 1;
    }

    fn on_connection_event(
        &mut self,
        event: ConnectionEvent<'_, Self::InboundProtocol, Self::OutboundProtocol>,
    ) {
        match event {
            ConnectionEvent::FullyNegotiatedInbound(FullyNegotiatedInbound { protocol, .. }) => {
                self.news.push_back(What::Came(protocol));
            }
            ConnectionEvent::FullyNegotiatedOutbound(FullyNegotiatedOutbound { protocol, .. }) => {
                self.news.push_back(What::Opened(protocol));
            }
            ConnectionEvent::DialUpgradeError(DialUpgradeError { error, .. }) => {
                self.news.push_back(What::Refused(error.to_string()));
            }
            _ => {}
        }
    }
}
