//! The governance ops here and what each cites.

use super::deed::Deed;
use super::past::{Past, Place};
use super::state::{GuildView, Rank};
use super::{emojis, events, filters, threads};
use crate::body::governance::ChangeId;
use crate::hlc::Hlc;
use crate::id::{ChannelId, DeviceKey, OpId, RoleId, StreamId, Tenure, UserId};
use crate::verdict::VoidReason;
use imbl::{OrdMap, Vector};
use std::cmp::Reverse;
use std::sync::Arc;

/// A governance op, judged in its own past.
#[derive(Clone, Debug)]
pub(super) struct Node {
    pub(super) place: Place,
    pub(super) id: OpId,
    pub(super) device: DeviceKey,
    pub(super) tenure: Tenure,
    pub(super) seq: u64,
    pub(super) hlc: Hlc,
    pub(super) author: UserId,
    pub(super) deps: Vec<OpId>,
    pub(super) past: Past,
    pub(super) deed: Deed,
    /// The change that made the owners it knows.
    pub(super) change: ChangeId,
    /// Times of its log's latest governance ops, itself the last, for the quota; none for an owner's.
    pub(super) recent: Vector<Hlc>,
    /// `BLAKE3(author)`, the tie between equals.
    pub(super) tie: [u8; 32],
    /// How many ops it cites, directly or not.
    pub(super) depth: usize,
    /// What its own past says of it.
    pub(super) local: Result<(), VoidReason>,
    /// Its author's rank there, or where those who gave it stand lower by now, next below them.
    pub(super) rho: Rank,
    /// The highest rank among the roles it grants.
    pub(super) gives: u64,
    /// The ops that gave its author that rank.
    pub(super) supports: Vec<Place>,
}

/// Total order of authority; greater is stronger. The flag: of one author's ops the end of a device comes first.
pub(super) type Key = (Rank, [u8; 32], bool, Reverse<usize>, OpId);
/// Order of writes to one register.
pub(super) type RegisterRank = (Rank, bool, Hlc, Key);

/// One register of the state. Numbers are fields of the edit's body; 0 of a role is its rank.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) enum RegisterKey {
    Guild(u8),
    Role(RoleId, u8),
    Channel(ChannelId, u8),
    Overwrite(ChannelId, crate::body::governance::OverwriteTarget),
    Person(UserId),
    /// Their voice is 0, their hearing 1.
    Silence(UserId, u8),
    ThreadMember(ChannelId, UserId),
    /// One occurrence of an event, by when it would begin.
    Occurrence(ChannelId, u64),
    Relays,
    Emoji(OpId, u8),
    Access(UserId, Option<OpId>),
    Filter(OpId, u8),
    Retention(Option<ChannelId>),
}

/// Every governance op here.
#[derive(Clone, Debug)]
pub(super) struct Graph {
    nodes: Vector<Arc<Node>>,
    places: OrdMap<OpId, Place>,
    /// The votes for owners.
    pub(super) votes: Vector<Place>,
    /// Owners' causal barriers.
    pub(super) barriers: Vector<Place>,
    /// The state of Genesis alone.
    pub(super) blank: GuildView,
}

impl Graph {
    pub(super) fn new(blank: GuildView) -> Self {
        let (nodes, places) = (Vector::new(), OrdMap::new());
        Self { nodes, places, votes: Vector::new(), barriers: Vector::new(), blank }
    }

    pub(super) fn place(&self, id: &OpId) -> Option<Place> {
        self.places.get(id).copied()
    }

    pub(super) fn find(&self, id: &OpId) -> Option<&Node> {
        self.place(id).map(|place| self.node(place))
    }

