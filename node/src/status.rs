//! What a node says of itself, the same by command line, socket and API. Its shape is a promise to tools outside.

use crate::Node;
use crate::mesh::{Mesh, filled};
use nexus_core::{StoreFault, View};
use nexus_crdt::body::governance::SpaceKind;
use nexus_crdt::guild::GuildView;
use nexus_crdt::id::SpaceId;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What a node holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NodeStatus {
    /// Peers with a link to this program.
    pub peers: u64,
    /// How it stands with others, in words; none where nothing was asked of the mesh, as of a stopped node.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mesh: Option<MeshStatus>,
    /// The window's certificate; none where it speaks no TLS.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub certificate: Option<CertificateStatus>,
    /// Guilds and conversations, by id.
    pub guilds: Vec<GuildStatus>,
}

/// How a window stands with its certificate.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CertificateStatus {
    /// Where it comes from: `files` or `acme`.
    pub source: String,
    /// Why there is none yet, or why the one in use is not the newest, in words; none where all is well.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trouble: Option<String>,
}

/// One guild or conversation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct GuildStatus {
    /// Its id in the ops, hexadecimal.
    pub id: String,
    /// Its number in the API.
    pub api_id: String,
    /// As its members named it; a conversation has none.
    pub name: String,
    /// Ops of all its streams.
    pub ops: u64,
    /// The derived state's hash, hexadecimal; null where this node does not hold all of it.
    pub state_hash: Option<String>,
    /// Its channels' messages, by stream, hexadecimal.
    pub timelines: BTreeMap<String, TimelineStatus>,
    /// Ops written here and handed to nobody yet.
    pub outbox: u64,
    /// The relays it names, and how far each has it.
    #[serde(default)]
    pub relays: Vec<GuildRelayStatus>,
    /// Members whom somebody else signs for, too, with an identity key that was handed over; 50 at most.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub contested: Vec<ContestedStatus>,
}

/// A member whose account is contested.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ContestedStatus {
    /// Their number in the API.
    pub api_id: String,
    /// As their account says, or whoever else signs for it.
    pub name: String,
}

/// How far a relay has a guild that names it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct GuildRelayStatus {
    /// Its base URL.
    pub url: String,
    /// `here` (this very relay), `filled`, `filling`, `queued`, `not_reached`, `refused`, `lacking`.
    pub state: String,
    /// The same in a sentence.
    pub words: String,
    /// What it was found to lack, twice, of what it said it has; where `state` is `lacking`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shortfall: Option<ShortfallStatus>,
}

/// What was seen of a relay when it was checked, twice.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShortfallStatus {
    /// `shown`: it does not show what it said it has; `given`: it says that it has more than it gives; `answered`: it does not say
    /// what it has.
    pub what: String,
    /// How many ops; 0 where it does not answer.
    pub ops: u64,
    /// Names of the channels that they are in, as far as they are in channels.
    pub channels: Vec<String>,
    /// When it was first seen, Unix ms.
    pub since_ms: u64,
    /// When last.
    pub seen_ms: u64,
    /// Relays of the guild that showed everything when they were last asked.
    pub whole: Vec<String>,
}

/// One channel's messages.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TimelineStatus {
    /// Messages that can be seen.
    pub messages: u64,
    /// The timeline's hash, hexadecimal; null where this node does not hold all of it.
    pub hash: Option<String>,
}

/// How a program stands with others. No address is in it but those of its own that others are told.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MeshStatus {
    /// In words, as `through relay https://relay.example, by QUIC` or `offline: 3 waiting`.
    pub line: String,
    /// Nodes it is linked with that share something with it, but for those that a relay's circuit leads to.
    #[serde(default)]
    pub direct: usize,
    /// Where others are told that this node is: members of its people's guilds, and whoever has an invite that was made here.
    #[serde(default)]
    pub told: Vec<String>,
    /// At a relay: links between others that it carries now ..
    #[serde(default)]
    pub circuits: usize,
    /// .. and bytes that went over such since it began.
    #[serde(default)]
    pub carried: u64,
    /// Its key, hexadecimal.
    pub peer_key: String,
    /// What went over its links since it began.
    #[serde(default)]
    pub traffic: TrafficStatus,
    /// The relays it dials.
    pub relays: Vec<RelayStatus>,
    /// The links that are up.
    pub links: Vec<PeerStatus>,
}

/// What went over links.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TrafficStatus {
    /// Bytes of frames that came; what the transport adds is not counted.
    pub bytes_in: u64,
    /// .. and went.
    pub bytes_out: u64,
    /// Ops that came and were new here.
    pub news: u64,
    /// Ops that came and were here.
    pub repeats: u64,
    /// Ops that were named to others instead of sent.
    pub named: u64,
}

