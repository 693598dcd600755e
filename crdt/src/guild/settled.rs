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
        self.citing.iter().any(|op| op.header.target == Some(*rotation))
    }

    /// What the checkpoints that are here settle.
    pub(super) fn settle(&self, people: &dyn People) -> OrdMap<UserId, Settled> {
        if self.citing.is_empty() {
            return OrdMap::new();
        }
        let settled = self.everybody().filter_map(|user| Some((*user, self.settled_of(user, people)?)));
        settled.collect()
    }

    /// Whether an op that was taken in settles an account: it cites a rotation, or it is the first word here on somebody of whom one
    /// is cited.
    pub(super) fn settles_anew(&self, op: &Op, people: &dyn People) -> bool {
        if cites_a_rotation(op) {
            return self.settle(people) != self.settled;
        }
        let joined = (op.kind() == Some(Kind::Join) && !self.citing.is_empty()).then(|| self.author_of(op));
        joined
            .flatten()
            .is_some_and(|user| self.settled_of(&user, people).as_ref() != self.settled.get(&user))
    }

    fn settled_of(&self, user: &UserId, people: &dyn People) -> Option<Settled> {
        let mut cited = Citations::new();
        for op in &self.citing {
            let Some((owner, rotation)) = self.cited_by_an_owner(op) else { continue };
            let Some(succession) = people.settled(user, &rotation) else { continue };
            let (device, at, own) = (&op.header.author, op.header.hlc, *user == owner);
            let certified = if own {
                succession.account.certifies(device, at)
            } else {
                people.certifies(&owner, device, at)
            };
            if certified {
                cited.insert((own, at, op.id), (rotation, succession));
            }
        }
        last_that_follows(cited.into_values())
    }

    fn cited_by_an_owner(&self, op: &Op) -> Option<(UserId, OpId)> {
        let facts = &self.view.facts;
        let owner = self.user_of(&op.header.tenure).filter(|user| facts.owners.contains(user))?;
        (facts.kind == SpaceKind::Guild).then_some((owner, op.header.target?))
    }

    /// Whoever joined, whether that counts or not: which joins count depends on what is settled.
    fn everybody(&self) -> impl Iterator<Item = &UserId> {
        self.view.facts.admitted().chain(self.joins.of_user.keys())
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