    /// The op at a place that this graph gave out.
    pub(super) fn node(&self, place: Place) -> &Node {
        // Places come from this graph's own `push`, which only ever grows it.
        &self.nodes[place as usize]
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &Arc<Node>> {
        self.nodes.iter()
    }

    pub(super) fn next_place(&self) -> Place {
        u32::try_from(self.nodes.len()).unwrap_or(u32::MAX)
    }

    pub(super) fn push(&mut self, node: Node) {
        self.places.insert(node.id, node.place);
        if matches!(node.deed, Deed::SetOwners(_)) {
            self.votes.push_back(node.place);
        }
        if node.deed.sealed().is_some() {
            self.barriers.push_back(node.place);
        }
        self.nodes.push_back(Arc::new(node));
    }

    /// The op whose id begins as a stream is called.
    pub(super) fn headed(&self, stream: &StreamId) -> Option<&Node> {
        let (mut low, mut high) = ([0; 32], [255; 32]);
        low[..16].copy_from_slice(&stream.0);
        high[..16].copy_from_slice(&stream.0);
        self.places.range(OpId(low)..=OpId(high)).next().map(|(_, place)| self.node(*place))
    }

    /// Everything that these heads cite, themselves included. None where one is not here.
    pub(super) fn closure(&self, heads: &[OpId]) -> Option<Past> {
        heads.iter().try_fold(Past::default(), |sum, head| {
            let node = self.find(head)?;
            Some(sum.union(&node.past.with(node.place)))
        })
    }
}

impl Node {
    pub(super) fn key(&self) -> Key {
        (self.rho, self.tie, self.deed.ended_device().is_some(), Reverse(self.depth), self.id)
    }

    pub(super) fn register_key(&self) -> RegisterRank {
        (self.rho, self.deed.is_removal(), self.hlc, self.key())
    }

    pub(super) fn concurrent_with(&self, other: &Self) -> bool {
        self.place != other.place && !self.past.has(other.place) && !other.past.has(self.place)
    }

    /// The registers it writes.
    pub(super) fn registers(&self) -> Vec<RegisterKey> {
        let fields = |present: &[bool]| -> Vec<u8> {
            (0u8..).zip(present).filter(|(_, there)| **there).map(|(number, _)| number).collect()
        };
        match &self.deed {
            Deed::GuildEdit(edit) => fields(&[
                edit.name.is_some(),
                edit.description.is_some(),
                edit.system_channel.is_some(),
                edit.verification_level.is_some(),
                edit.default_notifications.is_some(),
                edit.invites_paused_until.is_some(),
                edit.talks_paused_until.is_some(),
            ])
            .into_iter()
            .map(RegisterKey::Guild)
            .collect(),
            Deed::RoleEdit(edit) => fields(&[
                false,
                edit.name.is_some(),
                edit.permissions.is_some(),
                edit.color.is_some(),
                edit.hoist.is_some(),
                edit.mentionable.is_some(),
                edit.rate_class.is_some(),
            ])
            .into_iter()
            .map(|number| RegisterKey::Role(edit.role, number))
            .collect(),
            Deed::ChannelEdit(edit) => {
                let set = &edit.fields;
                fields(&[
                    set.name.is_some(),
                    set.topic.is_some(),
                    set.position.is_some(),
                    set.parent.is_some(),
                    set.nsfw.is_some(),
                    set.slowmode_s.is_some(),
                    set.bitrate.is_some(),
                    set.user_limit.is_some(),
                ])
                .into_iter()
                .map(|number| RegisterKey::Channel(edit.channel, number))
                .collect()
            }
            Deed::RoleMove(body) => vec![RegisterKey::Role(body.role, 0)],
            Deed::ThreadEdit(_) | Deed::ForumEdit(_) | Deed::ThreadMember(_) => {
                threads::registers(&self.deed)
            }
            Deed::EmojiEdit(edit) => emojis::registers(edit),
            Deed::EventEdit(edit) => events::registers(edit),
            Deed::FilterEdit(edit) => filters::registers(edit),
            Deed::Overwrite(body) => vec![RegisterKey::Overwrite(body.channel, body.entry.target)],
            Deed::OfferAccess(body) => vec![RegisterKey::Access(body.application, body.offer)],
            Deed::Silence(body) => fields(&[body.muted.is_some(), body.deafened.is_some()])
                .into_iter()
                .map(|number| RegisterKey::Silence(body.user, number))
                .collect(),
            Deed::Relays(_) => vec![RegisterKey::Relays],
            Deed::Retention(body) => vec![RegisterKey::Retention(body.channel)],
            deed => deed.person().map(RegisterKey::Person).into_iter().collect(),
        }
    }
}