/// A relay that is dialed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RelayStatus {
    /// Its base URL.
    pub url: String,
    /// `connected`, `connecting` or `failing`.
    pub state: String,
    /// By what its link goes, where one is up: `quic`, `tcp`, `websocket` or `circuit`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub road: Option<String>,
    /// Why it fails, in words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub why: Option<String>,
    /// When it is tried again, Unix ms.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next_try_ms: Option<u64>,
}

/// A link that is up.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PeerStatus {
    /// The other program's key, hexadecimal.
    pub peer_key: String,
    /// The relay's base URL, where it is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub relay: Option<String>,
    /// By what it goes: `quic`, `tcp`, `websocket` or `circuit`.
    #[serde(default)]
    pub road: String,
    /// Since when, Unix ms.
    pub since_ms: u64,
    /// The other clock less this one, ms.
    pub clock_skew_ms: i64,
    /// Spaces given, and of them those that the other has not all of.
    pub giving: usize,
    /// See `giving`.
    pub behind: usize,
    /// Spaces taken, and of them those that are not whole yet.
    pub taking: usize,
    /// See `taking`.
    pub catching_up: usize,
    /// Spaces that the other refused, by number of the protocol: 2 not hosted, 3 over its quota, 4 busy.
    pub refused: Vec<(String, u32)>,
}

impl NodeStatus {
    /// With how the program stands with others.
    #[must_use]
    pub fn with(mut self, mesh: &Mesh) -> Self {
        let waiting: u64 = self.guilds.iter().map(|guild| guild.outbox).sum();
        let status = mesh.status(waiting);
        for guild in &mut self.guilds {
            let mut id = [0; 32];
            if hex::decode_to_slice(&guild.id, &mut id).is_ok() {
                guild.relays = mesh.relays_of(&SpaceId(id));
            }
        }
        self.peers = status.links.len() as u64;
        self.mesh = Some(status);
        self
    }
}

/// The relays that a guild names, and how far each has it; none where the guild is not held here. Without a mesh nobody is
/// dialed.
#[must_use]
pub fn relays_of(node: &Node, mesh: Option<&Mesh>, space: &SpaceId) -> Option<Vec<GuildRelayStatus>> {
    let view = node.view();
    let guild = view.guilds.get(space)?;
    let queued = || guild.relays.iter().map(|url| filled::queued(url)).collect();
    Some(mesh.map_or_else(queued, |mesh| mesh.relays_of(space)))
}

fn contested(view: &View, guild: &GuildView) -> Vec<ContestedStatus> {
    let users = guild.members.keys().filter_map(|user| view.users.get(user));
    let shown = users.filter(|user| user.contested).take(CONTESTED_MAX);
    shown
        .map(|user| ContestedStatus { api_id: view.ids.of(user.id).0.to_string(), name: user.name.clone() })
        .collect()
}

/// Contested members of a guild that are named.
const CONTESTED_MAX: usize = 50;

impl Node {
    /// What this node holds. Scans every channel once, for its hash.
    ///
    /// # Errors
    /// [`StoreFault`] while the store is being reopened.
    pub async fn status(&self) -> Result<NodeStatus, StoreFault> {
        let view = self.view();
        let mut guilds = Vec::new();
        for (space, guild) in &view.guilds {
            let state_hash = self.state_hash(*space).await.map(hex::encode);
            let contested = contested(&view, guild);
            let (reader, view, space) = (self.read()?, view.clone(), *space);
            let numbers = tokio::task::spawn_blocking(move || reader.space_status(&view, space))
                .await
                .map_err(|_| StoreFault(String::from("the reading task failed")))??;
            let timelines = numbers.timelines.into_iter().map(|(stream, (messages, hash))| {
                (stream.to_hex(), TimelineStatus { messages, hash: hash.map(hex::encode) })
            });
            guilds.push(GuildStatus {
                id: space.to_hex(),
                api_id: self.view().ids.of(space).0.to_string(),
                name: match guild.facts.kind {
                    SpaceKind::Guild => guild.settings.name.clone(),
                    SpaceKind::Conversation => String::new(),
                },
                ops: numbers.ops,
                state_hash,
                timelines: timelines.collect(),
                outbox: numbers.outbox,
                relays: guild.relays.iter().map(|url| filled::queued(url)).collect(),
                contested,
            });
        }
        Ok(NodeStatus { peers: 0, mesh: None, certificate: None, guilds })
    }
}
