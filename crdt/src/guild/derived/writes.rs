//! What the valid ops of a set write, and who of several writers wins.

use crate::guild::deed::Deed;
use crate::guild::graph::{Node, RegisterKey};
use crate::hlc::Hlc;
use crate::id::{ChannelId, OpId, UserId};
use std::collections::{BTreeMap, BTreeSet};

/// What the valid ops of a set write, sorted by what they write to.
#[derive(Default)]
pub(super) struct Writes<'a> {
    pub(super) registers: BTreeMap<RegisterKey, Vec<&'a Node>>,
    /// Bans that an unban names.
    pub(super) lifted: BTreeSet<(UserId, OpId)>,
    /// Locks that an op opens, and when first.
    pub(super) opened: BTreeMap<(ChannelId, OpId), Hlc>,
    /// Timeouts that an op ends, and when first.
    pub(super) ended: BTreeMap<(UserId, OpId), Hlc>,
    pub(super) tightening: Vec<&'a Node>,
}

impl<'a> Writes<'a> {
    pub(super) fn add(&mut self, node: &'a Node) {
        for key in node.registers() {
            self.registers.entry(key).or_default().push(node);
        }
        match &node.deed {
            Deed::Unban(body) => self.lifted.extend(body.bans.iter().map(|ban| (body.user, *ban))),
            Deed::Lock(body) => {
                for id in &body.opens {
                    let first = self.opened.entry((body.channel, *id)).or_insert(node.hlc);
                    *first = node.hlc.min(*first);
                }
            }
            Deed::Timeout(body) => {
                for id in &body.ends {
                    let first = self.ended.entry((body.user, *id)).or_insert(node.hlc);
                    *first = node.hlc.min(*first);
                }
            }
            Deed::CutTighten(_) => self.tightening.push(node),
            _ => {}
        }
    }

    /// Whether a concurrent, greater grant to the same person stands against a removal.
    pub(super) fn override_removal(&self, user: &UserId, removal: &Node) -> bool {
        let words = self.registers.get(&RegisterKey::Person(*user)).map_or(&[][..], Vec::as_slice);
        words.iter().any(|word| {
            matches!(word.deed, Deed::PrivRoles(_))
                && word.concurrent_with(removal)
                && word.register_key() > removal.register_key()
        })
    }
}

/// Among the causally latest writes of a register, the one of greatest `rkey`. Writes come in the order of arrival,
/// in which nothing stands before what it cites: so each need be looked for only in the latest found so far.
pub(super) fn winner<'a>(writes: &[&'a Node]) -> Option<&'a Node> {
    let mut latest: Vec<&Node> = Vec::new();
    for write in writes.iter().rev() {
        if !latest.iter().any(|later| later.past.has(write.place)) {
            latest.push(write);
        }
    }
    latest.into_iter().max_by_key(|write| write.register_key())
}
