//! A life of the program: from one start to the next. Each numbers what arrives in a feed under a name of its own, drawn when it first
//! numbers anything. So an older copy of a store, which starts once more and numbers anew from where it is, is told from the store
//! that was, whoever was given the numbers between, and though nothing else shows that it is a copy.

use super::entropy::{Entropy, Purpose};
use crate::store::{Record, feed_of};
use nexus_crdt::id::SpaceId;
use std::collections::BTreeSet;

#[derive(Clone, Debug, Default)]
pub(super) struct Life {
    name: Option<[u8; 16]>,
    /// Feeds of which it has numbered something.
    named: BTreeSet<SpaceId>,
}

impl Life {
    /// Says under which name feeds go on, before the first op of theirs that this life writes, and with it.
    pub(super) fn name_feeds(&mut self, records: &mut Vec<Record>, entropy: &mut Entropy) {
        let feeds = records.iter().filter_map(|record| match record {
            Record::Op { op, .. } => Some(feed_of(&op.op)),
            _ => None,
        });
        let new: BTreeSet<SpaceId> = feeds.filter(|feed| !self.named.contains(feed)).collect();
        if new.is_empty() {
            return;
        }
        let epoch = *self.name.get_or_insert_with(|| entropy.draw(Purpose::Epoch));
        self.named.extend(&new);
        records.splice(0..0, new.into_iter().map(|space| Record::Life { space, epoch }));
    }
}
