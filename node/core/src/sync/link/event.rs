//! What happens to a link.

use crate::address::{Addresses, PeerAddress};
use crate::core::DeviceProof;
use crate::effect::Taken;
use crate::invite::InviteCode;
use crate::store::{PeerKey, Spot};
use crate::sync::caption::Captions;
use crate::sync::frame::Typing;
use crate::sync::presence::Presences;
use nexus_crdt::id::{OpId, SpaceId, StreamId};
use std::collections::BTreeSet;

/// What happens to a link.
#[derive(Debug)]
#[non_exhaustive]
pub enum Event<'a> {
    /// A frame came, without the length before it.
    Frame(&'a [u8]),
    /// The answer to [`super::Action::Prove`].
    Proofs(Vec<DeviceProof>),
    /// Ops became durable here; none: in any space.
    Arrived(Option<&'a BTreeSet<SpaceId>>),
    /// A batch of [`super::Action::Integrate`] is durable.
    Durable {
        /// Which.
        batch: u64,
        /// What became of its ops.
        taken: &'a Taken,
    },
    /// Somebody here was shown an invite.
    Ask(InviteCode),
    /// Somebody is writing.
    Typing(Typing),
    /// Those whom peers are told of, as they are seen now.
    Presences(&'a Presences),
    /// Captions that peers are told, as they are now.
    Captions(&'a Captions),
    /// The answer to [`super::Action::AskTurn`].
    Turn {
        /// Of which space.
        space: SpaceId,
        /// Enough other links bring it already.
        among: bool,
    },
    /// The answer to [`super::Action::AskQuiet`], where it is yes.
    Quiet(SpaceId),
    /// Ops that somebody here looked at and whose bodies, or all of them, are not here as they were signed.
    Unreadable(&'a BTreeSet<(SpaceId, OpId)>),
    /// Another link has ended: what it brought must come by the rest.
    Fewer,
    /// Where this node is dialed: members who are recognised are told, now and when it changes.
    Reachable(&'a Addresses),
    /// The relay may tell others of the same spaces, and of these, that this node uses it, and this node of them.
    Seek(&'a BTreeSet<SpaceId>),
    /// At a relay: others seek what the peer seeks.
    Found(&'a [PeerKey]),
    /// At a relay: where the peer is seen. It is told, and nobody else.
    SeenAt(PeerAddress),
    /// The time that [`super::Link::due_ms`] named has come.
    Due,
    /// Some of a stream is wanted that lies in a gap; answered by [`super::Action::Fetched`].
    Fetch(Fetch),
    /// Some seconds have passed.
    Tick,
}

/// Some of a stream that is not here.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Fetch {
    /// The space.
    pub space: SpaceId,
    /// The stream in it.
    pub stream: StreamId,
    /// Before this, or from it on; none: from the end, or the beginning.
    pub from: Option<Spot>,
    /// Towards older.
    pub older: bool,
    /// Messages towards older, else ops; at most [`crate::sync::frame::PAGE_MAX`].
    pub count: u32,
}
