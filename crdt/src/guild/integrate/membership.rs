//! Taking a membership op in: judged by the governance it cites, it lets somebody in, out, or names them.

use crate::body::membership;
use crate::guild::derived::Derived;
use crate::guild::members::{Join, Named, Step};
use crate::guild::past::Past;
use crate::guild::state::Rank;
use crate::guild::{Guild, IntegrateError};
use crate::id::{SpaceId, Tenure, UserId};
use crate::identity::People;
use crate::kind::Kind;
use crate::op::{Header, Op};
use crate::permissions::Permissions;
use crate::verdict::VoidReason;
use nexus_crypto::{PublicKey, Signature, Verified};

/// What an invite's key signs for somebody who joins.
#[must_use]
pub fn join_transcript(space: &SpaceId, user: &UserId) -> Vec<u8> {
    [JOIN_DOMAIN, &space.0, &user.0].concat()
}

/// What a membership op does.
pub(super) enum Membership {
    Join(Join),
    Leave(Tenure),
    Nick(UserId, Named),
}

impl Guild {
    pub(super) fn take_membership(
        &mut self,
        op: &Verified<Op>,
        people: &dyn People,
    ) -> Result<(), IntegrateError> {
        let frontier = op.frontier().ok_or(IntegrateError::Structure("membership cites one frontier"))?;
        let cited = self.frontiers.get(&frontier).ok_or(IntegrateError::MissingFrontier(frontier))?;
        let cited = cited.derived.clone();
        let user = self.author_of(op).ok_or(IntegrateError::MissingTenure(op.header.tenure))?;
        self.check_step(&op.header)?;
        let judged = self.judge_membership(op, &user, &cited, &cited.past, people, false);
        let step = Step {
            device: op.header.author,
            tenure: op.header.tenure,
            seq: op.header.seq,
            hlc: op.header.hlc,
            local: judged.as_ref().map(drop).map_err(|reason| *reason),
        };
        self.joins.steps.insert(op.id, step);
        match judged {
            Ok(Membership::Join(join)) => self.joins.insert(join),
            Ok(Membership::Leave(tenure)) => self.joins.leave(tenure, op.header.hlc),
            Ok(Membership::Nick(whose, named)) => {
                if self.joins.nicks.get(&whose).is_none_or(|known| known.at < named.at) {
                    self.joins.nicks.insert(whose, named);
                }
                self.refresh([whose]);
            }
            Err(_) => {}
        }
        self.refresh([user]);
        Ok(())
    }

    fn check_step(&self, header: &Header) -> Result<(), IntegrateError> {
        let Some(prev) = header.prev else { return Ok(()) };
        let step = self.joins.steps.get(&prev).ok_or_else(|| IntegrateError::MissingDeps(vec![prev]))?;
        let same_log = (step.device, step.tenure) == (header.author, header.tenure);
        if !same_log || step.seq.checked_add(1) != Some(header.seq) || step.hlc >= header.hlc {
            return Err(IntegrateError::Structure("does not follow the op before it"));
        }
        Ok(())
    }

    /// What a membership op does, or what stands against it in itself. `own_device`: it will be signed here.
    pub(super) fn judge_membership(
        &self,
        op: &Op,
        user: &UserId,
        cited: &Derived,
        seen: &Past,
        people: &dyn People,
        own_device: bool,
    ) -> Result<Membership, VoidReason> {
        let ended = cited.view.ended_devices.contains_key(&(*user, op.header.author));
        let speaks = own_device || self.certifies(people, user, &op.header.author, op.header.hlc);
        // A join is one whatever device wrote it: what is written under it has an author, and is void, not unknown.
        let is_join = op.kind() == Some(Kind::Join);
        // Whether somebody left may not depend on what governance says: what it says depends on who left.
        if ended && op.kind() == Some(Kind::Nick) || !speaks && !is_join {
            return Err(VoidReason::Device);
        }
        match op.kind() {
            Some(Kind::Join) => {
                let body: membership::Join = op.read_body().map_err(|_| VoidReason::Target)?;
                Ok(Membership::Join(Join {
                    id: op.id,
                    user: body.user,
                    invite: body.invite,
                    hlc: op.header.hlc,
                    seen: seen.clone(),
                    local: if ended || !speaks {
                        Err(VoidReason::Device)
                    } else {
                        invited(cited, &body, &op.header, self.joins.proven.contains(&op.id))
                    },
                }))
            }
            Some(Kind::Leave) if self.joins.by_tenure.contains_key(&op.header.tenure) => {
                Ok(Membership::Leave(op.header.tenure))
            }
            Some(Kind::Leave) => Err(VoidReason::NoPermission),
            Some(Kind::Nick) => {
                let body: membership::Nick = op.read_body().map_err(|_| VoidReason::Target)?;
                self.may_name(op, user, cited, &body.user)?;
                Ok(Membership::Nick(body.user, Named { at: (op.header.hlc, op.id), nick: body.nick }))
            }
            _ => Err(VoidReason::Target),
        }
    }

    fn may_name(&self, op: &Op, user: &UserId, cited: &Derived, whose: &UserId) -> Result<(), VoidReason> {
        let (rank, _) = self.rank_at(cited, user, &op.header.tenure, op.header.hlc);
        if rank == Rank::Outside {
            return Err(VoidReason::NotAMember);
        }
        if cited.view.paused_until(user, op.header.hlc).is_some() {
            return Err(VoidReason::NoPermission);
        }
        let (needs, above) = if user == whose {
            (Permissions::CHANGE_NICKNAME, true)
        } else {
            let theirs = if cited.view.is_owner(whose) {
                Rank::Owner
            } else {
                Rank::Member(cited.assigned_rank(whose))
            };
            (Permissions::MANAGE_NICKNAMES, theirs < rank)
        };
        match (cited.view.base(user).has(needs), above) {
            (false, _) => Err(VoidReason::NoPermission),
            (true, false) => Err(VoidReason::Rank),
            (true, true) => Ok(()),
        }
    }
}

/// Whether the invite that a join names was open in what the joiner had seen, and signed for them (`proven`: it did).
fn invited(
    cited: &Derived,
    join: &membership::Join,
    header: &Header,
    proven: bool,
) -> Result<(), VoidReason> {
    let invite = cited.view.invites.get(&join.invite).ok_or(VoidReason::Target)?;
    if invite.expires.is_some_and(|end| header.hlc > end) {
        return Err(VoidReason::Target);
    }
    if header.hlc.ms() < cited.view.settings.invites_paused_until {
        return Err(VoidReason::NoPermission);
    }
    if proven {
        return Ok(());
    }
    let key = PublicKey::parse(invite.admission.0).map_err(|_| VoidReason::Target)?;
    let transcript = join_transcript(&cited.view.facts.id, &join.user);
    if key.signed(&transcript, &Signature(join.proof)) { Ok(()) } else { Err(VoidReason::NoPermission) }
}

const JOIN_DOMAIN: &[u8] = b"nexus-join-v1\0";
