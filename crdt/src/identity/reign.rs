//! Which key speaks for the account, from when, and what of its word is kept.
//!
//! An IdRotate names the reign it ends (its `target`), so the reigns that were ever claimed are a tree, and the
//! ones that count are one path from the root: of several IdRotates of one reign the recovery key's wins, then the
//! lower seq, then the lower id.

use super::log::{Deed, Entry, Logs, commitment};
use crate::id::{DeviceKey, OpId};
use crate::verdict::{Verdict, VoidReason};
use std::collections::{BTreeMap, BTreeSet};

#[derive(Clone, Copy, Debug)]
pub(super) struct Reign {
    pub(super) begin: OpId,
    pub(super) key: DeviceKey,
    pub(super) recovery: Option<[u8; 32]>,
}

/// The path of reigns that counts, root first.
#[derive(Clone, Debug)]
pub(super) struct Reigns {
    ended: BTreeSet<DeviceKey>,
    present: Reign,
    /// Of ended reigns: what is kept. Of all: the ops that began them.
    kept: BTreeSet<OpId>,
}

impl Reigns {
    /// `root` is the reign that IdGenesis began.
    pub(super) fn derive(root: Reign, logs: &Logs) -> Self {
        let mut claims: BTreeMap<OpId, Vec<(OpId, &Entry)>> = BTreeMap::new();
        for (id, entry) in logs.iter() {
            if let Deed::Rotate(target, _) = entry.deed {
                claims.entry(target).or_default().push((*id, entry));
            }
        }
        let kept = BTreeSet::from([root.begin]);
        let mut reigns = Self { ended: BTreeSet::new(), present: root, kept };
        while let Some(next) = claims.get(&reigns.present.begin).and_then(|claims| reigns.heir(claims, logs))
        {
            reigns.succeed(next.0, next.1, logs);
        }
        reigns
    }

    /// Of the IdRotates that would end the present reign, the one that does.
    fn heir<'a>(&self, claims: &[(OpId, &'a Entry)], logs: &Logs) -> Option<(OpId, &'a Entry)> {
        let rightful = claims.iter().filter(|(_, entry)| self.may_end(entry, logs));
        rightful.min_by_key(|(id, entry)| (!self.by_recovery(entry), entry.seq, *id)).copied()
    }

    fn by_recovery(&self, entry: &Entry) -> bool {
        self.present.recovery == Some(commitment(&entry.author))
    }

    fn may_end(&self, entry: &Entry, logs: &Logs) -> bool {
        let Deed::Rotate(_, body) = &entry.deed else { return false };
        let Reign { begin, key, recovery } = &self.present;
        let signer = self.by_recovery(entry)
            || (entry.author == *key
                && (recovery.is_none() || body.recovery.is_none() || body.recovery == *recovery));
        let fresh_key = body.new_key != *key && !self.ended.contains(&body.new_key);
        let keeps = body.keep == *begin || logs.get(&body.keep).is_some_and(|kept| kept.author == *key);
        signer && fresh_key && keeps
    }

    fn succeed(&mut self, id: OpId, rotate: &Entry, logs: &Logs) {
        let Deed::Rotate(_, body) = &rotate.deed else { return };
        let old = self.present.key;
        let mut next = Some(body.keep);
        while let Some((kept, entry)) = next.and_then(|id| Some((id, logs.get(&id)?))) {
            if entry.author != old {
                break;
            }
            self.kept.insert(kept);
            next = entry.prev;
        }
        self.kept.insert(id);
        self.ended.insert(old);
        self.present =
            Reign { begin: id, key: body.new_key, recovery: body.recovery.or(self.present.recovery) };
    }

    pub(super) const fn present(&self) -> &Reign {
        &self.present
    }

    /// What the succession says of an op that is here.
    pub(super) fn judge(&self, id: &OpId, entry: &Entry) -> Verdict {
        let rotates = matches!(entry.deed, Deed::Rotate(..));
        if self.kept.contains(id) && (!rotates || self.began(id, entry)) {
            return Verdict::Valid;
        }
        Verdict::Void(match () {
            () if rotates => VoidReason::Removed,
            () if entry.author == self.present.key => return Verdict::Valid,
            () if self.ended.contains(&entry.author) => VoidReason::BeyondCut,
            () => VoidReason::Device,
        })
    }

    /// Whether an IdRotate is one that counted, not just one in a part of a log that is kept.
    fn began(&self, id: &OpId, entry: &Entry) -> bool {
        let Deed::Rotate(_, body) = &entry.deed else { return false };
        self.present.begin == *id || self.ended.contains(&body.new_key)
    }
}
