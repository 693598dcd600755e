//! Two nodes that found each other, and do not know whether they share anything: neither tells a stranger who it is.
//!
//! Each says a *tag* of every space its people are in: a hash keyed with the space's id, over both keys and both nonces. Who
//! does not know the id learns from it how many there are, rounded up, and nothing that can be told again on another link.
//! Only where a tag is one of this side's own spaces too are proofs sent. (A private set intersection that hides a space from
//! who knows its id is not needed: an id is known to those who are or were let in, or hold an invite.)

use super::{Action, Done, Env, Link};
use crate::sync::frame::{Common, Frame, Role, TAGS_MAX, Tag};
use imbl::OrdSet;
use nexus_crdt::id::SpaceId;
use std::collections::BTreeSet;

/// What two nodes have told each other of their spaces.
#[derive(Debug, Default)]
pub(super) struct Meeting {
    /// The peer's tags.
    theirs: BTreeSet<Tag>,
    heard: bool,
    /// The spaces whose tags the peer was told; none before it greeted.
    said: Option<OrdSet<SpaceId>>,
}

impl Link {
    /// Whether the peer must share a space before it is told who is here. A relay that was dialed was chosen.
    pub(super) fn is_a_meeting(&self) -> bool {
        self.setup.role == Role::Node && self.setup.relay.is_none()
    }

    /// Says the tags of what people here are in, where there is something that was not said.
    pub(super) fn say_common(&mut self, env: &Env<'_>, out: &mut Vec<Action>) {
        let Some(hello) = self.hello.as_ref().filter(|_| self.is_a_meeting()) else { return };
        let spaces = &env.view.own_spaces;
        if self.meeting.said.as_ref() == Some(spaces) {
            return;
        }
        let transcript = [self.setup.me.0, self.setup.peer.0, self.setup.nonce, hello.nonce].concat();
        let mut tags: BTreeSet<Tag> =
            spaces.iter().take(TAGS_MAX).map(|space| tag(space, &transcript)).collect();
        pad(&mut tags, &self.setup.blind);
        self.meeting.said = Some(spaces.clone());
        out.push(Action::Send(Frame::Common(Common { tags: tags.into_iter().collect() })));
        self.recognise(env, out);
    }

    pub(super) fn common(&mut self, common: Common, env: &Env<'_>, out: &mut Vec<Action>) -> Done {
        if std::mem::replace(&mut self.meeting.heard, true) {
            self.bear(COMMON_AGAIN_COST)?;
        }
        self.meeting.theirs = common.tags.into_iter().collect();
        self.recognise(env, out);
        Ok(())
    }

    // Both sides come to the same answer, since either holds the other's tags.
    fn recognise(&mut self, env: &Env<'_>, out: &mut Vec<Action>) {
        let Some(hello) = self.hello.as_ref().filter(|_| self.is_a_meeting()) else { return };
        let transcript = [self.setup.peer.0, self.setup.me.0, hello.nonce, self.setup.nonce].concat();
        let shared = |space: &SpaceId| self.meeting.theirs.contains(&tag(space, &transcript));
        if !self.meeting.theirs.is_empty() && env.view.own_spaces.iter().any(shared) {
            self.introduce(env, out);
        }
    }

    /// Tells a peer that was recognised, or that this side has business with, who is here.
    pub(super) fn introduce(&mut self, env: &Env<'_>, out: &mut Vec<Action>) {
        if self.is_a_meeting() && self.shown.is_none() && !self.proving {
            self.prove(env, out);
        }
    }

    /// Whether nothing has come of the meeting: the peer is nobody to those who are here.
    pub(super) fn is_a_stranger(&self) -> bool {
        self.is_a_meeting()
            && self.shown.is_none()
            && !self.proven
            && self.asked.is_empty()
            && self.offered.is_empty()
    }
}

/// `transcript`: key and key, nonce and nonce, the sayer's first.
fn tag(space: &SpaceId, transcript: &[u8]) -> Tag {
    cut(&nexus_crypto::derive_id(TAG_CONTEXT, &[&space.0, transcript].concat()))
}

/// Fills up to a power of two, [`TAGS_MIN`] at least, with what nobody can tell from tags: the number says little.
pub(super) fn pad(tags: &mut BTreeSet<Tag>, blind: &[u8; 32]) {
    let full = tags.len().next_power_of_two().max(TAGS_MIN);
    for number in 0u32.. {
        if tags.len() >= full {
            break;
        }
        tags.insert(cut(&nexus_crypto::derive_id(
            PAD_CONTEXT,
            &[&blind[..], &number.to_be_bytes()].concat(),
        )));
    }
}

pub(super) fn cut(hash: &[u8; 32]) -> Tag {
    let mut tag = [0; 16];
    tag.copy_from_slice(hash.split_at(16).0);
    Tag(tag)
}

const TAG_CONTEXT: &str = "nexus 2026 common space tag v1";
const PAD_CONTEXT: &str = "nexus 2026 common space padding v1";
const TAGS_MIN: usize = 8;
/// Somebody here may have joined a guild; more often than that is not honest.
const COMMON_AGAIN_COST: u32 = 2;
