//! Who is in: joins, leaves and nicknames. A set of its own beside governance; governance decides which joins count.

use super::derived::Derived;
use super::graph::Graph;
use super::past::Past;
use super::state::removal::RemovalKind;
use super::state::{GuildView, Member};
use crate::hlc::Hlc;
use crate::id::{DeviceKey, OpId, Tenure, UserId};
use crate::verdict::VoidReason;
use imbl::{OrdMap, OrdSet};

/// One admission.
#[derive(Clone, Debug)]
pub(super) struct Join {
    pub(super) id: OpId,
    pub(super) user: UserId,
    pub(super) invite: OpId,
    pub(super) hlc: Hlc,
    /// What the joiner had seen.
    pub(super) seen: Past,
    /// What stands against it in itself: proof, device, an invite that was not there or had ended.
    pub(super) local: Result<(), VoidReason>,
}

/// One word on a nickname; the latest valid one counts.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Named {
    pub(super) at: (Hlc, OpId),
    pub(super) nick: String,
}

/// A membership op's place in its log.
#[derive(Clone, Debug)]
pub(super) struct Step {
    pub(super) device: DeviceKey,
    pub(super) tenure: Tenure,
    pub(super) seq: u64,
    pub(super) hlc: Hlc,
    pub(super) local: Result<(), VoidReason>,
}

/// The membership ops here.
#[derive(Clone, Debug, Default)]
pub(super) struct Joins {
    pub(super) by_tenure: OrdMap<Tenure, Join>,
    pub(super) of_user: OrdMap<UserId, OrdSet<Tenure>>,
    pub(super) nicks: OrdMap<UserId, Named>,
    pub(super) steps: OrdMap<OpId, Step>,
    /// Whom an op was to bring into a conversation, whether it counts or not: whose tenures theirs are.
    pub(super) brought: OrdMap<Tenure, UserId>,
    /// Joins whose invite's key was seen to have signed for them. It is asked once: all is derived anew when a device changes.
    pub(super) proven: OrdSet<OpId>,
    /// Tenures that their own Leave ended, and when: nothing later counts under them.
    pub(super) leaves: OrdMap<Tenure, Hlc>,
}

impl Joins {
    pub(super) fn insert(&mut self, join: Join) {
        let tenure = Tenure::of(&join.id);
        if join.local.is_ok() {
            self.proven.insert(join.id);
        }
        self.of_user.entry(join.user).or_default().insert(tenure);
        self.by_tenure.insert(tenure, join);
    }

    /// Ends a tenure by its own Leave; of several the earliest counts.
    pub(super) fn leave(&mut self, tenure: Tenure, at: Hlc) {
        let known = self.leaves.entry(tenure).or_insert(at);
        *known = at.min(*known);
    }

    /// Whether a tenure was over, by its own Leave, when something was written.
    pub(super) fn had_left(&self, tenure: &Tenure, written: Hlc) -> bool {
        self.leaves.get(tenure).is_some_and(|left| written > *left)
    }

    /// What stands against a join in the view of a set: nothing, or why its tenure is not (or no longer) one. A ban
    /// stands whatever the joiner had seen; a kick ends the tenures that had not seen it.
    pub(super) fn against(graph: &Graph, join: &Join, at: &Derived) -> Option<VoidReason> {
        if let Err(reason) = join.local {
            return Some(reason);
        }
        if !graph.place(&join.invite).is_some_and(|invite| at.is_valid(invite)) {
            return Some(VoidReason::Unsupported);
        }
        let unseen = |op: &OpId| graph.place(op).is_none_or(|place| !join.seen.has(place));
        let ended = at.view.removals.get(&join.user).is_some_and(|removals| {
            removals.iter().any(|removal| removal.kind == RemovalKind::Ban || unseen(&removal.op))
        });
        ended.then_some(VoidReason::Removed)
    }

    /// Members as a view has them.
    pub(super) fn member(
        &self,
        view: &GuildView,
        user: &UserId,
        live: impl Fn(&Join) -> bool,
    ) -> Option<Member> {
        let facts = &view.facts;
        let since = view.brought.get(user).copied().unwrap_or(facts.born);
        let genesis = view.genesis_holds(user).then(|| (facts.tenure_of(user), since));
        let oldest = self
            .of_user
            .get(user)
            .into_iter()
            .flatten()
            .filter(|tenure| !self.leaves.contains_key(*tenure))
            .filter_map(|tenure| self.by_tenure.get(tenure))
            .filter(|join| live(join))
            .min_by_key(|join| (join.hlc, join.id));
        let (tenure, joined) = genesis.or_else(|| oldest.map(|join| (Tenure::of(&join.id), join.hlc)))?;
        let erased = view.erased_upto(user);
        let named = self.nicks.get(user).filter(|named| named.at.0 > erased && !named.nick.is_empty());
        let nick = named.map(|named| named.nick.clone());
        Some(Member { user: *user, tenure, joined, nick })
    }
}
