//! Taking an op in: its place in its log and in the past, what its own past says of it, what follows.

pub(super) mod genesis;
mod governance;
pub(super) mod membership;
mod pace;

use super::deed::Deed;
use super::members::{Join, Joins};
use super::settled::cites_a_rotation;
use super::state::{GuildView, Member};
use super::{Frontier, Guild, IntegrateError, rule};
use crate::id::{FrontierId, OpId, UserId};
use crate::identity::People;
use crate::kind::{Kind, Plane};
use crate::op::{Draft, Header, Op, SaltedBody};
use crate::verdict::VoidReason;
use membership::Membership;
use nexus_crypto::Verified;
use std::sync::Arc;

pub(super) fn integrate(
    guild: &mut Guild,
    op: &Verified<Op>,
    people: &dyn People,
) -> Result<(), IntegrateError> {
    let left = guild.joins.leaves.clone();
    take(guild, op, people)?;
    if guild.settles_anew(op, people) || guild.joins.leaves != left && guild.governed_after_leaving() {
        guild.people_changed(people);
    }
    Ok(())
}

/// .. where what is settled is known beforehand.
pub(super) fn take(guild: &mut Guild, op: &Verified<Op>, people: &dyn People) -> Result<(), IntegrateError> {
    if guild.graph.place(&op.id).is_some() || guild.joins.steps.contains_key(&op.id) {
        return Ok(());
    }
    if op.kind() == Some(Kind::Genesis) {
        return Err(IntegrateError::Genesis);
    }
    if op.header.space != guild.view.facts.id {
        return Err(IntegrateError::Space);
    }
    if op.header.hlc < guild.view.facts.born {
        return Err(IntegrateError::Structure("written before its space began"));
    }
    match op.kind().map(Kind::plane) {
        Some(Plane::Membership) => guild.take_membership(op, people)?,
        Some(Plane::Governance) => guild.take_governance(op, people)?,
        None if op.header.stream == crate::id::StreamId::GOVERNANCE => guild.take_governance(op, people)?,
        _ => return Err(IntegrateError::Space),
    }
    let op = Arc::new(op.clone());
    if cites_a_rotation(&op) {
        guild.citing.push_back(Arc::clone(&op));
    }
    guild.arrivals.push_back(op);
    Ok(())
}

/// Judges what is about to be written, as it would be judged once it is there.
pub(super) fn foresee(
    guild: &Guild,
    author: &UserId,
    draft: &Draft,
    people: &dyn People,
) -> Result<(), VoidReason> {
    let op = as_if_sealed(draft);
    let now = &guild.now;
    match draft.kind.plane() {
        Plane::Governance => {
            let deed = Deed::read(&op).map_err(|_| VoidReason::Target)?;
            let (rho, _) = guild.rank_at(now, author, &draft.tenure, draft.hlc);
            rule::local(now, author, rho, (&deed, draft.hlc))
        }
        Plane::Membership => {
            let trial = guild;
            let local = trial.judge_membership(&op, author, now, &now.past, people, true)?;
            match local {
                Membership::Join(join) => Joins::against(&guild.graph, &join, now).map_or(Ok(()), Err),
                Membership::Leave(_) | Membership::Nick(..) => Ok(()),
            }
        }
        Plane::Identity | Plane::Content => Err(VoidReason::Target),
    }
}

impl Guild {
    fn name_present_frontier(&mut self) {
        let heads = self.heads();
        let frontier = Frontier { heads: heads.as_slice().into(), derived: self.now.clone() };
        self.frontiers.insert(FrontierId::of(&heads), frontier);
    }

    /// Makes the view that of now, with the membership of these people looked at anew.
    fn refresh(&mut self, people: impl IntoIterator<Item = UserId>) {
        let mut members = std::mem::take(&mut self.view.members);
        for user in people {
            let live = |join: &Join| Joins::against(&self.graph, join, &self.now).is_none();
            let member: Option<Member> = self.joins.member(&self.now.view, &user, live);
            match member {
                Some(member) => drop(members.insert(user, member)),
                None => drop(members.remove(&user)),
            }
        }
        self.view = GuildView { members, ..self.now.view.clone() };
    }
}

fn as_if_sealed(draft: &Draft) -> Op {
    Op {
        id: OpId([0; 32]),
        header: Header {
            version: 1,
            space: draft.space,
            stream: draft.stream,
            author: crate::id::DeviceKey([0; 32]),
            tenure: draft.tenure,
            seq: draft.seq,
            prev: draft.prev,
            hlc: draft.hlc,
            kind: draft.kind.number(),
            deps: draft.deps.clone(),
            target: draft.target,
            body_len: u32::try_from(draft.body.len()).unwrap_or(u32::MAX),
            body_hash: None,
            ext: std::collections::BTreeMap::new(),
        },
        body: Some(SaltedBody { salt: [0; 16], bytes: draft.body.clone() }),
    }
}
