//! How a program is in the mesh.

use super::outside::Roots;
use nexus_core::PeerAddress;
use nexus_core::sync::frame::Role;
use nexus_core::sync::{Hold, Hosting};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

/// How a program is in the mesh.
#[derive(Clone, Debug)]
pub struct MeshOptions {
    /// The data folder, for the key.
    pub data: PathBuf,
    /// Where it is reached, by QUIC and by TCP; none: nowhere.
    pub listen: Option<SocketAddr>,
    /// Somebody's own, or a relay.
    pub role: Role,
    /// What a relay takes in.
    pub hosting: Hosting,
    /// What a node holds of its people's spaces.
    pub hold: Hold,
    /// Whom it links with beside the relays it dials.
    pub network: Network,
    /// Whose certificates are believed beside the system's.
    pub roots: Roots,
    /// Where it is reached from outside, as far as its person knows: told in [`Network::Direct`].
    pub addresses: Vec<PeerAddress>,
    /// Links between others that a relay carries at a time.
    pub circuits: usize,
    /// A node: how long a relay may lack what it said it has, before that is said. It is asked twice, so far apart at least.
    pub relay_grace: Duration,
}

/// [`MeshOptions::relay_grace`] where nobody says.
pub const RELAY_GRACE: Duration = Duration::from_secs(120);

/// Whom a node links with.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Network {
    /// Its relays and nobody else: nobody learns where it is but they.
    #[default]
    RelayOnly,
    /// .. and nodes on the same network, which it finds by mDNS (RFC 6762), as they find it. Private addresses only.
    Lan,
    /// .. and members of its people's guilds, wherever they are: by addresses, which they tell each other and invites tell, and
    /// by circuits through relays that both use.
    Direct,
}
