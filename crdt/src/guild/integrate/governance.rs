//! Taking a governance op in: judged by its own past, it becomes a node of the graph, and what follows is derived.

use super::pace::{pace, quota};
use crate::guild::deed::Deed;
use crate::guild::derived::Derived;
use crate::guild::graph::Node;
use crate::guild::past::Past;
use crate::guild::state::GuildView;
use crate::guild::{Guild, IntegrateError, rule};
use crate::id::UserId;
use crate::identity::People;
use crate::op::{Header, Op};
use crate::verdict::VoidReason;
use nexus_crypto::Verified;
use std::sync::Arc;

impl Guild {
    pub(super) fn take_governance(
        &mut self,
        op: &Verified<Op>,
        people: &dyn People,
    ) -> Result<(), IntegrateError> {
        let deed = Deed::read(op)?;
        if let Deed::Admit(body) = &deed {
            self.joins.brought.insert(self.view.facts.tenure_of(&body.user), body.user);
        }
        let author =
            self.user_of(&op.header.tenure).ok_or(IntegrateError::MissingTenure(op.header.tenure))?;
        let before = self.derive(&op.header.deps)?;
        self.check_place(&op.header, &before.past)?;
        let prev = op.header.prev.and_then(|prev| self.graph.find(&prev));
        let (recent, in_pace) = pace(prev, op.header.hlc, quota(&before, &author));
        let (rho, supports) = self.rank_at(&before, &author, &op.header.tenure, op.header.hlc);
        let local = if before.view.ended_devices.contains_key(&(author, op.header.author))
            || !self.certifies(people, &author, &op.header.author, op.header.hlc)
        {
            Err(VoidReason::Device)
        } else if !in_pace {
            Err(VoidReason::Quota)
        } else {
            rule::local(&before, &author, rho, (&deed, op.header.hlc))
        };
        let node = Node {
            place: self.graph.next_place(),
            id: op.id,
            device: op.header.author,
            tenure: op.header.tenure,
            seq: op.header.seq,
            hlc: op.header.hlc,
            author,
            deps: op.header.deps.clone(),
            depth: before.past.len(),
            past: before.past.clone(),
            change: before.view.ownership.change,
            recent,
            tie: nexus_crypto::hash_parts(&[&author.0]),
            gives: gives(&before.view, &deed),
            supports,
            deed,
            local,
            rho,
        };
        self.put(node, &before);
        Ok(())
    }

    /// Puts a judged op in its place and derives what follows from the present heads.
    fn put(&mut self, node: Node, before: &Derived) {
        let anew = node.deed.turns_verdicts();
        let (id, deed, deps) = (node.id, node.deed.clone(), node.deps.clone());
        let linear = deps.len() == self.heads.len() && deps.iter().all(|dep| self.heads.contains(dep));
        self.graph.push(node.clone());
        // On top of its own past nothing is concurrent with it; but a checkpoint gives back what was stale there, and
        // a vote may make other owners.
        let after = Arc::new(if anew {
            self.derived(before.past.with(node.place))
        } else {
            before.then(&self.graph, &node)
        });
        self.after.push_back(after.clone());
        for dep in &deps {
            self.heads.remove(dep);
        }
        self.heads.insert(id);
        if linear && !anew {
            self.now = after;
            self.name_present_frontier();
            let touched = match &deed {
                Deed::Unban(body) => Some(body.user),
                Deed::Erase(body) => Some(body.user),
                deed => deed.person(),
            };
            self.refresh(touched);
        } else {
            // Every head is here: this graph made them.
            if let Ok(now) = self.derive(&self.heads()) {
                self.now = now;
            }
            self.name_present_frontier();
            let came = self.joins.of_user.keys().chain(self.joins.brought.values());
            let everybody: Vec<UserId> = self.view.facts.admitted().chain(came).copied().collect();
            self.refresh(everybody);
        }
    }

    /// Its place in its log and among what it cites.
    fn check_place(&self, header: &Header, past: &Past) -> Result<(), IntegrateError> {
        let wrong = |what| Err(IntegrateError::Structure(what));
        let cited = header.deps.iter().filter_map(|dep| self.graph.find(dep));
        if cited.clone().any(|dep| dep.hlc >= header.hlc) {
            return wrong("not later than what it cites");
        }
        if cited.clone().any(|dep| cited.clone().any(|other| other.past.has(dep.place))) {
            return wrong("cites an op and its past");
        }
        let Some(prev) = header.prev else { return Ok(()) };
        let prev = self.graph.find(&prev).ok_or_else(|| IntegrateError::MissingDeps(vec![prev]))?;
        let same_log = (prev.device, prev.tenure) == (header.author, header.tenure);
        if !same_log || prev.seq.checked_add(1) != Some(header.seq) || prev.hlc >= header.hlc {
            return wrong("does not follow the op before it");
        }
        if past.has(prev.place) { Ok(()) } else { wrong("does not cite its author's own last op") }
    }

    /// Whether an op was written under a tenure later than the Leave that ended it, and is not judged so yet: of one that does not
    /// count the reason, too, is the same whatever came first.
    pub(in crate::guild) fn governed_after_leaving(&self) -> bool {
        // What is looked at before it is asked whether somebody is in.
        let is_settled = |local: &Result<(), VoidReason>| {
            matches!(local, Err(VoidReason::NotAMember | VoidReason::Device | VoidReason::Quota))
        };
        let late = |node: &Node| self.joins.had_left(&node.tenure, node.hlc);
        self.graph.iter().any(|node| !is_settled(&node.local) && late(node))
    }
}

/// The highest rank among the roles that a grant gives.
fn gives(view: &GuildView, deed: &Deed) -> u64 {
    let Deed::PrivRoles(body) = deed else { return 0 };
    body.roles.iter().filter_map(|role| view.roles.get(role)).map(|role| role.rank).max().unwrap_or(0)
}
