//! Which key speaks for the account, from when, and what of its word is kept.
//!
//! An IdRotate names the reign it ends (its `target`), so the reigns that were ever claimed are a tree, and the
//! ones that count are one path from the root: of several IdRotates of one reign the recovery key's wins, then the
//! lower seq, then the lower id.
//!
//! Whoever kept a key can sign a rival IdRotate of the reign it ended, with a lower seq where they like: the account is
//! *contested* then. A guild whose checkpoint cites one of them takes that one ([`Standing`]), whatever is signed later;
//! only a recovery key stands above it.

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

/// Who follows a reign.
struct Heir<'a> {
    id: OpId,
    rotate: &'a Entry,
    contested: bool,
}

/// The path of reigns that counts, root first.
#[derive(Clone, Debug)]
pub(super) struct Reigns {
    ended: BTreeSet<DeviceKey>,
    present: Reign,
    contested: bool,
    /// Of ended reigns: what is kept.
    kept: BTreeSet<OpId>,
    /// The ops that began the reigns on the path.
    begun: BTreeSet<OpId>,
}

/// IdRotates that stand against rivals: one that was cited, and those that led to it.
#[derive(Clone, Debug, Default)]
pub(super) struct Standing(BTreeSet<OpId>);

impl Standing {
    pub(super) fn of(cited: OpId, logs: &Logs) -> Self {
        let mut standing = BTreeSet::new();
        let mut next = Some(cited);
        // Each names an op that was here before it, so this ends.
        while let Some((id, Deed::Rotate(target, _))) = next.and_then(|id| Some((id, &logs.get(&id)?.deed))) {
            standing.insert(id);
            next = Some(*target);
        }
        Self(standing)
    }

    pub(super) fn into_ops(self) -> BTreeSet<OpId> {
        self.0
    }
}

impl Reigns {
    /// `root` is the reign that IdGenesis began.
    pub(super) fn derive(root: Reign, logs: &Logs, standing: &Standing) -> Self {
        let mut claims: BTreeMap<OpId, Vec<(OpId, &Entry)>> = BTreeMap::new();
        for (id, entry) in logs.iter() {
            if let Deed::Rotate(target, _) = entry.deed {
                claims.entry(target).or_default().push((*id, entry));
            }
        }
        let (ended, kept, begun) = (BTreeSet::new(), BTreeSet::new(), BTreeSet::from([root.begin]));
        let mut reigns = Self { ended, present: root, contested: false, kept, begun };
        while let Some(next) =
            claims.get(&reigns.present.begin).and_then(|claims| reigns.heir(claims, logs, standing))
        {
            reigns.succeed(next, logs);
        }
        reigns
    }

    /// Of the IdRotates that would end the present reign, the one that does.
    fn heir<'a>(&self, claims: &[(OpId, &'a Entry)], logs: &Logs, standing: &Standing) -> Option<Heir<'a>> {
        let rightful = || claims.iter().filter(|(_, entry)| self.may_end(entry, logs));
        let stands = |id: &OpId| standing.0.contains(id);
        let (id, rotate) = rightful()
            .min_by_key(|(id, entry)| (!self.by_recovery(entry), !stands(id), entry.seq, *id))
            .copied()?;
        let undisputed = self.by_recovery(rotate) || stands(&id) || rightful().count() == 1;
        Some(Heir { id, rotate, contested: !undisputed })
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

    fn succeed(&mut self, heir: Heir<'_>, logs: &Logs) {
        let Heir { id, rotate, contested } = heir;
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
        self.contested |= contested;
        self.begun.insert(id);
        self.ended.insert(old);
        self.present =
            Reign { begin: id, key: body.new_key, recovery: body.recovery.or(self.present.recovery) };
    }

    pub(super) const fn present(&self) -> &Reign {
        &self.present
    }

    /// Whether some reign on the path was claimed twice by one key, and nothing stronger has decided it.
    pub(super) const fn contested(&self) -> bool {
        self.contested
    }

    /// What the succession says of an op that is here.
    pub(super) fn judge(&self, id: &OpId, entry: &Entry) -> Verdict {
        let rotates = matches!(entry.deed, Deed::Rotate(..));
        if self.begun.contains(id) || self.kept.contains(id) && !rotates {
            return Verdict::Valid;
        }
        Verdict::Void(match () {
            () if rotates => VoidReason::Removed,
            () if entry.author == self.present.key => return Verdict::Valid,
            () if self.ended.contains(&entry.author) => VoidReason::BeyondCut,
            () => VoidReason::Device,
        })
    }
}
