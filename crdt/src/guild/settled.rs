//! Accounts as this guild has settled them (`crdt/docs/claim.md`).
//!
//! A checkpoint may cite an account's IdRotate, by its `target`. From then on that rotation stands here against every rival
//! by the same key. What settles is a function of the set alone, never of what authority makes of it: the checkpoint is by
//! an owner whom Genesis names, with a device that their account certifies. Of several that cite one account another
//! owner's goes before the account's own, then the earlier (hlc, id); a later one counts where it follows from that.

use super::Guild;
use crate::body::governance::SpaceKind;
use crate::hlc::Hlc;
use crate::id::{DeviceKey, OpId, UserId};
use crate::identity::{Account, People, Succession};
use crate::kind::Kind;
use crate::op::Op;
use imbl::OrdMap;
use std::collections::BTreeMap;
use std::sync::Arc;

/// An account, with the IdRotate under which it is taken.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Settled {
    rotation: OpId,
    account: Arc<Account>,
}

/// Which IdRotates of one account are cited, in the order in which they count: by whether the account itself does it, and by
/// the checkpoint's (hlc, id).
type Citations = BTreeMap<(bool, Hlc, OpId), (OpId, Succession)>;

impl Guild {
    /// The IdRotate of an account that a checkpoint here has cited.
    #[must_use]
    pub fn settled(&self, user: &UserId) -> Option<OpId> {
        self.settled.get(user).map(|settled| settled.rotation)
    }

    /// Whether an account's device is certified, in the eyes of this guild.
    pub(super) fn certifies(&self, people: &dyn People, user: &UserId, device: &DeviceKey, at: Hlc) -> bool {
        match self.settled.get(user) {
            Some(settled) => settled.account.certifies(device, at),
            None => people.certifies(user, device, at),
        }
    }

    /// Whether a checkpoint that is here cites an op, whatever came of it.
    #[must_use]
    pub fn cites(&self, rotation: &OpId) -> bool {
        self.arrivals.iter().any(|op| cites_a_rotation(op) && op.header.target == Some(*rotation))
    }

    /// What the checkpoints that are here settle.
    pub(super) fn settle(&self, people: &dyn People) -> OrdMap<UserId, Settled> {
        let mut cited: BTreeMap<UserId, Citations> = BTreeMap::new();
        for op in self.arrivals.iter().filter(|op| cites_a_rotation(op)) {
            let Some((owner, rotation)) = self.cited_by_an_owner(op) else { continue };
            for user in self.everybody() {
                let Some(succession) = people.settled(&user, &rotation) else { continue };
                let (device, at, own) = (&op.header.author, op.header.hlc, user == owner);
                let certified = if own {
                    succession.account.certifies(device, at)
                } else {
                    people.certifies(&owner, device, at)
                };
                if certified {
                    cited.entry(user).or_default().insert((own, at, op.id), (rotation, succession));
                }
            }
        }
        cited
            .into_iter()
            .filter_map(|(user, cited)| Some((user, last_that_follows(cited.into_values())?)))
            .collect()
    }

    fn cited_by_an_owner(&self, op: &Op) -> Option<(UserId, OpId)> {
        let facts = &self.view.facts;
        let owner = self.user_of(&op.header.tenure).filter(|user| facts.owners.contains(user))?;
        (facts.kind == SpaceKind::Guild).then_some((owner, op.header.target?))
    }

    fn everybody(&self) -> impl Iterator<Item = UserId> {
        self.view.facts.admitted().chain(self.joins.of_user.keys()).copied()
    }
}

/// The first, and then each that leads on from the one before it.
fn last_that_follows(cited: impl Iterator<Item = (OpId, Succession)>) -> Option<Settled> {
    let mut last: Option<Settled> = None;
    for (rotation, Succession { account, through }) in cited {
        if last.as_ref().is_none_or(|last| through.contains(&last.rotation)) {
            last = Some(Settled { rotation, account: Arc::new(account) });
        }
    }
    last
}

/// Whether an op may settle something, once it is here.
pub(super) fn cites_a_rotation(op: &Op) -> bool {
    op.kind() == Some(Kind::Checkpoint) && op.header.target.is_some()
}
