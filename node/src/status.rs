//! What a node says of itself, the same by command line, socket and API. Its shape is a promise to tools outside.

use crate::Node;
use nexus_core::StoreFault;
use nexus_crdt::body::governance::SpaceKind;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What a node holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NodeStatus {
    /// Connected peers. None exist before the relay comes.
    pub peers: u64,
    /// Guilds and conversations, by id.
    pub guilds: Vec<GuildStatus>,
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
}

/// One channel's messages.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TimelineStatus {
    /// Messages that can be seen.
    pub messages: u64,
    /// The timeline's hash, hexadecimal; null where this node does not hold all of it.
    pub hash: Option<String>,
}

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
            let (reader, view, space) = (self.read()?, view.clone(), *space);
            let numbers = tokio::task::spawn_blocking(move || reader.space_status(&view, space))
                .await
                .map_err(|_| StoreFault(String::from("the reading task failed")))??;
            let timelines = numbers.timelines.into_iter().map(|(stream, (messages, hash))| {
                (stream.to_hex(), TimelineStatus { messages, hash: Some(hex::encode(hash)) })
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
            });
        }
        Ok(NodeStatus { peers: 0, guilds })
    }
}
