//! The mesh over WebSocket: `GET /nexus/mesh` at a relay's window. Above it lie noise and yamux as above TCP, so that a key is
//! proven whoever terminates TLS, and `/nexus/sync/1` is the same on every road.

mod connect;
mod door;
mod socket;

pub use socket::{MESSAGE_MAX, Message, Socket};

use super::outside::Outside;
use libp2p::Multiaddr;
use libp2p::core::transport::{DialOpts, ListenerId, Transport, TransportError, TransportEvent};
use libp2p::multiaddr::Protocol;
use std::future::{Ready, ready};
use std::io;
use std::net::IpAddr;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use tokio::sync::mpsc;

/// Where it is at a window.
pub const PATH: &str = "/nexus/mesh";

/// Sockets that came in at the window and have not been looked at.
pub(super) const ARRIVING_MAX: usize = 64;

/// A socket that came in, and from where, where that is known: behind a proxy it is not.
#[derive(Debug)]
pub(super) struct Arriving {
    pub(super) socket: Socket,
    pub(super) from: Option<IpAddr>,
}

/// A window that is dialed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Place {
    host: String,
    port: u16,
    secure: bool,
}

/// libp2p's part of it.
pub(super) struct WebSocket {
    outside: Outside,
    arriving: mpsc::Receiver<Arriving>,
    listening: Option<ListenerId>,
}

impl WebSocket {
    pub(super) const fn new(outside: Outside, arriving: mpsc::Receiver<Arriving>) -> Self {
        Self { outside, arriving, listening: None }
    }
}

/// The window, as an address to listen on.
pub(super) fn window() -> Multiaddr {
    Multiaddr::empty().with(Protocol::Ws(PATH.into()))
}

impl Transport for WebSocket {
    type Output = Socket;
    type Error = io::Error;
    type ListenerUpgrade = Ready<io::Result<Socket>>;
    type Dial = Pin<Box<dyn Future<Output = io::Result<Socket>> + Send>>;

    fn listen_on(&mut self, id: ListenerId, address: Multiaddr) -> Result<(), TransportError<io::Error>> {
        if address != window() || self.listening.is_some() {
            return Err(TransportError::MultiaddrNotSupported(address));
        }
        self.listening = Some(id);
        Ok(())
    }

    // The window is there as long as the program.
    fn remove_listener(&mut self, _: ListenerId) -> bool {
        false
    }

    fn dial(&mut self, address: Multiaddr, _: DialOpts) -> Result<Self::Dial, TransportError<io::Error>> {
        let Some(place) = Place::at(&address) else {
            return Err(TransportError::MultiaddrNotSupported(address));
        };
        Ok(Box::pin(door::open(self.outside.clone(), place)))
    }

    fn poll(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<TransportEvent<Self::ListenerUpgrade, io::Error>> {
        let Some(listener_id) = self.listening else { return Poll::Pending };
        let Some(Arriving { socket, from }) = ready!(self.arriving.poll_recv(cx)) else {
            return Poll::Pending;
        };
        let from = from.map_or_else(Multiaddr::empty, Multiaddr::from);
        Poll::Ready(TransportEvent::Incoming {
            listener_id,
            upgrade: ready(Ok(socket)),
            local_addr: window(),
            send_back_addr: from.with(Protocol::Ws(PATH.into())),
        })
    }
}

impl Place {
    /// The window behind a base URL; none where it has no host.
    pub(super) fn behind(base: &reqwest::Url) -> Option<Self> {
        let host = base.host_str()?.trim_matches(['[', ']']).to_owned();
        Some(Self { host, port: base.port_or_known_default()?, secure: base.scheme() == "https" })
    }

    /// As an address to dial.
    pub(super) fn address(&self) -> Multiaddr {
        let host = match self.host.parse::<IpAddr>() {
            Ok(ip) => Multiaddr::from(ip),
            Err(_) => Multiaddr::empty().with(Protocol::Dns(self.host.clone().into())),
        };
        let path = PATH.into();
        let end = if self.secure { Protocol::Wss(path) } else { Protocol::Ws(path) };
        host.with(Protocol::Tcp(self.port)).with(end)
    }

    fn at(address: &Multiaddr) -> Option<Self> {
        let mut parts = address.iter();
        let host = match parts.next()? {
            Protocol::Dns(name) => name.into_owned(),
            Protocol::Ip4(ip) => ip.to_string(),
            Protocol::Ip6(ip) => ip.to_string(),
            _ => return None,
        };
        let Protocol::Tcp(port) = parts.next()? else { return None };
        let secure = match parts.next()? {
            Protocol::Wss(path) if path == PATH => true,
            Protocol::Ws(path) if path == PATH => false,
            _ => return None,
        };
        Some(Self { host, port, secure })
    }

    fn authority(&self) -> String {
        let Self { host, port, .. } = self;
        if host.contains(':') { format!("[{host}]:{port}") } else { format!("{host}:{port}") }
    }

    /// `scheme`: without the `s`.
    fn url(&self, scheme: &str) -> String {
        let s = if self.secure { "s" } else { "" };
        format!("{scheme}{s}://{}{PATH}", self.authority())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_base_url_is_an_address_and_an_address_a_url() {
        let place = |url: &str| Place::behind(&url.parse().unwrap()).unwrap();
        for (base, url) in [
            ("https://relay.example", "wss://relay.example:443/nexus/mesh"),
            ("http://192.0.2.1:8080", "ws://192.0.2.1:8080/nexus/mesh"),
            ("https://[2001:db8::1]:9", "wss://[2001:db8::1]:9/nexus/mesh"),
        ] {
            assert_eq!(place(base).url("ws"), url);
            assert_eq!(Place::at(&place(base).address()), Some(place(base)), "{base}");
        }
        assert_eq!(Place::at(&window()), None);
    }
}
