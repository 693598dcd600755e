//! What happens to a link.

use crate::mesh::direct::Word;
use nexus_core::sync::caption::Captions;
use nexus_core::sync::frame::Typing;
use nexus_core::sync::presence::Presences;
use nexus_core::sync::{Event, Fetch};
use nexus_core::{Addresses, DeviceProof, InviteCode, Taken};
use nexus_crdt::id::SpaceId;
use std::collections::BTreeSet;
use std::sync::Arc;

/// What happens, owned: the protocol looks at it on a thread that may block.
pub(super) enum Happened {
    Frame(Vec<u8>),
    Proofs(Vec<DeviceProof>),
    Arrived(Option<Arc<BTreeSet<SpaceId>>>),
    Durable(u64, Taken),
    Ask(InviteCode),
    Typing(Typing),
    Presences(Presences),
    Captions(Captions),
    Turn(SpaceId, bool),
    Fewer,
    Reachable(Addresses),
    Seek(BTreeSet<SpaceId>),
    Word(Word),
    Fetch(Fetch),
    Due,
    Tick,
}

impl Happened {
    /// As the protocol takes it.
    pub(super) fn event(&self) -> Event<'_> {
        match self {
            Self::Frame(bytes) => Event::Frame(bytes),
            Self::Proofs(proofs) => Event::Proofs(proofs.clone()),
            Self::Arrived(spaces) => Event::Arrived(spaces.as_deref()),
            Self::Durable(batch, taken) => Event::Durable { batch: *batch, taken },
            Self::Ask(code) => Event::Ask(*code),
            Self::Typing(typing) => Event::Typing(*typing),
            Self::Presences(now) => Event::Presences(now),
            Self::Captions(now) => Event::Captions(now),
            Self::Turn(space, among) => Event::Turn { space: *space, among: *among },
            Self::Fewer => Event::Fewer,
            Self::Reachable(addresses) => Event::Reachable(addresses),
            Self::Seek(spaces) => Event::Seek(spaces),
            Self::Word(Word::Found(peers)) => Event::Found(peers),
            Self::Word(Word::SeenAt(at)) => Event::SeenAt(*at),
            Self::Word(Word::Fetch(fetch, _)) | Self::Fetch(fetch) => Event::Fetch(*fetch),
            Self::Due => Event::Due,
            Self::Tick => Event::Tick,
        }
    }

    /// A few ops at most, and none where it depends on how much has gathered.
    pub(super) const fn is_light(&self, is_behind: bool) -> bool {
        match self {
            Self::Frame(bytes) => bytes.len() <= LIGHT_BYTES,
            Self::Durable(..) | Self::Typing(_) | Self::Presences(_) | Self::Captions(_) => true,
            Self::Arrived(_) => !is_behind,
            Self::Reachable(_) | Self::Word(_) => true,
            Self::Fetch(_) => false,
            Self::Proofs(_) | Self::Ask(_) | Self::Turn(..) | Self::Fewer | Self::Due | Self::Tick => false,
            Self::Seek(_) => false,
        }
    }
}

/// About four messages.
const LIGHT_BYTES: usize = 2_048;
