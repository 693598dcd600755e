//! What was governed, as people look it up: valid acts in their order of arrival, and why they were done.

use super::Guild;
use super::deed::Deed;
use super::graph::Node;
use super::past::Place;
use crate::hlc::Hlc;
use crate::id::{OpId, UserId};
use std::collections::BTreeMap;

/// A valid act of governance.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Governed {
    /// The op.
    pub op: OpId,
    /// Who did it.
    pub by: UserId,
    /// When.
    pub hlc: Hlc,
    /// Why, where its author said so in an op of their own; of several the earliest counts.
    pub why: Option<String>,
}

impl Guild {
    /// The valid ones among the `most` acts that arrived last here, the latest last. The cost is that of `most`.
    #[must_use]
    pub fn governed_lately(&self, most: usize) -> Vec<Governed> {
        let end = self.graph.next_place();
        let first: Place = end.saturating_sub(u32::try_from(most).unwrap_or(u32::MAX));
        let valid =
            || (first..end).filter(|place| self.now.is_valid(*place)).map(|place| self.graph.node(place));
        let mut reasons: BTreeMap<(OpId, UserId), (Hlc, OpId, &str)> = BTreeMap::new();
        for node in valid() {
            if let Deed::Reason(reason) = &node.deed {
                let said = (node.hlc, node.id, reason.text.as_str());
                let first = reasons.entry((reason.of, node.author)).or_insert(said);
                *first = said.min(*first);
            }
        }
        let is_act = |node: &&Node| !matches!(node.deed, Deed::Reason(_) | Deed::Ignored);
        let act = |node: &Node| Governed {
            op: node.id,
            by: node.author,
            hlc: node.hlc,
            why: reasons.get(&(node.id, node.author)).map(|(.., text)| (*text).to_owned()),
        };
        valid().filter(is_act).map(act).collect()
    }
}
