//! How a node stands with others, told to its owner whenever it changes.

use super::event::{EventName, Payload};
use nexus_node::Node;
use nexus_node::mesh::Mesh;
use serde_json::json;
use std::sync::Arc;

/// NEXUS_STANDING as it would be said now; none while the store cannot be read.
pub(super) fn standing(node: &Node, mesh: &Mesh) -> Option<Arc<Payload>> {
    let view = node.view();
    let queued = node.read().ok()?.queued(&view).ok()?;
    let status = mesh.status(queued.waiting);
    let relays = status
        .relays
        .iter()
        .map(|relay| json!({ "url": relay.url, "state": relay.state, "road": relay.road }));
    let messages = queued.messages.iter().map(
        |(channel, id)| json!({ "channel_id": view.ids.of(*channel).0.to_string(), "id": id.0.to_string() }),
    );
    let standing = json!({
        "line": status.line,
        "relays": relays.collect::<Vec<_>>(),
        "direct": status.direct,
        "syncing": status.links.iter().any(|link| link.catching_up > 0),
        "waiting": queued.waiting,
        "queued": messages.collect::<Vec<_>>(),
    });
    Some(Payload::new(EventName::NexusStanding, &standing))
}
