//! Where people are: who is recognised as a member is told where this node is dialed, where it may be told at all, and nobody
//! else is; and a relay tells who else of a space uses it.

use super::{Action, Done, Env, Link};
use crate::address::{Addresses, PeerAddress};
use crate::store::PeerKey;
use crate::sync::frame::{FOUND_MAX, Found, Frame, Role, SOUGHT_MAX, Seek, Tag};
use crate::sync::link::meet::{cut, pad};
use crate::sync::rights::Standing;
use nexus_crdt::id::SpaceId;
use std::collections::BTreeSet;

/// What the two sides told each other of where they are.
#[derive(Debug, Default)]
pub(super) struct Places {
    /// Where this node is dialed; none: nobody is told.
    own: Option<Addresses>,
    told: Option<Addresses>,
    /// What the peer said before it was recognised.
    heard: Option<Addresses>,
    /// Spaces beside those of people here; none: nobody is sought.
    sought: Option<BTreeSet<SpaceId>>,
    said: Option<BTreeSet<SpaceId>>,
}

impl Link {
    pub(super) fn reachable_at(&mut self, own: &Addresses) {
        self.places.own = Some(own.clone());
    }

    pub(super) fn hear_reach(&mut self, addresses: Addresses) -> Done {
        self.bear(REACH_COST)?;
        self.places.heard = Some(addresses);
        Ok(())
    }

    /// After each event: what one waited for may have come with it.
    pub(super) fn tell_places(&mut self, env: &Env<'_>, out: &mut Vec<Action>) {
        let is_to_tell = self.places.own.is_some() && self.places.own != self.places.told;
        if !(is_to_tell || self.places.heard.is_some()) || !self.is_recognised(env) {
            return;
        }
        if is_to_tell {
            self.places.told.clone_from(&self.places.own);
            out.extend(self.places.own.clone().map(|own| Action::Send(Frame::Reach(own))));
        }
        out.extend(self.places.heard.take().map(Action::Reach));
    }

    // It has proven that it speaks for somebody in a space of people here.
    fn is_recognised(&self, env: &Env<'_>) -> bool {
        let is_member = |space: &SpaceId| self.rights.standing(env.view, space) == Standing::Member;
        self.is_a_meeting() && env.view.own_spaces.iter().any(is_member)
    }

    pub(super) fn seek(&mut self, beside: &BTreeSet<SpaceId>, env: &Env<'_>, out: &mut Vec<Action>) {
        self.places.sought = Some(beside.clone());
        self.say_sought(env, out);
    }

    /// Lets the relay know whom people here seek, where that is new.
    pub(super) fn say_sought(&mut self, env: &Env<'_>, out: &mut Vec<Action>) {
        let Some(beside) = self.places.sought.as_ref().filter(|_| self.setup.relay.is_some()) else { return };
        // A relay listens to who speaks for somebody.
        if self.hello.is_none() || self.shown.is_none() || self.proving {
            return;
        }
        let spaces: BTreeSet<SpaceId> = env.view.own_spaces.iter().chain(beside).copied().collect();
        if self.places.said.as_ref() == Some(&spaces) {
            return;
        }
        let mut tags: BTreeSet<Tag> =
            spaces.iter().take(SOUGHT_MAX).map(|space| sought_tag(space, &self.setup.peer)).collect();
        pad(&mut tags, &self.setup.blind);
        self.places.said = Some(spaces);
        out.push(Action::Send(Frame::Seek(Seek { tags: tags.into_iter().collect() })));
    }

    pub(super) fn sought(&mut self, seek: Seek, out: &mut Vec<Action>) -> Done {
        self.bear(SEEK_COST)?;
        if self.setup.role == Role::Relay && self.rights.speaks_for_somebody() {
            out.push(Action::Sought(seek.tags));
        }
        Ok(())
    }

    /// A relay's answers, each time somebody is found.
    pub(super) fn tell_found(&self, peers: &[PeerKey], out: &mut Vec<Action>) {
        for some in peers.chunks(FOUND_MAX) {
            let peers = some.iter().copied().map(Into::into).collect();
            out.push(Action::Send(Frame::Found(Found { peers })));
        }
    }

    pub(super) fn found(&self, found: Found, out: &mut Vec<Action>) {
        if self.places.said.is_some() {
            out.push(Action::Found(found.peers.into_iter().map(Into::into).collect()));
        }
    }

    pub(super) fn observed(&self, address: PeerAddress, out: &mut Vec<Action>) {
        if self.places.said.is_some() {
            out.push(Action::Observed(address));
        }
    }
}

/// The same for everybody who knows the space, at one relay; at another it is another.
fn sought_tag(space: &SpaceId, relay: &PeerKey) -> Tag {
    cut(&nexus_crypto::derive_id(SOUGHT_CONTEXT, &[space.0, relay.0].concat()))
}

const SOUGHT_CONTEXT: &str = "nexus 2026 sought space tag v1";
/// Addresses change, and not often.
const REACH_COST: u32 = 4;
/// Somebody here may have joined a guild.
const SEEK_COST: u32 = 2;
