//! What a link has the shell do.

use super::close::CloseReason;
use crate::address::{Addresses, PeerAddress};
use crate::effect::{Advance, Arriving};
use crate::invite::InviteCode;
use crate::store::{Arrival, GapChange, PeerKey};
use crate::sync::audits::Look;
use crate::sync::frame::{Captioning, Frame, Tag, Typing};
use crate::sync::presence::Presence;
use nexus_crdt::id::{OpId, SpaceId, StreamId, UserId};
use std::collections::BTreeSet;

/// What the shell is to do, in list order.
#[derive(Debug)]
#[non_exhaustive]
pub enum Action {
    /// Send a frame.
    Send(Frame),
    /// Let accounts of this program sign a transcript.
    Prove {
        /// What they sign.
        transcript: Vec<u8>,
        /// Which of them; none: all, as many as fit.
        whom: Option<BTreeSet<UserId>>,
    },
    /// Take ops in, and say when they are durable. Already decoded and verified where they are new.
    Integrate {
        /// For [`super::Event::Durable`].
        batch: u64,
        /// The ops.
        ops: Vec<Arriving>,
        /// Heads behind frontiers they cite.
        frontiers: Vec<Vec<OpId>>,
        /// Where they bring this store in the peer's feed.
        cursor: Option<Advance>,
        /// What is held of streams with them.
        gaps: Vec<GapChange>,
    },
    /// What was fetched of a stream is durable; or, where it is not `held`, the peer did not bring it.
    Fetched {
        /// The space.
        space: SpaceId,
        /// The stream in it.
        stream: StreamId,
        /// A gap is smaller, or was none.
        held: bool,
    },
    /// Links catch up with a space one after the other: answer with [`super::Event::Turn`] when it is this one's.
    AskTurn(SpaceId),
    /// The next may have its turn.
    TurnOver {
        /// With which space.
        space: SpaceId,
        /// This link has all that its giver has, and goes on.
        caught_up: bool,
    },
    /// This link's feed of a space brought something new, or some more of it.
    Feeds(SpaceId),
    /// Others are faster: where another link feeds the space, or this one brings next to nothing, answer with [`super::Event::Quiet`].
    AskQuiet {
        /// Which space.
        space: SpaceId,
        /// It brings next to nothing.
        idle: bool,
    },
    /// The peer, a relay, was checked.
    Looked {
        /// Of which space.
        space: SpaceId,
        /// What was found.
        look: Look,
    },
    /// The peer holds what it was given of a space, up to an arrival.
    HandedOver {
        /// Whose feed.
        space: SpaceId,
        /// How far.
        upto: Arrival,
    },
    /// Somebody elsewhere is writing.
    Heard(Typing),
    /// Somebody elsewhere is there, is seen differently, or (none) is there no more.
    Seen {
        /// Who.
        user: UserId,
        /// How.
        presence: Option<Presence>,
        /// The peer speaks for them.
        first_hand: bool,
    },
    /// Somebody elsewhere says what a voice channel is about, or (none) says it no more.
    Captioned {
        /// Who, of which, and what.
        said: Captioning,
        /// The peer speaks for them.
        first_hand: bool,
    },
    /// The peer has told all the accounts it knows that may be known here, and they are durable.
    Told,
    /// The governance behind an invite is here: whoever was shown it can join.
    Reached(InviteCode),
    /// The peer does not open to an invite.
    Denied(InviteCode),
    /// The peer, who is a member of something that people here are in, is dialed there.
    Reach(Addresses),
    /// At a relay: the peer seeks whoever seeks the same.
    Sought(Vec<Tag>),
    /// These use the same relay, and seek the same.
    Found(Vec<PeerKey>),
    /// The relay sees this node there.
    Observed(PeerAddress),
    /// End the link.
    Close(CloseReason),
}
